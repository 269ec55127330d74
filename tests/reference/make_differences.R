# Expected values for research.stats, computed with R. Run from anywhere:
#   Rscript tests/reference/make_differences.R
# Writes differences.json beside this file: the data, the expected values and the versions, no date.
# Instead of values there is a `why` where R refuses, gives NaN, or gives a number nobody may use.
#
# Role `a` is the first role (first = 1); every difference is a - b. Missing answers are dropped
# first, item by item (for alpha: respondent by respondent).

suppressPackageStartupMessages({
  library(clubSandwich)
  library(effectsize)
  library(jsonlite)
  library(psych)
})
options(warn = 1)

MU <- 3        # the midpoint that means are tested against
MARGIN <- 0.3  # the equivalence margin
LEVEL <- 0.95

here <- function() {
  file <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
  dirname(normalizePath(file))
}

# ---- one statistic each -------------------------------------------------------------------

attempt <- function(expression) {
  tryCatch(expression, error = function(e) list(why = paste("R:", conditionMessage(e))))
}

refuse <- function(...) list(why = paste0(...))

expected_welch <- function(a, b) {
  test <- t.test(a, b, conf.level = LEVEL)
  list(estimate = mean(a) - mean(b), ci_low = test$conf.int[1], ci_high = test$conf.int[2],
       standard_error = test$stderr, statistic = unname(test$statistic),
       df = unname(test$parameter), p_value = test$p.value)
}

expected_equivalence <- function(a, b) {
  above <- t.test(a, b, alternative = "greater", mu = -MARGIN)
  below <- t.test(a, b, alternative = "less", mu = MARGIN)
  ci <- t.test(a, b, conf.level = 0.90)$conf.int
  list(p_value = max(above$p.value, below$p.value), ci_low = ci[1], ci_high = ci[2])
}

expected_mean_against <- function(a) {
  test <- t.test(a - MU, conf.level = LEVEL)
  list(estimate = mean(a) - MU, ci_low = test$conf.int[1], ci_high = test$conf.int[2],
       standard_error = test$stderr, statistic = unname(test$statistic),
       df = unname(test$parameter), p_value = test$p.value,
       p_greater = t.test(a - MU, alternative = "greater")$p.value)
}

constant <- function(x) diff(range(x)) == 0

cr2_row <- function(fit, cluster, row) {
  test <- coef_test(fit, vcov = "CR2", cluster = cluster, test = "Satterthwaite")
  if (test$SE[row] < 1e-12) return(refuse("the same in every cluster: the standard error is zero"))
  ci <- conf_int(fit, vcov = "CR2", cluster = cluster, test = "Satterthwaite", level = LEVEL)
  list(estimate = test$beta[row], ci_low = ci$CI_L[row], ci_high = ci$CI_U[row],
       standard_error = test$SE[row], statistic = test$tstat[row], df = test$df_Satt[row],
       p_value = test$p_Satt[row])
}

expected_cr2 <- function(value, role, cluster) {
  a <- value[role == "a"]
  b <- value[role == "b"]
  if (min(length(a), length(b)) < 2) return(refuse("fewer than two answers in a role"))
  if (constant(a) && constant(b)) return(refuse("constant within both roles: residuals are zero"))
  per_role <- tapply(cluster, role, function(x) length(unique(x)))
  if (min(per_role) < 2) {
    # I - H is singular there: clubSandwich takes a pseudo-inverse and the role's share of the
    # variance becomes zero. That number understates, so it is no reference.
    return(refuse("a role occurs in one cluster only"))
  }
  fit <- lm(value ~ factor(role, levels = c("b", "a")))
  cr2_row(fit, cluster, 2)
}

expected_cr2_mean <- function(a, cluster) {
  if (length(a) < 2) return(refuse("fewer than two answers"))
  if (constant(a)) return(refuse("constant: residuals are zero"))
  if (length(unique(cluster)) < 2) return(refuse("one cluster only"))
  y <- a - MU
  row <- cr2_row(lm(y ~ 1), cluster, 1)
  if (!is.null(row$why)) return(row)
  c(row, list(p_greater = pt(row$statistic, row$df, lower.tail = FALSE)))
}

# The noncentrality at which P(T <= t) equals p; pt falls as ncp rises. R's pt ends at ncp 37.62.
ncp_at <- function(t, df, p) {
  excess <- function(ncp) pt(t, df, ncp) - p
  low <- high <- t
  while (excess(low) < 0) low <- low - 0.5
  while (excess(high) > 0) high <- high + 0.5
  if (low == high) return(t)
  uniroot(excess, c(low, high), tol = 1e-13, maxiter = 10000)$root
}

# Interval: limits of the noncentrality by uniroot, times sqrt(1/na + 1/nb), times the correction J.
# effectsize multiplies its interval by J as well (checked below, in `check_effectsize`), but finds
# the limits with optim(abstol = 1e-9): about four digits. Its values are kept as second opinion.
expected_hedges_g <- function(a, b) {
  na <- length(a)
  nb <- length(b)
  if (min(na, nb) < 2) return(refuse("fewer than two answers in a role"))
  if (constant(a) && constant(b)) return(refuse("constant within both roles: pooled SD is zero"))
  df <- na + nb - 2
  pooled <- sqrt(((na - 1) * var(a) + (nb - 1) * var(b)) / df)
  d <- (mean(a) - mean(b)) / pooled
  root <- sqrt(1 / na + 1 / nb)
  J <- exp(lgamma(df / 2) - log(sqrt(df / 2)) - lgamma((df - 1) / 2))
  tail <- (1 - LEVEL) / 2
  second <- suppressWarnings(effectsize::hedges_g(a, b, pooled_sd = TRUE, ci = LEVEL))
  list(estimate = d * J, ci_low = ncp_at(d / root, df, 1 - tail) * root * J,
       ci_high = ncp_at(d / root, df, tail) * root * J,
       effectsize = list(estimate = second$Hedges_g, ci_low = second$CI_low,
                         ci_high = second$CI_high))
}

check_effectsize <- function() {
  a <- c(3, 4, 4, 5, 2, 4)
  b <- c(2, 3, 1, 4, 3)
  g <- effectsize::hedges_g(a, b)
  d <- effectsize::cohens_d(a, b)
  J <- exp(lgamma(4.5) - log(sqrt(4.5)) - lgamma(4))
  stopifnot(abs(g$Hedges_g / d$Cohens_d - J) < 1e-12, abs(g$CI_low / d$CI_low - J) < 1e-12,
            abs(g$CI_high / d$CI_high - J) < 1e-12)
}

# Packages brunnermunzel and lawstat are not in the distribution, so the published formulas with
# rank(): Brunner & Munzel (2000), Biom. J. 42, 17-25, eq. 4.5-4.8. Checked below against the
# printed example of the paper and a second sample computed elsewhere.
expected_brunner_munzel <- function(a, b) {
  na <- length(a)
  nb <- length(b)
  if (min(na, nb) < 2) return(refuse("fewer than two answers in a role"))
  ranks <- rank(c(a, b))
  overall_a <- ranks[seq_len(na)]
  overall_b <- ranks[na + seq_len(nb)]
  variance_a <- sum((overall_a - rank(a) - mean(overall_a) + (na + 1) / 2)^2) / (na - 1)
  variance_b <- sum((overall_b - rank(b) - mean(overall_b) + (nb + 1) / 2)^2) / (nb - 1)
  if (variance_a + variance_b == 0) return(refuse("rank variance is zero: statistic infinite"))
  estimate <- (mean(overall_a) - (na + 1) / 2) / nb
  weighted <- na * variance_a + nb * variance_b
  statistic <- na * nb * (mean(overall_a) - mean(overall_b)) / (na + nb) / sqrt(weighted)
  df <- weighted^2 / ((na * variance_a)^2 / (na - 1) + (nb * variance_b)^2 / (nb - 1))
  se <- sqrt(variance_a / (na * nb^2) + variance_b / (nb * na^2))
  half <- qt(0.5 + LEVEL / 2, df) * se
  list(estimate = estimate, ci_low = estimate - half, ci_high = estimate + half,
       standard_error = se, statistic = statistic, df = df, p_value = 2 * pt(-abs(statistic), df))
}

PAPER_A <- c(3, 3, 4, 3, 1, 2, 3, 1, 1, 5, 4)           # pain scores, Brunner & Munzel (2000)
PAPER_B <- c(1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 2, 4, 1, 1)
SMALL_A <- c(5, 4, 5, 3, 6, 4, 6, 5, 3, 6, 6, 6, 5, 5, 4, 3, 6, 4, 4, 4, 3, 4, 6, 6, 6)
SMALL_B <- c(3, 6, 1, 3, 5, 4, 3, 4, 2, 1, 3, 5, 6, 6, 4, 4, 3, 2, 5, 4)

check_brunner_munzel <- function() {
  close <- function(x, y) stopifnot(abs(unlist(x) / y - 1) < 1e-11)
  columns <- c("statistic", "df", "p_value", "estimate", "ci_low", "ci_high")
  close(expected_brunner_munzel(PAPER_A, PAPER_B)[columns],
        c(3.137467482303, 17.682841979482, 0.005786208666151, 0.788961038961,
          0.5952168642537, 0.9827052136683))
  close(expected_brunner_munzel(SMALL_A, SMALL_B)[columns],
        c(2.573619007122, 34.727311352166, 0.01449504096033, 0.701, 0.5424037734673,
          0.8595962265327))
}

expected_wilson <- function(a) {
  above <- sum(a > MU)
  ci <- suppressWarnings(prop.test(above, length(a), conf.level = LEVEL, correct = FALSE))$conf.int
  list(ci_low = ci[1], ci_high = ci[2])
}

# ---- data sets of two roles ---------------------------------------------------------------

likert <- function(x, points = 5) pmin(pmax(round(x), 1), points)

# Two roles in clusters; the gap varies between clusters. `share` gives unequal cluster sizes.
draw <- function(seed, na, nb, clusters, mean_a = 3.6, mean_b = 3.1, sd = 1, gap_sd = 0.4,
                 points = 5, missing = 0, share = NULL, answer = likert) {
  set.seed(seed)
  role <- rep(c("a", "b"), c(na, nb))
  cluster <- c(rep_len(seq_len(clusters), na), rep_len(seq_len(clusters), nb))
  if (!is.null(share)) cluster <- sample(clusters, na + nb, replace = TRUE, prob = share)
  level <- rnorm(clusters, 0, 0.3)
  gap <- rnorm(clusters, 0, gap_sd)
  x <- ifelse(role == "a", mean_a + gap[cluster], mean_b) + level[cluster] + rnorm(na + nb, 0, sd)
  x <- answer(x, points)
  x[sample(length(x), floor(missing * length(x)))] <- NA
  list(value = x, role = role, cluster = sprintf("org%02d", cluster))
}

continuous <- function(x, points) round(pmin(pmax(x, 1), points), 4)
eighths <- function(x, points) round(8 * pmin(pmax(x, 1), points)) / 8   # mean of eight items
skewed <- function(x, points) pmax(points - floor(abs(x)^2 / 4), 1)

exactly <- function(a, b, cluster_a = NULL, cluster_b = NULL) {
  if (is.null(cluster_a)) cluster_a <- sprintf("org%02d", (seq_along(a) - 1) %% 3 + 1)
  if (is.null(cluster_b)) cluster_b <- sprintf("org%02d", (seq_along(b) - 1) %% 3 + 1)
  list(value = c(a, b), role = rep(c("a", "b"), c(length(a), length(b))),
       cluster = c(cluster_a, cluster_b))
}

change <- function(data, ...) modifyList(data, list(...))
where <- function(data, rows, value) replace(data$value, rows, value)

difference_data <- function() {
  sets <- list(
    five_point_ties = draw(101, 20, 24, 4),
    five_point_large = draw(102, 150, 160, 12),
    five_point_twenty_clusters = draw(103, 120, 100, 20),
    five_point_null = draw(104, 40, 40, 8, mean_a = 3.2, mean_b = 3.2),
    skewed_high = draw(105, 35, 30, 6, answer = skewed),
    skewed_low = draw(106, 60, 22, 5, mean_a = 1.2, mean_b = 1.5),
    skewed_unequal_variance = draw(107, 18, 45, 6, mean_a = 4.9, mean_b = 3, sd = 1.2),
    two_answers_each = exactly(c(4, 5), c(2, 3)),
    two_against_five = exactly(c(5, 3), c(2, 3, 4, 2, 1)),
    three_answers_each = exactly(c(3, 4, 5), c(2, 4, 3)),
    four_answers_each = draw(111, 4, 4, 2),
    five_answers_each = draw(112, 5, 5, 3),
    five_against_two = exactly(c(5, 5, 4, 4, 2), c(1, 4)),
    three_against_forty = draw(114, 3, 40, 3),
    one_answer_in_a = exactly(4, c(2, 3, 4, 5)),
    missing_some = draw(116, 30, 34, 5, missing = 0.1),
    missing_half = draw(117, 40, 44, 6, missing = 0.5),
    missing_large = draw(118, 140, 130, 14, missing = 0.2),
    unequal_n = draw(119, 12, 90, 6),
    unequal_n_reversed = draw(120, 95, 11, 5),
    unequal_clusters = draw(121, 50, 60, 6, share = c(20, 8, 4, 2, 1, 1)),
    very_unequal_clusters = draw(122, 80, 90, 10, share = 2^(10:1)),
    unequal_clusters_missing = draw(123, 45, 55, 7, share = 7:1, missing = 0.15),
    three_clusters = draw(124, 24, 27, 3),
    three_unequal_clusters = draw(125, 30, 26, 3, share = c(6, 2, 1)),
    four_clusters = draw(126, 32, 28, 4, gap_sd = 0.8),
    two_clusters = draw(127, 14, 16, 2),
    many_clusters_small = draw(128, 40, 40, 20),
    continuous_means = draw(129, 36, 40, 6, answer = continuous),
    continuous_eighths = draw(130, 50, 44, 9, answer = eighths),
    continuous_missing = draw(131, 26, 33, 4, answer = continuous, missing = 0.12),
    continuous_wide_variance = draw(132, 20, 60, 8, sd = 2.5, answer = continuous),
    seven_point = draw(133, 44, 39, 7, mean_a = 5.2, mean_b = 4.6, sd = 1.5, points = 7),
    seven_point_missing = draw(134, 70, 66, 11, mean_a = 4, mean_b = 4.4, sd = 1.6, points = 7,
                               missing = 0.08),
    huge_effect = draw(135, 30, 28, 5, mean_a = 4.9, mean_b = 1.3, sd = 0.5, gap_sd = 0.1),
    huge_effect_negative = draw(136, 25, 20, 5, mean_a = 1.5, mean_b = 6.2, sd = 0.8, points = 7),
    complete_separation = exactly(c(5, 4, 5, 4, 5, 5), c(1, 2, 2, 1, 3, 1)),
    zero_effect = exactly(c(1, 2, 3, 4, 5, 3, 3), c(5, 4, 3, 2, 1, 3, 3)),
    zero_mean_effect_unequal = exactly(c(3, 3, 3, 3, 2, 4), c(1, 5, 1, 5, 3, 3, 3, 3, 2, 4)),
    constant_overall = exactly(rep(4, 8), rep(4, 10)),
    constant_overall_with_missing = exactly(c(2, NA, 2, 2, 2), c(2, 2, NA, 2)),
    constant_per_role = exactly(rep(5, 6), rep(2, 7)),
    brunner_munzel_paper = exactly(PAPER_A, PAPER_B),
    six_point_small = exactly(SMALL_A, SMALL_B)
  )
  sets$constant_in_a <- local({
    data <- draw(141, 18, 22, 4)
    change(data, value = where(data, data$role == "a", 4))
  })
  sets$constant_in_b <- local({
    data <- draw(142, 25, 15, 5)
    change(data, value = where(data, data$role == "b", 3))
  })
  # Organisations in which one role answered alone.
  sets$one_role_in_a_cluster <- local({
    data <- draw(143, 40, 42, 6)
    lone <- data$cluster == "org06" & data$role == "a"
    change(data, cluster = ifelse(lone, "org05", data$cluster))
  })
  sets$one_role_in_three_clusters <- local({
    data <- draw(144, 40, 48, 8, missing = 0.05)
    moved <- c(org01 = "org04", org02 = "org05", org03 = "org06")
    lone <- data$role == "b" & data$cluster %in% names(moved)
    change(data, cluster = ifelse(lone, moved[data$cluster], data$cluster))
  })
  sets$roles_never_share_a_cluster <- local({
    data <- draw(145, 30, 30, 5)
    change(data, cluster = paste0(data$role, "-", data$cluster))
  })
  sets$everyone_own_cluster <- local({
    data <- draw(146, 15, 12, 3)
    change(data, cluster = sprintf("p%02d", seq_along(data$value)))
  })
  sets$role_a_in_one_cluster <- local({
    data <- draw(147, 10, 30, 5)
    change(data, cluster = ifelse(data$role == "a", "org01", data$cluster))
  })
  sets$one_cluster_in_all <- change(draw(148, 16, 18, 4), cluster = rep("org01", 34))
  sets
}

difference_record <- function(name, data) {
  there <- !is.na(data$value)
  value <- data$value[there]
  role <- data$role[there]
  cluster <- data$cluster[there]
  a <- value[role == "a"]
  b <- value[role == "b"]
  list(
    name = name, values = data$value, first = as.integer(data$role == "a"), cluster = data$cluster,
    expected = list(
      welch = attempt(expected_welch(a, b)),
      equivalence = attempt(expected_equivalence(a, b)),
      mean_against = attempt(expected_mean_against(a)),
      cr2_difference = attempt(expected_cr2(value, role, cluster)),
      cr2_mean = attempt(expected_cr2_mean(a, cluster[role == "a"])),
      hedges_g = attempt(expected_hedges_g(a, b)),
      brunner_munzel = attempt(expected_brunner_munzel(a, b)),
      wilson = attempt(expected_wilson(a))
    )
  )
}

# ---- adjusted p-values: p.adjust leaves NA out and does not count it ------------------------

p_value_data <- function() {
  fixed <- list(
    one = 0.03, one_missing = NA_real_, two = c(0.04, 0.01), all_missing = rep(NA_real_, 3),
    ties = c(0.01, 0.01, 0.02, 0.02, 0.5), all_equal = rep(0.04, 6),
    sums_over_one = c(0.4, 0.6, 0.9),
    zeros_and_ones = c(0, 0, 1, 1, 0.5), tiny = c(1e-300, 1e-20, 1e-9, 0.2),
    missing_first = c(NA, 0.01, 0.04), missing_between = c(0.001, NA, 0.03, NA, 0.01, 0.2),
    ties_and_missing = c(0.02, NA, 0.02, 0.03, NA, 0.03)
  )
  random <- lapply(seq_len(18), function(i) {
    set.seed(300 + i)
    n <- c(3, 4, 5, 8, 10, 15, 20, 30, 30, 30, 40, 50, 60, 80, 100, 30, 30, 30)[i]
    p <- runif(n)^sample(c(1, 2, 4), 1)
    if (i %% 3 == 0) p <- round(p, 2)                              # ties
    if (i %% 2 == 0) p[sample(n, ceiling(n / 5))] <- NA
    if (i %% 3 != 0) p <- signif(p, 12)
    p
  })
  names(random) <- sprintf("random_%02d", seq_along(random))
  c(fixed, random)
}

p_value_record <- function(name, p) {
  list(name = name, p_values = I(p),
       expected = list(holm = list(p_adjusted = I(p.adjust(p, "holm"))),
                       fdr_bh = list(p_adjusted = I(p.adjust(p, "BH")))))
}

# ---- alpha: raw, from variances and covariances of complete rows ---------------------------
# psych::alpha (check.keys = FALSE) must give the same where it runs; the interval is Feldt's from
# quantiles of F, and psych::alpha.ci must give the same.

draw_items <- function(seed, n, k, loading = 0.7, points = 5, missing = 0, reversed = 0,
                       answer = likert) {
  set.seed(seed)
  trait <- rnorm(n)
  items <- sapply(seq_len(k), function(j) {
    sign <- if (j <= reversed) -1 else 1
    middle <- (points + 1) / 2
    answer(middle + 0.3 + sign * loading * trait + rnorm(n, 0, sqrt(1 - min(loading, 1)^2 * 0.9)),
           points)
  })
  items[sample(length(items), floor(missing * length(items)))] <- NA
  items
}

alpha_data <- function() {
  list(
    two_items = draw_items(401, 40, 2), three_items = draw_items(402, 60, 3),
    four_items = draw_items(403, 80, 4), five_items = draw_items(404, 100, 5),
    eight_items = draw_items(405, 120, 8), ten_items = draw_items(406, 150, 10),
    five_people = draw_items(407, 5, 3), six_people = draw_items(408, 6, 5),
    eight_people = draw_items(409, 8, 8), ten_people_ten_items = draw_items(410, 10, 10),
    five_hundred = draw_items(411, 500, 8), five_hundred_two_items = draw_items(412, 500, 2),
    low = draw_items(413, 70, 5, loading = 0.15), low_small = draw_items(414, 15, 4, loading = 0.1),
    high = draw_items(415, 90, 6, loading = 0.97),
    negative_pair = draw_items(416, 50, 2, reversed = 1),
    negative_four = draw_items(417, 45, 4, reversed = 2),
    reverse_left_in = draw_items(418, 110, 7, reversed = 1),
    two_reversed_left_in = draw_items(419, 65, 8, reversed = 2),
    missing_some = draw_items(420, 100, 6, missing = 0.03),
    missing_many = draw_items(421, 90, 8, missing = 0.12),
    missing_few_people = draw_items(422, 12, 3, missing = 0.15),
    missing_reversed = draw_items(423, 75, 5, missing = 0.05, reversed = 1),
    seven_point = draw_items(424, 85, 7, points = 7),
    seven_point_missing = draw_items(425, 130, 9, points = 7, missing = 0.04),
    continuous = draw_items(426, 55, 4, answer = continuous),
    continuous_missing = draw_items(427, 200, 3, answer = continuous, missing = 0.1),
    one_constant_item = cbind(draw_items(428, 30, 4), 3),
    everything_constant = matrix(4, 12, 5),
    cancelling_items = cbind(c(1, 2, 3, 4, 5, 3), c(5, 4, 3, 2, 1, 3))
  )
}

expected_alpha <- function(items) {
  complete <- items[stats::complete.cases(items), , drop = FALSE]
  n <- nrow(complete)
  k <- ncol(complete)
  covariance <- cov(complete)
  if (sum(covariance) < 1e-12) return(refuse("the sum score does not vary"))
  raw <- k / (k - 1) * (1 - sum(diag(covariance)) / sum(covariance))
  f <- qf(c(0.5 + LEVEL / 2, 0.5 - LEVEL / 2), n - 1, (n - 1) * (k - 1))
  ci <- 1 - (1 - raw) * f
  second <- psych::alpha.ci(raw, n, k, p.val = 1 - LEVEL)
  stopifnot(abs(c(second$lower.ci, second$upper.ci) - ci) < 1e-12)
  if (all(apply(complete, 2, var) > 0)) {    # psych drops constant items, and so has another k
    quiet <- function(x) suppressMessages(suppressWarnings(x))
    utils::capture.output(by_psych <- quiet(
      tryCatch(psych::alpha(complete, check.keys = FALSE)$total$raw_alpha,
               error = function(e) NA)))
    stopifnot(is.na(by_psych) || abs(by_psych - raw) < 1e-10)
    checked_with_psych <<- checked_with_psych + !is.na(by_psych)
  }
  list(estimate = raw, ci_low = ci[1], ci_high = ci[2], n_complete = n)
}
checked_with_psych <- 0

alpha_record <- function(name, items) {
  list(name = name, items = items, expected = list(alpha = attempt(expected_alpha(items))))
}

# ---- the difference a two-sided test at 5 % finds with 80 % power ---------------------------

detectable_data <- function() {
  df <- c(1, 1.5, 2, 2, 2.7, 3, 3.4, 4, 4.9, 5, 6.2, 7.5, 8, 9.1, 10, 11.6, 13, 14.25, 16, 18, 21.3,
          25, 28.8, 35, 40.5, 55, 70.2, 98, 150.7, 298, 499.3, 1998)
  set.seed(500)
  errors <- round(runif(length(df), 0.02, 0.9), 4)
  Map(function(se, df) list(standard_error = se, df = df), errors, df)
}

expected_detectable <- function(se, df) {
  limit <- qt(0.975, df)
  excess <- function(ncp) {
    pt(-limit, df, ncp) + pt(limit, df, ncp, lower.tail = FALSE) - 0.8
  }
  list(difference = uniroot(excess, c(0, 37), tol = 1e-13, maxiter = 10000)$root * se)
}

detectable_record <- function(row) {
  list(name = sprintf("se %s, df %s", format(row$standard_error), format(row$df)),
       standard_error = row$standard_error, df = row$df,
       expected = list(detectable = expected_detectable(row$standard_error, row$df)))
}

# ---- write ----------------------------------------------------------------------------------

check_effectsize()
check_brunner_munzel()
packages <- c("clubSandwich", "effectsize", "jsonlite", "psych")
named <- function(record, data) unname(Map(record, names(data), data))
reference <- list(
  versions = c(list(R = paste(R.version$major, R.version$minor, sep = ".")),
               sapply(packages, function(p) as.character(packageVersion(p)), simplify = FALSE)),
  settings = list(confidence_level = LEVEL, null_value = MU, margin = MARGIN, power = 0.8),
  differences = named(difference_record, difference_data()),
  p_adjust = named(p_value_record, p_value_data()),
  alpha = named(alpha_record, alpha_data()),
  detectable = lapply(detectable_data(), detectable_record)
)
json <- function(x) toJSON(x, digits = NA, auto_unbox = TRUE, na = "null", null = "null")
sections <- sapply(names(reference), function(name) {
  part <- reference[[name]]
  if (!is.null(names(part))) return(sprintf('"%s": %s', name, json(part)))
  sprintf('"%s": [\n%s\n]', name, paste(sapply(part, json), collapse = ",\n"))   # a record a line
})
writeLines(c("{", paste(sections, collapse = ",\n"), "}"), file.path(here(), "differences.json"))
sizes <- sapply(reference[-(1:2)], length)
message(paste(names(sizes), sizes, collapse = ", "), "; alpha also by psych: ", checked_with_psych)
