"""The statistical words that stand on the page, explained, with their name in both languages."""

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd
from markupsafe import Markup

from research.presentation.tables import section
from research.presentation.texts import Reader
from research.study.instrument import LANGUAGES

# Word, and the kinds of result that bring it onto the page; without any it always stands there.
WORDS: dict[str, tuple[str, ...]] = {
    "interval": (),
    "p": (),
    "adjusted": ("mean_difference",),
    "margin": ("mean_difference",),
    "equivalence": ("equivalence",),
    "effect": ("hedges_g",),
    "superiority": ("superiority",),
    "detectable": ("detectable_difference",),
    "cr2": (),
    "alpha": ("cronbach_alpha",),
    "omega": ("omega_total",),
    "scale_use": ("comparability",),
    "odds_ratio": ("odds_ratio",),
    "bayes_factor": ("bayes_factor",),
    "tau": ("kendall_tau_b",),
    "spread": ("gap_spread",),
    "prediction": ("predicted_gap",),
    "icc": ("icc1",),
    "imputation": ("missing_information",),
    "withheld": (),
}


def glossary_section(results: pd.DataFrame, reader: Reader) -> Markup:
    """Each word once: the term, its name in the other language, and what it says."""
    entries = Markup("").join(_entries(results, reader))
    return section("glossary", reader.text("glossary.h"), Markup("<dl>{}</dl>").format(entries))


def _entries(results: pd.DataFrame, reader: Reader) -> Iterator[Markup]:
    (language,) = (one for one in LANGUAGES if one != reader.language)
    other = replace(reader, language=language)
    kinds = set(results["estimate_type"])
    tests = set(results["test"])
    for word, needed in WORDS.items():
        if (needed and not kinds.intersection(needed)) or (word == "cr2" and "cr2_t" not in tests):
            continue
        term, meaning = reader.text(f"glossary.{word}").split("|")
        foreign = other.text(f"glossary.{word}").split("|")[0]
        also = Markup(' (<span lang="{}">{}</span>)').format(language, foreign)
        yield Markup('<dt id="glossary-{}">{}{}</dt><dd>{}</dd>').format(
            word.replace("_", "-"), term, "" if term == foreign else also, meaning
        )
