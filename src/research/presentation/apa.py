"""One result as the part of a sentence that APA 7 asks for, in English and Dutch."""

from functools import partial

import pandas as pd
from markupsafe import Markup

from research.presentation.numbers import is_number
from research.presentation.sentences import traced
from research.presentation.tables import bullets, pick, points, score_decimals
from research.presentation.texts import Reader

# Symbol of an estimate. Those in the second table cannot pass 1: no zero before the point.
SYMBOLS = {
    "mean": "M",
    "mean_difference": "ΔM",
    "mean_difference_people": "ΔM",
    "hedges_g": "g",
    "odds_ratio": "OR",
}
BOUNDED_SYMBOLS = {
    "superiority": "A",
    "cronbach_alpha": "α",
    "omega_total": "ω",
    "omega_hierarchical": "ωh",
    "ordinal_alpha": "ordinal α",
    "ordinal_omega": "ordinal ω",
    "kendall_tau_b": "τb",
    "spearman": "rs",
    "profile_correlation": "r",
    "icc1": "ICC(1)",
    "icc2": "ICC(2)",
}
T_TESTS = frozenset(
    "cr2_t welch_t student_t mixed_model_t t_over_organisations reml_hartung_knapp "
    "brunner_munzel".split()
)
CHI_SQUARE_TYPES = frozenset({"ladder_cost", "ladder_fit", "four_factors", "gap_spread"})


def apa_result(row: pd.Series, reader: Reader, *, effect: pd.Series | None = None) -> str:
    """Return ``t(8.4) = 2.31, p = .046, g = 0.34, 95 % CI [0.02, 0.66]``; "" without a number.

    The estimate of ``row`` with its interval, its test, its p and corrected p; then the estimate
    of ``effect``, another result about the same. A part that is withheld is left out.
    """
    parts = [_estimate(row, reader), _test(row, reader)]
    if is_number(row["p_value"]):
        parts.append(f"p {reader.p_equation(row['p_value'])}")
    if is_number(row["p_adjusted"]):
        parts.append(reader.text("apa.adjusted", p=reader.p_equation(row["p_adjusted"])))
    if effect is not None:
        parts.append(_estimate(effect, reader))
    return ", ".join(filter(None, parts))


def _estimate(row: pd.Series, reader: Reader) -> str:
    kind = row["estimate_type"]
    symbol = SYMBOLS.get(kind) or BOUNDED_SYMBOLS.get(kind)
    if symbol is None or not is_number(row["estimate"]):
        return ""
    shown = reader.proportion if kind in BOUNDED_SYMBOLS else points(row, reader)
    if kind == "odds_ratio":
        shown = reader.ratio
    told = f"{symbol} = {shown(row['estimate'])}"
    if not (is_number(row["ci_low"]) and is_number(row["ci_high"])):
        return told
    words = {
        "level": reader.share(row["confidence_level"]),
        "low": shown(row["ci_low"]),
        "high": shown(row["ci_high"]),
    }
    return f"{told}, {reader.text('apa.interval', **words)}"


def _test(row: pd.Series, reader: Reader) -> str:
    """Test statistic with its degrees of freedom: t(8.4) = 2.31, χ²(13) = 10.90."""
    letter = "t" if row["test"] in T_TESTS else ""
    if row["estimate_type"] in CHI_SQUARE_TYPES:
        letter = "χ²"
    if not letter or not (is_number(row["statistic"]) and is_number(row["df"])):
        return ""
    whole = letter == "χ²" or float(row["df"]).is_integer()
    decimals = 0 if whole else score_decimals(row, reader) - 1
    shown = partial(reader.number, decimals=decimals)
    return f"{letter}({shown(row['df'])}) = {points(row, reader)(row['statistic'])}"


def apa_list(results: pd.DataFrame, reader: Reader, *, level: str) -> Markup:
    """Every tested difference in APA style, to copy from; folded, "" where nothing was tested."""
    differences = pick(results, "mean_difference", level=level)
    effects = pick(results, "hedges_g", level=level)
    lines = []
    for entry, row in differences.iterrows():
        if is_number(row["p_value"]):
            told = apa_result(row, reader, effect=effects.loc[entry])
            lines.append(traced(f"{reader.quoted(entry)}: {told}.", row, reader))
    if not lines:
        return Markup("")
    summary = reader.text(f"apa.summary.{level}")
    return Markup(
        '<details id="apa-{}" class="screen-only"><summary>{}</summary>{}</details>'
    ).format(level, summary, bullets(lines))
