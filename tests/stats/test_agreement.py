"""Every statistic against the values R gives on the same data."""

import json

import numpy as np
import pytest
from tests.stats.agreement import (
    SHOWN,
    STATISTICS,
    agreement_table,
    as_markdown,
    known_differences,
    shown_agreement,
)
from tests.stats.oracle import MODEL, differences, records, reference

COMPARED = [
    pytest.param(statistic, record, id=f"{statistic.name}-{record['name']}")
    for statistic in STATISTICS.values()
    for record in records(statistic, refused=False)
]
REFUSED = [
    pytest.param(statistic, record, id=f"{statistic.name}-{record['name']}")
    for statistic in STATISTICS.values()
    for record in records(statistic, refused=True)
]
MINIMUM_DATA_SETS = 25


@pytest.mark.parametrize(("statistic", "record"), COMPARED)
def test_agrees_with_r(statistic, record):
    found = known_differences(statistic.name, record["name"])
    assert {c: d for c, d in found.items() if d > statistic.tolerance} == {}


@pytest.mark.parametrize(("statistic", "record"), REFUSED)
def test_gives_no_test_but_a_reason_where_r_has_no_number(statistic, record):
    computed = statistic.compute(record)
    # An estimate may stand without a test: a constant item has a mean.
    for column in ("p_value", "ci_low"):
        assert np.isnan(np.asarray(computed.get(column, np.nan), dtype=float)).all(), column
    assert computed["note"] != ""


@pytest.mark.parametrize("name", STATISTICS)
def test_enough_data_sets_are_compared(name):
    assert len(records(STATISTICS[name], refused=False)) >= MINIMUM_DATA_SETS


def test_hedges_g_itself_is_closed_form():
    statistic = STATISTICS["hedges_g"]
    found = [differences(statistic, r)["estimate"] for r in records(statistic, refused=False)]
    assert max(found) < 1e-12


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(record, id=record["name"])
        for record in records(STATISTICS["hedges_g"], refused=False)
    ],
)
def test_hedges_interval_is_near_effectsize(record):
    # effectsize::hedges_g finds its limits with optim(abstol = 1e-9), good to about four digits.
    ours = STATISTICS["hedges_g"].compute(record)
    theirs = record["expected"]["hedges_g"]["effectsize"]
    for column in ("estimate", "ci_low", "ci_high"):
        assert ours[column] == pytest.approx(theirs[column], rel=5e-4, abs=1e-5), column


@pytest.mark.parametrize("file", sorted({s.file for s in STATISTICS.values()}))
def test_reference_names_its_versions(file):
    assert {"R", "jsonlite"} <= set(reference(file)["versions"])


def test_agreement_table_is_markdown_with_one_line_a_statistic():
    table = agreement_table()
    lines = as_markdown(table).splitlines()
    assert lines[0].startswith("| statistic | oracle | data sets | largest relative difference |")
    assert len(lines) == 2 + len(STATISTICS)
    assert max(statistic.tolerance for statistic in STATISTICS.values()) <= MODEL
    # What reports say of it is what was found, but for rounding noise of another processor.
    shown, found = json.loads(SHOWN.read_text(encoding="utf-8")), shown_agreement(table)
    assert {**shown, "median": 0, "largest": 0, "date": ""} == {
        **found, "median": 0, "largest": 0, "date": "",
    }  # fmt: skip
    assert found["median"] <= 10 * shown["median"]
    assert found["largest"] <= 10 * shown["largest"]
