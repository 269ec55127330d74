"""What the study report says in words: it turns with the results, and holds nothing that is not so."""

import re
from dataclasses import dataclass, field
from itertools import cycle

import pytest
from tests.studies_made import instrument, study_file

from research.presentation import (
    checklist_section,
    conduct_section,
    glossary_section,
    limits_section,
    meaning_section,
    method_section,
    question_section,
)
from research.presentation.texts import Reader, catalogue
from research.stats.estimates import result_table
from research.study.conduct import Conduct, Questions

CLUSTERS = ("own_actions", "interaction", "content", "power")
SAID = {"nl": "gezegd", "en": "said"}


def reader(language="en", **changes):
    return Reader(study=study_file(**changes), instrument=instrument(), language=language)


def words(fragment):
    return " ".join(re.sub(r"<[^>]*>", " ", str(fragment)).replace("\u00a0", " ").split())


def difference(cluster="power", activity="", *, size=0.6, verdict="relevant", **values):
    family = "activities: 30 tests" if activity else "clusters: 4 tests"
    return {
        "analysis": "gap", "estimate_type": "mean_difference", "cluster_id": cluster,
        "activity_id": activity, "estimate": size, "ci_low": size - 0.2, "ci_high": size + 0.2,
        "p_value": 0.01, "p_adjusted": 0.02, "adjust_method": "holm", "family": family,
        "test": "cr2_t", "n_a": 700, "n_b": 230, "verdict": verdict,
    } | values  # fmt: skip


def gaps(*, size=0.6, verdict="relevant"):
    """Four clusters, of which power differs, and five activities, two of them clearly."""
    clusters = [difference(one, size=0.02, verdict="equivalent") for one in CLUSTERS[:3]]
    activities = [
        difference("power", "a24", size=size, verdict=verdict),
        difference("power", "a25", size=2 * size, verdict=verdict),
        difference("content", "a16", size=0.01, verdict="equivalent"),
        difference("content", "a17", size=0.05, verdict="trivial"),
        difference("content", "a18", size=0.2, verdict="inconclusive"),
    ]
    return [*clusters, difference(size=size, verdict=verdict), *activities]


def respondents(organisations=12):
    return [
        {"analysis": "sample", "estimate_type": "respondents", "role": role, "estimate": n,
         "n_a": n, "n_clusters": organisations}
        for role, n in (("customer", 700), ("manager", 230))
    ]  # fmt: skip


def valued(p=0.001, p_of_each=(0.001, 0.0005)):
    each = [
        {"analysis": "value", "estimate_type": "mean_above_midpoint", "role": "customer",
         "activity_id": f"a0{place}", "p_value": p_one, "estimate": 0.5, "n_a": 690}
        for place, p_one in enumerate(p_of_each, start=1)
    ]  # fmt: skip
    claim = {"analysis": "value", "estimate_type": "all_valued", "role": "customer", "n_a": 690,
             "p_value": p, "test": "intersection_union_cr2_t", "estimate": 0.5}  # fmt: skip
    return [*each, claim]


def compared(verdict):
    """The judgement on comparing the roles, over all clusters and on power."""
    row = {"analysis": "comparability", "estimate_type": "comparability", "verdict": verdict}
    return [row | {"estimate": 1.0}, row | {"cluster_id": "power", "estimate": 1.0}]


def frame(*rows):
    return result_table([one for part in rows for one in part])


class TestTitle:
    @pytest.mark.parametrize(
        ("size", "verdict", "expected"),
        [
            (0.6, "relevant", "Made: customers rate ‘Use of power’ clearly higher than managers"),
            (-0.6, "relevant", "Made: customers rate ‘Use of power’ clearly lower than managers"),
            (0.01, "equivalent", "Made: customers and managers rate ‘Use of power’ practically equally"),
            (0.1, "trivial", "Made: customers and managers hardly differ on ‘Use of power’"),
            (0.2, "inconclusive", "Made: no difference shown between customers and managers on ‘Use of power’"),
        ],
    )  # fmt: skip
    def test_states_the_finding_and_turns_with_it(self, size, verdict, expected):
        found = frame(gaps(size=size, verdict=verdict))
        assert words(question_section.study_title(found, reader())) == expected

    def test_is_the_name_of_the_study_where_nothing_was_tested(self):
        untested = frame([difference(verdict="", ci_low=float("nan"), ci_high=float("nan"))])
        assert words(question_section.study_title(untested, reader("nl"))) == "Gemaakt"
        assert words(question_section.study_title(frame(respondents()), reader())) == "Made"

    def test_claims_no_difference_where_the_roles_may_not_be_compared(self):
        found = frame(gaps(), compared("not_comparable"))
        title = words(question_section.study_title(found, reader()))
        assert title == "Made: customers and managers answer differently on ‘Use of power’"

    @pytest.mark.parametrize("language", ["nl", "en"])
    def test_has_at_most_twelve_words_whatever_was_found(self, language):
        """R23, with every label of the instrument and the usual role words."""
        keys = [key for key in catalogue() if key.startswith("question.title.")]
        assert len(keys) == 6
        asked = reader(language)
        for key in keys:
            for cluster in CLUSTERS:
                assert len(asked.text(key, label=asked.quoted(cluster)).split()) <= 12

    def test_names_the_largest_difference_without_a_power_cluster(self):
        found = frame([difference("content", size=-0.9), difference("own_actions", size=0.4)])
        title = words(question_section.study_title(found, reader(power_cluster=None)))
        assert title.endswith("customers rate ‘Content of the work’ clearly lower than managers")


class TestQuestion:
    def test_primary_secondary_and_exploratory_stand_apart_in_this_order(self):
        shown = words(question_section.question_section(frame(valued(), gaps()), reader()))
        places = [
            shown.index(name) for name in ("Primary:", "Every one", "Secondary:", "differ on")
        ]
        assert places == sorted(places)
        assert "Exploratory" not in shown  # nothing of that kind in these results

    def test_the_study_file_decides_which_is_which(self):
        own = reader(questions={"primary": ["clusters"], "secondary": []})
        shown = words(question_section.question_section(frame(valued(), gaps()), own))
        assert shown.index("differ on") < shown.index("Exploratory:") < shown.index("Every one")

    def test_each_answer_has_verdict_estimate_interval_and_people(self):
        shown = words(question_section.question_section(frame(gaps()), reader()))
        assert "a clear difference +0.60 (+0.40 to +0.80); 700 customers, 230 managers" in shown
        assert "two-sided; Holm correction over 4 tests" in shown
        assert "Holm correction over 30 tests" in shown

    def test_one_planned_test_names_no_correction(self):
        row = frame([difference(family="planned: 1 test", adjust_method="none")]).iloc[0]
        assert "correction" not in question_section.examined_words(row, reader())

    def test_the_claim_on_all_activities_turns_with_the_weakest(self):
        """.2 is above alpha, .001 is not: one of two is not shown."""
        yes = words(question_section.question_section(frame(valued()), reader()))
        no = words(question_section.question_section(frame(valued(0.2, (0.2, 0.001))), reader()))
        assert "Supported: each of the 2 means lies above 3 (largest p = .001; 690 customers" in yes
        assert "Not shown: 1 of the 2 means do not demonstrably lie above 3" in no

    def test_what_was_not_tested_says_why_and_shows_no_number(self):
        hidden = {name: float("nan") for name in ("estimate", "ci_low", "ci_high", "n_a", "n_b")}
        row = difference(verdict="", note="suppressed_too_few", **hidden)
        answer = words(question_section.answer_cell(frame([row]).iloc[0], reader()))
        assert answer == "not tested: [c] too few answers"

    def test_an_unregistered_plan_is_said(self):
        found = frame(gaps())
        assert "No plan was registered" in question_section.question_section(found, reader())
        registered = reader(preregistration="https://example.org/plan")
        shown = question_section.question_section(found, registered)
        assert "registered before the data were seen: https://example.org/plan" in shown

    def test_a_question_that_stands_twice_is_refused(self):
        with pytest.raises(ValueError, match="a question stands twice"):
            Questions(primary=("valued",), secondary=("valued",))


class TestLimits:
    def test_few_organisations_are_a_limit_and_many_are_not(self):
        few, many, one = (
            limits_section.limits_section(frame(respondents(n), gaps()), reader())
            for n in (12, 20, 1)
        )
        assert "With 12 organisations" in few
        assert "organisations the intervals lean" not in many
        assert "All people belong to one organisation" in one

    def test_whether_the_roles_use_the_scale_alike_goes_with_the_test(self):
        untested = limits_section.limits_section(frame(respondents()), reader())
        tested = limits_section.limits_section(
            frame(respondents(), compared("with_care")), reader()
        )
        assert "was not tested in this report" in untested
        assert "was not tested in this report" not in tested
        assert "verdict: with care. How far it moves" in tested

    def test_ordered_answers_are_compared_where_both_tests_were_made(self):
        """Two decisions, of which one differs: .02 against .2, and .02 against .01."""
        odds = [
            {"analysis": "other_methods", "estimate_type": "odds_ratio", "activity_id": name,
             "p_adjusted": p}
            for name, p in (("a24", 0.2), ("a25", 0.01))
        ]  # fmt: skip
        shown = limits_section.limits_section(frame(respondents(), gaps(), odds), reader())
        assert "decides the same on 1 of 2 activities" in shown

    def test_what_other_choices_moved_is_the_largest_shift(self):
        shifts = [
            {"analysis": "imputed", "estimate_type": "shift", "estimate": size, "verdict": verdict}
            for size, verdict in ((0.05, "same"), (0.15, "changed"))
        ]
        shown = limits_section.limits_section(frame(respondents(), shifts), reader("nl"))
        assert "geen verschil verschuift meer dan 0,15 punt" in shown
        assert "Oordelen die veranderen: 1 van 2" in shown
        assert "zonder te lezen" not in shown  # no analysis without careless people

    def test_a_shift_that_is_withheld_is_said_without_a_number(self):
        shift = {"analysis": "without_flagged", "estimate_type": "shift", "note": "suppressed_x"}
        shown = words(limits_section.limits_section(frame(respondents(), [shift]), reader()))
        assert "so few people that the shift is withheld" in shown
        assert "moves by more" not in shown

    def test_comparisons_are_counted(self):
        """Nine tests at 5 %: 0.45 expected, shown with one decimal."""
        shown = limits_section.limits_section(frame(respondents(), gaps()), reader())
        assert "Many comparisons were made: 9." in shown
        assert "about 0.5 where nothing differs" in shown


class TestMeaning:
    def test_managers_are_asked_about_the_largest_differences_first(self):
        shown = meaning_section.meaning_section(frame(respondents(), gaps()), reader())
        first, second = (reader().quoted(name) for name in ("a25", "a24"))
        assert f"by customers than by managers: {first}, {second}. What do" in shown
        assert "On 2 activities both roles agree closely" in shown

    def test_the_words_turn_with_the_sign(self):
        found = frame(respondents(), gaps(size=-0.6))
        shown = words(meaning_section.meaning_section(found, reader()))
        assert "customers rate it lower" in shown and "rate it higher" not in shown
        assert "Clearly rated lower" in shown and "Clearly rated higher" not in shown

    def test_open_questions_are_counted_for_supervisors(self):
        shown = meaning_section.meaning_section(frame(respondents(), gaps()), reader())
        assert "On 1 of 5 activities the question stays open" in shown

    def test_a_further_organisation_may_differ_where_its_range_holds_zero(self):
        ranges = [
            {"analysis": "organisations", "estimate_type": "predicted_gap", "cluster_id": cluster,
             "ci_low": low, "ci_high": 0.9}
            for cluster, low in zip(CLUSTERS, (-0.1, 0.1, -0.3, 0.2), strict=True)
        ]  # fmt: skip
        shown = meaning_section.meaning_section(frame(respondents(), gaps(), ranges), reader())
        assert "On 2 of 4 clusters a further organisation" in shown

    def test_nothing_is_said_where_nothing_was_tested(self):
        assert meaning_section.meaning_section(frame(respondents()), reader()) == ""


class TestMethod:
    def test_every_choice_says_whether_the_study_file_made_it(self):
        own = reader(margin=0.4, families={"activities": "fdr_bh"})
        shown = words(method_section.method_section(frame(gaps()), own, parameters=True))
        assert "does not matter 0.4 points study file: margin" in shown
        assert "Benjamini and Hochberg, 5 tests study file: families.activities" in shown
        assert "Holm, 4 tests usual value of families.clusters" in shown
        assert "Seed of all random draws 1 usual value of seed" in shown

    def test_the_test_is_the_one_in_the_results(self):
        welch = frame([difference(test="welch_t")])
        shown = words(method_section.method_section(welch, reader(), parameters=True))
        assert "Welch’s t-test on people, two-sided" in shown and "CR2" not in shown
        clustered = words(method_section.method_section(frame(gaps()), reader(), parameters=True))
        assert "CR2" in clustered and "Welch" not in clustered

    def test_a_page_may_leave_the_table_out(self):
        shown = method_section.method_section(frame(gaps()), reader(), more=["One more line."])
        assert "One more line." in shown and "method-parameters" not in shown

    def test_a_sign_of_carelessness_is_named_in_words(self):
        own = reader(exclude_flagged=["careless", "too_fast"])
        shown = method_section.method_section(frame(gaps()), own, parameters=True)
        assert "the rule that joins the signs, Too fast" in shown


DEVIATION = {
    "what": {"nl": "Marge verlaagd", "en": "Margin lowered"},
    "why": {"nl": "Schaal", "en": "Scale <b>"},
    "when": "after",
    "effect": {"nl": "Geen", "en": "None"},
}


class TestConduct:
    def test_statements_stand_in_the_order_of_the_model_and_are_escaped(self):
        own = reader(conduct={"mode": {"nl": "web", "en": "on <i>paper</i>"}, "design": SAID})
        shown = str(conduct_section.conduct_part(own))
        assert shown.index("conduct-design") < shown.index("conduct-mode")
        assert "on &lt;i&gt;paper&lt;/i&gt;" in shown

    def test_subjects_that_do_not_apply_share_their_reason(self):
        same = {"applies": False, "nl": "verzonnen.", "en": "invented."}
        own = reader(conduct={"ethics": same, "consent": same})
        shown = words(conduct_section.conduct_part(own))
        assert "Information and consent; Ethical review: not applicable; invented." in shown

    def test_a_silent_study_file_is_said(self):
        assert "is not stated in the study file" in conduct_section.conduct_part(reader())

    def test_deviations_are_listed_with_reason_moment_and_effect(self):
        shown = str(conduct_section.deviations_section(reader(deviations=[DEVIATION])))
        assert "Deviations from the plan: 1" in shown and "Margin lowered" in shown
        assert "yes, decided after" in shown and "Scale &lt;b&gt;" in shown

    def test_no_deviation_is_not_the_same_as_no_plan(self):
        planned = conduct_section.deviations_section(reader(preregistration="osf.io/x"))
        assert "names no deviation from the registered plan" in planned
        assert "No plan was registered" in conduct_section.deviations_section(reader())

    def test_how_to_cite_names_authors_and_year_or_says_there_are_none(self):
        stated = reader(publication={"authors": ["A. Jansen", "B. Smit"], "year": 2026})
        assert "A. Jansen; B. Smit (2026). Made" in conduct_section.cite_section(stated)
        assert "No author stated (n.d.). Made" in conduct_section.cite_section(reader())


class TestGlossary:
    def test_only_words_that_stand_on_the_page_are_explained(self):
        short = glossary_section.glossary_section(frame(respondents()), reader())
        assert "Bayes factor" not in short and "p-value" in short
        longer = glossary_section.glossary_section(
            frame([{"estimate_type": "bayes_factor"}, {"test": "cr2_t"}]), reader()
        )
        assert "Bayes factor" in longer and "CR2 standard error" in longer

    def test_the_word_of_the_other_language_is_marked_as_such(self):
        shown = str(glossary_section.glossary_section(frame(gaps()), reader("nl")))
        assert 'Gecorrigeerde p (<span lang="en">Corrected p</span>)' in shown

    @pytest.mark.parametrize("language", ["nl", "en"])
    def test_every_entry_is_a_term_and_a_meaning(self, language):
        for word in glossary_section.WORDS:
            assert len(catalogue()[f"glossary.{word}"][language].split("|")) == 2


class TestChecklist:
    @pytest.fixture
    def stated(self):
        conduct = dict.fromkeys(Conduct.model_fields, SAID)
        return reader(
            conduct=conduct, invited={"manager": 300}, population=SAID, period=SAID,
            publication={"authors": ["A. Jansen"]},
        )  # fmt: skip

    @pytest.fixture
    def headings(self):
        """A page that has every section an item leads to."""
        items = {**checklist_section.JARS, **checklist_section.CHERRIES}.values()
        sections = {place.removeprefix("#") for place in items if place.startswith("#")}
        return dict.fromkeys(sections | {"cite"}, "Heading")

    def states(self, own, headings):
        found = checklist_section.checklist(own, headings)
        return {item.name: item for items in found.values() for item in items}

    def test_a_study_file_that_states_everything_leaves_nothing_open(self, stated, headings):
        items = self.states(stated, headings)
        assert len(items) == len(checklist_section.JARS) + len(checklist_section.CHERRIES) == 67
        assert {item.state for item in items.values()} == {"filled", "not_applicable"}
        assert sum(item.state == "not_applicable" for item in items.values()) == 5

    def test_what_is_not_stated_is_named_by_its_key(self, stated, headings):
        missing = reader(conduct={}, publication={})
        items = self.states(missing, headings)
        assert "conduct.ethics" in items["jars.ethics"].where
        assert "publication.authors" in items["jars.authors"].where
        assert items["cherries.participation"].state == "open"

    def test_a_reason_stands_where_something_does_not_apply(self, headings):
        silent = {"applies": False, "nl": "verzonnen.", "en": "invented."}
        items = self.states(reader(conduct={"ethics": silent}), headings)
        assert items["jars.ethics"].state == "not_applicable"
        assert items["jars.ethics"].where == "Not applicable: invented."

    def test_no_item_leads_to_a_section_that_is_not_there(self, stated):
        items = self.states(stated, {"sample": "Who answered"})
        assert items["jars.limits"].state == "not_applicable"
        assert 'href="#sample"' in items["jars.flow"].where

    def test_the_sections_of_a_page_are_found_with_their_headings(self):
        part = '<section id="a" aria-labelledby="a-h"><h2 id="a-h">One &amp; two</h2></section>'
        assert checklist_section.headings_of([part, "<p>x</p>"]) == {"a": "One & two"}

    def test_every_subject_of_the_study_file_has_a_name_and_an_item_or_is_translation(self):
        places = [*checklist_section.JARS.values(), *checklist_section.CHERRIES.values()]
        asked = {p.removeprefix("conduct.") for p in places if p.startswith("conduct.")}
        assert set(Conduct.model_fields) - asked == {"translation"}
        assert asked <= set(Conduct.model_fields)
        assert all(f"conduct.{name}" in catalogue() for name in Conduct.model_fields)


@dataclass(frozen=True, kw_only=True)
class Listening(Reader):
    """A reader who remembers which texts were asked for."""

    heard: set[str] = field(default_factory=set)

    def text(self, key, **values):
        self.heard.add(key)
        return super().text(key, **values)


MINE = ("question.", "limits.", "meaning.", "method.", "conduct.", "deviations.", "cite.",
        "checklist.", "glossary.")  # fmt: skip
SHIFTS = [
    {"analysis": name, "estimate_type": "shift", "estimate": size, "verdict": "same"}
    for name in ("without_flagged", "imputed")
    for size in (0.05, float("nan"))
]
BESIDE = [
    {"analysis": "organisations", "estimate_type": "gap_spread", "cluster_id": "power",
     "p_value": 0.01},
    {"analysis": "other_methods", "estimate_type": "odds_ratio", "activity_id": "a24",
     "p_adjusted": 0.01},
    {"analysis": "order", "estimate_type": "kendall_tau_b", "note": "suppressed_too_few"},
    {"analysis": "order", "estimate_type": "top_overlap", "note": "suppressed_too_few"},
    {"estimate_type": "detectable_difference", "test": "power_0.8"},
    *(
        {"estimate_type": kind}
        for kind in ("equivalence", "hedges_g", "superiority", "cronbach_alpha", "omega_total",
                     "bayes_factor", "predicted_gap", "icc1", "missing_information")
    ),
]  # fmt: skip


def ranges(*limits):
    return [
        {"analysis": "organisations", "estimate_type": "predicted_gap", "cluster_id": cluster,
         "ci_low": low, "ci_high": high}
        for cluster, (low, high) in zip(CLUSTERS, limits, strict=False)
    ]  # fmt: skip


def all_pages():
    """Results and readers that between them bring out every text of these sections."""
    several = [f"a{n}" for n in range(24, 28)]
    many = {
        sign: [difference("power", name, size=sign * 0.5) for name in several] for sign in (1, -1)
    }
    for size, verdict in ((0.6, "relevant"), (-0.6, "relevant"), (0.01, "equivalent"),
                          (0.1, "trivial"), (0.2, "inconclusive")):  # fmt: skip
        yield frame(respondents(), gaps(size=size, verdict=verdict), valued(), BESIDE), {}
    for sign, p in ((1, 0.2), (-1, float("nan"))):
        first = valued(p, (p, p))
        yield frame(respondents(1), many[sign], [difference()], first, SHIFTS[::2]), {}
    for verdict in ("comparable", "with_care", "not_comparable"):
        yield frame(respondents(), gaps(), compared(verdict), ranges((0.1, 0.5)), SHIFTS[1::2]), {}
    welch = difference(test="welch_t", family="planned: 1 test", note="suppressed_too_few")
    power = difference(analysis="power_use", test="welch_t", family="planned: 1 test")
    student = {"analysis": "value", "estimate_type": "all_valued", "role": "customer",
               "test": "intersection_union_student_t"}  # fmt: skip
    beside = [row for row in BESIDE if row.get("analysis") in ("order", "other_methods")]
    yield frame(respondents(1), [welch, power, student], beside), {"synthetic": False}
    full = {
        "conduct": dict.fromkeys(Conduct.model_fields, SAID) | {"mode": SAID | {"applies": False}},
        "deviations": [DEVIATION, DEVIATION | {"when": "before"}],
        "preregistration": "osf.io/x", "invited": {"manager": 300},
        "publication": {"authors": ["A"], "year": 2026, "contact": SAID, "licence": SAID},
        "population": SAID, "period": SAID,
        "exclude_flagged": ["careless"], "families": {"activities": "fdr_bh", "clusters": "none"},
    }  # fmt: skip
    yield frame(respondents(), gaps(), ranges((-0.1, 0.5))), full
    yield frame(respondents(), gaps()), {"preregistration": "osf.io/x"}


def test_every_text_of_these_sections_is_shown_by_some_result():
    heard = set()
    sources = cycle(("Own list", "Jansen (2018)"))
    for (results, changes), source in zip(all_pages(), sources, strict=False):
        own = instrument().model_copy(update={"source": source})
        listening = Listening(study=study_file(**changes), instrument=own, language="en")
        parts = [
            question_section.study_title(results, listening),
            question_section.question_section(results, listening),
            limits_section.limits_section(results, listening),
            meaning_section.meaning_section(results, listening),
            method_section.method_section(results, listening, parameters=True),
            conduct_section.conduct_part(listening),
            conduct_section.deviations_section(listening),
            glossary_section.glossary_section(results, listening),
            conduct_section.cite_section(listening),
        ]
        checklist_section.checklist_section(listening, parts)
        heard |= listening.heard
    elsewhere = {"method.context"}  # a line of the organisation page
    mine = {key for key in catalogue() if key.startswith(MINE)} - elsewhere
    assert mine - heard == set()
