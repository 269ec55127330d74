"""What can be worked out from pages put together, and that releases are told so that it is not."""

import itertools
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from tests.simulations import releases
from tests.simulations.releases import ROLES, SCALE, decided, made_study, released

from research.disclosure import rules
from research.disclosure.audit import audit, is_about
from research.disclosure.coarseness import Coarseness, count_limits
from research.disclosure.ledger import ledger
from research.disclosure.linear_system import LinearSystem
from research.disclosure.published import readings
from research.disclosure.windows import Sum, window, windows
from research.errors import PrivacyError
from research.pipeline.auditing import AUDIT, LEDGER, audit_release, read_results
from research.presentation.display import results_csv
from research.study.workspace import Workspace

EXACT = Coarseness(
    counts=tuple((role, "exact") for role in ROLES),
    means=frozenset(),
    shares=frozenset(),
    overall=True,
    flow=True,
)


def counted(people, low, high):
    total = float(sum(people))
    as_floats = (np.array(values, dtype=float) for values in (low, high, people))
    low, high, true = as_floats
    return Sum(low=low, high=high, true=true, total_low=total, total_high=total)


def study_with_one_small(seed=3, small=8):
    """Eight organisations; one has few managers."""
    rng = np.random.default_rng(seed)
    sizes = np.stack([rng.integers(30, 80, 8), rng.integers(13, 30, 8)])
    sizes[1, 2] = small
    return made_study(rng, sizes=sizes)


class TestWindows:
    def test_exact_numbers_give_the_withheld_one_by_subtraction(self):
        found = window(counted([10, 12, 8], [10, 12, 1], [10, 12, 9]), 2)
        assert (found.low, found.high) == (8, 8)  # 30 - 10 - 12

    def test_fives_leave_a_range(self):
        found = window(counted([10, 12, 8], [10, 10, 1], [14, 14, 9]), 2)
        assert (found.low, found.high) == (2, 9)  # 30 - 14 - 14, and at most nine

    def test_who_knows_its_own_number_sees_more(self):
        given = counted([10, 12, 8], [10, 10, 1], [14, 14, 9])
        assert window(given, 2, (0,)).low == 6  # 30 - 10 - 14
        assert window(given, 2, (0, 1)).width == 0

    def test_no_pair_reaches_a_narrower_window_than_those_tried(self):
        rng = np.random.default_rng(5)
        for _ in range(50):
            people = rng.integers(1, 40, 7)
            low, high = people - rng.integers(0, 6, 7), people + rng.integers(0, 6, 7)
            given = counted(people, low, high)
            every = [
                window(given, 3, pair) for pair in itertools.combinations([0, 1, 2, 4, 5, 6], 2)
            ]
            tried = [found for found in windows(given, 3) if len(found.known) == 2]
            assert min(w.width for w in tried) == min(w.width for w in every)

    @pytest.mark.parametrize(
        ("rung", "limits"), [("exact", (23, 23)), ("fives", (20, 24)), ("bands", (20, 49))]
    )
    def test_numbers_of_people_are_rounded_down(self, rung, limits):
        low, high = count_limits(np.array([23]), rung)
        assert (low[0], high[0]) == limits


class TestSolving:
    def test_one_sum_gives_the_window_that_is_written_down(self):
        given = counted([10, 12, 8], [10, 10, 1], [14, 14, 9])
        system = LinearSystem(low=given.low, high=given.high)
        system.add({0: 1.0, 1: 1.0, 2: 1.0}, 30, 30)
        assert system.reach(2, {}) == pytest.approx((2, 9))
        assert system.reach(2, {0: 10.0}) == pytest.approx((6, 9))

    def test_two_sums_tell_more_than_each(self):
        """x + y in 4..6 and x - y in 0..1: x in 2..3.5, though x alone is in 0..5."""
        system = LinearSystem(low=np.zeros(2), high=np.full(2, 5.0))
        system.add({0: 1.0, 1: 1.0}, 4, 6)
        system.add({0: 1.0, 1: -1.0}, 0, 1)
        assert system.reach(0, {}) == pytest.approx((2, 3.5))

    def test_limits_that_contradict_one_another_reach_nothing(self):
        system = LinearSystem(low=np.zeros(1), high=np.ones(1))
        system.add({0: 1.0}, 2, 3)
        assert system.reach(0, {}) is None


class TestHowCoarsely:
    def test_nothing_is_rounded_where_nothing_is_withheld(self):
        assert decided(study_with_one_small(small=15)) == EXACT

    def test_one_small_group_costs_exact_numbers_of_its_role_only(self):
        found = decided(study_with_one_small())
        assert found.overall
        assert found.rung("customer") == "exact"
        assert found.rung("manager") in ("fives", "bands")

    def test_three_organisations_cannot_hide_one(self):
        """The two others together know everything but the withheld group."""
        sizes = np.array([[40, 40, 40], [20, 25, 8]])
        found = decided(made_study(np.random.default_rng(1), sizes=sizes))
        assert not found.overall
        assert not found.flow

    def test_the_rows_of_the_flow_are_not_told_beside_one_withheld_role(self):
        sizes = np.array([[40], [8]])
        found = decided(made_study(np.random.default_rng(1), sizes=sizes))
        assert found.overall
        assert not found.flow


class TestAudit:
    @pytest.mark.parametrize("seed", range(4))
    def test_a_release_as_published_passes(self, seed):
        found, _ = releases.audited(seed)
        assert found.passed, found.weak

    @pytest.mark.parametrize("seed", range(4))
    def test_a_protection_taken_away_is_found(self, seed):
        assert not releases.weakened(seed).passed

    def test_the_weak_number_is_named_with_what_it_can_be(self):
        made = study_with_one_small()
        weak = audit(released(made, EXACT), made.answers).weak
        people = weak[weak["what"] == "people"].iloc[0]
        assert (people["organisation_id"], people["role"]) == ("org 2", "manager")
        assert people["outsider"] == 1  # one possible number: total less the seven others

    def test_the_true_numbers_lie_within_what_is_read(self):
        made = study_with_one_small()
        for page in released(made, decided(made)).values():
            assert is_about(readings(page, roles=ROLES, scale=SCALE), made.cells)

    def test_pages_of_other_answers_cannot_be_audited(self):
        made, other = study_with_one_small(), study_with_one_small(seed=4)
        with pytest.raises(PrivacyError, match="not those of these answers"):
            audit(released(other, decided(other)), made.answers)

    def test_an_earlier_release_with_exact_numbers_stays_known(self):
        made = study_with_one_small()
        pages = released(made, decided(made))
        assert audit(pages, made.answers).passed
        assert not audit(pages, made.answers, earlier=released(made, EXACT)).passed

    @pytest.mark.parametrize(("rounded", "passed"), [(True, True), (False, False)])
    def test_two_releases_tell_of_the_few_who_came(self, rounded, passed):
        """At full precision n' mean' - n mean is the sum of the newcomers' answers."""
        rng = np.random.default_rng(8)
        before = made_study(rng, sizes=np.array([[70] * 5, [40] * 5]))
        after = made_study(rng, sizes=np.array([[70] * 5, [40] * 4 + [43]]))
        earlier = released(before, EXACT, rounded=rounded)
        # What the five hundred and fifty answered is the same in both.
        cells, old = after.cells, before.cells
        cells.total[1, :, :] = old.total[1] + (cells.n[1] - old.n[1]) * 3.0
        cells.above[1, :, :] = old.above[1]
        found = audit(released(after, EXACT, rounded=rounded), after.answers, earlier=earlier)
        newcomers = found.cells[found.cells["what"] == "newcomers"]
        newcomers = newcomers[newcomers["role"] == "manager"]
        assert len(newcomers) > 0
        assert (newcomers["pair"] >= newcomers["wanted"]).all() == passed


class TestLedger:
    def test_it_says_what_was_done_and_for_whose_sake(self):
        made = study_with_one_small()
        found = ledger(released(made, decided(made)))
        counts = found[found["estimate_type"] == "respondents"].set_index("organisation_id")
        assert counts.loc["org 2", "reason"] == "primary"
        assert counts.loc["org 0", ["what", "reason"]].tolist() == [
            "told between two limits",
            "secondary",
        ]
        assert found.loc[found["rule"] == rules.SUPPRESSED, "what"].eq("withheld").all()

    def test_without_pages_it_is_empty(self):
        assert ledger({}).empty


class TestRelease:
    def build(self, made):
        answers = made.answers
        answers.study.id = "made"
        return SimpleNamespace(answers=answers, study=answers.study)

    def write(self, folder, pages):
        folder.mkdir(parents=True)
        for name, page in pages.items():
            (folder / f"{name}.en.results.csv").write_bytes(results_csv(page).encode())

    def test_one_that_passes_leaves_its_record_beside_the_releases(self, tmp_path):
        made = study_with_one_small()
        folder = tmp_path / "reports" / "made" / ".organisations.building"
        self.write(folder, released(made, decided(made)))
        assert audit_release(Workspace(tmp_path), self.build(made), folder).passed
        for name in (LEDGER, AUDIT):
            assert len(pd.read_csv(tmp_path / "reports" / "made" / name)) > 0

    def test_one_that_fails_is_refused_with_the_number_and_the_remedy(self, tmp_path):
        made = study_with_one_small()
        folder = tmp_path / "reports" / "made" / ".study.building"
        self.write(folder, released(made, EXACT))
        with pytest.raises(PrivacyError, match="org 2, manager") as caught:
            audit_release(Workspace(tmp_path), self.build(made), folder)
        assert caught.value.exit_code == 4
        assert "Leave the organisation out" in str(caught.value)
        assert not (tmp_path / "reports" / "made" / LEDGER).exists()

    def test_an_earlier_release_is_blamed_where_it_is_the_cause(self, tmp_path):
        made = study_with_one_small()
        reports = tmp_path / "reports" / "made"
        self.write(reports / "organisations", released(made, EXACT))
        self.write(reports / ".organisations.building", released(made, decided(made)))
        with pytest.raises(PrivacyError, match="earlier release"):
            audit_release(
                Workspace(tmp_path), self.build(made), reports / ".organisations.building"
            )

    def test_a_name_that_looks_like_a_formula_is_read_back(self, tmp_path):
        page = released(study_with_one_small(), EXACT)["organisations"]
        page["organisation_id"] = "=1+1"
        self.write(tmp_path / "pages", {"one": page})
        (found,) = read_results(tmp_path / "pages").values()
        assert set(found["organisation_id"]) == {"=1+1"}
