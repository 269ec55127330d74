"""What people read about missing answers, careless people, and whether the findings hold."""

import re

import pytest
from tests.studies_made import instrument, study_file

from research.presentation.answering_tables import signs_table
from research.presentation.missing_section import missing_section
from research.presentation.sensitivity_section import sensitivity_section, sensitivity_sentences
from research.presentation.texts import Reader
from research.stats.estimates import result_table
from research.study.answers import SampleFlow
from research.study.study_file import FLAG_REASONS

LANGUAGES = ("nl", "en")


def reader(language="en"):
    return Reader(study=study_file(), instrument=instrument(), language=language)


def words(fragment):
    return " ".join(re.sub(r"<[^>]*>", " ", str(fragment)).replace("\u00a0", " ").split())


def flow(flagged=12):
    return SampleFlow(rows_in=900, rows_out=900, left_out={}, n_failures=0, n_flagged=flagged)


def gaps(analysis, estimate=0.4, **more):
    row = {"analysis": analysis, "estimate_type": "mean_difference", "cluster_id": "power"}
    return (
        row | {"estimate": estimate, "ci_low": 0.2, "ci_high": 0.6, "n_a": 600, "n_b": 250} | more
    )


def shift(analysis, estimate=0.05, verdict="same", **more):
    row = {"analysis": analysis, "estimate_type": "shift", "cluster_id": "power"}
    return row | {"estimate": estimate, "verdict": verdict} | more


class TestSensitivity:
    def test_a_finding_that_holds_says_by_how_much_it_moves_at_most(self):
        found = result_table([gaps("gap"), gaps("without_flagged", 0.43), shift("without_flagged")])
        told = words(sensitivity_section(found, reader(), flow()))
        assert "moves by more than 0.05 points" in told
        assert "Every verdict stays the same." in told
        assert "0.40 (0.20 to 0.60)" in told  # as reported
        assert "0.43 (0.20 to 0.60)" in told  # without those who look careless

    def test_a_verdict_that_turns_is_named(self):
        found = result_table([shift("without_flagged", 0.2, "changed")])
        (line,) = sensitivity_sentences(found, reader(), flow())
        assert line.endswith("The verdict changes on ‘Use of power’.")
        assert "stays" not in line

    def test_with_nobody_flagged_nothing_is_claimed_to_hold(self):
        found = result_table([shift("without_flagged", 0.0)])
        (line,) = sensitivity_sentences(found, reader(), flow(flagged=0))
        assert line == "Nobody in the analysis looks careless, so there is nothing to leave out."

    def test_with_no_answer_missing_nothing_is_claimed_to_hold(self):
        rows = [
            shift("imputed", 0.0),
            gaps("imputed", 0.0) | {"estimate_type": "missing_information"},
        ]
        (line,) = sensitivity_sentences(result_table(rows), reader(), flow())
        assert line == "No answer is missing, so there is nothing to fill in."

    def test_a_withheld_shift_says_so(self):
        rows = [shift("with_flagged", None, "", note="suppressed_too_few")]
        (line,) = sensitivity_sentences(result_table(rows), reader(), flow())
        assert "cannot be shown" in line
        assert "stays" not in line

    def test_a_withheld_difference_is_marked_and_explained(self):
        hidden = gaps("without_flagged", None, ci_low=None, note="suppressed_few_others")
        found = result_table([gaps("gap"), hidden, shift("without_flagged")])
        told = words(sensitivity_section(found, reader(), flow()))
        assert "[c] here: fewer than 10 people of a role come or go" in told

    def test_numbers_in_dutch_have_a_comma(self):
        found = result_table([gaps("gap"), gaps("imputed"), shift("imputed")])
        told = words(sensitivity_section(found, reader("nl"), flow()))
        assert "0,40 (0,20 tot 0,60)" in told
        assert "0,05 punten" in told


def missing(p_little=0.2, p_role=0.3, p_organisation=0.4):
    rows = []
    for role in ("customer", "manager"):
        keys = {"analysis": "missing", "role": role, "n_a": 300}
        rows += [
            keys | {"estimate_type": "people_complete", "estimate": 240},
            keys | {"estimate_type": "answers_missing", "estimate": 0.034},
            keys | {"estimate_type": "missing_patterns", "estimate": 41},
            keys
            | {"estimate_type": "little_mcar", "statistic": 812.4, "df": 800, "p_value": p_little},
        ]
    keys = {"analysis": "missing", "n_a": 300, "n_b": 300}
    rows += [
        keys
        | {"estimate_type": "missing_odds_ratio", "estimate": 1.5, "ci_low": 1.1, "ci_high": 2.1}
        | {"p_value": p_role, "contrast": "customer - manager"},
        keys | {"estimate_type": "missing_by_organisation", "p_value": p_organisation},
    ]
    return result_table(rows)


class TestMissing:
    def test_littles_test_is_never_given_without_what_it_cannot_see(self):
        for p in (0.001, 0.2):
            told = words(missing_section(missing(p_little=p), reader()))
            assert "cannot separate answers missing at random" in told

    def test_the_sentence_turns_with_the_p_value(self):
        assert "not missing completely at random" in words(
            missing_section(missing(p_little=0.001), reader())
        )
        assert "gives no sign" in words(missing_section(missing(p_little=0.2), reader()))

    @pytest.mark.parametrize(
        ("p", "said"), [(0.01, "1.50 times as high"), (0.3, "It is not shown that one role")]
    )
    def test_the_roles_are_compared_in_odds(self, p, said):
        assert said in words(missing_section(missing(p_role=p), reader()))

    @pytest.mark.parametrize(
        ("p", "said"), [(0.01, "Organisations differ"), (0.3, "not shown that organisations")]
    )
    def test_organisations_are_compared(self, p, said):
        assert said in words(missing_section(missing(p_organisation=p), reader()))

    def test_without_a_test_there_is_no_sentence_on_it(self):
        found = missing()
        found = found[found["estimate_type"] != "missing_odds_ratio"]
        found.loc[found["estimate_type"] == "little_mcar", ["statistic", "df", "p_value"]] = None
        found.loc[found["estimate_type"] == "little_mcar", "note"] = "no_variation"
        told = words(missing_section(found, reader()))
        assert "Little’s test compares" not in told
        assert "odds" not in told


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sign_is_explained_with_its_count(language):
    rows = [
        {"analysis": "answering", "estimate_type": "sign", "test": "long_string", "estimate": 23},
        {"analysis": "answering", "estimate_type": "sign", "test": "misfit", "estimate": None},
    ]
    table = str(signs_table(result_table(rows), reader(language)))
    assert table.count("<tr>") == len(FLAG_REASONS)  # the head, and every sign but the rule
    told = words(table)
    assert " 23 " in told
    assert ("fewer than 10" if language == "en" else "minder dan 10") in told
