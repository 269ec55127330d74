# Expected values for research.stats.agreement, computed with R. Run from anywhere:
#   Rscript tests/reference/make_agreement.R
# Writes agreement.json beside this file: the data, the expected values and the versions, no date.
# Instead of values there is a `why` where R refuses, gives NaN, or gives a number nobody may use.
#
# Where no package of the distribution has the statistic, the formula of its paper is written out
# here in another way than in the package: pairs one by one instead of sums.

suppressPackageStartupMessages({
  library(jsonlite)
  library(multilevel)
  library(psych)
})
options(warn = 1)

LEVEL <- 0.95
TAIL <- 0.5 + LEVEL / 2

here <- function() {
  file <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
  dirname(normalizePath(file))
}
attempt <- function(expression) {
  tryCatch(expression, error = function(e) list(why = paste("R:", conditionMessage(e))))
}
refuse <- function(...) list(why = paste0(...))
zero <- function(mean_square, x) sqrt(mean_square) <= 1e-13 * max(abs(x))

# ---- raters: one row a target, one column a rater -------------------------------------------

TYPES <- c("icc_1_1", "icc_2_1", "icc_3_1", "icc_1_k", "icc_2_k", "icc_3_k")

expected_icc <- function(ratings) {
  complete <- ratings[stats::complete.cases(ratings), , drop = FALSE]
  n <- nrow(complete)
  k <- ncol(complete)
  every <- function(value) setNames(rep(list(value), 7), c(TYPES, "rating_anova"))
  if (n < 2 || k < 2) return(every(refuse("fewer than two complete targets or raters")))
  if (diff(range(complete)) == 0) return(every(refuse("one mark throughout")))
  fit <- suppressWarnings(psych::ICC(complete, lmer = FALSE, alpha = 1 - LEVEL))
  ms <- list(ms_targets = fit$stats[3, 1], ms_raters = fit$stats[3, 2],
             ms_residual = fit$stats[3, 3], ms_within = fit$MSW)
  ms <- lapply(ms, function(x) if (zero(x, complete)) 0 else x)
  between <- ms$ms_targets + (ms$ms_raters - ms$ms_residual) / n
  row <- function(i) {
    error <- if (i %in% c(1, 4)) ms$ms_within else ms$ms_residual
    if (ms$ms_targets == 0) return(refuse("targets have the same mean"))
    if (error == 0) return(refuse("no residual: F is infinite"))
    if (i == 5 && between <= 1e-12 * ms$ms_targets) return(refuse("negative variance below"))
    r <- fit$results[i, ]
    p <- pf(r$F, r$df1, r$df2, lower.tail = FALSE)
    stopifnot(abs(p - r$p) < 1e-12)
    out <- list(estimate = r$ICC, ci_low = r[["lower bound"]], ci_high = r[["upper bound"]],
                statistic = r$F, df = r$df1, df_error = r$df2, p_value = p)
    if (i %in% c(2, 5)) {      # McGraw & Wong, table 7, with their a and b
      rho <- fit$results[2, "ICC"]
      a <- k * rho / (n * (1 - rho))
      b <- 1 + k * rho * (n - 1) / (n * (1 - rho))
      v <- (a * ms$ms_raters + b * ms$ms_residual)^2 /
        ((a * ms$ms_raters)^2 / (k - 1) + (b * ms$ms_residual)^2 / ((n - 1) * (k - 1)))
      # Less than one df, or a limit of the mean of k beyond the pole of Spearman-Brown.
      pole <- i == 5 && 1 + (k - 1) * fit$results[2, "lower bound"] <= 1e-9
      if (v < 1 - 1e-9 || pole) out$ci_low <- out$ci_high <- NA
    }
    out
  }
  c(setNames(lapply(1:6, row), TYPES), list(rating_anova = ms))
}

# W = chi2 / (n (k - 1)) of Friedman's test; its rows are the raters.
expected_kendall_w <- function(ratings, incomplete) {
  by_rater <- t(ratings)
  if (incomplete == "raters") by_rater <- by_rater[stats::complete.cases(by_rater), , drop = FALSE]
  else by_rater <- by_rater[, stats::complete.cases(ratings), drop = FALSE]
  if (nrow(by_rater) < 2 || ncol(by_rater) < 2) return(refuse("fewer than two raters or targets"))
  test <- stats::friedman.test(by_rater)
  if (is.nan(test$statistic)) return(refuse("no rater orders anything"))
  list(estimate = unname(test$statistic) / (nrow(by_rater) * (ncol(by_rater) - 1)),
       statistic = unname(test$statistic), df = unname(test$parameter), p_value = test$p.value)
}

# By the definition: every pair of marks of a target against every pair of marks.
expected_alpha <- function(ratings, level) {
  units <- apply(ratings, 1, function(u) u[!is.na(u)], simplify = FALSE)
  units <- units[lengths(units) >= 2]
  marks <- unlist(units)
  if (length(units) == 0) return(refuse("no target with two marks"))
  if (length(unique(marks)) == 1) return(refuse("one mark throughout"))
  distance <- function(x, y) {
    if (level == "nominal") return(as.numeric(x != y))
    if (level == "interval") return((x - y)^2)
    from <- min(x, y)
    to <- max(x, y)
    (sum(marks >= from & marks <= to) - (sum(marks == from) + sum(marks == to)) / 2)^2
  }
  distinct <- sort(unique(marks))
  table_of <- outer(distinct, distinct, Vectorize(distance))
  between <- function(x, y) table_of[match(x, distinct), match(y, distinct)]
  observed <- sum(sapply(units, function(u) {
    total <- 0
    for (i in seq_along(u)) for (j in seq_along(u)) if (i != j) total <- total + between(u[i], u[j])
    total / (length(u) - 1)
  })) / length(marks)
  places <- match(marks, distinct)
  expected <- (sum(table_of[places, places]) - sum(diag(table_of[places, places]))) /
    (length(marks) * (length(marks) - 1))
  list(estimate = 1 - observed / expected, n_marks = length(marks), n_targets = length(units))
}

SHROUT_FLEISS <- rbind(c(9, 2, 5, 8), c(6, 1, 3, 2), c(8, 4, 6, 8), c(7, 1, 2, 6), c(10, 5, 6, 9),
                       c(6, 2, 4, 7))
KRIPPENDORFF <- cbind(c(1, 2, 3, 3, 2, 1, 4, 1, 2, NA, NA, NA),
                      c(1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NA, 3),
                      c(NA, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NA),
                      c(1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NA))

draw_ratings <- function(seed, n, k, target = 1, rater = 0.5, error = 0.8, points = 5, missing = 0,
                         digits = 0) {
  set.seed(seed)
  x <- 3 + outer(rnorm(n, 0, target), rnorm(k, 0, rater), `+`) + rnorm(n * k, 0, error)
  x <- round(pmin(pmax(x, 1), points), digits)
  x[sample(length(x), floor(missing * length(x)))] <- NA
  matrix(x, n, k)
}

rating_data <- function() {
  list(
    shrout_fleiss = SHROUT_FLEISS, krippendorff_2011 = KRIPPENDORFF,
    five_targets_two_raters = draw_ratings(1, 5, 2), five_targets_nine = draw_ratings(2, 5, 9),
    ten_three = draw_ratings(3, 10, 3), ten_three_missing = draw_ratings(4, 10, 3, missing = 0.1),
    ten_four_no_target = draw_ratings(5, 10, 4, target = 0),
    ten_four_weak_target = draw_ratings(6, 10, 4, target = 0.3),
    ten_four_strong_rater = draw_ratings(7, 10, 4, rater = 2, points = 9),
    ten_four_no_error = draw_ratings(8, 12, 4, error = 0.3, points = 7),
    thirty_two = draw_ratings(9, 30, 2), thirty_two_half = draw_ratings(10, 30, 2, missing = 0.25),
    thirty_five = draw_ratings(11, 30, 5), thirty_twelve = draw_ratings(12, 30, 12),
    thirty_twelve_missing = draw_ratings(13, 30, 12, missing = 0.03),
    fifty_four_missing = draw_ratings(14, 50, 4, missing = 0.15),
    eighty_three = draw_ratings(15, 80, 3, error = 1.2),
    continuous_small = draw_ratings(16, 6, 3, digits = 4),
    continuous = draw_ratings(17, 25, 4, digits = 4),
    continuous_missing = draw_ratings(18, 25, 4, digits = 4, missing = 0.1),
    continuous_wide = 100 * draw_ratings(19, 20, 5, digits = 3),
    three_points = draw_ratings(20, 20, 4, points = 3), two_points = draw_ratings(21, 24, 4, points = 2),
    many_ties = round(draw_ratings(22, 15, 6) / 2), seven_points = draw_ratings(23, 18, 3, points = 7),
    two_targets = draw_ratings(24, 2, 3, error = 1), two_by_two = cbind(c(1, 4), c(2, 3)),
    three_targets = draw_ratings(25, 3, 4), four_targets = draw_ratings(26, 4, 3, error = 1.5),
    reversed_raters = cbind(1:6, 6:1, c(2, 1, 4, 3, 6, 5)),
    one_constant_rater = cbind(draw_ratings(27, 12, 3), 3), level_only = outer(1:6, c(0, 1, 3), `+`),
    negative = draw_ratings(46, 9, 4, target = 0, rater = 0),
    huge_mean = 1e5 + draw_ratings(29, 10, 3), perfect = matrix(rep(c(1, 3, 2, 5, 4), 3), 5),
    everything_constant = matrix(4, 6, 3), raters_constant = matrix(rep(c(2, 4, 5), each = 5), 5),
    equal_means = rbind(c(1, 5), c(5, 1), c(2, 4), c(3, 3)), one_target = matrix(c(3, 4, 5), 1),
    one_rater = matrix(c(3, 4, 5), 3), no_complete_row = rbind(c(1, NA, 3), c(NA, 2, 3), c(3, 2, NA)),
    all_missing = matrix(NA_real_, 4, 3)
  )
}

rating_record <- function(name, ratings) {
  list(name = name, ratings = ratings, expected = c(
    expected_icc(ratings),
    list(kendall_w = attempt(expected_kendall_w(ratings, "raters")),
         kendall_w_targets = attempt(expected_kendall_w(ratings, "targets")),
         alpha_nominal = attempt(expected_alpha(ratings, "nominal")),
         alpha_ordinal = attempt(expected_alpha(ratings, "ordinal")),
         alpha_interval = attempt(expected_alpha(ratings, "interval")))))
}

check_published <- function() {
  icc <- psych::ICC(SHROUT_FLEISS, lmer = FALSE)$results$ICC
  stopifnot(all(abs(icc - c(.17, .29, .71, .44, .62, .91)) < 0.005))
  alpha <- sapply(c("nominal", "ordinal", "interval"),
                  function(level) expected_alpha(KRIPPENDORFF, level)$estimate)
  stopifnot(all(abs(alpha - c(.743, .815, .849)) < 0.0005))
}

# ---- within groups --------------------------------------------------------------------------

# A column that has no test is NA in all its numbers.
expected_group_icc <- function(values, cluster) {
  columns <- c("estimate", "ci_low", "ci_high", "statistic", "p_value", "df", "df_error")
  one <- function(x) suppressWarnings({
    there <- !is.na(x)
    y <- x[there]
    group <- factor(cluster[there])
    nothing <- rep(NA_real_, 14)
    if (nlevels(group) < 2 || length(y) <= nlevels(group)) return(nothing)
    fit <- stats::aov(y ~ group)
    part <- summary(fit)[[1]]
    missing <- rep(NA_real_, 5)
    if (max(part[, 3]) == 0 || (zero(part[1, 3], y) && zero(part[2, 3], y))) return(nothing)
    # Without F there is no test: the estimate alone.
    if (zero(part[1, 3], y)) return(c(multilevel::ICC1(fit), missing, NA, NA, missing, NA))
    if (zero(part[2, 3], y)) return(c(1, missing, NA, 1, missing, NA))
    f <- part[1, 4]
    df <- part[, 1]
    size <- length(y) / nlevels(group)
    low <- f / qf(TAIL, df[1], df[2])
    high <- f * qf(TAIL, df[2], df[1])
    p <- pf(f, df[1], df[2], lower.tail = FALSE)
    stopifnot(abs(p - part[1, 5]) < 1e-12)
    c(multilevel::ICC1(fit), (low - 1) / (low + size - 1), (high - 1) / (high + size - 1),
      f, p, df, multilevel::ICC2(fit), 1 - 1 / low, 1 - 1 / high, f, p, df)
  })
  found <- apply(values, 2, one)
  if (all(is.na(found))) return(list(icc_1 = refuse("no column has F"), icc_2 = refuse("no F")))
  named <- function(rows) {
    setNames(lapply(rows, function(i) unname(found[i, ])), columns)[1:5]
  }
  list(icc_1 = named(1:7), icc_2 = named(8:14))
}

# multilevel leaves a cluster out when nobody in it answered: put it back as NA.
per_cluster <- function(table, clusters) table[match(clusters, table$grpid), 2]

per_column <- function(values, cluster, f) {
  clusters <- sort(unique(cluster))
  found <- apply(values, 2, function(x) {
    if (all(is.na(x))) return(rep(NA_real_, length(clusters)))
    per_cluster(f(x, cluster), clusters)
  })
  found <- as.vector(t(matrix(found, length(clusters))))     # cluster by cluster
  if (all(is.na(found))) return(refuse("nowhere two answers"))
  list(estimate = found)
}

over_columns <- function(values, cluster, f) {
  if (ncol(values) < 2) return(NULL)    # multilevel::rwg.j fails on one item
  if (!any(stats::complete.cases(values))) return(refuse("nobody answered everything"))
  found <- per_cluster(f(values, cluster), sort(unique(cluster)))
  if (all(is.na(found))) return(refuse("nowhere two complete people"))
  list(estimate = found)
}

# Without setting negative values to 0 (not in multilevel).
rwg_kept <- function(null) function(x, cluster) {
  variance <- tapply(x, cluster, var, na.rm = TRUE)
  data.frame(grpid = names(variance), rwg = 1 - as.vector(variance) / null)
}
expected_rwg_j_kept <- function(values, cluster, null) {
  if (ncol(values) < 2) return(NULL)
  clusters <- sort(unique(cluster))
  complete <- stats::complete.cases(values)
  found <- sapply(clusters, function(label) {
    part <- values[complete & cluster == label, , drop = FALSE]
    if (nrow(part) < 2) return(NA)
    u <- mean(apply(part, 2, var)) / null
    j <- ncol(part)
    if (u >= j / (j - 1) - 1e-9) NA else j * (1 - u) / (1 + (j - 1) * (1 - u))   # Spearman-Brown
  })
  if (all(is.na(found))) return(refuse("nowhere a value"))
  list(estimate = unname(found))
}

draw_groups <- function(seed, sizes, items, between = 0.5, within = 0.8, points = 5, missing = 0,
                        digits = 0) {
  set.seed(seed)
  cluster <- rep(sprintf("org%02d", seq_along(sizes)), sizes)
  n <- length(cluster)
  level <- matrix(rnorm(length(sizes) * items, 0, between), length(sizes))
  x <- (points + 1) / 2 + level[rep(seq_along(sizes), sizes), ] + rnorm(n * items, 0, within)
  x <- round(pmin(pmax(x, 1), points), digits)
  x[sample(length(x), floor(missing * length(x)))] <- NA
  order <- sample(n)
  list(values = matrix(x, n)[order, , drop = FALSE], cluster = cluster[order], n_levels = points)
}
groups <- function(values, cluster, n_levels = 5) {
  list(values = as.matrix(values), cluster = cluster, n_levels = n_levels)
}

group_data <- function() {
  sets <- list(
    four_of_ten = draw_groups(201, rep(10, 4), 3), six_of_five = draw_groups(202, rep(5, 6), 4),
    twelve_of_four = draw_groups(203, rep(4, 12), 3), three_of_thirty = draw_groups(204, rep(30, 3), 2),
    unequal = draw_groups(205, c(3, 8, 20, 12), 3), very_unequal = draw_groups(206, c(60, 2, 3, 5, 9), 2),
    with_lone_people = draw_groups(207, c(1, 6, 1, 9, 4), 3),
    missing_some = draw_groups(208, rep(9, 6), 4, missing = 0.08),
    missing_many = draw_groups(209, rep(8, 7), 3, missing = 0.35),
    missing_unequal = draw_groups(210, c(14, 5, 3, 22), 3, missing = 0.15),
    no_difference = draw_groups(211, rep(8, 6), 3, between = 0),
    large_difference = draw_groups(212, rep(8, 6), 3, between = 1.5, points = 7),
    no_agreement = draw_groups(213, rep(6, 8), 3, between = 0, within = 4),
    strong_agreement = draw_groups(214, rep(9, 5), 4, within = 0.35),
    seven_points = draw_groups(215, rep(7, 6), 3, within = 1.5, points = 7),
    seven_points_missing = draw_groups(216, c(5, 9, 12, 4), 5, within = 1.5, points = 7, missing = 0.05),
    four_points = draw_groups(217, rep(8, 5), 2, points = 4), two_points = draw_groups(218, rep(8, 5), 3, points = 2),
    continuous = draw_groups(219, rep(7, 5), 3, digits = 3),
    continuous_missing = draw_groups(220, c(4, 11, 6, 9), 3, digits = 3, missing = 0.1),
    twenty_clusters = draw_groups(221, rep(3, 20), 2), two_clusters = draw_groups(222, c(9, 7), 3),
    two_people_each = draw_groups(223, rep(2, 9), 3), three_people_each = draw_groups(224, rep(3, 6), 6),
    five_people_two_clusters = draw_groups(225, c(3, 2), 3), ten_items = draw_groups(226, rep(6, 4), 10),
    two_items = draw_groups(227, rep(6, 7), 2), one_item = draw_groups(228, rep(6, 7), 1),
    polarised = groups(cbind(rep(c(1, 5), 9), rep(c(1, 5, 5), 6), rep(c(2, 4, 1), 6)),
                       rep(c("org01", "org02", "org03"), each = 6)),
    constant_within = groups(cbind(rep(c(2, 4, 5), each = 4), rep(1:4, 3)), rep(c("a", "b", "c"), each = 4)),
    everything_constant = groups(matrix(3, 12, 2), rep(c("a", "b", "c"), 4)),
    equal_means = groups(cbind(c(1, 3, 1, 3, 0, 4), c(1, 2, 3, 3, 2, 1)), rep(c("a", "b", "c"), each = 2)),
    one_cluster = groups(cbind(c(1, 3, 4, 4), c(2, 2, 5, 4)), rep("org", 4)),
    everyone_alone = groups(cbind(1:5, 5:1), letters[1:5]), everyone_missing = groups(matrix(NA_real_, 6, 2), rep(1:2, 3))
  )
  sets$one_item_missing <- local({
    data <- draw_groups(229, rep(7, 5), 3)
    data$values[, 2] <- NA
    data
  })
  sets$one_cluster_silent <- local({
    data <- draw_groups(230, rep(7, 5), 3)
    data$values[data$cluster == "org03", ] <- NA
    data
  })
  sets$one_constant_item <- local({
    data <- draw_groups(231, rep(5, 6), 3)
    data$values[, 1] <- 4
    data
  })
  sets
}

group_record <- function(name, data) {
  values <- data$values
  cluster <- as.character(data$cluster)
  uniform <- (data$n_levels^2 - 1) / 12
  frame <- function(f, ...) function(x, g) f(as.data.frame(x), g, ...)
  expected <- c(expected_group_icc(values, cluster), list(
    rwg = per_column(values, cluster, function(x, g) multilevel::rwg(x, g, uniform)),
    rwg_keep = per_column(values, cluster, rwg_kept(uniform)),
    rwg_j = over_columns(values, cluster, frame(multilevel::rwg.j, ranvar = uniform)),
    rwg_j_keep = expected_rwg_j_kept(values, cluster, uniform),
    ad_mean = per_column(values, cluster, function(x, g) multilevel::ad.m(x, g)),
    ad_median = per_column(values, cluster, function(x, g) multilevel::ad.m(x, g, type = "median")),
    ad_mean_j = over_columns(values, cluster, frame(multilevel::ad.m)),
    ad_median_j = over_columns(values, cluster, frame(multilevel::ad.m, type = "median"))))
  if (data$n_levels == 5) {
    skewed <- list(
      rwg_skewed = per_column(values, cluster, function(x, g) multilevel::rwg(x, g, 1.34)),
      rwg_j_skewed = over_columns(values, cluster, frame(multilevel::rwg.j, ranvar = 1.34)))
    expected <- c(expected, skewed)
  }
  list(name = name, values = values, cluster = cluster, n_levels = data$n_levels,
       expected = Filter(Negate(is.null), expected))
}

# ---- profiles -------------------------------------------------------------------------------

usable <- function(x, y) {
  there <- !is.na(x) & !is.na(y)
  x <- x[there]
  y <- y[there]
  why <- NULL
  if (length(x) < 3) why <- "fewer than three items"
  else if (diff(range(x)) < 1e-13 || diff(range(y)) < 1e-13) why <- "a profile without differences"
  list(x = x, y = y, n = length(x), why = why)
}

correlations <- function(first, second) {
  two <- usable(first, second)
  if (!is.null(two$why)) {
    names <- c("tau_b", "spearman", "profile_correlation", "double_entry", "profile_absolute")
    return(setNames(rep(list(refuse(two$why)), 5), names))
  }
  x <- two$x
  y <- two$y
  tau <- suppressWarnings(cor.test(x, y, method = "kendall", exact = FALSE, continuity = FALSE))
  rho <- suppressWarnings(cor.test(x, y, method = "spearman", exact = FALSE, continuity = FALSE))
  ranked <- list(estimate = unname(rho$estimate), p_value = rho$p.value)
  if (1 - abs(rho$estimate) < 1e-12) ranked$p_value <- NA       # R: p = 0
  icc <- suppressWarnings(psych::ICC(cbind(x, y), lmer = FALSE)$results$ICC[2])
  list(
    tau_b = list(estimate = unname(tau$estimate), statistic = unname(tau$statistic),
                 p_value = tau$p.value),
    spearman = ranked,
    profile_correlation = list(estimate = stats::cor(x, y)),
    double_entry = list(estimate = stats::cor(c(x, y), c(y, x))),
    profile_absolute = list(estimate = icc)
  )
}

expected_distinctive <- function(first, second, norm_a, norm_b) {
  two <- usable(first - norm_a, second - norm_b)
  if (!is.null(two$why)) return(refuse(two$why))
  if (max(abs(two$x + two$y)) < 1e-12) return(refuse("the normative profile is their own mean"))
  list(estimate = stats::cor(two$x, two$y))
}

# All ways to fill the places that tied items share, one by one.
choices <- function(x, top) {
  border <- sort(x, decreasing = TRUE)[top]
  sure <- which(x > border)
  tied <- which(x == border)
  lapply(utils::combn(length(tied), top - length(sure), simplify = FALSE),
         function(chosen) c(sure, tied[chosen]))
}
expected_top <- function(first, second, top) {
  two <- usable(first, second)
  if (is.null(two$why) && two$n < top) two$why <- "fewer items than places"
  if (!is.null(two$why)) return(refuse(two$why))
  a <- choices(two$x, top)
  b <- choices(two$y, top)
  overlap <- mean(sapply(a, function(s) sapply(b, function(t) length(intersect(s, t)))))
  list(estimate = overlap / top, by_chance = top / two$n)
}

draw_profiles <- function(seed, items, alike = 0.7, digits = 2, missing = 0, top = 5, shift = 0) {
  set.seed(seed)
  normal <- rnorm(items, 0, 0.5)
  shared <- rnorm(items, 0, 0.4)
  one <- function() 3.5 + normal + sqrt(alike) * shared + rnorm(items, 0, sqrt(1 - alike) * 0.4)
  first <- round(one(), digits)
  second <- round(one() + shift, digits)
  first[sample(items, floor(missing * items))] <- NA
  list(first = first, second = second, normative_first = round(3.5 + normal + rnorm(items, 0, 0.1), 3),
       normative_second = round(3.5 + shift + normal + rnorm(items, 0, 0.1), 3), top = top)
}
profiles <- function(first, second, top = 2, norm = NULL, seed = 300) {
  set.seed(seed)
  made <- function() round(3 + rnorm(length(first), 0, 0.5), 3)
  list(first = first, second = second, normative_first = if (is.null(norm)) made() else norm,
       normative_second = if (is.null(norm)) made() else norm, top = top)
}

profile_data <- function() {
  sets <- list(
    thirty = draw_profiles(301, 30), thirty_shifted = draw_profiles(302, 30, shift = 1),
    thirty_unlike = draw_profiles(303, 30, alike = 0), thirty_alike = draw_profiles(304, 30, alike = 0.97),
    thirty_ties = draw_profiles(305, 30, digits = 1), thirty_many_ties = draw_profiles(306, 30, digits = 0, top = 3),
    thirty_missing = draw_profiles(307, 30, missing = 0.1), thirty_half = draw_profiles(308, 30, missing = 0.5),
    thirty_top_ten = draw_profiles(309, 30, top = 10), thirty_top_one = draw_profiles(310, 30, digits = 1, top = 1),
    twelve = draw_profiles(311, 12), twelve_ties = draw_profiles(312, 12, digits = 1),
    twelve_coarse = draw_profiles(313, 12, digits = 0, top = 4), twelve_missing = draw_profiles(314, 12, missing = 0.2),
    eight = draw_profiles(315, 8, top = 3), eight_coarse = draw_profiles(316, 8, digits = 0, top = 3),
    eight_top_all = draw_profiles(317, 8, top = 8), sixty = draw_profiles(318, 60, digits = 1),
    hundred = draw_profiles(319, 100, digits = 1, top = 7), five = draw_profiles(320, 5, top = 2),
    five_ties = profiles(c(1, 2, 2, 3, 3), c(2, 2, 1, 3, 2)), four = draw_profiles(321, 4, top = 2),
    four_ties = profiles(c(1, 1, 2, 2), c(1, 2, 1, 3)), three = draw_profiles(322, 3, top = 1),
    three_ties = profiles(c(1, 2, 2), c(1, 1, 3), top = 1), same = profiles(c(3, 1, 4, 2, 5), c(3, 1, 4, 2, 5)),
    same_with_ties = profiles(c(3, 1, 3, 2, 2), c(3, 1, 3, 2, 2)), reversed = profiles(1:6, 6:1, top = 3),
    uncorrelated = profiles(c(1, 2, 3, 4, 5), c(2, 1, 3, 1, 2)),
    two_values = profiles(c(1, 1, 1, 0, 0, 0, 0), c(1, 0, 1, 0, 0, 1, 0)),
    negative_values = profiles(c(-2, -1.5, 0, 3, 0.5), c(1, -1, -3, 2, 0)),
    large_values = profiles(1000 + c(1, 4, 2, 6, 3, 5), 500 + c(2, 3, 1, 6, 6, 4)),
    own_mean = profiles(c(1, 4, 2, 5), c(3, 2, 2, 6), norm = c(2, 3, 2, 5.5)),
    equal_to_normative = profiles(c(1, 4, 2, 5), c(3, 2, 2, 6), norm = c(1, 4, 2, 5)),
    constant_first = profiles(rep(3.4, 8), c(1, 5, 2, 4, 3, 3, 2, 1)),
    constant_both = profiles(rep(3.1, 6), rep(4.2, 6)), two_items = profiles(c(1, 2), c(2, 1), top = 1),
    two_left = profiles(c(1, 2, NA, 4), c(2, NA, 3, 1), top = 1), all_missing = profiles(rep(NA_real_, 5), 1:5)
  )
  sets$average_of_answers <- local({     # means of whole answers, as they come
    set.seed(399)
    answers <- matrix(sample(5, 40 * 30, TRUE), 40)
    profiles(round(colMeans(answers[1:20, ]), 12), round(colMeans(answers[21:40, ]), 12), top = 5)
  })
  sets
}

profile_record <- function(name, data) {
  expected <- c(correlations(data$first, data$second), list(
    distinctive = expected_distinctive(data$first, data$second, data$normative_first,
                                       data$normative_second),
    top_overlap = expected_top(data$first, data$second, data$top)))
  c(list(name = name), data, list(expected = expected))
}

# ---- importance and performance -------------------------------------------------------------

QUADRANTS <- c("concentrate_here", "keep_up", "low_priority", "possible_overkill")

shares_of <- function(importance, performance, midpoint) {
  line <- function(x, there) if (is.null(midpoint)) mean(x[there]) else midpoint
  side <- function(x, l) if (abs(x - l) < 1e-12) 0.5 else as.numeric(x > l)
  there <- !is.na(importance) & !is.na(performance)
  lines <- c(line(importance, there), line(performance, there))
  sapply(seq_along(importance), function(i) {
    if (!there[i]) return(rep(NA, 4))
    high <- side(importance[i], lines[1])
    good <- side(performance[i], lines[2])
    c(high * (1 - good), high * good, (1 - high) * (1 - good), (1 - high) * good)
  })
}

expected_quadrants <- function(data, midpoint) {
  point <- shares_of(data$importance, data$performance, midpoint)
  flat <- is.null(midpoint) && !any(point == 1, na.rm = TRUE)
  draws <- lapply(seq_len(nrow(data$importance_replicates)), function(r) {
    shares_of(data$importance_replicates[r, ], data$performance_replicates[r, ], midpoint)
  })
  shares <- apply(simplify2array(draws), 1:2, mean, na.rm = TRUE)
  shares[is.nan(shares)] <- NA
  quadrant <- apply(point, 2, function(p) {
    if (anyNA(p)) NA else if (flat) NA else if (max(p) == 1) which.max(p) else 0
  })
  c(list(quadrant = quadrant),
    setNames(lapply(1:4, function(i) shares[i, ]), paste0("share_", QUADRANTS)))
}

draw_quadrants <- function(seed, items, draws, digits = 2, missing = 0) {
  set.seed(seed)
  importance <- round(rnorm(items, 3.4, 0.6), digits)
  performance <- round(rnorm(items, 3.1, 0.6), digits)
  around <- function(x) matrix(round(rep(x, each = draws) + rnorm(items * draws, 0, 0.3), digits), draws)
  data <- list(importance = importance, performance = performance,
               importance_replicates = around(importance), performance_replicates = around(performance))
  data$importance[seq_len(floor(missing * items))] <- NA
  holes <- sample(items * draws, floor(missing * items * draws))
  data$performance_replicates[holes] <- NA
  data
}

quadrant_data <- function() {
  sizes <- list(c(4, 3), c(5, 6), c(6, 10), c(8, 5), c(10, 8), c(12, 4), c(30, 6))
  drawn <- unlist(lapply(seq_along(sizes), function(i) {
    s <- sizes[[i]]
    list(draw_quadrants(400 + i, s[1], s[2]), draw_quadrants(420 + i, s[1], s[2], digits = 1),
         draw_quadrants(440 + i, s[1], s[2], digits = 0), draw_quadrants(460 + i, s[1], s[2], missing = 0.2))
  }), recursive = FALSE)
  names(drawn) <- paste0(c("fine_", "tenths_", "whole_", "missing_"), rep(seq_along(sizes), each = 4))
  drawn$all_on_the_midpoint <- list(importance = c(3, 3, 3), performance = c(1, 3, 4),
    importance_replicates = matrix(3, 2, 3), performance_replicates = rbind(c(3, 2, 4), c(3, 3, 5)))
  drawn$one_item_never_drawn <- local({
    data <- draw_quadrants(480, 6, 4)
    data$importance_replicates[, 2] <- NA
    data
  })
  drawn
}

quadrant_record <- function(name, data) {
  c(list(name = name), data,
    list(expected = list(quadrants = expected_quadrants(data, NULL),
                         quadrants_midpoint = expected_quadrants(data, 3))))
}

# ---- write ----------------------------------------------------------------------------------

check_published()
packages <- c("jsonlite", "multilevel", "psych")
named <- function(record, data) unname(Map(record, names(data), data))
reference <- list(
  versions = c(list(R = paste(R.version$major, R.version$minor, sep = ".")),
               sapply(packages, function(p) as.character(packageVersion(p)), simplify = FALSE)),
  settings = list(confidence_level = LEVEL, midpoint = 3),
  ratings = named(rating_record, rating_data()),
  groups = named(group_record, group_data()),
  profiles = named(profile_record, profile_data()),
  quadrants = named(quadrant_record, quadrant_data())
)
json <- function(x) toJSON(x, digits = NA, auto_unbox = TRUE, na = "null", null = "null")
sections <- sapply(names(reference), function(name) {
  part <- reference[[name]]
  if (!is.null(names(part))) return(sprintf('"%s": %s', name, json(part)))
  sprintf('"%s": [\n%s\n]', name, paste(sapply(part, json), collapse = ",\n"))   # a record a line
})
writeLines(c("{", paste(sections, collapse = ",\n"), "}"), file.path(here(), "agreement.json"))
message(paste(names(reference)[-(1:2)], sapply(reference[-(1:2)], length), collapse = ", "))
