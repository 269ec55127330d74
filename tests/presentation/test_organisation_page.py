"""One organisation's page: its sections, the same in both languages, and silent where it must be."""

import re
from dataclasses import dataclass, field

import numpy as np
import pytest
from tests.presentation.test_measurement import words
from tests.studies_made import instrument, made_answers, study_file

from research.analyses import report
from research.presentation import (
    organisation_charts,
    organisation_context,
    organisation_page,
    organisation_summary,
    organisation_talk,
)
from research.presentation.texts import Reader, catalogue
from research.stats.estimates import join_results, result_table

ORDER = [
    "summary", "read", "clusters", "activities", "context", "talk", "caution", "trust", "method",
    "numbers",
]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Listening(Reader):
    """A reader who remembers which texts were asked for."""

    heard: set[str] = field(default_factory=set)

    def text(self, key, **values):
        self.heard.add(key)
        return super().text(key, **values)


def reader(language="en", study=None):
    return Listening(study=study or study_file(), instrument=instrument(), language=language)


@pytest.fixture(scope="module")
def study():
    """Seven organisations; organisation 3 has eight managers."""
    return made_answers(seed=21, organisations=7, managers_in_smallest=8)


@pytest.fixture(scope="module")
def results(study):
    return report.organisation_results(study, "organisation 0")


@pytest.fixture(scope="module")
def few(study):
    """Results of the organisation with eight managers."""
    return report.organisation_results(study, "organisation 3")


def page(results, language="en", study=None):
    parts = organisation_page.organisation_sections(
        results, reader(language, study), data_hash="ab"
    )
    return "\n".join(map(str, parts))


def ids(html):
    return re.findall(r'id="([^"]+)"', html)


class TestWholePage:
    def test_holds_the_sections_of_the_specification_in_order(self, results):
        sections = re.findall(r'<section id="([^"]+)"', page(results))
        assert [one for one in sections if one in ORDER] == ORDER

    def test_ids_are_the_same_in_both_languages_and_stand_once(self, results):
        english, dutch = (ids(page(results, language)) for language in ("en", "nl"))
        assert english == dutch
        assert len(english) == len(set(english))

    def test_names_neither_another_organisation_nor_its_code(self, results):
        html = page(results)
        assert not re.search(r"organisation [1-9]|\bO0\d\b", html)

    def test_titles_of_charts_have_at_most_twelve_words(self, results):
        for language in ("en", "nl"):
            captions = re.findall(r"<caption>(.*?)</caption>", page(results, language))
            assert len(captions) >= 8
            for caption in captions:
                assert len(words(caption).split()) <= 12, caption


class TestFewPeople:
    def test_a_role_with_few_people_shows_only_the_other_one(self, few):
        html = page(few)
        assert "No figures are given for managers" in words(html)
        assert 'fill="#F46A25"' not in html, "managers are drawn as squares"
        assert "[c]" in html, "the clusters say what is withheld"
        assert 'id="value-customer"' in html
        assert "activities-lists" not in html and "activities-chart" not in html

    def test_with_few_people_in_both_roles_no_figure_is_left(self, study):
        keep = np.ones(len(study), dtype=bool)
        own = study.organisation == "organisation 3"
        keep[np.flatnonzero(own & study.is_first_role)[8:]] = False
        found = report.organisation_results(study.where(keep), "organisation 3")
        html = page(found)
        assert re.findall(r'<section id="([^"]+)"', html)[0] == "summary"
        main = html[: html.index('id="trust"')]
        assert "<table" not in main and "<svg" not in main
        assert set(re.findall(r"\d+", words(main))) == {"10"}, "only the threshold is a number"

    def test_numbers_told_between_limits_are_not_told_exactly(self, results):
        told = results.copy()
        rows = (told["estimate_type"] == "respondents") & (told["role"] == "manager")
        told.loc[rows, ["estimate", "ci_low", "ci_high"]] = 15.0, 15.0, 19.0
        told.loc[rows, "note"] = "banded"
        block = words(organisation_summary.lead_block(told, reader()))
        assert "15\N{EN DASH}19 managers" in block
        assert "Numbers of managers on this page are rounded down" in block
        exact = organisation_summary.lead_block(results[results["role"] != "manager"], reader())
        assert "rounded down" not in exact


class TestSummary:
    def test_says_where_the_roles_agree_most_and_where_the_gap_is_clearest(self, results):
        summary = words(organisation_summary.summary_section(results, reader()))
        listed = results[results["estimate_type"] == "closest"]
        assert reader().quoted(listed["activity_id"].iloc[0]) in summary
        gaps = results[
            (results["estimate_type"] == "mean_difference") & (results["activity_id"] != "")
        ]
        clear = gaps[gaps["verdict"] == "relevant"]
        largest = clear.loc[clear["estimate"].abs().idxmax(), "activity_id"]
        assert f"The largest clear difference is on {reader().quoted(largest)}." in summary

    def test_claims_that_roles_agree_only_where_that_is_shown(self):
        found = result_table(
            {"estimate_type": "closest", "activity_id": name, "verdict": verdict}
            for name, verdict in (("a02", "equivalent"), ("a04", "inconclusive"))
        )
        shown = organisation_summary.closest_sentence(found, reader())
        assert "agree most on ‘settle’" in shown and "contact" not in shown
        unsure = organisation_summary.closest_sentence(found.iloc[1:], reader())
        assert "That they are equal there is not shown" in unsure

    def test_the_worked_example_says_what_its_row_shows(self, results):
        shown = words(organisation_summary.read_section(results, reader()))
        row, first = re.search(r"([+−]\d\.\d)", shown), re.search(r"circle stands at (\S+):", shown)
        second = re.search(r"square stands at (\S+):", shown)
        difference = float(row.group(1).replace("−", "-"))
        # Each is rounded to a tenth by itself.
        assert float(first.group(1)) - float(second.group(1)) == pytest.approx(
            difference, abs=0.151
        )


def turned(results):
    """The same results with the roles' differences the other way round."""
    other = results.copy()
    rows = other["contrast"] != ""
    other.loc[rows, "estimate"] *= -1
    other.loc[rows, ["ci_low", "ci_high"]] = -other.loc[rows, ["ci_high", "ci_low"]].to_numpy()
    return other


class TestQuestions:
    def test_a_question_turns_with_the_sign(self, results):
        asked = words(organisation_talk.talk_section(results, reader()))
        other = words(organisation_talk.talk_section(turned(results), reader()))
        assert "Customers rate ‘Use of power’ as a whole higher than managers do" in asked
        assert "Managers rate ‘Use of power’ as a whole higher than customers do" in other

    def test_every_rule_is_printed_above_its_questions(self, results):
        html = str(organisation_talk.talk_section(results, reader()))
        fired = set(results.loc[results["estimate_type"] == "discuss", "test"])
        assert len(fired) >= 2
        for rule in organisation_talk.RULES:
            printed = reader().text(f"organisation.talk.{rule}.rule")
            assert (printed in html) == (rule in fired)

    def test_without_a_rule_that_fires_it_says_so(self, results):
        none = results[results["estimate_type"] != "discuss"]
        assert "None of the rules" in organisation_talk.talk_section(none, reader())


def asked(results, rule, **keys):
    """The results with one reason for a question only."""
    rest = results[results["estimate_type"] != "discuss"]
    row = {"analysis": "highlights", "estimate_type": "discuss", "test": rule}
    return join_results([rest, result_table([row | keys])])


class TestTexts:
    """Keys put together at run time: each is shown somewhere."""

    def test_every_text_of_questions_places_and_lists_is_shown(self, results):
        listener = reader()
        talk, context = organisation_talk.talk_section, organisation_context.context_section
        organisation_charts.lists_table(results, listener)
        for found in (results, turned(results)):
            for rule in organisation_talk.RULES:
                keys = {"cluster_id": "power", "role": "customer" * (rule == "differ_within")}
                if rule != "apart":
                    talk(asked(found, rule, **keys), listener)
        talk(results, listener)
        talk(results[results["estimate_type"] != "discuss"], listener)
        bands = results["estimate_type"] == "band_of_others"
        for verdict in ("above_others", "below_others", "not_outside_others", ""):
            context(results.assign(verdict=results["verdict"].mask(bands, verdict)), listener)
            for role in ("customer", ""):
                keys = {"cluster_id": "power", "role": role, "verdict": verdict}
                if verdict in organisation_context.OUTSIDE:
                    talk(asked(results, "apart", **keys), listener)
        context(results.assign(ci_low=np.nan), listener)
        families = ("organisation.talk.", "organisation.context.", "organisation.lists.")
        known = {key for key in catalogue() if key.startswith(families)}
        assert known <= listener.heard, sorted(known - listener.heard)
