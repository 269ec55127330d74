"""The catalogue of texts: both languages filled, the same placeholders, every key used."""

import ast
from functools import cache
from pathlib import Path
from string import Formatter

import pytest
from tests.prose import causal_words

from research.analyses.comparability import ML_INSTEAD
from research.presentation.texts import catalogue, text
from research.stats import bayes, estimates, mixed, power
from research.stats.agreement import variance_ratio
from research.stats.reliability import complete, composite
from research.stats.resampling import intervals

SOURCE = Path(__file__).parents[2] / "src" / "research"
NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
# Keys put together at run time: the part before the last dot is in the code.
FAMILIES = (
    "verdict.", "verdict.rule.", "reason.", "method.", "left_out.", "glossary.",
    "codebook.status.", "summary.gap.", "gap.activities.title.", "figure.", "index.language.", "index.pdf.", "index.audited.",
    "page.", "provenance.", "method.primary.", "estimates.caption.", "export.", "study.counts", "cite.text", "organisation.clusters",
    "summary.power.", "organisation.counts", "gap.numbers.caption", "trust.data.", "trust.careless", "gap.power_note",
    "methods.", "order.", "organisations.icc", "organisations.aggregable",
    "organisation.agreement.",
    # These in test_organisation_page.py.
    "organisation.talk.", "organisation.context.", "organisation.lists.",
    # Each of these is seen to be shown in test_charts.py,
    "gap.clusters.title.", "gap.largest.title.", "power.title.", "robust.choice.", "organisations.title.",
    "organisations.strip.",
    # each of these in test_measurement.py.
    "comparability.", "measurement.",
    # These in test_study_text.py.
    "question.", "limits.", "meaning.", "method.choice.", "method.source.", "conduct.",
    "deviations.", "cite.", "checklist.",
    # These in test_apa.py and test_number_checks.py, and by every page that is published.
    "apa.summary.", "trust.topic.", "trust.state.", "trust.code.", "trust.checks.",
    # And these in test_quality_sections.py and test_receipt_page.py.
    "quality.sign.", "quality.why.", "sensitivity.", "missing.", "receipt.", "sample.flow.",
)  # fmt: skip


def placeholders(entry: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(entry) if name}


@cache
def everything_that_names_texts() -> str:
    return "\n".join(
        path.read_text(encoding="utf-8")
        for path in (*SOURCE.rglob("*.py"), *NOTEBOOKS.glob("*.ipynb"), *SOURCE.rglob("*.j2"))
    )


@pytest.mark.parametrize("key", catalogue())
class TestEntry:
    def test_is_filled_in_both_languages_with_the_same_placeholders(self, key):
        entry = catalogue()[key]
        assert entry["en"].strip() and entry["nl"].strip()
        assert placeholders(entry["en"]) == placeholders(entry["nl"])

    def test_makes_no_causal_claim(self, key):
        for language in ("en", "nl"):
            assert causal_words(catalogue()[key][language], language) == []

    def test_is_used_somewhere(self, key):
        code = everything_that_names_texts()
        named = (f'"{key}"', f"'{key}'", f'\\"{key}\\"')
        assert any(name in code for name in named) or key.startswith(FAMILIES)


def test_every_key_named_in_the_code_exists():
    used = set()
    for path in (SOURCE / "presentation").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name)
            if not called or not node.args or not isinstance(node.args[0], ast.Constant):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
            if name == "text" and isinstance(node.args[0].value, str):
                used.add(node.args[0].value)
    assert used
    assert used <= set(catalogue())


def note_codes() -> set[str]:
    """Reason codes that a statistic can put in ``note``: constants named so in the stats room."""
    codes = {ML_INSTEAD}
    for module in (
        estimates, bayes, mixed, power, intervals, variance_ratio, complete, composite,
    ):  # fmt: skip
        codes |= {
            value
            for name, value in vars(module).items()
            if name.isupper() and isinstance(value, str) and value.islower() and "_" in value
        }
    return codes


@pytest.mark.parametrize("code", sorted(note_codes()))
def test_every_reason_code_has_a_sentence_in_both_languages(code):
    entry = catalogue()[f"reason.{code}"]
    assert entry["en"] and entry["nl"] and entry["en"] != entry["nl"]


def test_an_unknown_language_names_the_known_ones():
    with pytest.raises(ValueError, match=r"language must be one of \('nl', 'en'\), not 'de'"):
        text("gap.difference", language="de")


def test_an_unknown_key_names_the_nearest():
    with pytest.raises(KeyError, match="Did you mean 'gap.difference'"):
        text("gap.diference", language="en")
