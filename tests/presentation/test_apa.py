"""One result in APA style, in both languages; what is withheld is left out."""

import pytest
from tests.studies_made import instrument, study_file

from research.presentation.apa import apa_list, apa_result
from research.presentation.texts import Reader
from research.stats.estimates import page_results, result_table

MADE = {"analysis": "gap", "cluster_id": "power", "confidence_level": 0.95, "n_a": 737, "n_b": 236}


def reader(language="en"):
    return Reader(study=study_file(), instrument=instrument(), language=language)


def row(**changes):
    return result_table([MADE | changes]).iloc[0]


def difference(**changes):
    told = {
        "estimate_type": "mean_difference", "estimate": -0.644, "ci_low": -0.819,
        "ci_high": -0.468, "test": "cr2_t", "statistic": -8.117, "df": 10.24,
        "p_value": 0.000012, "p_adjusted": 0.046, "adjust_method": "holm",
    }  # fmt: skip
    return row(**(told | changes))


def effect(**changes):
    told = {"estimate_type": "hedges_g", "estimate": 0.336, "ci_low": 0.02, "ci_high": 0.66}
    return row(**(told | changes))


def plain(text):
    return text.replace("\N{NO-BREAK SPACE}", " ")


def test_a_difference_has_its_interval_test_p_and_effect():
    assert plain(apa_result(difference(), reader(), effect=effect())) == (
        "ΔM = −0.64, 95 % CI [−0.82, −0.47], t(10.2) = −8.12, p < .001, corrected p = .046, "
        "g = 0.34, 95 % CI [0.02, 0.66]"
    )


def test_in_dutch_with_a_decimal_comma_and_a_semicolon_between_the_limits():
    assert plain(apa_result(difference(), reader("nl"), effect=effect())) == (
        "ΔM = −0,64, 95 %-BI [−0,82; −0,47], t(10,2) = −8,12, p < 0,001, "
        "gecorrigeerde p = 0,046, g = 0,34, 95 %-BI [0,02; 0,66]"
    )


def test_a_value_that_cannot_pass_one_has_no_leading_zero_in_english_only():
    alpha = row(estimate_type="cronbach_alpha", estimate=0.84, ci_low=0.82, ci_high=0.86, test="-")
    assert plain(apa_result(alpha, reader())) == "α = .84, 95 % CI [.82, .86]"
    assert plain(apa_result(alpha, reader("nl"))) == "α = 0,84, 95 %-BI [0,82; 0,86]"


def test_a_chi_square_has_whole_degrees_of_freedom():
    step = row(
        estimate_type="ladder_cost", estimate=0.1, test="x", statistic=10.9, df=13, p_value=0.618
    )
    assert plain(apa_result(step, reader())) == "χ²(13) = 10.90, p = .618"


def test_of_few_people_it_has_the_decimals_they_may_be_told_with():
    few = difference(n_b=25, df=38.0)
    assert "t(38) = −8.1," in apa_result(few, reader())


@pytest.mark.parametrize("missing", [("statistic",), ("df",), ("ci_low",), ("p_value",)])
def test_a_part_that_is_withheld_is_left_out(missing):
    told = apa_result(difference(**dict.fromkeys(missing)), reader())
    assert "nan" not in told.lower() and "None" not in told
    assert "[c]" not in told and told.startswith("ΔM = −0.64")


def test_the_list_holds_the_tested_differences_and_leads_to_their_results():
    other = result_table([{**MADE, "cluster_id": "own_actions"}])
    table = page_results(
        [
            difference().to_frame().T.infer_objects(),
            effect().to_frame().T.infer_objects(),
            other.assign(estimate_type="mean_difference", note="suppressed_too_few"),
            other.assign(estimate_type="hedges_g"),
        ]
    )
    told = apa_list(table, reader(), level="clusters")
    assert told.count("<li>") == 1
    assert "‘Use of power’: ΔM" in told
    assert "#row-gap-1" in told
    untested = table[table["cluster_id"] == "own_actions"]
    assert apa_list(untested, reader(), level="clusters") == ""
