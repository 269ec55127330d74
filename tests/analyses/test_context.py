"""One organisation among the others: the band is right, names nobody, and tells nothing withheld."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from tests.studies_made import made_answers

from research.analyses import context, gap, highlights
from research.analyses.context import ABOVE, BELOW, NOT_OUTSIDE
from research.stats.estimates import result_table

OWN = "organisation 0"


def bands(answers, organisation=OWN):
    own = gap.role_gaps(answers.of_organisation(organisation), level="clusters")
    return context.among_others(answers, organisation, own)


@pytest.fixture(scope="module")
def study():
    """Seven organisations; the one in the middle (organisation 3) has eight managers."""
    return made_answers(seed=21, organisations=7, managers_in_smallest=8)


class TestBand:
    def test_holds_the_quartiles_of_the_other_organisations_means(self, study):
        """Expected: numpy's quartiles of pandas' group means."""
        found = bands(study)
        chosen = found[(found["role"] == "customer") & (found["cluster_id"] == "power")].iloc[0]
        customers = study.people["role"] == "customer"
        means = study.clusters.loc[customers, "power"].groupby(
            study.people.loc[customers, "organisation_id"]
        )
        low, high = np.quantile(means.mean().drop(OWN), [0.25, 0.75])
        assert chosen["n_clusters"] == 6
        assert low - 0.1 < chosen["ci_low"] <= low
        assert high <= chosen["ci_high"] < high + 0.1
        assert chosen["ci_low"] * 10 == pytest.approx(np.rint(chosen["ci_low"] * 10))

    def test_leaves_out_whoever_is_withheld_so_that_it_says_nothing_of_them(self, study):
        """The managers of organisation 3 are eight: their answers change no band."""
        few = (study.people["organisation_id"] == "organisation 3") & (
            study.people["role"] == "manager"
        )
        moved = study.clusters.copy()
        moved.loc[few] = 1.0
        before, after = bands(study), bands(replace(study, clusters=moved))
        pd.testing.assert_frame_equal(before, after)
        managers = before[before["role"] == "manager"]
        assert (managers["n_clusters"] == 5).all()

    def test_names_nobody_and_tells_people_in_whole_fifties(self, study):
        found = bands(study)
        assert set(found["organisation_id"]) == {OWN}
        people = found[["n_a", "n_b", "n_dropped"]].to_numpy().ravel()
        assert (people[~np.isnan(people)] % 50 == 0).all()

    def test_none_is_shown_with_fewer_than_five_others(self):
        """Two who know their own could work out the rest of four."""
        five_left = bands(made_answers(seed=4, organisations=6, managers_in_smallest=12))
        assert five_left["ci_low"].notna().all()
        four_left = bands(made_answers(seed=4, organisations=5, managers_in_smallest=12))
        assert len(four_left) and four_left[["ci_low", "ci_high"]].isna().all().all()
        assert set(four_left["note"]) == {"suppressed_few_to_compare"}
        assert set(four_left["verdict"]) == {""}

    def test_what_is_withheld_of_the_own_organisation_has_no_band(self, study):
        found = bands(study, "organisation 3")
        assert set(found["role"]) == {"customer"}

    def test_one_organisation_by_itself_has_no_others(self, study):
        assert bands(study.of_organisation(OWN)).empty

    @pytest.mark.parametrize(
        ("low", "high", "verdict"),
        [(4.6, 4.9, ABOVE), (1.1, 1.4, BELOW), (1.0, 5.0, NOT_OUTSIDE), (np.nan, np.nan, "")],
    )
    def test_the_place_follows_from_the_shown_interval_alone(self, study, low, high, verdict):
        own = gap.role_gaps(study.of_organisation(OWN), level="clusters")
        own[["ci_low", "ci_high"]] = low, high
        found = context.among_others(study, OWN, own)
        means = found[found["role"] != ""]
        assert set(means["verdict"]) == {verdict}


def test_two_organisations_together_find_no_other_ones_mean():
    """What a pair can do: both know their means and both bands, and the order of the rest.

    Every order of the four unknown means that fits both bands is tried; a named organisation may
    hold any place in it. Expected: nobody's mean is held within half a point, because the lowest
    and the highest are bounded on one side only.
    """
    answers = made_answers(seed=8, organisations=6, managers_in_smallest=12)
    names = ["organisation 0", "organisation 1"]
    chosen = answers.is_role("customer")
    power = answers.clusters.loc[chosen, "power"]
    known = power.groupby(answers.organisation[chosen]).mean()[names].to_numpy()
    tried = np.random.default_rng(1).uniform(1, 5, size=(400_000, 4))
    fits = np.ones(len(tried), dtype=bool)
    for place, name in enumerate(names):
        found = bands(answers, name)
        band = found[(found["role"] == "customer") & (found["cluster_id"] == "power")].iloc[0]
        # Of five values the quartiles are the second and the fourth.
        of_others = np.sort(np.column_stack([tried, np.full(len(tried), known[1 - place])]))
        fits &= np.floor(of_others[:, 1] * 10 + 1e-9) == np.rint(band["ci_low"] * 10)
        fits &= np.ceil(of_others[:, 3] * 10 - 1e-9) == np.rint(band["ci_high"] * 10)
    assert fits.sum() >= 10, "the search must have found arrangements"
    assert (np.ptp(tried[fits], axis=0) >= 0.5).all()


def gaps(*rows):
    """Differences on activities: (activity, estimate, low, high, verdict)."""
    return result_table(
        {
            "analysis": "gap", "estimate_type": "mean_difference", "cluster_id": "power",
            "activity_id": name, "estimate": estimate, "ci_low": low, "ci_high": high,
            "verdict": verdict, "contrast": "customer - manager",
        }
        for name, estimate, low, high, verdict in rows
    )  # fmt: skip


class TestHighlights:
    def chosen(self, results, kind):
        found = highlights.highlights(results, midpoint=3.0)
        return found.loc[found["estimate_type"] == kind, "activity_id"].tolist()

    def test_closest_is_what_is_shown_equal_and_then_what_reaches_least_far(self):
        results = gaps(
            ("far", 0.9, 0.4, 1.4, "relevant"),
            ("wide", 0.0, -0.9, 0.9, "inconclusive"),
            ("narrow", 0.1, -0.2, 0.4, "inconclusive"),
            ("equal", 0.2, 0.1, 0.3, "equivalent"),
        )
        assert self.chosen(results, "closest") == ["equal", "narrow"]
        assert self.chosen(results, "furthest") == ["far"]

    def test_a_clear_difference_stands_before_a_larger_one_that_is_not(self):
        results = gaps(
            ("unsure", -1.5, -3.2, 0.2, "inconclusive"),
            ("clear", -0.6, -0.9, -0.4, "relevant"),
            ("equal", 0.0, -0.1, 0.1, "equivalent"),
            ("alike", 0.0, -0.2, 0.2, "equivalent"),
        )
        assert self.chosen(results, "furthest") == ["clear", "unsure"]

    def test_what_is_withheld_is_never_chosen(self):
        results = gaps(("secret", np.nan, np.nan, np.nan, ""), ("bare", 0.4, np.nan, np.nan, ""))
        assert highlights.highlights(results, midpoint=3.0).empty

    def test_rows_hold_no_number_of_their_own(self, study):
        own = gap.role_gaps(study.of_organisation(OWN), level="activities")
        found = highlights.highlights(own, midpoint=3.0)
        assert len(found) > 10
        assert found[["estimate", "ci_low", "ci_high", "p_value", "n_a"]].isna().all().all()

    def test_no_rule_asks_more_questions_than_it_may(self):
        results = gaps(*((f"a{place}", 1.0 + place, 0.9, 9.0, "relevant") for place in range(9)))
        found = highlights.highlights(results, midpoint=3.0)
        asked = found[found["test"] == "clear_gap"]
        assert asked["activity_id"].tolist() == ["a8", "a7", "a6"]
        assert "open" not in set(found["test"])

    def test_the_open_question_needs_more_than_half_of_the_tests(self):
        clear, unsure = ("c", 1.0, 0.5, 1.5, "relevant"), ("u", 0.0, -1.0, 1.0, "inconclusive")
        half = highlights.highlights(gaps(clear, unsure), midpoint=3.0)
        more = highlights.highlights(gaps(clear, unsure, unsure), midpoint=3.0)
        assert "open" not in set(half["test"]) and "open" in set(more["test"])
