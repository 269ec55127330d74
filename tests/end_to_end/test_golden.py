"""Six studies give the same bytes in other surroundings, and each its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.end_to_end.golden import ALL, chosen_cases

ROOT = Path(__file__).parents[2]
# Order of the rows, time zone, locale, seed of hashes.
SURROUNDINGS = (
    (0, {"TZ": "UTC", "LC_ALL": "C", "PYTHONHASHSEED": "0"}),
    (1, {"TZ": "Pacific/Auckland", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "4242"}),
)


@pytest.fixture(scope="module")
def fingerprints(tmp_path_factory) -> list[dict[str, str]]:
    found = []
    for order, surroundings in SURROUNDINGS:
        folder = tmp_path_factory.mktemp("golden")
        done = subprocess.run(
            [sys.executable, "-m", "tests.end_to_end.golden", str(folder), str(order)],
            env={**os.environ, **surroundings},
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        found.append(json.loads(done.stdout))
    return found


def test_every_case_has_its_pages(fingerprints):
    cases = {name.partition("/")[0] for name in fingerprints[0]}
    assert cases == set(chosen_cases())
    assert len(fingerprints[0]) == len(cases) * (1 + (6 if ALL else 1))  # study, organisations


def test_the_pages_are_the_same_byte_for_byte(fingerprints):
    first, second = fingerprints
    assert {name for name in first if first[name] != second[name]} == set()


def test_different_answers_give_different_pages(fingerprints):
    assert len(set(fingerprints[0].values())) == len(fingerprints[0])
