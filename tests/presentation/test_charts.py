"""The charts that are tables: marks stand where the numbers are, titles turn with the finding."""

import base64
import csv
import io
import re
from functools import cache

import pytest
from tests.studies_made import instrument, study_file

from research.errors import PrivacyError
from research.presentation import answers_section as answers
from research.presentation import figures, flow_diagram, marks, titles
from research.presentation import robust_section as robust
from research.presentation.figure_words import words_of_differences, words_of_extremes
from research.presentation.organisation_strip import organisation_strip
from research.presentation.organisations_section import spread_chart
from research.presentation.reliability_chart import reliability_chart
from research.presentation.texts import Reader, catalogue
from research.stats.estimates import result_table
from research.study.answers import SampleFlow

CLUSTERS = instrument().cluster_ids
ROLES = ("customer", "manager")
# Titles by rule R23 of the specification; a longer one gives way to one without names.
MOST_WORDS = 12


@cache
def reader(language="en", **changes):
    return Reader(study=study_file(**changes), instrument=instrument(), language=language)


def words(fragment):
    """The text of a fragment, one space between words."""
    return " ".join(re.sub(r"<[^>]*>", " ", str(fragment)).replace("\u00a0", " ").split())


def caption(fragment):
    return words(re.search(r"<caption>(.*?)</caption>", str(fragment))[1])


def gap(cluster_id, estimate, **values):
    half = values.pop("half", 0.1)
    return {
        "analysis": "gap", "estimate_type": "mean_difference", "cluster_id": cluster_id,
        "estimate": estimate, "ci_low": estimate - half, "ci_high": estimate + half,
        "p_value": 0.5, "n_a": 600, "n_b": 220, "verdict": "inconclusive",
    } | values  # fmt: skip


def by_cluster(rows):
    return result_table(rows).set_index("cluster_id", drop=False)


class TestTitles:
    @pytest.mark.parametrize(
        ("signs", "expected"),
        [
            ((1, 0, 0, 0), "Customers clearly higher on 1 of 4 clusters, managers on none"),
            ((-1, -1, 0, 0), "Managers clearly higher on 2 of 4 clusters, customers on none"),
            ((1, -1, 0, 0), "Customers clearly higher on 1, managers on 1 of 4 clusters"),
            ((0, 0, 0, 0), "No clear difference on any of the 4 clusters"),
        ],
    )
    def test_the_title_of_the_clusters_turns_with_the_signs(self, signs, expected):
        rows = [
            gap(cluster, 0.6 * sign, verdict="relevant" if sign else "equivalent")
            for cluster, sign in zip(CLUSTERS, signs, strict=True)
        ]
        assert titles.clusters_title(by_cluster(rows), reader()) == expected
        assert len(expected.split()) <= MOST_WORDS

    def test_the_largest_difference_is_told_from_the_side_that_is_higher(self):
        rows = [gap("content", 0.2), gap("power", -0.64)]
        assert titles.largest_title(by_cluster(rows), reader()) == (
            "Largest difference: managers rate ‘Use of power’ 0.64 points higher"
        )
        rows = [gap("content", 0.2), gap("power", 0.64)]
        assert titles.largest_title(by_cluster(rows), reader("nl")) == (
            "Grootste verschil: klanten waarderen ‘Inzet van macht’ 0,64 punt hoger"
        )

    def test_a_difference_that_rounds_to_zero_has_no_direction(self):
        assert "rounds to zero" in titles.largest_title(by_cluster([gap("power", 0.001)]), reader())

    @pytest.mark.parametrize(
        ("estimate", "expected"),
        [(0.59, "customers rate"), (-0.59, "managers rate"), (0.0, "does not stand apart")],
    )
    def test_the_title_of_power_turns_with_the_sign(self, estimate, expected):
        row = result_table([gap("power", estimate)]).iloc[0]
        assert expected in titles.power_title(row, reader())

    def test_a_title_that_long_names_make_too_long_gives_way(self):
        assert titles.short_enough("one two three", "other") == "one two three"
        assert titles.short_enough("word " * 13, "other") == "other"

    def test_valued_activities_are_counted_by_their_tests(self):
        rows = [{"p_value": p} for p in (0.01, 0.05, 0.2)]
        title = titles.value_title(result_table(rows), reader(), role="manager")
        assert title == "Managers value 2 of the 3 activities"

    def test_without_numbers_every_title_says_so(self):
        empty = [gap(cluster, float("nan"), p_value=None, verdict="") for cluster in CLUSTERS]
        for title in (
            titles.clusters_title(by_cluster(empty), reader()),
            titles.largest_title(by_cluster(empty), reader()),
            titles.value_title(by_cluster(empty), reader(), role="manager"),
            titles.spread_title(by_cluster(empty), reader(), level="clusters"),
            titles.spread_title(by_cluster(empty), reader(), level="activities"),
            titles.reliability_title(by_cluster(empty), reader()),
        ):
            assert "shown" in title and len(title.split()) <= MOST_WORDS

    def test_every_title_of_the_catalogue_keeps_to_twelve_words(self):
        """Before names are filled in: a placeholder counts as one word, a label as up to four."""
        for key, entry in catalogue().items():
            if ".title" in key and key.split(".")[0] in CHARTED:
                for text in (entry["en"], entry["nl"]):
                    assert len(text.split()) <= MOST_WORDS, key


CHARTED = ("gap", "power", "value", "answers", "measures", "robust", "organisations", "figure")


def shares(role, cluster_id, values, activity_id="", **keys):
    return [
        {"analysis": "answers", "estimate_type": "answer_share", "role": role, "n_a": 200,
         "cluster_id": cluster_id, "activity_id": activity_id, "statistic": point,
         "estimate": value} | keys
        for point, value in enumerate(values, start=1)
    ]  # fmt: skip


LOW, HIGH = (0.3, 0.3, 0.2, 0.1, 0.1), (0.0, 0.1, 0.2, 0.3, 0.4)


def all_answers():
    rows = []
    for role in ROLES:
        for cluster_id in CLUSTERS:
            low = cluster_id == "power" and role == "manager"
            for activity in ("", *instrument().activities_of(cluster_id)):
                rows += shares(role, cluster_id, LOW if low else HIGH, activity)
                if activity:
                    rows.append(
                        {"analysis": "answers", "estimate_type": "share_missing", "role": role,
                         "cluster_id": cluster_id, "activity_id": activity, "estimate": 0.04}
                    )  # fmt: skip
    return result_table(rows)


class TestAnswers:
    def test_a_bar_is_as_wide_as_its_shares(self):
        drawn = marks.answers_mark(HIGH)
        widths = [float(w) for w in re.findall(r'width="([\d.]+)%" height="18" fill="#', drawn)]
        # 92 % of the drawing is the bar, 4 % at each end are kept free.
        assert widths == pytest.approx([share * 92 for share in HIGH], abs=0.011)

    def test_the_middle_is_pale_grey_and_both_ends_are_strong(self):
        assert marks.answer_colours(5)[2] == marks.NEUTRAL
        assert (marks.answer_colours(5)[0], marks.answer_colours(5)[-1]) == marks.ANSWER_ENDS
        assert len(set(marks.answer_colours(6))) == 6
        assert marks.NEUTRAL not in marks.answer_colours(6)

    def test_the_numbers_of_a_bar_stand_beside_it_and_no_answer_apart(self):
        shown = words(answers.answers_chart(all_answers(), reader(), role="manager"))
        assert "Use of power All activities together 200 30 % 30 % 20 % 10 % 10 % –" in shown
        assert "call to account 200 30 % 30 % 20 % 10 % 10 % 4 %" in shown

    def test_the_section_says_per_cluster_how_many_answers_are_high(self):
        shown = words(answers.answers_section(all_answers(), reader()))
        assert "‘Use of power’: 70 % of the answers of customers lie above 3, and 20 % of" in shown
        dutch = words(answers.answers_section(all_answers(), reader("nl")))
        assert "‘Inzet van macht’: 70 % van de antwoorden van klanten" in dutch

    def test_the_title_names_the_highest_and_the_lowest_cluster(self):
        shown = answers.answers_chart(all_answers(), reader(), role="manager")
        assert caption(shown).endswith("lowest on ‘Use of power’")
        # Among customers every cluster is as high as the others.
        equal = answers.answers_chart(all_answers(), reader(), role="customer")
        assert caption(equal) == "Answers of customers to every activity"

    def test_a_withheld_distribution_has_no_bar_and_no_sentence(self):
        few = all_answers()
        own = few["role"] == "manager"
        few.loc[
            own & (few["estimate_type"] == "answer_share"), ["estimate", "statistic", "n_a"]
        ] = float("nan")
        few.loc[own, "note"] = "suppressed_too_few"
        chart = answers.answers_chart(few, reader(), role="manager")
        assert "call to account [c] [c] [c] [c] [c] [c]" in words(chart)
        assert "<rect" not in str(chart)
        section = words(answers.answers_section(few, reader()))
        assert "lie above" not in section and "[c] = withheld" in section

    def test_coarse_shares_say_that_they_are(self):
        coarse = all_answers()
        coarse.loc[coarse["role"] == "manager", "test"] = "in_fives"
        shown = words(answers.answers_section(coarse, reader()))
        assert "Shares of managers are rounded to five per cent" in shown
        assert "Shares of customers" not in shown
        assert "rounded" not in words(answers.answers_section(all_answers(), reader()))

    def test_one_role_is_told_alone(self):
        one = all_answers()
        one = one[one["role"] == "manager"]
        assert "‘Use of power’: 20 % of the answers of managers lie above 3." in words(
            answers.answers_section(one, reader())
        )

    def test_without_rows_there_is_no_section(self):
        assert answers.answers_section(result_table([]), reader()) == ""


def choices(**others):
    """One headline difference on power, and the same by the choices named."""
    rows = [gap("power", 0.64)]
    for name, estimate in others.items():
        analysis, kind = robust.CLUSTER_CHOICES[name]
        rows.append(gap("power", estimate, analysis=analysis, estimate_type=kind))
    return result_table(rows)


class TestRobust:
    def test_no_choice_changes_the_conclusion(self):
        shown = robust.robust_section(choices(people=0.6, mixed=0.7), reader())
        assert caption(shown) == "No other choice changes a conclusion"
        assert "Use of power: between +0.60 and +0.70 points over 3 choices." in words(shown)

    @pytest.mark.parametrize("estimate", [0.05, -0.6])
    def test_an_interval_with_zero_and_a_turned_sign_are_other_conclusions(self, estimate):
        shown = robust.robust_section(choices(people=0.6, mixed=estimate), reader())
        assert caption(shown) == "Other choices change 1 of 1 conclusions"
        assert "The conclusion changes with: mixed model." in words(shown)

    def test_the_result_reported_is_first_and_drawn_full(self):
        chart = str(robust.robust_section(choices(people=0.6), reader()))
        first, second = re.findall(r'<circle [^>]*fill="(#\w+)"', chart)
        assert (first, second) == (marks.FIRST_COLOUR, "#fff")
        assert words(chart).index("as reported") < words(chart).index("people as independent")

    def test_a_choice_without_an_interval_shows_its_number_and_decides_nothing(self):
        found = choices(people=0.6, allowing=-0.5)
        found.loc[2, ["ci_low", "ci_high"]] = float("nan")
        shown = words(robust.robust_section(found, reader()))
        assert "allowing for activities the roles use differently −0.50 –" in shown
        assert "No other choice changes" in shown

    def test_every_choice_has_words(self):
        found = choices(**dict.fromkeys(set(robust.CLUSTER_CHOICES) - {"reported"}, 0.6))
        power = [
            gap("power", 0.5, analysis=analysis, estimate_type=kind)
            for analysis, kind in robust.POWER_CHOICES.values()
        ]
        found = result_table([*found.drop(columns="row_id").to_dict("records"), *power])
        shown = words(robust.robust_section(found, reader()))
        assert shown.count("as reported") == 2 and shown.count("mixed model") == 2
        assert "‘Use of power’ against the other clusters" in shown

    def test_nothing_to_set_beside_it_gives_no_section(self):
        assert robust.robust_section(choices(), reader()) == ""


def each_gap(cluster_id, values):
    return [
        {"analysis": "organisations", "estimate_type": "organisation_gap", "estimate": value,
         "cluster_id": cluster_id, "n_clusters": len(values), "statistic": place}
        for place, value in enumerate(values, start=1)
    ]  # fmt: skip


class TestStrip:
    def test_dots_of_one_value_stand_on_one_another(self):
        drawn = marks.strip_mark([0.1, 0.1, 0.3], limit=1.0, margin=0.3)
        spots = re.findall(r'cx="([\d.]+)%" cy="(\d+)"', drawn)
        assert len(set(spots)) == 3 and len({x for x, _ in spots}) == 2

    def test_the_title_counts_organisations_on_the_most_one_sided_cluster(self):
        rows = each_gap("content", [-0.1, 0.0, 0.2]) + each_gap("power", [-0.4, -0.2, -0.1])
        shown = organisation_strip(result_table(rows), reader(margin=0.3))
        assert caption(shown) == "‘Use of power’: managers higher in 3 of 3 organisations"
        assert "Use of power −0.4 to −0.1 1 2 0" in words(shown)
        turned = [row | {"estimate": -row["estimate"]} for row in rows]
        assert "customers higher in 3 of 3" in caption(
            organisation_strip(result_table(turned), reader())
        )

    def test_a_withheld_strip_says_so(self):
        row = each_gap("power", [float("nan")])[0] | {"note": "suppressed_few_to_compare"}
        shown = organisation_strip(result_table([row]), reader())
        assert "Use of power [c] [c] [c] [c]" in words(shown) and "<circle" not in str(shown)
        assert organisation_strip(result_table([]), reader()) == ""


def test_the_spread_is_counted_in_the_title():
    rows = [
        gap(cluster, 0.2, analysis="organisations", estimate_type=kind, p_value=p)
        for cluster, p in zip(CLUSTERS, (0.01, 0.2, 0.6, 0.9), strict=True)
        for kind in ("pooled_gap", "gap_spread", "predicted_gap")
    ]
    shown = spread_chart(result_table(rows), reader(), level="clusters")
    assert caption(shown) == "Organisations demonstrably differ on 1 of 4 clusters"


class TestReliability:
    def chart(self, lowest, language="en"):
        rows = [
            {"analysis": "reliability", "estimate_type": "cronbach_alpha", "role": role,
             "cluster_id": cluster, "estimate": value, "ci_low": value - 0.05,
             "ci_high": value + 0.05, "n_a": 200}
            for role in ROLES
            for cluster in CLUSTERS
            for value in [lowest if (role, cluster) == ("manager", "power") else 0.85]
        ]  # fmt: skip
        return reliability_chart(result_table(rows), reader(language))

    def test_the_title_names_the_lowest(self):
        expected = "Reliability (alpha) is lowest on ‘Use of power’ among managers: .62"
        assert caption(self.chart(0.62)) == expected

    def test_the_axis_shows_the_upper_half_only_where_every_interval_lies_in_it(self):
        assert "from 0.5 to 1" in words(self.chart(0.62))
        assert "from 0 to 1" in words(self.chart(0.52))

    def test_both_roles_have_a_shape_of_their_own(self):
        chart = str(self.chart(0.62))
        assert chart.count("<circle") == 4 and chart.count("<rect") == 4


def flow_of(left_out, rows_out=100):
    return SampleFlow(
        rows_in=rows_out + sum(left_out.values()), rows_out=rows_out, left_out=left_out,
        n_failures=0, n_flagged=0,
    )  # fmt: skip


class TestFlowDiagram:
    def test_every_number_of_the_table_stands_in_the_drawing_too(self):
        flow = flow_of({"unfinished": 30, "spam": 11, "preview": 2})
        shown = flow_diagram.flow_part(flow, reader())
        drawing, table = str(shown).split("<table")
        drawn = " ".join(re.findall(r"<text[^>]*>(.*?)</text>", drawing))
        for number in re.findall(r'<td class="number">(\d+)', table):
            assert re.search(rf"\b{number}\b", drawn), number

    def test_the_text_alternative_gives_every_stage(self):
        alt = re.search(r'aria-label="([^"]*)"', str(flow_diagram.flow_figure(
            flow_of({"unfinished": 30}), reader())))[1]  # fmt: skip
        assert 40 <= len(alt) <= 400
        assert "Read from the exports: 130" in alt and "In the analysis: 100" in alt

    def test_few_people_left_out_are_not_told(self):
        shown = words(flow_diagram.flow_figure(flow_of({"unfinished": 3}), reader()))
        assert "103" not in shown and shown.endswith("100 rows are in the analysis")

    def test_a_name_from_the_data_is_text(self):
        assert "&lt;" in flow_diagram._text("<b>", 0, 0, 12)


class TestFigures:
    def html(self, rows, tell, **keys):
        figure, ax = figures.new_figure(height=2)
        ax.plot([0, 1])
        return str(
            figures.figure_html(figure, tell(rows, reader(), **keys), reader(), figure_id="f")
        )

    def rows(self):
        return result_table([gap("content", -0.12), gap("power", 0.64)])

    def test_the_numbers_drawn_are_in_the_figure_as_csv(self):
        page = self.html(self.rows(), words_of_differences, name="gaps")
        link = re.search(
            r'download="f.csv" href="data:text/csv;charset=utf-8;base64,([^"]+)"', page
        )
        table = list(csv.DictReader(io.StringIO(base64.b64decode(link[1]).decode("utf-8"))))
        assert [float(row["estimate"]) for row in table] == [-0.12, 0.64]
        assert "df" not in table[0]  # no number, no column

    def test_caption_and_alternative_state_finding_extremes_and_direction(self):
        page = self.html(self.rows(), words_of_differences, name="gaps")
        assert (
            "<b>Largest difference: customers rate ‘Use of power’ 0.64 points higher.</b>" in page
        )
        alt = re.search(r'alt="([^"]*)"', page)[1]
        assert 40 <= len(alt) <= 400
        for part in ("customers minus managers", "‘Content of the work’ (−0.12)", "(0.64)"):
            assert part in alt

    def test_the_highest_entry_is_the_title_of_a_figure_of_levels(self):
        told = words_of_extremes(self.rows(), reader("nl"), name="means")
        assert told.title == "Gemiddelde waardering: het hoogst bij ‘Inzet van macht’ (0,64)"

    def test_a_figure_without_numbers_has_no_finding(self):
        empty = result_table([gap("power", float("nan"))])
        told = words_of_extremes(empty, reader(), name="spread")
        assert told.title == "" and "no number in it that may be shown" in told.alt

    def test_long_names_shorten_the_alternative_at_a_word(self):
        cut = figures.alternative("word " * 100)
        assert len(cut) <= 400 and cut.endswith("word …")

    def test_people_are_refused(self):
        with pytest.raises(PrivacyError):
            figures._download(self.rows().assign(respondent_id="r1"), reader(), "f")
