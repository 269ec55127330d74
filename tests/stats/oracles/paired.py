"""Pairs: differences, effects, signed ranks, superiority and likeness against R."""

import numpy as np
from tests.stats.oracle import ITERATIVE, Computed, Statistic, matrix, row

from research.stats.paired import (
    double_entry_icc,
    paired_difference,
    paired_effect,
    paired_superiority,
)
from research.stats.signed_ranks import signed_rank


def pairs(record: dict) -> tuple[np.ndarray, np.ndarray]:
    return matrix(record["a"]), matrix(record["b"])


def _signed_rank(record: dict) -> Computed:
    corrected = signed_rank(*pairs(record), continuity=True)
    return row(signed_rank(*pairs(record)).assign(p_continuity=corrected["p_value"]))


def _pratt(record: dict) -> Computed:
    exact = signed_rank(*pairs(record), method="exact", zeros="pratt")
    return row(signed_rank(*pairs(record), zeros="pratt").assign(p_exact=exact["p_value"]))


STATISTICS = (
    Statistic(
        name="paired_difference",
        file="paired",
        section="pairs",
        oracle="stats::t.test(paired)",
        compute=lambda record: row(paired_difference(*pairs(record))),
    ),
    Statistic(
        name="paired_difference_cluster",
        file="paired",
        section="pairs",
        oracle="clubSandwich::coef_test of the differences",
        compute=lambda record: row(
            paired_difference(*pairs(record), cluster=np.array(record["cluster"]))
        ),
    ),
    Statistic(
        name="paired_effect_z",
        file="paired",
        section="pairs",
        oracle="stats::pt solved by uniroot; effectsize::cohens_d",
        compute=lambda record: row(paired_effect(*pairs(record))),
        tolerance=ITERATIVE,
    ),
    Statistic(
        name="paired_effect_average",
        file="paired",
        section="pairs",
        oracle="own formula; stats::pt solved by uniroot",
        compute=lambda record: row(paired_effect(*pairs(record), standardiser="average")),
        tolerance=ITERATIVE,
    ),
    Statistic(
        name="signed_rank",
        file="paired",
        section="pairs",
        oracle="stats::wilcox.test(paired), with and without continuity; coin",
        compute=_signed_rank,
    ),
    Statistic(
        name="signed_rank_exact",
        file="paired",
        section="pairs",
        oracle="coin::wilcoxsign_test(exact); exactRankTests::wilcox.exact",
        compute=lambda record: row(signed_rank(*pairs(record), method="exact")),
    ),
    Statistic(
        name="signed_rank_pratt",
        file="paired",
        section="pairs",
        oracle="coin::wilcoxsign_test(Pratt)",
        compute=_pratt,
    ),
    Statistic(
        name="paired_superiority",
        file="paired",
        section="pairs",
        oracle="Tango solved by uniroot; stats::mcnemar.test, binom.test",
        compute=lambda record: row(paired_superiority(*pairs(record))),
        tolerance=ITERATIVE,
    ),
    Statistic(
        name="double_entry_icc",
        file="paired",
        section="pairs",
        oracle="stats::cor of double-entered pairs; anova and qf",
        compute=lambda record: row(double_entry_icc(*pairs(record))),
    ),
)
