"""What only a .sav can have: labels that contradict the instrument."""

import pandas as pd
import pytest


@pytest.fixture
def sav(answers, tmp_path):
    """Return the bytes of a .sav with these value labels on every activity."""
    import pyreadstat

    def write(labels: dict[float, str]) -> bytes:
        items = ["a01", "a02", "a03", "a04"]
        table = answers.copy()
        table[items] = table[items].apply(pd.to_numeric)
        path = tmp_path / "labelled.sav"
        pyreadstat.write_sav(table, str(path), variable_value_labels=dict.fromkeys(items, labels))
        return path.read_bytes()

    return write


def test_labels_that_run_the_other_way_are_a_warning_that_names_it(load, sav):
    failures = load({"e.sav": sav({1: "very valuable", 5: "not at all"})}).failures
    assert failures["rule"].tolist() == ["labels against the scale"]
    assert "code 1 is labelled 'very valuable', which is 5" in failures["message"].iloc[0]


def test_labels_that_agree_are_no_warning(load, sav):
    assert load({"e.sav": sav({1: "not at all", 5: "very valuable"})}).failures.empty
