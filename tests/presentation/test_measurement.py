"""What people read about measurement: the badge turns with the verdict, and the words with it."""

import re
from dataclasses import dataclass, field

import pytest
from tests.studies_made import instrument, study_file

from research.analyses.comparability import ML_INSTEAD
from research.presentation import (
    comparability_note,
    figures,
    item_tables,
    measurement_figures,
    measurement_section,
    organisation_page,
    study_page,
)
from research.presentation import measurement_tables as tables
from research.presentation.texts import Reader, catalogue
from research.stats.estimates import result_table
from research.stats.factors import dif
from research.stats.factors.comparability import MINIMUM_PER_ROLE, RULE, VERDICTS
from research.stats.factors.structure import STEPS

CLUSTERS = ("own_actions", "interaction", "content", "power")
ROLES = ("customer", "manager")
KINDS = (*tables.REPORTED, *tables.FURTHER)
METHODS = {
    "cronbach_alpha": "feldt", "omega_total": "minres_oblimin_pearson",
    "omega_hierarchical": "minres_oblimin_pearson", "ordinal_alpha": "polychoric",
    "ordinal_omega": "green_yang_wlsmv", "ordinal_omega_latent": "wlsmv_polychoric",
    "split_half": "all_splits", "split_half_worst": "all_splits",
    "split_half_best": "sampled_splits", "standard_error_of_measurement": "alpha",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Listening(Reader):
    """A reader who remembers which texts were asked for."""

    heard: set[str] = field(default_factory=set)

    def text(self, key, **values):
        self.heard.add(key)
        return super().text(key, **values)


def reader(language="en"):
    return Listening(study=study_file(), instrument=instrument(), language=language)


def words(fragment):
    """The text of a fragment, one space between words."""
    return " ".join(re.sub(r"<[^>]*>", " ", str(fragment)).replace("\u00a0", " ").split())


def row(estimate_type, **values):
    analysis = "comparability"
    return {"analysis": analysis, "estimate_type": estimate_type, "n_a": 600, "n_b": 220} | values


def judged(power="comparable", *, test="", note="", estimate=0.0, others="comparable", **sizes):
    """Verdicts of four clusters, of which only power differs, and the overall one."""
    order = [*VERDICTS, ""]
    rows = [
        row("comparability", cluster_id=cluster, verdict=others, estimate=0.0)
        for cluster in CLUSTERS[:3]
    ]
    own = {"verdict": power, "test": test, "note": note, "estimate": estimate} | sizes
    rows.append(row("comparability", cluster_id="power", **own))
    worst = max((power, others), key=order.index)
    return [row("comparability", **(own | {"verdict": worst})), *rows]


def with_care():
    """Two activities of power released; 0.12 of the gap of 0.64 comes from the scale."""
    return [
        *judged("with_care", test="intercepts", estimate=2.0),
        row("released", cluster_id="power", activity_id="a25", test="intercepts", estimate=0.5,
            ci_low=0.3, ci_high=0.7),
        row("released", cluster_id="power", activity_id="a28", test="loadings", estimate=0.34,
            ci_low=0.1, ci_high=0.58),
        row("gap_shift", cluster_id="power", estimate=0.12, ci_low=0.05, ci_high=0.19),
        row("gap_allowing", cluster_id="power", estimate=0.52),
    ]  # fmt: skip


def ladder():
    rows = []
    for cluster in CLUSTERS:
        for number, step in enumerate(STEPS):
            keys = {"cluster_id": cluster, "test": step}
            rows += [
                row("ladder_fit", estimate=0.031, statistic=40.0, df=28, p_value=0.07, **keys),
                row("ladder_cfi", estimate=0.991, **keys),
                row("ladder_rmsea", estimate=0.021, ci_low=0.0, ci_high=0.044, **keys),
            ]
            if number:
                rows += [
                    row("ladder_cost", estimate=0.056, statistic=21.3, df=6, p_value=0.002, **keys),
                    *(row(f"ladder_delta_{name}", estimate=-0.004, **keys)
                      for name in ("cfi", "rmsea", "srmr")),
                ]  # fmt: skip
    return rows


def reliabilities():
    return [
        row(kind, analysis="reliability", role=role, cluster_id=cluster, test=METHODS[kind],
            estimate=0.8 + 0.01 * place, n_a=500)
        for kind in KINDS
        for role in ROLES
        for place, cluster in enumerate(CLUSTERS)
    ]  # fmt: skip


def dimensions():
    rows = []
    for role in ROLES:
        own = {"analysis": "dimensions", "role": role}
        test = {"statistic": 450.5, "df": 399, "p_value": 0.04}
        rows += [row("kmo", estimate=0.93, **own), row("bartlett", **own, **test)]
        rows += [row("n_factors", estimate=4, test=name, **own) for name in tables.FACTOR_COUNTS]
        rows += [
            row("eigenvalue", statistic=k, estimate=5.0 / k, ci_high=1.5 / k, test=matrix, **own)
            for matrix in ("pearson", "polychoric")
            for k in range(1, 31)
        ]
        rows += [row("ave", estimate=0.51, cluster_id=cluster, **own) for cluster in CLUSTERS]
        for name in ("factor_correlation", "htmt"):
            rows.append(
                row(name, estimate=0.38, cluster_id=CLUSTERS[0], contrast=CLUSTERS[1], **own)
            )
        for method in ("wlsmv", "ml"):
            rows += [
                row("four_factors", estimate=0.037, test=method, **own, **test),
                row("four_factors_cfi", estimate=0.993, test=method, **own),
                row("four_factors_tli", estimate=0.992, test=method, **own),
                row("four_factors_rmsea", estimate=0.017, ci_low=0.008, ci_high=0.023,
                    test=method, **own),
            ]  # fmt: skip
    return rows


def items():
    rows = []
    for place, activity in enumerate(instrument().activities):
        own = {"activity_id": activity.id, "cluster_id": activity.cluster}
        for role in ROLES:
            higher = 0.01 * place if role == "manager" else 0.0
            found = own | {"role": role}
            rows += [
                row("item_rest", estimate=0.6, ci_low=0.5, ci_high=0.7, **found),
                row("alpha_if_dropped", estimate=0.8, ci_low=0.7, ci_high=0.9, **found),
                row("kmo", estimate=0.91, **found),
                row("loading", estimate=0.5 + higher, ci_low=0.4, ci_high=0.9, **found),
                row("efa_loading", estimate=0.4, statistic=1, note="heywood", **found),
            ]
            rows += [
                row("threshold", statistic=k, estimate=k - 2.5 + higher, ci_low=k - 3.0,
                    ci_high=k - 2.0, **found)
                for k in (1, 2, 3, 4)
            ]  # fmt: skip
        rows += [
            row("dif", test=test, statistic=4.5, df=1, p_value=0.03, p_adjusted=0.9,
                estimate=0.012, verdict="A" if test == "total" else "", **own)
            for test in item_tables.FUNCTIONING
        ]  # fmt: skip
        rows.append(row("dif_odds_ratio", estimate=1.4, ci_low=1.0, ci_high=1.9, **own))
        known = own | {"analysis": "information"}
        rows += [
            row("discrimination", estimate=1.8, ci_low=1.6, ci_high=2.0, **known),
            row("information_peak", estimate=0.9 + place / 100, statistic=-0.5, **known),
            *(row("information", estimate=0.5, statistic=at, **known) for at in (-1.0, 0.0, 1.0)),
        ]
    return rows


def stops(n_a=600, n_b=200):
    return [
        row("measured_stop", analysis="simulated", test=test, estimate=share, n_a=n_a, n_b=n_b)
        for test, share in
        (("none", 0.96), ("thresholds", 0.88), ("loadings", 0.83), ("intercepts", 0.91))
    ]  # fmt: skip


def frame(rows):
    return result_table(rows)


def note_of(rows, language="en"):
    shown = comparability_note.comparability_note(frame(rows), reader(language), closing="End.")
    return words(shown)


VARIANTS = {
    "comparable": judged(),
    "with_care": with_care(),
    "nothing_moved": judged("with_care", test="intercepts", estimate=2.0),
    "not_moved": [
        *judged("with_care", test="intercepts", estimate=1.0),
        row("gap_shift", cluster_id="power", note="no_convergence"),
        row("gap_allowing", cluster_id="power", note="no_convergence"),
    ],
    "too_few": judged("with_care", note="too_few_answers", estimate=None, n_a=400, n_b=60),
    "suppressed": judged("", note="suppressed_few_organisations", others="", estimate=None),
    **{
        step: judged("not_comparable", test=step)
        for step in ("configural", "thresholds", "loadings", "intercepts")
    },
}


class TestBadge:
    @pytest.mark.parametrize(
        ("verdict", "english", "dutch"),
        [
            ("comparable", "may be compared", "mag worden vergeleken"),
            ("with_care", "with care", "met voorzichtigheid"),
            ("not_comparable", "may not be compared", "mag niet worden vergeleken"),
            ("", "not tested", "niet getoetst"),
        ],
    )
    def test_says_the_verdict_in_words_in_both_languages(self, verdict, english, dutch):
        assert words(comparability_note.comparability_badge(verdict, reader())) == english
        assert words(comparability_note.comparability_badge(verdict, reader("nl"))) == dutch

    def test_has_a_shape_of_its_own_for_every_verdict(self):
        badges = {str(comparability_note.comparability_badge(v, reader())) for v in VERDICTS}
        assert len({re.search(r'class="([^"]*)"', badge)[1] for badge in badges}) == 3


class TestNote:
    def test_where_nothing_speaks_against_it_differences_may_be_read(self):
        shown = note_of(judged())
        assert shown.startswith("may be compared No difference in how customers and managers use")
        assert "power" not in shown and shown.endswith("End.")

    def test_with_care_names_the_activities_and_how_far_the_gap_moves(self):
        shown = note_of(with_care())
        assert shown.startswith("with care ")
        assert "On ‘Use of power’ the two roles answer differently on ‘decide’" in shown
        assert "by −0.12 points (likely between −0.19 and −0.05), to +0.52 points" in shown

    def test_dutch_says_the_same_with_decimal_commas(self):
        shown = note_of(with_care(), "nl")
        assert "‘Inzet van macht’ antwoorden de twee rollen anders op ‘besluiten’" in shown
        assert "−0,12 punt verschuiven (waarschijnlijk tussen −0,19 en −0,05)" in shown
        assert "naar +0,52 punt" in shown

    def test_a_shift_the_other_way_turns_with_its_interval(self):
        rows = with_care()
        rows[-2] |= {"estimate": -0.2, "ci_low": -0.3, "ci_high": -0.1}
        assert "by +0.20 points (likely between +0.10 and +0.30)" in note_of(rows)

    def test_without_names_of_the_activities_their_number_is_given(self):
        named = [r for r in with_care() if r["estimate_type"] != "released"]
        assert "answer differently on some activities (2)" in note_of(named)

    @pytest.mark.parametrize("step", ["configural", "thresholds", "loadings", "intercepts"])
    def test_not_comparable_blames_the_scale_and_names_the_cluster(self, step):
        shown = note_of(VARIANTS[step])
        assert shown.startswith("may not be compared The differences below on ‘Use of power’ may")
        assert "using the response scale differently, rather than from valuing" in shown
        assert catalogue()[f"comparability.stop.{step}"]["en"].split("{label}")[1] in shown

    def test_too_few_people_are_said_with_their_numbers_and_how_many_are_needed(self):
        shown = note_of(VARIANTS["too_few"])
        assert "could not be tested in full" in shown
        assert "too few answers (400 customers, 60 managers; at least 150 of each" in shown

    def test_clusters_not_tested_for_one_reason_share_one_line(self):
        short = {"note": "too_few_answers", "estimate": None, "n_a": 400, "n_b": 60}
        rows = [r | short for r in judged("with_care", others="with_care")]
        assert note_of(rows).count("Not tested in full on") == 1

    def test_another_model_is_named_as_the_reason_for_care(self):
        shown = note_of(judged("with_care", note=ML_INSTEAD))
        assert "one that treats answers as numbers and people as independent was used" in shown

    def test_what_is_withheld_is_said(self):
        shown = note_of(VARIANTS["suppressed"])
        assert shown.startswith("not tested Whether") and "too few organisations" in shown

    def test_where_steps_could_not_be_tested_single_activities_speak(self):
        dif = [
            row("dif", activity_id=activity, test="total", verdict=judged_as)
            for activity, judged_as in (("a01", "A"), ("a02", "C"), ("a03", ""))
        ]
        shown = words(measurement_section.item_by_item(frame(dif), reader()))
        assert "of the 2 tested" in shown
        assert shown.endswith(f"clearly differently: {reader().label('a02')}.")
        assert measurement_section.item_by_item(frame(judged()), reader()) == ""

    def test_a_gap_that_could_not_be_moved_says_why(self):
        shown = note_of(VARIANTS["not_moved"])
        assert "cannot be said: the model could not be estimated." in shown
        assert "was not estimated" in note_of(VARIANTS["nothing_moved"])

    def test_what_was_found_between_waves_is_not_taken_for_the_roles(self):
        later = {"analysis": "waves", "role": "manager", "contrast": "2 - 1", "wave": "2"}
        waves = [r | later for r in with_care() if r.get("cluster_id")]
        assert note_of(waves) == ""
        assert note_of([*judged(), *waves]) == note_of(judged())
        table = measurement_section.waves_table(frame(waves), reader())
        assert "Managers: 2 - 1 Own actions may be compared none none" in words(table)
        assert words(table).endswith("(intercepts) decide, allow an exception")
        assert measurement_section.waves_table(frame(judged()), reader()) == ""

    def test_older_results_show_nothing(self):
        assert note_of([row("mean", analysis="gap")]) == ""
        assert measurement_section.comparability_section(frame([]), reader()) == ""
        assert measurement_section.verdict_table(frame([]), reader()) == ""


class TestSection:
    def everything(self, rows, language="en"):
        found = frame([*rows, *ladder(), *reliabilities(), *dimensions(), *stops()])
        listening = reader(language)
        return measurement_section.comparability_section(found, listening), listening

    @pytest.mark.parametrize("name", VARIANTS)
    def test_both_languages_have_the_same_rows_and_numbers(self, name):
        english, dutch = (self.everything(VARIANTS[name], x)[0] for x in ("en", "nl"))
        assert english.count("<tr") == dutch.count("<tr")
        assert re.findall(r'id="([^"]*)"', english) == re.findall(r'id="([^"]*)"', dutch)
        assert numbers(words(english)) == numbers(words(dutch).replace(",", "."))

    def test_the_table_carries_verdict_step_activities_and_both_gaps(self):
        gap = row("mean_difference", analysis="gap", cluster_id="power", estimate=0.64)
        table = words(measurement_section.verdict_table(frame([*with_care(), gap]), reader()))
        assert table.endswith(
            "Use of power with care same starting level (intercepts) decide, allow an exception "
            "+0.64 +0.52"
        )

    def test_a_gap_is_not_corrected_where_the_roles_may_not_be_compared(self):
        rows = [*judged("not_comparable", test="intercepts", estimate=2), *with_care()[-2:]]
        table = words(measurement_section.verdict_table(frame(rows), reader()))
        assert table.endswith("may not be compared same starting level (intercepts) too many – –")
        assert measurement_section.released_table(frame([*rows, with_care()[5]]), reader()) == ""

    def test_the_table_says_why_there_is_no_step(self):
        table = words(measurement_section.verdict_table(frame(VARIANTS["too_few"]), reader()))
        assert "with care too few answers (400 customers, 60 managers; at least 150" in table

    def test_every_step_shows_what_it_costs(self):
        shown = words(self.everything(judged())[0])
        assert shown.count("21.3 (6), p = .002 RMSEA .056") == 4 * len(CLUSTERS)

    def test_the_simulated_sizes_stand_beside_the_shares(self):
        shown = words(self.everything(judged())[0])
        assert "200 managers, all independent of one another: 96 % of the studies" in shown
        assert measurement_section.simulated_part(frame(judged()), reader()) == ""

    def test_the_fewest_people_are_those_of_the_rule(self):
        assert comparability_note.FEWEST == MINIMUM_PER_ROLE

    def test_the_numbers_of_the_rule_are_those_that_were_used(self):
        for language in ("en", "nl"):
            rule = catalogue()["comparability.rule"][language]
            few = catalogue()["comparability.too_few"][language]
            written = Reader(study=study_file(), instrument=instrument(), language=language)
            assert f" {written.share(RULE.alpha)}".replace("\u00a0", " ") in rule
            for value in (RULE.tolerated_rmsea, RULE.least_cfi, RULE.largest_srmr):
                assert f" {written.proportion(value)}" in rule
            assert f" {MINIMUM_PER_ROLE} " in rule and f" {MINIMUM_PER_ROLE} " in few
        assert RULE.share_equal == 0.5  # "at least half of the activities"

    def test_the_classes_are_those_of_the_statistic(self):
        for language in ("en", "nl"):
            text = catalogue()["measurement.dif.read"][language]
            written = Reader(study=study_file(), instrument=instrument(), language=language)
            for value in (dif.FROM_B, dif.FROM_C):
                assert written.proportion(value, decimals=3) in text


def numbers(text):
    found = re.findall(r"(?<![\w.])[+−]?\d*\.?\d+", text)
    return sorted(float(n.replace("−", "-")) for n in found)


class TestPages:
    def gaps(self):
        rows = []
        for entry in [*CLUSTERS, "a01", "a30"]:
            activity = "" if entry in CLUSTERS else entry
            cluster = entry if not activity else instrument().cluster_of(entry)
            keys = {"analysis": "gap", "cluster_id": cluster, "activity_id": activity}
            rows += [row("mean", role=role, estimate=3.5, ci_low=3.4, ci_high=3.6, **keys)
                     for role in ROLES]  # fmt: skip
            rows += [
                row(kind, estimate=0.1, ci_low=0.0, ci_high=0.2, test="cr2_t", p_value=0.5,
                    p_adjusted=1.0, statistic=0.5, df=9.0, verdict="inconclusive", **keys)
                for kind in
                ("mean_difference", "hedges_g", "superiority", "equivalence",
                 "detectable_difference")
            ]  # fmt: skip
        return rows

    def test_the_gap_section_opens_with_the_verdict(self):
        shown = words(study_page.gap_section(frame([*self.gaps(), *with_care()]), reader()))
        assert shown.startswith("Customers against managers with care Customers and managers use")
        without = words(study_page.gap_section(frame(self.gaps()), reader()))
        assert without.startswith("Customers against managers A difference is customers minus")

    def test_the_organisation_page_says_that_it_is_about_the_whole_study(self):
        counts = [row("respondents", analysis="sample", role=role, estimate=40) for role in ROLES]
        found = frame([*counts, *self.gaps(), *VARIANTS["loadings"]])
        parts = [
            words(part)
            for part in organisation_page.organisation_sections(found, reader(), data_hash="ab")
        ]
        clusters = next(part for part in parts if part.startswith("Your 4 clusters"))
        assert clusters.startswith("Your 4 clusters may not be compared The differences below")
        assert "not on those of your organisation alone" in clusters
        summary = next(part for part in parts if part.startswith("In one minute"))
        assert "The differences below on ‘Use of power’" in summary

    def test_a_summary_speaks_only_where_reading_changes(self):
        finding = comparability_note.comparability_finding
        assert finding(frame(judged()), reader()) == ""
        assert "with care" in finding(frame(with_care()), reader())
        assert "‘Use of power’" in finding(frame(VARIANTS["loadings"]), reader())

    def test_the_limit_of_not_having_tested_goes_with_the_test(self):
        answered = [row("respondents", analysis="sample", role=x, estimate=9, n_clusters=2)
                    for x in ROLES]  # fmt: skip
        untested = "was not tested in this report"
        assert untested in study_page.limits_section(frame(answered), reader())
        assert untested not in study_page.limits_section(frame([*answered, *judged()]), reader())


class TestReliability:
    def test_name_method_and_matrix_of_every_coefficient_are_printed(self):
        shown = words(tables.reliability_table(frame(reliabilities()), reader()))
        assert "omega total, omega hierarchical: minres, oblimin, Schmid-Leiman on Pearson" in shown
        assert "ordinal omega: Green and Yang on the observed scale" in shown
        assert "ordinal alpha" not in shown

    def test_rows_stand_per_role_and_cluster(self):
        shown = words(tables.reliability_table(frame(reliabilities()), reader(), kinds=KINDS))
        assert "Customers Own actions 7 .80 .80" in shown
        assert "Managers Own actions 7 .80" in shown

    def test_only_alpha_is_shown_of_results_that_hold_no_more(self):
        alphas = [r for r in reliabilities() if r["estimate_type"] == "cronbach_alpha"]
        shown = words(tables.reliability_table(frame(alphas), reader()))
        assert "omega" not in shown and "alpha" in shown

    def test_a_number_to_read_with_care_is_starred_and_a_missing_one_gives_its_reason(self):
        rows = reliabilities()
        rows[0] |= {"estimate": None, "note": "no_variation"}
        rows[8] |= {"note": "heywood"}
        shown = words(tables.reliability_table(frame(rows), reader()))
        assert "Own actions 7 everybody gave the same answer .80* .80" in shown
        assert "* the model gives an impossible value" in shown


NOTEBOOK_TABLES = {
    "reliability": lambda found, who: tables.reliability_table(found, who, kinds=KINDS),
    "dimensions": tables.dimensions_table,
    "structure": tables.structure_table,
    "eigenvalues": tables.eigenvalues_table,
    "distinct": tables.distinct_table,
    "ladder": measurement_section.ladder_table,
    "items": item_tables.items_table,
    "loadings": item_tables.loadings_table,
    "thresholds": item_tables.thresholds_table,
    "functioning": item_tables.functioning_table,
    "information": item_tables.information_table,
}


@pytest.fixture(scope="module")
def measured():
    return frame([*judged(), *ladder(), *reliabilities(), *dimensions(), *items(), *stops()])


class TestNotebookTables:
    @pytest.mark.parametrize("name", NOTEBOOK_TABLES)
    def test_carry_the_numbers_in_both_languages(self, measured, name):
        english, dutch = (NOTEBOOK_TABLES[name](measured, reader(x)) for x in ("en", "nl"))
        assert english.count("<tr") == dutch.count("<tr") > 1
        assert numbers(words(english)) == numbers(words(dutch).replace(",", "."))

    def test_the_ladder_shows_fit_changes_and_cost_of_a_step(self, measured):
        shown = words(measurement_section.ladder_table(measured, reader()))
        assert (
            "same weights (loadings) 40.0 (28), p = .070 .991 .021 (.000 to .044) .031 −.004 −.004 "
            "−.004 21.3 (6), p = .002 .056"
        ) in shown

    def test_functioning_shows_the_class_of_the_total_test(self, measured):
        shown = words(item_tables.functioning_table(measured, reader()))
        assert "p = .900 .012 A 1.40 (1.00 to 1.90)" in shown

    def test_a_model_that_could_not_be_fitted_is_a_sentence(self):
        absent = [row("information", analysis="information", note="no_convergence")]
        shown = words(item_tables.information_table(frame(absent), reader("nl")))
        assert shown.endswith("niet te zien: het model kon niet worden geschat.")

    def test_a_role_with_too_few_people_says_so(self):
        few = {"analysis": "dimensions", "role": "manager", "note": "too_few_answers"}
        rows = [r for r in dimensions() if r["role"] == "customer"]
        shown = words(tables.structure_table(frame([*rows, row("four_factors", **few)]), reader()))
        assert "Managers – too few answers" in shown


FIGURES = {
    "scree": (measurement_figures.draw_scree, measurement_figures.scree_words,
              {"role": "customer", "matrix": "polychoric"}),
    "loadings": (measurement_figures.draw_loadings, measurement_figures.loadings_words, {}),
    "thresholds": (measurement_figures.draw_thresholds, measurement_figures.thresholds_words,
                   {"cluster_id": "power"}),
    "information": (measurement_figures.draw_information, measurement_figures.information_words,
                    {"cluster_id": "power"}),
}  # fmt: skip


class TestFigures:
    @pytest.mark.parametrize("name", FIGURES)
    @pytest.mark.parametrize("language", ["en", "nl"])
    def test_are_drawn_and_told(self, measured, name, language):
        draw, tell, keys = FIGURES[name]
        _, ax = figures.new_figure(height=3)
        draw(measured, reader(language), ax=ax, **keys)
        told = tell(measured, reader(language), **keys)
        assert 40 <= len(told.alt) <= 400 and told.caption not in ("", told.alt)
        assert told.title and len(told.title.split()) <= 12 and len(told.data)
        assert ax.lines or ax.containers

    @pytest.mark.parametrize("name", FIGURES)
    def test_without_numbers_are_empty_and_say_so(self, name):
        draw, tell, keys = FIGURES[name]
        _, ax = figures.new_figure(height=3)
        draw(frame([]), reader(), ax=ax, **keys)
        assert "no number in it that may be shown" in tell(frame([]), reader(), **keys).alt

    def test_the_scree_draws_the_line_of_chance_beside_what_was_observed(self, measured):
        _, ax = figures.new_figure(height=3)
        measurement_figures.draw_scree(measured, reader(), role="manager", matrix="pearson", ax=ax)
        observed, chance = ax.lines[:2]
        assert list(observed.get_ydata()[:2]) == [5.0, 2.5]
        assert list(chance.get_ydata()[:2]) == [1.5, 0.75]
        told = measurement_figures.scree_words(measured, reader(), role="manager", matrix="pearson")
        assert "the first is 5.00, the second 2.50" in told.alt and told.alt.endswith("gives: 4.")
        assert told.title == "Managers: 4 dimensions above what chance gives"

    def test_the_two_roles_stand_apart_in_place_and_shape(self, measured):
        _, ax = figures.new_figure(height=3)
        measurement_figures.draw_loadings(measured, reader(), ax=ax)
        first, second = (container[0] for container in ax.containers)
        assert first.get_marker() != second.get_marker()
        assert list(first.get_ydata()[:2]) == pytest.approx([-0.18, 0.82])
        assert second.get_xdata()[-1] == pytest.approx(0.79)

    def test_the_words_of_thresholds_name_the_largest_distance(self, measured):
        told = measurement_figures.thresholds_words(measured, reader(), cluster_id="power")
        assert "threshold 1 of ‘call to account’: customers at −1.50, managers at −1.21" in told.alt

    def test_thresholds_of_a_role_that_never_gave_an_answer_are_not_set_against_others(
        self, measured
    ):
        missing = (measured["activity_id"] == "a30") & (measured["role"] == "manager")
        missing &= (measured["estimate_type"] == "threshold") & (measured["statistic"] == 4)
        told = measurement_figures.thresholds_words(
            measured[~missing], reader(), cluster_id="power"
        )
        assert "‘call to account’" not in told.alt

    def test_axes_carry_numbers_as_the_language_writes_them(self, measured):
        _, ax = figures.new_figure(height=3)
        measurement_figures.draw_loadings(measured, reader("nl"), ax=ax)
        assert ax.xaxis.get_major_formatter()(0.25, 0) == "0,25"


def test_every_text_on_measurement_is_shown_somewhere(measured):
    heard = {"comparability.whole_study", "comparability.absent"}  # by page and by notebook
    section = TestSection()
    for rows in VARIANTS.values():
        _, listening = section.everything(rows)
        note = comparability_note.comparability_note(frame(rows), listening, closing="")
        assert note
        heard |= listening.heard
    listening = reader()
    named = [r for r in with_care() if r["estimate_type"] != "released"]
    comparability_note.comparability_note(frame(named), listening, closing="")
    for show in NOTEBOOK_TABLES.values():
        show(measured, listening)
    item_tables.information_table(frame([]), listening)
    merged = [row("merged_answers", cluster_id="power", estimate=2)]
    measurement_section.merged_part(frame(merged), listening)
    for judged_as in ("A", "B"):
        dif = [row("dif", activity_id="a01", test="total", verdict=judged_as)]
        measurement_section.item_by_item(frame(dif), listening)
    nested = [r | {"n_clusters": 12} for r in stops()]
    measurement_section.simulated_part(frame(nested), listening)
    later = {"analysis": "waves", "role": "manager", "contrast": "2 - 1"}
    measurement_section.waves_table(frame([r | later for r in judged()[1:]]), listening)
    study_page.gap_section(frame([*TestPages().gaps(), *judged()]), listening)
    for draw, tell, keys in FIGURES.values():
        draw(measured, listening, ax=figures.new_figure(height=3)[1], **keys)
        tell(measured, listening, **keys)
    heard |= listening.heard
    families = ("comparability.", "measurement.")
    known = {key for key in catalogue() if key.startswith(families)}
    assert known - heard == set()
