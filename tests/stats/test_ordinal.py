"""Cumulative-link models: on paper, against what must stay true, and where others go wrong."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special
from tests.stats import nested

from research.stats.cumulative import maximise
from research.stats.ordinal import cumulative_link, cumulative_link_mixed

EVERY = {
    "logit": lambda values, first, cluster: cumulative_link(values, first),
    "probit": lambda values, first, cluster: cumulative_link(values, first, link="probit"),
    "mixed": cumulative_link_mixed,
}
every = pytest.mark.parametrize("model", EVERY.values(), ids=EVERY)
LOGIT = {name: EVERY[name] for name in ("logit", "mixed")}
logit = pytest.mark.parametrize("model", LOGIT.values(), ids=LOGIT)


def from_counts(a, b):
    """People with answers 1, 2, ... as often as ``a`` and ``b`` say."""
    answers = [np.repeat(np.arange(1.0, len(n) + 1), n) for n in (a, b)]
    return np.concatenate(answers), np.arange(sum(a) + sum(b)) < sum(a)


def pairs(cells):
    """Clusters of one a and one b each: ``cells`` maps (answer of a, of b) to how many."""
    answers = np.array([pair for pair, n in cells.items() for _ in range(n)], dtype=float)
    first = np.tile([True, False], len(answers))
    return answers.ravel(), first, np.repeat(np.arange(len(answers)), 2)


# ---- on paper ------------------------------------------------------------------------------


def test_two_levels_are_the_log_odds_ratio_of_a_two_by_two_table():
    # a: 1 low, 3 high; b: 3 low, 1 high. log(3/1) - log(1/3) = log 9; Woolf's standard error
    # sqrt(1 + 1/3 + 1/3 + 1). Likelihood: 6 answers of chance 3/4, 2 of 1/4; at beta 0 all 1/2.
    row = cumulative_link(*from_counts([1, 3], [3, 1])).iloc[0]
    log_likelihood = 6 * np.log(3 / 4) + 2 * np.log(1 / 4)
    assert row["estimate"] == pytest.approx(np.log(9), rel=1e-12)
    assert row["standard_error"] == pytest.approx(np.sqrt(8 / 3), rel=1e-12)
    assert row["statistic"] == pytest.approx(np.log(9) / np.sqrt(8 / 3), rel=1e-12)
    assert row["log_likelihood"] == pytest.approx(log_likelihood, rel=1e-12)
    ratio = 2 * (log_likelihood - 8 * np.log(1 / 2))
    assert row["p_likelihood_ratio"] == pytest.approx(special.erfc(np.sqrt(ratio / 2)), rel=1e-10)


def test_two_levels_in_probits_are_a_difference_of_normal_quantiles():
    # Shares 3/4 and 1/4 high: z(.75) - z(.25) = 2 z; each quantile has variance
    # (3/16)/4 / density(z)^2, density(z)^2 = exp(-z^2)/(2 pi).
    row = cumulative_link(*from_counts([1, 3], [3, 1]), link="probit").iloc[0]
    z = 0.6744897501960817
    variance = 2 * 3 / 64 * 2 * np.pi * np.exp(z**2)
    assert row["estimate"] == pytest.approx(2 * z, rel=1e-12)
    assert row["standard_error"] == pytest.approx(np.sqrt(variance), rel=1e-12)


def test_three_levels_of_exactly_proportional_odds():
    # Odds of at most 1 and at most 2: in b 1/1 and 3/1, in a 1/3 and 1/1: a third, both times.
    row = cumulative_link(*from_counts([1, 1, 2], [2, 1, 1])).iloc[0]
    assert row["estimate"] == pytest.approx(np.log(3), rel=1e-10)
    expected = 2 * (2 * np.log(1 / 2) + 2 * np.log(1 / 4))
    assert row["log_likelihood"] == pytest.approx(expected, rel=1e-12)


def test_published_political_ideology():
    # Agresti (1996), An Introduction to Categorical Data Analysis, Table 8.6 and section 8.2.2:
    # 0.975 (SE 0.129), likelihood ratio 58.6. His x is Democrat and his chance that
    # of a lower (more liberal) answer: Republicans answer higher by as much.
    row = cumulative_link(*from_counts([30, 46, 148, 84, 99], [80, 81, 171, 41, 55])).iloc[0]
    assert row["estimate"] == pytest.approx(0.975, abs=5e-4)
    assert row["standard_error"] == pytest.approx(0.129, abs=5e-4)
    assert special.chdtri(1, row["p_likelihood_ratio"]) == pytest.approx(58.6, abs=0.05)


def test_intercepts_of_pairs_on_paper():
    # Six pairs, two answers, probit: both high 2, both low 2, one each way. Thresholds and beta 0
    # give shares 1/2; two normals of correlation r are both above 0 with chance
    # 1/4 + asin(r)/(2 pi) = 1/3 at r = 1/2, and r = s^2/(1 + s^2): s = 1. All four chances are
    # met, so this is the maximum: 4 log(1/3) + 2 log(1/6).
    # Its standard error: beta/sqrt(1 + s^2) = z(share a) - z(share b); the difference of shares
    # has variance (1/6 + 1/6)/6 = 1/18, density(0)^2 = 1/(2 pi): sqrt(2 * 2 pi / 18).
    row = cumulative_link_mixed(
        *pairs({(2, 2): 2, (1, 1): 2, (2, 1): 1, (1, 2): 1}), link="probit"
    ).iloc[0]
    assert row["estimate"] == pytest.approx(0, abs=1e-9)
    assert row["intercept_sd"] == pytest.approx(1, rel=1e-9)
    assert row["log_likelihood"] == pytest.approx(4 * np.log(1 / 3) + 2 * np.log(1 / 6), rel=1e-10)
    assert row["standard_error"] == pytest.approx(np.sqrt(2 * np.pi / 9), rel=1e-9)
    assert row["p_value"] == pytest.approx(1, abs=1e-8)


def test_clusters_that_agree_no_more_than_people_do_have_no_spread():
    # Pairs independent of one another: both high 1 of 4, and so on; here even less alike.
    values, first, cluster = pairs({(2, 2): 1, (1, 1): 1, (2, 1): 3, (1, 2): 2})
    mixed = cumulative_link_mixed(values, first, cluster).iloc[0]
    alone = cumulative_link(values, first).iloc[0]
    assert (mixed["intercept_sd"], mixed["note"]) == (0, "")
    for column in ("estimate", "standard_error", "p_value", "log_likelihood", "ci_low"):
        assert mixed[column] == alone[column], column


# ---- what must stay true -------------------------------------------------------------------


def tiny_studies():
    return nested.tiny_studies(levels=(1.0, 2.0, 3.0, np.nan))


def ordinary_study(seed, *, clusters, points):
    """Answers with a gap, some missing, of people in clusters that differ."""
    generator = np.random.default_rng(seed)
    n = generator.integers(6, 11) * clusters
    first, cluster = generator.random(n) < 0.5, np.arange(n) % clusters
    latent = generator.normal(0, 1) * first + generator.normal(0, 0.7, clusters)[cluster]
    cuts = np.linspace(-1.5, 1.5, points + 1)[1:-1]
    values = np.searchsorted(cuts, latent + generator.logistic(size=n)) + 1.0
    return np.where(generator.random(n) < 0.05, np.nan, values)[:, None], first, cluster


def ordinary_studies():
    return st.builds(
        ordinary_study,
        st.integers(0, 2**32 - 1),
        clusters=st.integers(3, 6),
        points=st.integers(2, 5),
    )


def assert_same(found, expected, *, rtol=1e-9):
    """Require equality; points of the scale are compared in standard errors."""
    assert found["note"].tolist() == expected["note"].tolist()
    columns = [name for name in expected.columns if name != "note"]
    ours, theirs = (table[columns].to_numpy(dtype=float) for table in (found, expected))
    unit = np.nan_to_num(expected["standard_error"].to_numpy(dtype=float), nan=1.0)
    unit = unit[:, None] * np.ones(len(columns))
    unit[:, [name.startswith("p_") for name in columns]] = 1
    # Flat near zero: there a rounding of the likelihood moves it by the root of as much.
    unit[:, [name == "intercept_sd" for name in columns]] *= 1000
    missing = np.isnan(ours) & np.isnan(theirs)
    same = missing | (np.abs(ours - theirs) <= rtol * (unit + np.abs(theirs)))
    assert same.all(), f"{found[columns]} is not {expected[columns]}"


def mirrored(table, *, swapped=False):
    turned = table.assign(
        estimate=-table["estimate"],
        ci_low=-table["ci_high"],
        ci_high=-table["ci_low"],
        statistic=-table["statistic"],
    )
    return turned.assign(n_a=table["n_b"], n_b=table["n_a"]) if swapped else turned


@every
def test_most_ordinary_studies_can_be_computed(model):
    # Otherwise the relations below would hold of nothing but notes.
    reached = [
        model(*ordinary_study(seed, clusters=3 + seed % 4, points=2 + seed % 3))["note"][0] == ""
        for seed in range(40)
    ]
    assert np.mean(reached) > 0.8


@logit
@given(study=ordinary_studies(), order=st.randoms(use_true_random=False))
def test_names_order_direction_and_copies(model, study, order):
    values, first, cluster = study
    # Everybody once (their copies answered nothing), and everybody again in new organisations.
    both = np.vstack([np.tile(values, 2), np.hstack([np.full_like(values, np.nan), values])])
    copies = model(both, np.tile(first, 2), np.concatenate([cluster, cluster + 10]))
    once = copies.iloc[[0]].assign(n_dropped=copies["n_dropped"][0] - len(values))
    # Columns: itself, reversed, other numbers in the same order, nobody answered.
    rows = list(range(len(values)))
    order.shuffle(rows)
    others = np.hstack([values, 6 - values, values**3 / 7 - 40, np.full_like(values, np.nan)])
    labels = np.array(["zuid", "7", "Älv", "b b", "10", ""])[cluster]
    table = model(others[rows], ~first[rows], labels[rows])
    assert_same(table.iloc[[0]], mirrored(once, swapped=True))
    assert_same(table.iloc[[1]], mirrored(mirrored(once, swapped=True)))
    assert_same(table.iloc[[2]], table.iloc[[0]])
    assert table["note"][3] == "too_few_answers"
    narrower = once.assign(
        standard_error=once["standard_error"] / np.sqrt(2),
        statistic=once["statistic"] * np.sqrt(2),
        log_likelihood=once["log_likelihood"] * 2,
    )
    kept = ["estimate", "standard_error", "statistic", "log_likelihood", "note"]
    kept += [name for name in ("intercept_sd",) if name in once]
    if once["note"][0] in ("", "complete_separation"):
        assert_same(copies.loc[[1], kept], narrower[kept])


@logit
@given(study=tiny_studies())
def test_every_missing_number_has_a_reason_and_everybody_is_counted(model, study):
    table = model(*study)
    numbers = table.drop(columns=["note", "confidence_level"])
    given_up = table["note"] != ""
    assert (numbers["ci_low"].isna() == given_up).all()
    assert (numbers["estimate"].isna() == given_up).all()
    assert not np.isinf(numbers.to_numpy(dtype=float)).any()
    assert (table["n_a"] + table["n_b"] + table["n_dropped"] == len(study[0])).all()
    assert (table["n_dropped"] == np.isnan(study[0]).sum(axis=0)).all()


@given(study=tiny_studies())
def test_a_column_alone_gives_what_it_gives_among_others(study):
    values, first, _ = study
    together = cumulative_link(values, first)
    for j in range(values.shape[1]):
        assert_same(cumulative_link(values[:, j], first), together.iloc[[j]])


@given(study=tiny_studies())
def test_separation_is_where_no_answer_of_one_role_lies_below_the_other(study):
    values, first, _ = study
    for column, note in zip(values.T, cumulative_link(values, first)["note"], strict=True):
        a, b = (column[mask & ~np.isnan(column)] for mask in (first, ~first))
        if note not in ("too_few_answers", "no_variation"):
            apart = a.min() >= b.max() or b.min() >= a.max()
            assert (note == "complete_separation") == apart


@pytest.mark.parametrize("seed", range(3))
def test_columns_of_the_mixed_model_do_not_meet(seed):
    generator = np.random.default_rng(seed)
    cluster, first = np.arange(60) % 6, generator.random(60) < 0.5
    latent = generator.normal(0, 0.8, (6, 5))[cluster] + generator.logistic(size=(60, 5))
    values = np.clip(np.rint(latent + 3), 1, [2, 5, 5, 4, 5])
    values[:, 2] = 4  # a constant among them
    together = cumulative_link_mixed(values, first, cluster)
    for j in range(5):
        assert_same(cumulative_link_mixed(values[:, j], first, cluster), together.iloc[[j]])
    assert together["note"].tolist() == ["", "", "no_variation", "", ""]


# ---- where other programs, and we, could go wrong ----------------------------------------------


@every
def test_positive_means_that_the_first_role_answers_higher(model):
    values, first = from_counts([1, 3, 8], [7, 4, 2])
    row = model(values, first, np.arange(len(values)) % 4).iloc[0]
    assert row["ci_low"] > 0
    assert row["estimate"] > 0


def test_a_level_nobody_used_is_no_level():
    values, first = from_counts([2, 0, 5, 0, 4], [5, 0, 3, 0, 2])
    row = cumulative_link(values, first).iloc[0]
    expected = cumulative_link(*from_counts([2, 5, 4], [5, 3, 2])).iloc[0]
    assert row["n_levels"] == 3
    assert row["log_likelihood"] == expected["log_likelihood"]


@pytest.mark.parametrize(
    ("a", "b"), [([0, 0, 3], [4, 2, 0]), ([0, 2, 2], [3, 2, 0]), ([4, 1, 0], [0, 2, 3])]
)
@every
def test_an_infinite_estimate_is_missing_and_called_separation(model, a, b):
    # The middle case shares a level and is infinite all the same.
    values, first = from_counts(a, b)
    row = model(values, first, np.arange(len(values)) % 3).iloc[0]
    assert row["note"] == "complete_separation"
    assert row[["estimate", "ci_low", "ci_high", "p_value", "log_likelihood"]].isna().all()


@every
def test_a_constant_and_too_few_answers_are_missing_with_a_reason(model):
    values = np.array([[4, 1, np.nan], [4, np.nan, 2], [4, 3, 4], [4, 5, 1], [4, 2, np.nan]])
    table = model(values, np.array([True, True, False, False, False]), np.array([0, 1, 2, 0, 1]))
    assert table["note"].tolist() == ["no_variation", "too_few_answers", "too_few_answers"]
    assert table[["estimate", "ci_low", "p_value", "log_likelihood"]].isna().all(axis=None)


@every
def test_no_people_at_all_gives_no_warning_and_a_reason(model):
    table = model(np.empty((0, 2)), np.empty(0, dtype=bool), np.empty(0, dtype=str))
    assert table["note"].tolist() == ["too_few_answers"] * 2


def test_a_likelihood_without_a_maximum_gives_no_last_guess():
    # Everybody of an organisation answers the same: the spread of the intercepts grows for ever.
    # (statsmodels' MixedLM calls such a run converged, with a log likelihood of infinity.)
    cluster = np.repeat(np.arange(6), 8)
    values = np.array([2.0, 4, 3, 5, 1, 3])[cluster]
    row = cumulative_link_mixed(values, np.arange(48) % 2 == 0, cluster).iloc[0]
    assert row["note"] == "no_convergence"
    assert row[["estimate", "standard_error", "intercept_sd", "log_likelihood"]].isna().all()


def test_two_clusters_are_no_sample_of_clusters():
    values, first = from_counts([1, 2, 3], [3, 2, 2])
    row = cumulative_link_mixed(values, first, np.arange(13) % 2).iloc[0]
    assert (row["note"], row["n_clusters"]) == ("too_few_clusters", 2)


def test_noise_and_intercept_cannot_be_told_apart_when_everybody_is_a_cluster():
    values, first = from_counts([1, 2, 3], [3, 2, 2])
    row = cumulative_link_mixed(values, first, np.arange(13)).iloc[0]
    assert row["note"] == "not_identified"
    assert np.isnan(row["estimate"])


def test_the_quadrature_is_refined_until_twice_the_nodes_agree():
    # Wide intercepts: with nine nodes alone the likelihood would be off.
    generator = np.random.default_rng(8)
    cluster, first = np.arange(80) % 10, np.arange(80) // 10 % 2 == 0
    latent = generator.normal(0, 2.5, 10)[cluster] + first + generator.logistic(size=80)
    values = np.clip(np.rint(latent / 2 + 3), 1, 5)
    few = cumulative_link_mixed(values, first, cluster, n_quadrature=9).iloc[0]
    many = cumulative_link_mixed(values, first, cluster, n_quadrature=101).iloc[0]
    assert few["note"] == many["note"] == ""
    assert few["log_likelihood"] == pytest.approx(many["log_likelihood"], abs=1e-5)
    assert few["estimate"] == pytest.approx(many["estimate"], rel=1e-4)


def test_pairs_are_not_left_to_laplaces_approximation():
    # ordinal::clmm's default (nAGQ = 1). Correct: 1 on paper, above; Laplace is far from it.
    study = pairs({(2, 2): 20, (1, 1): 20, (2, 1): 10, (1, 2): 10})
    row = cumulative_link_mixed(*study, link="probit").iloc[0]
    assert row["intercept_sd"] == pytest.approx(1, rel=1e-8)


def test_a_larger_of_two_maxima_is_found():
    # Zero is a maximum of this likelihood, and not the largest (found by searching at random).
    values = np.array([2.0, 3, 1, 3, 4, 1, 2, 3, 1, 4])
    first = np.array([1, 0, 1, 1, 0, 1, 1, 0, 1, 1], dtype=bool)
    cluster = np.array([1, 0, 0, 2, 4, 4, 4, 4, 1, 5])
    row = cumulative_link_mixed(values, first, cluster, link="probit").iloc[0]
    at_zero = cumulative_link(values, first, link="probit")["log_likelihood"][0]
    assert row["intercept_sd"] > 1
    assert row["log_likelihood"] > at_zero + 0.08


def test_newton_believes_no_end_that_is_none():
    def rising(x, items):  # no maximum: x itself
        n = len(x)
        return x[:, 0], np.ones((n, 1)), np.zeros((n, 1, 1))

    def valley(x, items):  # stands still at a minimum in the second direction
        hessian = np.broadcast_to(np.diag([-2.0, 2.0]), (len(x), 2, 2))
        return x[:, 1] ** 2 - x[:, 0] ** 2, x * [-2.0, 2.0], hessian

    def broken(x, items):
        n = len(x)
        return np.full(n, np.nan), np.zeros((n, 1)), -np.ones((n, 1, 1))

    for evaluate, start in ((rising, [[0.0]]), (valley, [[1.0, 0.0]]), (broken, [[0.0]])):
        fit = maximise(evaluate, np.array(start))
        assert not fit.converged[0], evaluate.__name__
        assert np.isnan(fit.standard_errors).all()


def test_a_wrong_link_is_answered_with_the_list():
    with pytest.raises(
        ValueError, match=r"link must be one of \('logit', 'probit'\), not 'cloglog'"
    ):
        cumulative_link(np.array([1.0, 2]), np.array([True, False]), link="cloglog")
