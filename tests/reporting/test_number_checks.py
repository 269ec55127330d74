"""A page whose numbers fit passes; every kind of wrong number is found and said."""

import re

import numpy as np
import pandas as pd
import pytest
from markupsafe import Markup

from research.analyses.answers_given import answers_given
from research.analyses.report import gap_results
from research.errors import ReportError
from research.presentation.answers_section import answers_section
from research.presentation.apa import apa_list
from research.presentation.gap_tables import gap_chart
from research.presentation.number_tables import numbers_table
from research.presentation.sentences import gap_sentence
from research.presentation.tables import bullets, pick, section
from research.presentation.texts import Reader
from research.reporting.checking.printed import printed_intervals, printed_numbers
from research.reporting.checking.sources import fixed_fragments, known_of
from research.reporting.checking.stored import stored_results, stored_sums
from research.reporting.checking.tails import overlap, p_range
from research.reporting.html_export import render_page
from research.reporting.number_checks import check_numbers, require_right_numbers
from research.stats.estimates import page_results, result_table
from tests.reporting.sample import context
from tests.studies_made import made_answers


@pytest.fixture(scope="module")
def answers():
    """One organisation with enough people for two decimals in both roles."""
    sizes = {"customers_per_organisation": (150, 150), "managers_per_organisation": (120, 120)}
    return made_answers(seed=8, organisations=1, managers_in_smallest=120, **sizes)


@pytest.fixture(scope="module")
def results(answers):
    return page_results([gap_results(answers), answers_given(answers)])


def page_of(answers, results, language):
    reader = Reader(study=answers.study, instrument=answers.instrument, language=language)
    gaps = results[results["analysis"] == "gap"]
    parts = []
    for level in ("clusters", "activities"):
        differences = pick(gaps, "mean_difference", level=level)
        parts += [
            bullets(gap_sentence(row, reader) for _, row in differences.iterrows()),
            gap_chart(gaps, reader, level=level, caption="-", table_id=f"chart-{level}"),
            numbers_table(gaps, reader, level=level, table_id=f"numbers-{level}"),
            apa_list(gaps, reader, level=level),
        ]
    fragments = [section("gap", "-", *parts), answers_section(results, reader)]
    return render_page(
        fragments, context=context(language, synthetic=False, banners=(), subtitle="")
    )


@pytest.fixture(scope="module")
def pages(answers, results):
    return {language: page_of(answers, results, language) for language in ("en", "nl")}


@pytest.fixture(scope="module")
def checked(answers, results, pages):
    """Checks of a page, given or ours with something in it replaced."""

    def check(old="", new="", *, language="en", table=""):
        page = pages[language]
        if old:
            start = page.index(f'id="{table}"') if table else 0
            assert old in page[start:], "the page no longer says what this test changes"
            page = page[:start] + page[start:].replace(old, new, 1)
        known = known_of(answers.study, answers.instrument, language=language)
        return check_numbers(page, results, language=language, known=known)

    return check


def row_of(page, table, entry):
    """The cells of one row of a table, tags and all."""
    start = page.index(f'id="{table}"')
    start = page.index(f'<th scope="row">{entry}</th>', start)
    return re.findall(r"<td[^>]*>(.*?)</td>", page[start : page.index("</tr>", start)])


def words(cell):
    return re.sub(r"<[^>]*>", "", cell)


@pytest.mark.parametrize("language", ["en", "nl"])
def test_a_page_as_made_has_no_mismatch_and_every_kind_was_checked(checked, language):
    found = checked(language=language)
    assert found.findings == ()
    assert set(found.counts) == {
        "traced", "found", "linked", "intervals", "p_values", "differences", "decisions",
        "verdicts", "sums", "marks",
    }  # fmt: skip
    # No "whole": of so many people every number with two decimals is possible (see below).
    # 34 differences, each with its t, df and p in the table and once more in APA style.
    assert found.counts["differences"] == found.counts["verdicts"] == 34
    assert found.counts["p_values"] >= 2 * 34


def test_both_languages_hold_the_same_numbers(checked):
    assert checked(language="nl").counts == checked(language="en").counts


def changed(number):
    """The same number with another last digit but one, so that it is far off its rounding."""
    at = [i for i, sign in enumerate(number) if sign.isdigit()][-1]
    return number[:at] + str((int(number[at]) + 5) % 10) + number[at + 1 :]


@pytest.mark.parametrize(
    ("column", "says"),
    [
        (0, "is not the result it should be"),  # a mean
        (2, "p does not follow from its statistic"),  # t
        (4, "p does not follow from its statistic"),  # p
        (5, "is not the result it should be"),  # corrected p
        (6, "is not the result it should be"),  # an effect size
        (9, "is not the result it should be"),  # found with 80 % chance
    ],
)
def test_a_wrong_number_in_the_table_of_numbers_is_found(checked, pages, column, says):
    cell = row_of(pages["en"], "numbers-clusters", "Content of the work")[column]
    number = words(cell).split(" (")[0]
    wrong = cell.replace(number, changed(number).replace("< .001", "< .006"), 1)
    assert wrong != cell
    found = checked(cell, wrong, table="numbers-clusters").findings
    assert any(says in line for line in found)
    linked = any("a number is not that of its result" in line for line in found)
    assert linked == ("href" in cell)


def test_a_lost_minus_is_found(checked, pages):
    cell = next(c for c in row_of(pages["en"], "numbers-clusters", "Own actions") if "−" in c)
    assert checked(cell, cell.replace("−", "", 1), table="numbers-clusters").findings


def test_an_interval_that_misses_its_estimate_is_found(checked, pages):
    cell = row_of(pages["en"], "chart-clusters", "Use of power")[2]
    estimate = re.search(r"[+−]\d\.\d\d", words(cell)).group()
    found = checked(estimate, "+4.99", table="chart-clusters").findings
    assert any("interval misses estimate" in line for line in found)
    assert any("the difference is not that of the means" in line for line in found)


def test_a_verdict_against_its_rule_is_found(checked, pages):
    cell = row_of(pages["en"], "chart-clusters", "Use of power")[2]
    assert "a clear difference" in cell
    wrong = cell.replace("a clear difference", "practically equal")
    found = checked(cell, wrong, table="chart-clusters").findings
    assert any("the verdict does not follow its rule" in line for line in found)


def test_an_interval_and_a_p_that_decide_differently_are_found(checked, pages):
    cell = row_of(pages["en"], "numbers-clusters", "Use of power")[4]
    wrong = cell.replace(words(cell), ".412")
    found = checked(cell, wrong, table="numbers-clusters").findings
    assert any("interval and p decide differently" in line for line in found)


def test_a_number_that_leads_to_another_result_is_found(checked, pages):
    cell = row_of(pages["en"], "numbers-clusters", "Use of power")[2]
    row_id = re.search(r"#row-(gap-\d+)", cell).group(1)
    other = re.search(
        r"#row-(gap-\d+)", row_of(pages["en"], "numbers-clusters", "Own actions")[2]
    ).group(1)
    found = checked(cell, cell.replace(row_id, other), table="numbers-clusters").findings
    assert any("links to a result about something else" in line for line in found)
    found = checked(cell, cell.replace(row_id, "gap-9999"), table="numbers-clusters").findings
    assert any("links to no result" in line for line in found)


def test_percentages_that_do_not_make_a_hundred_are_found(checked, pages):
    cell = row_of(pages["en"], "answers-customer", "take over")[2]
    number = words(cell)
    wrong = cell.replace(number, str(int(number.strip("% \N{NO-BREAK SPACE}")) + 9))
    found = checked(f">{cell}<", f">{wrong}<", table="answers-customer").findings
    assert any("percentages do not make 100" in line for line in found)


def test_a_mark_drawn_elsewhere_is_found(checked, pages):
    cell = row_of(pages["en"], "chart-clusters", "Use of power")[3]
    place = re.search(r'cx="([\d.]+)%"', cell).group(1)
    wrong = cell.replace(f'cx="{place}%"', f'cx="{float(place) + 3:.2f}%"')
    found = checked(cell, wrong, table="chart-clusters").findings
    assert any("a mark stands at" in line for line in found)


@pytest.mark.parametrize("part", ["size", "low", "high", "n_a", "n_b"])
def test_a_wrong_number_in_a_sentence_is_found(checked, pages, part):
    pattern = (
        r"rate ‘Use of power’ (?P<size>[\d.]+) points higher than managers \(likely between "
        r"(?P<low>[\d.]+) and (?P<high>[\d.]+); (?P<n_a>\d+) customers, (?P<n_b>\d+) managers\)"
    )
    sentence = re.search(pattern, pages["en"])
    start, end = (at - sentence.start() for at in sentence.span(part))
    said = sentence.group()
    wrong = said[:start] + changed(sentence[part]) + said[end:]
    found = checked(said, wrong).findings
    assert any("together" in line for line in found)
    assert any("a sentence is not that of its result" in line for line in found)


def test_a_p_in_apa_style_that_its_t_does_not_give_is_found(checked, pages):
    told = re.search(r"‘Content of the work’: .*?(t\([\d.]+\) = )([−\d.]+)", pages["en"])
    wrong = told.group().replace(told[1] + told[2], told[1] + "9.99")
    found = checked(told.group(), wrong).findings
    assert any("p does not follow from its statistic" in line for line in found)


def test_a_number_that_stands_nowhere_is_found(checked):
    found = checked("<p>", "<p>It took 4,711 people. ").findings
    assert any("no result is written 4,711" in line for line in found)


def test_numbers_in_words_of_the_study_and_of_the_catalogue_need_no_result(checked, answers):
    fixed = next(piece for piece in fixed_fragments("en") if "Tipton, 2018" in piece)
    wording = answers.instrument.source
    for words_with_digits in (fixed, wording):
        assert re.search(r"\d", words_with_digits)
        page = checked("<p>", f"<p>{Markup.escape(words_with_digits)} ")
        assert page.findings == ()
    assert checked("<p>", "<p>Tipton, in 2018, ").findings != ()


def rows(**changes):
    row = {
        "analysis": "gap", "cluster_id": "power", "activity_id": "a01", "contrast": "a - b",
        "estimate_type": "mean_difference", "estimate": 0.5123, "ci_low": 0.1003,
        "ci_high": 0.9243, "confidence_level": 0.95, "test": "welch_t", "statistic": 2.4513,
        "df": 103.27, "p_value": 0.015912, "n_a": 120, "n_b": 130,
    }  # fmt: skip
    return result_table([row | changes])


def wrong(results):
    return [line for _, line in stored_results(results) if line]


def test_a_p_is_recomputed_from_its_statistic():
    # Critical values of printed tables: t(10) = 2.228 gives .05.
    assert wrong(rows(statistic=2.228, df=10, p_value=0.05)) == []
    assert "p of gap mean_difference" in wrong(rows(statistic=2.228, df=10, p_value=0.04))[0]
    both = wrong(rows(statistic=2.228, df=10, p_value=0.05, p_adjusted=0.01))
    assert both == ["the corrected p of gap mean_difference power a01 is below its p"]


def test_the_tails_are_those_of_the_tables():
    # Critical values of printed tables: t(10) = 2.228, chi-square(2) = 5.991, z = 1.960.
    assert overlap(p_range("t", (2.2275, 2.2285), (10, 10)), (0.05, 0.05))
    assert overlap(p_range("t_above", (1.8115, 1.8125), (10, 10)), (0.05, 0.05))
    assert overlap(p_range("chi_square", (5.9905, 5.9915), (2, 2)), (0.05, 0.05))
    assert overlap(p_range("normal", (1.9595, 1.9605), (1, 1)), (0.05, 0.05))
    assert p_range("t", (-0.1, 0.2), (10, 10))[1] == 1.0


def test_a_stored_interval_without_its_estimate_is_found():
    assert any("misses its estimate" in line for line in wrong(rows(estimate=1.5)))


def test_a_stored_decision_against_p_is_found():
    assert any("decide differently" in line for line in wrong(rows(ci_low=-0.2)))


@pytest.mark.parametrize(
    ("n", "estimate", "possible"),
    [(24, 3.458333333, True), (24, 3.46, False), (24, 3.4792, False), (300, 3.4, True)],
)
def test_a_mean_that_whole_answers_cannot_have_is_found(n, estimate, possible):
    # 83 / 24 = 3.458333...; no whole number over 24 rounds to 3.4792. Two decimals of 3.46 stand
    # for 3.455 to 3.465, where 83 / 24 lies: possible.
    mean = {"estimate_type": "mean", "contrast": "", "test": "", "statistic": np.nan}
    found = wrong(rows(**mean, estimate=estimate, ci_low=3.0, ci_high=4.0, n_a=n, n_b=np.nan))
    said = any("whole answers" in line for line in found)
    assert said != (possible or estimate == 3.46)


def test_stored_shares_that_do_not_make_everybody_are_found():
    shares = pd.concat(
        [rows(estimate_type="answer_share", statistic=i, estimate=s, test="")
         for i, s in enumerate((0.21, 0.33, 0.63), start=1)]
    )  # fmt: skip
    assert [line for _, line in stored_sums(shares)] == [
        "the shares of gap power a01 a - b do not make 100 %"
    ]


@pytest.mark.parametrize(
    ("language", "text", "values"),
    [
        ("en", "1,234.5 and .05, −0.30", [1234.5, 0.05, -0.3]),
        ("nl", "1.234,5 en 0,05, −0,30", [1234.5, 0.05, -0.3]),
        ("en", "p < .001 in 12 %", [0.001, 12]),
        ("en", "a01, O01, cr2_t and 3.11.7 are no numbers", []),
        ("en", "at most 3e-13", [3e-13]),
    ],
)
def test_numbers_are_read_as_they_are_printed(language, text, values):
    assert [number.value for number in printed_numbers(text, language)] == pytest.approx(values)


def test_a_bound_and_a_rounded_number_stand_for_a_range():
    bound, rounded = printed_numbers("< .001 or 0.34", "en")
    assert bound.fits(0.0002) and not bound.fits(0.0012)
    assert rounded.fits(0.3449) and not rounded.fits(0.3461)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "0.64 points higher (likely between 0.47 and 0.82; 737 customers, 236 managers)"),
        ("nl", "0,64 punt hoger (waarschijnlijk tussen 0,47 en 0,82; 737 klanten, 236 managers)"),
    ],
)
def test_an_interval_in_a_sentence_is_read_with_its_estimate_and_people(language, text):
    (found,) = printed_intervals(text, printed_numbers(text, language), language, cell=False)
    parts = (found.estimate, found.low, found.high, *found.people)
    assert [part.value for part in parts] == [0.64, 0.47, 0.82, 737, 236]


def test_a_mismatch_stops_the_page_and_names_it(checked, pages):
    require_right_numbers(checked(), name="study.en.html")
    cell = row_of(pages["en"], "numbers-clusters", "Content of the work")[4]
    wrong = cell.replace(words(cell), changed(words(cell)).replace("< .001", "< .006"), 1)
    wrong_page = checked(cell, wrong, table="numbers-clusters")
    with pytest.raises(ReportError, match=r"study\.en\.html: numbers .* do not fit"):
        require_right_numbers(wrong_page, name="study.en.html")


def test_a_number_that_is_not_found_is_told_and_stops_nothing(checked):
    page = checked("<p>", "<p>It took 4,711 people. ")
    assert any("4,711" in line for line in page.untraced)
    require_right_numbers(page, name="study.en.html")
