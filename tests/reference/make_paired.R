# Expected values for research.stats.paired and signed_ranks, computed with R. Run from anywhere:
#   Rscript tests/reference/make_paired.R
# Writes paired.json beside this file: the data, the expected values and the versions, no date.
# Instead of values there is a `why` where R refuses, gives NaN, or gives a number nobody may use.
#
# One row a pair; every difference is a - b. Pairs with a missing member are dropped first.

suppressPackageStartupMessages({
  library(clubSandwich)
  library(coin)
  library(effectsize)
  library(exactRankTests)
  library(jsonlite)
})
options(warn = 1)
LEVEL <- 0.95

here <- function() {
  file <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
  dirname(normalizePath(file))
}
refuse <- function(...) list(why = paste0(...))
# No error is caught: what R cannot do is refused by name, and a second opinion must agree.
disagreements <- character()
checked <- numeric()
agree <- function(x, y, what, tolerance = 1e-9) {
  checked[what] <<- sum(checked[what], 1, na.rm = TRUE)
  if (!isTRUE(abs(x - y) <= tolerance * max(abs(y), 1e-4))) {
    disagreements <<- c(disagreements, sprintf("%s: %.10g, not %.10g", what, x, y))
  }
}
constant <- function(x) diff(range(x)) <= 1e-12 * max(1, abs(x))
number <- function(x) as.numeric(unname(x))

# ---- means ----------------------------------------------------------------------------------

expected_difference <- function(a, b) {
  if (length(a) < 2) return(refuse("fewer than two pairs"))
  if (constant(a - b)) return(refuse("all differences are equal"))
  test <- t.test(a, b, paired = TRUE, conf.level = LEVEL)
  list(estimate = number(test$estimate), ci_low = test$conf.int[1], ci_high = test$conf.int[2],
       standard_error = test$stderr, statistic = number(test$statistic),
       df = number(test$parameter), p_value = test$p.value)
}

expected_cluster <- function(a, b, cluster) {
  if (length(a) < 2) return(refuse("fewer than two pairs"))
  if (length(unique(cluster)) < 2) return(refuse("one cluster"))
  if (constant(a - b)) return(refuse("all differences are equal"))
  fit <- lm(d ~ 1, data.frame(d = a - b))
  test <- coef_test(fit, vcov = "CR2", cluster = cluster, test = "Satterthwaite")
  if (test$SE < 1e-12) return(refuse("the same in every cluster: the standard error is zero"))
  ci <- conf_int(fit, vcov = "CR2", cluster = cluster, test = "Satterthwaite", level = LEVEL)
  list(estimate = test$beta, ci_low = ci$CI_L, ci_high = ci$CI_U, standard_error = test$SE,
       statistic = test$tstat, df = test$df_Satt, p_value = test$p_Satt)
}

# Noncentralities at which t lies in its tails.
limits_of_t <- function(t, df) {
  tail <- function(target) {
    excess <- function(ncp) suppressWarnings(pt(t, df, ncp)) - target
    uniroot(excess, t + c(-1, 1) * (8 + abs(t)), tol = 1e-14, maxiter = 10000)$root
  }
  limits <- c(tail(0.5 + LEVEL / 2), tail(0.5 - LEVEL / 2))
  stopifnot(abs(limits) < 37.6)        # beyond, R's pt is a normal approximation
  limits
}

expected_effect <- function(a, b, average) {
  n <- length(a)
  if (n < 2) return(refuse("fewer than two pairs"))
  if (constant(a - b)) return(refuse("all differences are equal"))
  t <- number(t.test(a, b, paired = TRUE)$statistic)
  df <- n - 1
  correction <- exp(lgamma(df / 2) - lgamma((df - 1) / 2) - log(sqrt(df / 2)))
  if (df == 1) correction <- 0       # the gamma function of 0 is infinite
  unit <- if (average) sqrt((var(a) + var(b)) / 2) else sd(a - b)
  d <- mean(a - b) / unit
  if (!average) {
    agree(suppressMessages(effectsize::cohens_d(a, b, paired = TRUE, ci = NULL)$Cohens_d), d,
          "effectsize::cohens_d(paired)")
  }
  scale <- sd(a - b) / unit / sqrt(n) * correction
  ci <- limits_of_t(t, df) * scale
  list(estimate = d * correction, uncorrected = d, ci_low = ci[1], ci_high = ci[2])
}

# ---- signed ranks ---------------------------------------------------------------------------

# wilcox.test: V and p; coin: z. exactRankTests and coin: exact p with ties.
expected_signed_rank <- function(a, b) {
  if (length(a) < 1) return(refuse("no pair"))
  d <- a - b
  if (all(d == 0)) return(refuse("no pair differs"))
  plain <- wilcox.test(a, b, paired = TRUE, exact = FALSE, correct = FALSE)
  corrected <- wilcox.test(a, b, paired = TRUE, exact = FALSE, correct = TRUE)
  ranks <- rank(abs(d[d != 0]))
  rank_biserial <- sum(sign(d[d != 0]) * ranks) / sum(ranks)
  z <- number(statistic(coin::wilcoxsign_test(a ~ b, zero.method = "Wilcoxon")))
  if (all(d != 0)) {
    by_effectsize <- suppressMessages(suppressWarnings(
      effectsize::rank_biserial(a, b, paired = TRUE, ci = NULL)$r_rank_biserial))
    agree(by_effectsize, rank_biserial, "effectsize::rank_biserial(paired), no zeros")
  }
  list(estimate = rank_biserial, v = number(plain$statistic), statistic = z,
       p_value = plain$p.value, p_continuity = corrected$p.value)
}

expected_signed_exact <- function(a, b) {
  if (length(a) < 1) return(refuse("no pair"))
  if (all(a == b)) return(refuse("no pair differs"))
  by_ranks <- suppressWarnings(
    exactRankTests::wilcox.exact(a, b, paired = TRUE, exact = TRUE)$p.value)
  by_coin <- number(pvalue(
    coin::wilcoxsign_test(a ~ b, zero.method = "Wilcoxon", distribution = "exact")))
  agree(by_ranks, by_coin, "wilcox.exact(paired)")
  list(p_value = by_coin)
}

expected_signed_pratt <- function(a, b) {
  if (length(a) < 1) return(refuse("no pair"))
  if (all(a == b)) return(refuse("no pair differs"))
  asymptotic <- coin::wilcoxsign_test(a ~ b, zero.method = "Pratt")
  exact <- coin::wilcoxsign_test(a ~ b, zero.method = "Pratt", distribution = "exact")
  z <- number(statistic(asymptotic))
  if (abs(z) < 3.5) agree(number(pvalue(asymptotic)), 2 * pnorm(-abs(z)), "coin, asymptotic Pratt")
  list(statistic = z, p_value = 2 * pnorm(-abs(z)), p_exact = number(pvalue(exact)))
}

# ---- superiority ----------------------------------------------------------------------------

# Tango's score statistic, and its limits by uniroot; p by mcnemar.test, exact p by binom.test.
tango <- function(delta, higher, lower, n) {
  if (higher - lower == n * delta) return(0)
  linear <- -higher - lower + (2 * n - higher + lower) * delta
  root <- sqrt(max(linear^2 + 8 * n * lower * delta * (1 - delta), 0))
  share <- if (linear <= 0) (root - linear) / (4 * n)            # neither form loses digits
           else 2 * lower * delta * (1 - delta) / (root + linear)
  (higher - lower - n * delta) / sqrt(n * (2 * share + delta * (1 - delta)))
}
tango_limits <- function(higher, lower, n) {
  z <- qnorm(0.5 + LEVEL / 2)
  middle <- (higher - lower) / n
  edge <- 1 - 1e-13
  limit <- function(target, from, to) {
    excess <- function(delta) tango(delta, higher, lower, n) - target
    uniroot(excess, c(from, to), tol = 1e-15, maxiter = 10000)$root
  }
  c(if (middle <= -edge) -1 else limit(z, -edge, min(middle, edge)),
    if (middle >= edge) 1 else limit(-z, max(middle, -edge), edge))
}

expected_superiority <- function(a, b) {
  n <- length(a)
  if (n < 1) return(refuse("no pair"))
  higher <- sum(a > b)
  lower <- sum(a < b)
  ci <- (1 + tango_limits(higher, lower, n)) / 2
  p <- exact <- NA_real_
  if (higher + lower > 0) {
    table <- matrix(c(1, lower, higher, 1), 2)        # the ties do not enter McNemar's test
    p <- mcnemar.test(table, correct = FALSE)$p.value
    exact <- binom.test(higher, higher + lower)$p.value
  }
  if (higher + lower == n) {
    wilson <- suppressWarnings(prop.test(higher, n, correct = FALSE, conf.level = LEVEL))$conf.int
    agree(ci[1] + 1, wilson[1] + 1, "without ties: prop.test")
    agree(ci[2] + 1, wilson[2] + 1, "without ties: prop.test")
  }
  list(estimate = mean((a > b) + (a == b) / 2), ci_low = ci[1], ci_high = ci[2], p_value = p,
       p_exact = exact)
}

# ---- likeness -------------------------------------------------------------------------------

expected_icc <- function(a, b) {
  n <- length(a)
  if (n < 2) return(refuse("fewer than two pairs"))
  r <- suppressWarnings(cor(c(a, b), c(b, a)))
  if (is.na(r) || abs(r) > 1 - 1e-12) return(refuse("no variation between or within pairs"))
  pair <- factor(rep(seq_len(n), 2))
  table <- anova(lm(c(a, b) ~ pair))
  f <- table[["F value"]][1]
  ss <- table[["Sum Sq"]]
  agree((ss[1] - ss[2]) / (ss[1] + ss[2]), r, "sums of squares", 1e-8)
  ratio <- f / qf(c(0.5 + LEVEL / 2, 0.5 - LEVEL / 2), n - 1, n)
  ci <- (ratio - 1) / (ratio + 1)
  p <- 2 * min(pf(f, n - 1, n), pf(f, n - 1, n, lower.tail = FALSE), 0.5)
  list(estimate = r, ci_low = ci[1], ci_high = ci[2], statistic = f, df = n - 1, p_value = p,
       z_large_sample = r * sqrt(n))
}

# ---- data -----------------------------------------------------------------------------------

# Pairs with something in common, in clusters that differ in their gap.
draw <- function(seed, n, gap = 0.4, common = 0.7, sd = 1, points = 5, missing = 0, clusters = 4,
                 part = 1) {
  set.seed(seed)
  cluster <- rep_len(seq_len(clusters), n)
  together <- rnorm(n, 0, common)
  a <- (points + 1) / 2 + gap / 2 + together + rnorm(n, 0, sd) + rnorm(clusters, 0, 0.3)[cluster]
  b <- (points + 1) / 2 - gap / 2 + together + rnorm(n, 0, sd)
  answer <- function(x) {
    x <- round(part * pmin(pmax(x, 1), points)) / part
    x[sample(n, floor(missing * n))] <- NA
    x
  }
  list(a = answer(a), b = answer(b), cluster = sprintf("org%02d", cluster))
}
exactly <- function(a, b, cluster = NULL) {
  if (is.null(cluster)) cluster <- sprintf("org%02d", (seq_along(a) - 1) %% 3 + 1)
  list(a = a, b = b, cluster = cluster)
}

sets <- list(
  five_point = draw(1, 30), five_point_null = draw(2, 40, gap = 0),
  five_point_large = draw(3, 150, clusters = 12), five_point_reversed = draw(4, 35, gap = -0.7),
  seven_point = draw(5, 45, points = 7, sd = 1.4, clusters = 6),
  seven_point_large = draw(6, 120, points = 7, sd = 1.6, clusters = 9),
  seven_point_missing = draw(7, 50, points = 7, sd = 1.3, missing = 0.1, clusters = 5),
  missing_some = draw(8, 30, missing = 0.1), missing_half = draw(9, 40, missing = 0.4),
  alike = draw(10, 30, common = 1.5, sd = 0.4), very_alike = draw(11, 40, common = 2, sd = 0.2),
  unlike = draw(12, 30, common = 0), huge_effect = draw(13, 40, gap = 3.5, points = 7, sd = 0.6),
  huge_negative_effect = draw(14, 30, gap = -3, points = 7, sd = 0.9),
  eleven_point = draw(15, 25, points = 11, sd = 2.5), halves = draw(16, 22, part = 2),
  eighths = draw(17, 36, part = 8, clusters = 7), hundredths = draw(18, 12, part = 128),
  few_clusters = draw(19, 24, clusters = 2), many_clusters = draw(20, 40, clusters = 20),
  own_cluster_each = draw(21, 14, clusters = 14), one_cluster = draw(22, 16, clusters = 1),
  unequal_clusters = modifyList(draw(23, 30), list(cluster = rep(
    c("org01", "org02", "org03", "org04", "org05"), c(14, 8, 4, 3, 1)))),
  two_pairs = exactly(c(4, 5), c(2, 4)), two_pairs_opposed = exactly(c(4, 2), c(2, 5)),
  three_pairs = exactly(c(2, 4, 6), c(1, 1, 1)), three_pairs_tied = exactly(c(3, 4, 2), c(3, 2, 2)),
  four_pairs = exactly(c(5, 3, 4, 2), c(3, 3, 5, 1)), five_pairs = draw(24, 5),
  six_pairs = exactly(c(5, 4, 4, 3, 5, 2), c(3, 4, 2, 2, 1, 3)),
  mostly_zero = exactly(c(3, 3, 4, 4, 5, 3, 2, 3, 4, 5), c(3, 3, 4, 3, 5, 3, 2, 3, 4, 4)),
  all_in_one_direction = exactly(c(5, 4, 5, 4, 5, 5), c(1, 2, 2, 1, 3, 1)),
  balanced = exactly(c(1, 2, 3, 4, 5, 3), c(2, 1, 4, 3, 3, 5)),
  opposite = exactly(c(1, 2, 4, 5, 3), c(5, 3, 2, 1, 4)),
  one_side_constant = exactly(rep(4, 9), c(1, 2, 3, 4, 5, 5, 2, 3, 3)),
  negative_answers = exactly(c(-2, 0, 1, 1, 2, -1, 0), c(-1, -2, -2, 0, 1, -1, 1)),
  one_size_of_difference = exactly(c(4, 4, 3, 5, 2, 3), c(3, 3, 4, 4, 1, 4)),
  one_pair = exactly(4, 2), one_pair_tied = exactly(3, 3),
  constant_difference = exactly(c(2, 3, 4, 5), c(1, 2, 3, 4)),
  all_tied = exactly(c(2, 3, 4, 5, 5), c(2, 3, 4, 5, 5)), constant = exactly(rep(4, 6), rep(4, 6)),
  no_complete_pair = exactly(c(3, NA, 4), c(NA, 2, NA))
)

record <- function(name, data) {
  there <- !is.na(data$a) & !is.na(data$b)
  a <- data$a[there]
  b <- data$b[there]
  list(name = name, a = I(data$a), b = I(data$b), cluster = I(data$cluster),
       expected = list(
         paired_difference = expected_difference(a, b),
         paired_difference_cluster = expected_cluster(a, b, data$cluster[there]),
         paired_effect_z = expected_effect(a, b, FALSE),
         paired_effect_average = expected_effect(a, b, TRUE),
         signed_rank = expected_signed_rank(a, b),
         signed_rank_exact = expected_signed_exact(a, b),
         signed_rank_pratt = expected_signed_pratt(a, b),
         paired_superiority = expected_superiority(a, b),
         double_entry_icc = expected_icc(a, b)))
}

# ---- write ----------------------------------------------------------------------------------

packages <- c("clubSandwich", "coin", "effectsize", "exactRankTests", "jsonlite")
versions <- c(list(R = paste(R.version$major, R.version$minor, sep = ".")),
              sapply(packages, function(p) as.character(packageVersion(p)), simplify = FALSE))
json <- function(x) toJSON(x, digits = I(15), auto_unbox = TRUE, na = "null", null = "null")
records <- sapply(unname(Map(record, names(sets), sets)), json)
writeLines(c("{", sprintf('"versions": %s,', json(versions)),
             sprintf('"settings": %s,', json(list(confidence_level = LEVEL))), '"pairs": [',
             paste(records, collapse = ",\n"), "]", "}"), file.path(here(), "paired.json"))
message(length(sets), " data sets; second opinions: ",
        paste(names(checked), checked, collapse = ", "))
message(paste(disagreements, collapse = "\n"))
stopifnot(length(disagreements) == 0)
