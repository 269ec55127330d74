"""No number of a report is typed into a sentence: those that stand in texts are looked at (R21).

A number belongs in the catalogue only as part of a name, of a citation, of a definition, or as a
constant of the program, and then this test holds it to that constant.
"""

import re
from importlib import resources

import pandas as pd
import pytest

from research.analyses import gap, order
from research.presentation.texts import catalogue
from research.responses.quality import compared
from research.stats.factors import dif, fit_indices
from research.stats.factors.comparability import INSIDE

PLACEHOLDER = re.compile(r"\{[^}]*\}")
NUMBER = re.compile(r"(?<![\w.,])[−-]?(?:\d+(?:[.,]\d+)*|[.,]\d+)")
PARTS_OF_NAMES = {
    "provenance.data": [256], "provenance.lock": [256], "receipt.version": [256],
    "receipt.sha256": [256], "organisations.icc1": [1], "organisations.icc2": [2],
    "cite.source.thesis": [2018], "checklist.jars": [2018], "checklist.cherries": [2004],
}  # fmt: skip
DEFINITIONS = {
    "trust.checks.sums": [100], "measures.axis": [1], "measurement.information.read": [0],
    "glossary.alpha": [0, 1], "glossary.odds_ratio": [1], "glossary.tau": [1, -1],
    "order.read": [1, 0, -1], "method.organisations": [1, 2, 0], "method.primary.cr2": [2018],
    # Lines drawn by others, with who drew them beside.
    "measurement.structure.read": [0.95, 0.06, 0.08, 1999],
    "organisations.agreement.rule": [1, 2, 0.7, 1, 0.05, 2, 0.7],
    "organisation.agreement.rule": [0.7], "organisation.talk.differ_within.because": [0.7],
    "order.quadrants.explain": [80], "methods.read": [0.707],
    "method.other_methods": [0.707], "method.other_methods.one": [0.707],
}  # fmt: skip
CONSTANTS = {
    "gap.detectable": [100 * gap.POWER],
    "gap.power_note": [100 * gap.POWER],
    "gap.power_note.enough": [100 * gap.POWER],
    "organisation.no_clear": [100 * gap.POWER],
    "comparability.too_few": [INSIDE.per_role],
    "measurement.rmsea": [100 * fit_indices.RMSEA_LEVEL],
    "measurement.dif.read": [dif.FROM_B, dif.FROM_C, 2001, 1],
    "method.order": [order.N_REPLICATES],
    "method.order.one": [order.N_REPLICATES],
    "quality.why.outlying": [compared.P_LIMIT],
}
SIMULATED = ("comparability.rule", "trust.simulated.family")


def numbers(words: str, language: str) -> list[float]:
    """Numbers of a text as they would be read."""
    found = NUMBER.findall(PLACEHOLDER.sub("", words))
    marks = {"nl": (".", ","), "en": (",", ".")}[language]
    return [float(n.replace(marks[0], "").replace(marks[1], ".").replace("−", "-")) for n in found]


@pytest.fixture(scope="module")
def typed() -> dict[str, dict[str, list[float]]]:
    """Texts with numbers in them, and the numbers in each language."""
    every = {
        key: {language: numbers(words, language) for language, words in entry.items()}
        for key, entry in catalogue().items()
    }
    return {key: found for key, found in every.items() if any(found.values())}


def test_both_languages_type_the_same_numbers(typed):
    assert {key: found for key, found in typed.items() if found["nl"] != found["en"]} == {}


def test_every_typed_number_was_looked_at(typed):
    reviewed = PARTS_OF_NAMES | DEFINITIONS | CONSTANTS
    assert set(typed) == {*reviewed, *SIMULATED}
    for key, expected in reviewed.items():
        assert typed[key]["en"] == pytest.approx(expected), key


def test_numbers_from_simulations_are_those_of_the_table(typed):
    source = resources.files("research.analyses").joinpath("simulations.csv")
    with source.open(encoding="utf-8") as file:
        table = pd.read_csv(file)
    shifts = table[table["what"] == "ladder_shift_coverage"].groupby("n_second")["value"].first()
    told = typed["comparability.rule"]["en"]
    for n in (INSIDE.per_role, 300):
        assert n in told
        assert round(100 * shifts[n]) in told
    activities = table.loc[table["what"].str.contains("family_wise"), "description"]
    assert typed["trust.simulated.family"]["en"] == [30]
    assert len(activities) and activities.str.contains("thirty activities").all()
