# Expected values for research.stats.resampling, computed with R. Run from anywhere:
#   Rscript tests/reference/make_resampling.R
# Writes resampling.json beside this file: made-up data, the expected values and the versions.
# Only what does not depend on chance is here: intervals of given replicates, jackknife
# accelerations, moments over all resamples of tiny data, p-values over all arrangements.
#
# Role `a` is the first role (first = 1); every difference is a - b.

suppressPackageStartupMessages({
  library(boot)
  library(jsonlite)
})
options(warn = 1)

here <- function() {
  file <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
  dirname(normalizePath(file))
}

refuse <- function(...) list(why = paste0(...))

# ---- intervals of given replicates -----------------------------------------------------------
# boot.ci on a boot object made of the replicates, with L for the acceleration. Where replicates
# equal the estimate, boot.ci counts only those below it; the reference is then its formula with
# half of the ties, on its own norm.inter. Without ties the two must be the same (checked here).

boot_object <- function(t, t0) {
  structure(list(t0 = t0, t = matrix(t), R = length(t), data = t, sim = "ordinary",
                 call = quote(boot(data = t))), class = "boot", boot_type = "boot")
}

with_half_the_ties <- function(t, t0, acceleration, level) {
  w <- qnorm((sum(t < t0) + sum(t == t0) / 2) / length(t))
  z <- qnorm((1 + c(-level, level)) / 2)
  suppressWarnings(boot:::norm.inter(t, pnorm(w + (w + z) / (1 - acceleration * (w + z)))))[, 2]
}

interval_record <- function(name, t, t0, L, level = 0.95) {
  there <- t[is.finite(t)]
  acceleration <- sum(L^3) / (6 * sum(L^2)^1.5)
  object <- boot_object(there, t0)
  limits <- function(type, element) {
    if (length(there) < 200) return(refuse("our rule: fewer than 200 finite replicates"))
    if (diff(range(there)) == 0) return(refuse("boot.ci: all values of t are equal"))
    if (type == "bca" && (t0 < min(there) || t0 > max(there))) {
      return(refuse("boot.ci: estimated adjustment 'w' is infinite"))
    }
    ci <- suppressWarnings(boot.ci(object, conf = level, type = type, L = L))[[element]]
    found <- ci[length(ci) - 1:0]
    if (type == "bca") {
      ours <- with_half_the_ties(there, t0, acceleration, level)
      if (any(there == t0)) found <- ours else stopifnot(max(abs(found / ours - 1)) < 1e-12)
    }
    list(ci_low = found[1], ci_high = found[2])
  }
  shown <- as.list(t)
  shown[!is.finite(t)] <- list(NA)
  list(name = name, replicates = shown, estimate = t0, acceleration = acceleration, level = level,
       expected = list(percentile = limits("perc", "percent"), bca = limits("bca", "bca")))
}

interval_data <- function() {
  records <- list()
  add <- function(name, ...) records[[name]] <<- interval_record(name, ...)
  for (i in 1:14) {
    set.seed(100 + i)
    R <- c(200, 201, 250, 299, 199 + i * 10)[(i - 1) %% 5 + 1]
    skew <- c(0.1, 0.5, 1, 2)[(i - 1) %% 4 + 1]
    t <- signif(qgamma(runif(R), shape = 4 / skew^2) * skew / 2, 6)
    add(sprintf("skewed_%02d", i), t, signif(quantile(t, c(0.5, 0.4, 0.6, 0.3)[i %% 4 + 1]), 5) + 1e-7,
        L = rgamma(10, 4 / skew^2) - 4 / skew^2, level = c(0.95, 0.9, 0.99, 0.8)[i %% 4 + 1])
  }
  for (i in 1:8) {                                         # five-point items: many ties
    set.seed(200 + i)
    n <- c(5, 8, 10, 12, 15, 20, 25, 40)[i]
    x <- sample(1:5, n, TRUE)
    t <- replicate(c(200, 260, 300)[i %% 3 + 1], mean(sample(x, n, TRUE)))
    add(sprintf("ties_%02d", i), t, mean(x), L = x - mean(x))
  }
  for (i in 1:5) {                                         # resamples without an estimate
    set.seed(300 + i)
    t <- signif(rnorm(230 + 5 * i), 6)
    t[sample(length(t), 4 * i)] <- c(NA, Inf, -Inf, NaN)[i %% 4 + 1]
    add(sprintf("missing_%02d", i), t, signif(0.1 * i, 6) + 1e-7, L = rexp(8) - 1)
  }
  set.seed(400)
  add("heavy_tails", signif(rt(240, 2), 6), 0.0123456, L = rt(9, 3))
  add("negative", -signif(rexp(260), 6), -0.61234567, L = -rexp(9) + 1)
  add("far_from_zero", 1e6 + signif(rnorm(220), 4), 1e6 + 0.0312345, L = rnorm(9))
  add("estimate_at_the_edge", signif(rnorm(210), 6), -2, L = rnorm(9))
  add("large_acceleration", signif(rexp(220), 6), 0.7123456, L = c(rep(-0.1, 9), 0.9))
  add("limit_is_the_largest", signif(rnorm(205), 6), 0.71234567, L = c(rep(-0.3, 5), 0.5, 1))
  add("integer_ranks", sample(1:399) / 8, 24.9, L = rnorm(9), level = 0.9)
  add("symmetric", (-150:150) / 64, 0, L = c(-2, -1, 0, 1, 2))
  add("constant", rep(0.25, 210), 0.25, L = rnorm(5))
  add("too_few", signif(rnorm(150), 6), 0, L = rnorm(5))
  add("too_few_finite", c(signif(rnorm(199), 6), rep(NA, 40)), 0, L = rnorm(5))
  add("estimate_outside", signif(rnorm(210), 6), 9, L = rnorm(5))
  unname(records)
}

# ---- estimates from data -----------------------------------------------------------------------

hedges <- function(a, b) {
  if (min(length(a), length(b)) < 2) return(NA)
  df <- length(a) + length(b) - 2
  pooled <- sqrt((sum((a - mean(a))^2) + sum((b - mean(b))^2)) / df)
  if (pooled < 1e-9) return(NA)
  exp(lgamma(df / 2) - lgamma((df - 1) / 2) - log(df / 2) / 2) * (mean(a) - mean(b)) / pooled
}

alpha_of <- function(items) {
  items <- items[complete.cases(items), , drop = FALSE]
  if (nrow(items) < 3) return(NA)
  covariance <- cov(items)
  if (sum(covariance) < 1e-10) return(NA)
  k <- ncol(items)
  k / (k - 1) * (1 - sum(diag(covariance)) / sum(covariance))
}

mean_of <- function(x) if (length(x)) mean(x) else NA
variance_of <- function(x) if (length(x) > 1) var(x) else NA

# All estimates of one column; `a` and `b` without missing answers.
of_column <- function(a, b) {
  c(mean_a = mean_of(a), mean_b = mean_of(b), variance_a = variance_of(a),
    variance_b = variance_of(b), mean_difference = mean_of(a) - mean_of(b),
    hedges_g = hedges(a, b))
}

of_people <- function(values, first) {
  there <- function(j, role) Filter(Negate(is.na), values[first == role, j])
  columns <- sapply(seq_len(ncol(values)), function(j) of_column(there(j, 1), there(j, 0)))
  flat <- as.vector(t(columns))
  names(flat) <- paste0(rep(rownames(columns), each = ncol(values)), ".", seq_len(ncol(values)))
  c(flat, alpha_a.1 = alpha_of(values[first == 1, , drop = FALSE]),
    alpha_b.1 = alpha_of(values[first == 0, , drop = FALSE]), alpha_all.1 = alpha_of(values))
}

by_name <- function(flat) {
  stems <- sub("[.][0-9]+$", "", names(flat))
  lapply(split(unname(flat), factor(stems, unique(stems))), I)
}

# What people (or organisations) are resampled for: no mean or variance of one group.
of_both <- function(estimates) estimates[!grepl("^(mean_[ab]|variance)", names(estimates))]

# Acceleration from influence values, one stratum or two; L of a stratum centred and divided by its
# size, which makes boot's formula that of several samples. Differences of 1e-10 are rounding.
acceleration_of <- function(L, strata) {
  for (s in unique(strata)) {
    own <- strata == s
    L[own] <- (L[own] - mean(L[own])) / sum(own)
  }
  if (all(is.na(L))) return(NA)
  sum(L^3) / (6 * sum(L^2)^1.5)
}

clean <- function(L, size, strata) {
  for (s in unique(strata)) {
    own <- strata == s
    spread <- diff(range(L[own]))
    if (!is.na(spread) && spread <= 1e-9 * size) L[own] <- 0
  }
  if (all(L == 0, na.rm = TRUE)) L[] <- NA
  L
}

jackknife <- function(data, statistic, strata) {
  # One estimate at a time, as boot asks; a leave-one-out value that is missing makes it missing.
  observed <- statistic(data, seq_len(nrow(data)))
  sapply(names(observed), function(name) {
    if (is.na(observed[[name]])) return(NA)
    L <- empinf(data = data, statistic = function(d, i) statistic(d, i)[[name]], stype = "i",
                type = "jack", strata = strata)
    acceleration_of(clean(L, max(1, abs(observed[[name]])), strata), strata)
  })
}

# ---- data ---------------------------------------------------------------------------------------

draw_people <- function(seed, n_a, n_b, k = 3, missing = 0, answer = function(x) pmin(5, pmax(1, round(x)))) {
  set.seed(seed)
  n <- n_a + n_b
  first <- sample(rep(c(1, 0), c(n_a, n_b)))
  values <- sapply(seq_len(k), function(j) answer(3.2 + 0.4 * first + rnorm(n)))
  values <- matrix(answer(values + 0.8 * rnorm(n)), n)
  values[sample(length(values), floor(missing * length(values)))] <- NA
  list(values = values, first = first)
}

sample_data <- function() {
  sizes <- list(c(2, 2), c(2, 3), c(3, 3), c(4, 3), c(3, 5), c(5, 5), c(6, 4), c(4, 9), c(8, 8), c(12, 6),
                c(7, 14), c(10, 10), c(15, 5), c(20, 10), c(9, 25))
  plain <- lapply(seq_along(sizes), function(i) draw_people(500 + i, sizes[[i]][1], sizes[[i]][2]))
  names(plain) <- sprintf("ordinary_%s", sapply(sizes, paste, collapse = "_"))
  gaps <- lapply(1:9, function(i) draw_people(530 + i, 4 + 2 * i, 5 + i, missing = 0.04 + 0.02 * i))
  names(gaps) <- sprintf("missing_%02d", 1:9)
  smooth <- lapply(1:4, function(i) draw_people(550 + i, 4 + i, 6 + 2 * i, answer = function(x) round(x, 3)))
  names(smooth) <- sprintf("continuous_%02d", 1:4)
  sets <- c(plain, gaps, smooth)
  sets$constant_item <- { d <- draw_people(560, 6, 7); d$values[, 2] <- 4; d }
  sets$constant_in_a <- { d <- draw_people(561, 6, 7); d$values[d$first == 1, 1] <- 5; d }
  sets$constant_per_role <- { d <- draw_people(562, 5, 6); d$values[, 3] <- ifelse(d$first == 1, 5, 2); d }
  sets$nobody_answered_one <- { d <- draw_people(563, 6, 6); d$values[d$first == 0, 2] <- NA; d }
  sets$large_values <- { d <- draw_people(564, 8, 9); d$values <- 1000 * d$values + 7; d }
  sets$two_levels <- draw_people(565, 9, 11, answer = function(x) as.numeric(x > 3.4))
  sets
}

rows_of <- function(values) lapply(seq_len(nrow(values)), function(i) I(values[i, ]))

sample_record <- function(name, data) {
  per_column <- sapply(seq_len(ncol(data$values)), function(j) {
    there <- !is.na(data$values[, j])
    if (min(table(factor(data$first[there], 0:1))) == 0) return(rep(NA, 6))
    jackknife(data.frame(x = data$values[there, j], first = data$first[there]),
              function(d, i) of_column(d$x[i][d$first[i] == 1], d$x[i][d$first[i] == 0]),
              data$first[there])
  })
  rownames(per_column) <- names(of_column(1:2, 1:2))
  joint <- jackknife(cbind(data$values, data$first), function(d, i) {
    of_people(d[i, -ncol(d), drop = FALSE], d[i, ncol(d)])
  }, data$first)
  names(joint) <- names(of_people(data$values, data$first))
  observed <- of_people(data$values, data$first)
  list(name = name, values = rows_of(data$values), first = data$first,
       expected = list(
         bootstrap_estimates = by_name(observed),
         acceleration_from_counts = lapply(split(per_column, factor(rownames(per_column), rownames(per_column))), I),
         acceleration_of_people = of_both(by_name(joint))))
}

# ---- organisations: leave one out -----------------------------------------------------------

organisation_data <- function() {
  sets <- lapply(1:28, function(i) {
    J <- c(2, 3, 4, 5, 6, 8, 12)[(i - 1) %% 7 + 1]
    d <- draw_people(600 + i, 2 * J + i %% 5, 3 * J, missing = c(0, 0.06)[i %% 2 + 1])
    n <- length(d$first)
    d$cluster <- sprintf("org%02d", c(seq_len(J), sample(J, n - J, TRUE)))
    if (i %% 6 == 0) d$first[d$cluster == "org01"] <- 0       # a role is missing there
    d
  })
  names(sets) <- sprintf("organisations_%02d", seq_along(sets))
  sets
}

organisation_record <- function(name, data) {
  labels <- unique(data$cluster)                              # by first appearance
  J <- length(labels)
  without <- t(sapply(labels, function(l) {
    keep <- data$cluster != l
    of_people(data$values[keep, , drop = FALSE], data$first[keep])
  }))
  observed <- of_people(data$values, data$first)
  accelerations <- sapply(seq_along(observed), function(j) {
    if (is.na(observed[j]) || anyNA(without[, j])) return(NA)
    L <- (J - 1) * (mean(without[, j]) - without[, j])
    acceleration_of(clean(L, max(1, abs(observed[j])), rep(1, J)), rep(1, J))
  })
  names(accelerations) <- names(observed)
  means <- function(stem) as.vector(t(without[, paste0(stem, ".", seq_len(ncol(data$values)))]))
  list(name = name, values = rows_of(data$values), first = data$first, cluster = data$cluster,
       expected = list(
         acceleration_of_organisations = of_both(by_name(accelerations)),
         profiles_without_one = list(a = I(means("mean_a")), b = I(means("mean_b")))))
}

# ---- all resamples of tiny data ---------------------------------------------------------------

all_resamples <- function(n) as.matrix(expand.grid(rep(list(seq_len(n)), n)))

# All n^n resamples of a group, equal ones together: matrix of rows and their probability.
distinct_resamples <- function(n) {
  sorted <- t(apply(all_resamples(n), 1, sort))
  key <- apply(sorted, 1, paste, collapse = " ")
  list(rows = sorted[!duplicated(key), , drop = FALSE],
       probability = as.vector(table(factor(key, unique(key)))) / n^n)
}

moments_of <- function(estimates, probability) {
  there <- !is.na(estimates)
  share <- sum(probability[there])
  if (share < 1e-12) return(list(mean = NA, sd = NA, share = 0))
  p <- probability[there] / share
  m <- sum(p * estimates[there])
  list(mean = m, sd = sqrt(max(0, sum(p * (estimates[there] - m)^2))), share = share)
}

as_expected <- function(moments) {
  names_of <- unique(sub("[.][0-9]+$", "", names(moments)))
  unlist(lapply(names_of, function(stem) {
    own <- moments[sub("[.][0-9]+$", "", names(moments)) == stem]
    out <- lapply(c("mean", "sd", "share"), function(m) I(unname(sapply(own, `[[`, m))))
    names(out) <- paste0(stem, "_", c("mean", "sd", "share"))
    out
  }), recursive = FALSE)
}

tiny_data <- function() {
  sizes <- list(c(2, 2), c(2, 3), c(3, 2), c(3, 3), c(4, 2), c(2, 4), c(4, 3), c(3, 4), c(4, 4))
  sets <- lapply(1:27, function(i) {
    n <- sizes[[(i - 1) %% 9 + 1]]
    draw_people(700 + i, n[1], n[2], k = 2, missing = if (i > 18) 0.12 else 0)
  })
  names(sets) <- sprintf("tiny_%02d", seq_along(sets))
  sets
}

tiny_record <- function(name, data) {
  a <- which(data$first == 1)
  b <- which(data$first == 0)
  draws_a <- distinct_resamples(length(a))
  draws_b <- distinct_resamples(length(b))
  pairs <- expand.grid(i = seq_len(nrow(draws_a$rows)), j = seq_len(nrow(draws_b$rows)))
  probability <- draws_a$probability[pairs$i] * draws_b$probability[pairs$j]
  estimates <- t(mapply(function(i, j) {
    rows <- c(a[draws_a$rows[i, ]], b[draws_b$rows[j, ]])
    of_people(data$values[rows, , drop = FALSE], data$first[rows])
  }, pairs$i, pairs$j))
  moments <- lapply(colnames(estimates), function(c) moments_of(estimates[, c], probability))
  names(moments) <- colnames(estimates)
  list(name = name, values = rows_of(data$values), first = data$first,
       expected = list(all_resamples = as_expected(moments)))
}

# ---- all two-stage resamples of tiny organisations ------------------------------------------

nested_data <- function() {
  sets <- lapply(1:26, function(i) {
    set.seed(800 + i)
    J <- c(2, 3)[i %% 2 + 1]
    most <- if (J == 3) 2 else 3
    sizes <- matrix(sample(0:most, 2 * J, TRUE, prob = c(1, 3, 3, 2)[1:(most + 1)]), J)
    sizes[1, ] <- pmax(sizes[1, ], 1)
    cluster <- rep(rep(sprintf("org%d", 1:J), 2), as.vector(sizes))
    first <- rep(c(1, 0), colSums(sizes))
    values <- cbind(sample(1:5, length(first), TRUE), sample(1:5, length(first), TRUE))
    if (i %% 3 == 0) values[sample(length(values), 1)] <- NA
    list(values = values, first = first, cluster = cluster)
  })
  names(sets) <- sprintf("nested_%02d", seq_along(sets))
  sets
}

nested_record <- function(name, data) {
  labels <- unique(data$cluster)
  J <- length(labels)
  means_given <- function(pick, role, j) {
    # Column mean of every way to draw the people of this role from the organisations picked.
    groups <- lapply(labels[pick], function(l) which(data$cluster == l & data$first == role))
    choices <- unlist(lapply(groups, function(g) rep(list(g), length(g))), recursive = FALSE)
    if (!length(choices)) return(NA)
    apply(as.matrix(expand.grid(choices)), 1, function(rows) mean_of(Filter(Negate(is.na), data$values[rows, j])))
  }
  picks <- all_resamples(J)
  moments <- list()
  for (j in seq_len(ncol(data$values))) {
    a <- b <- difference <- p_a <- p_b <- p_difference <- c()
    for (i in seq_len(nrow(picks))) {
      own_a <- means_given(picks[i, ], 1, j)
      own_b <- means_given(picks[i, ], 0, j)
      a <- c(a, own_a); p_a <- c(p_a, rep(1 / length(own_a), length(own_a)))
      b <- c(b, own_b); p_b <- c(p_b, rep(1 / length(own_b), length(own_b)))
      both <- as.vector(outer(own_a, own_b, "-"))
      difference <- c(difference, both); p_difference <- c(p_difference, rep(1 / length(both), length(both)))
    }
    moments[[paste0("mean_a.", j)]] <- moments_of(a, p_a / nrow(picks))
    moments[[paste0("mean_b.", j)]] <- moments_of(b, p_b / nrow(picks))
    moments[[paste0("mean_difference.", j)]] <- moments_of(difference, p_difference / nrow(picks))
  }
  list(name = name, values = rows_of(data$values), first = data$first, cluster = data$cluster,
       expected = list(all_two_stage_resamples = as_expected(moments)))
}

# ---- permutation: every arrangement of the labels ---------------------------------------------

welch_t <- function(x, first) {
  a <- x[first == 1 & !is.na(x)]
  b <- x[first == 0 & !is.na(x)]
  if (min(length(a), length(b)) < 2) return(NA)
  tryCatch(unname(t.test(a, b)$statistic),
           error = function(e) if (mean(a) == mean(b)) 0 else Inf)     # essentially constant
}

all_labels <- function(first, cluster) {
  parts <- lapply(split(seq_along(first), cluster), function(rows) {
    n_a <- sum(first[rows])
    apply(combn(length(rows), n_a), 2, function(chosen) list(rows[chosen]), simplify = FALSE)
  })
  grid <- expand.grid(lapply(parts, seq_along))
  apply(grid, 1, function(choice) {
    chosen <- unlist(Map(function(part, i) part[[i]], parts, choice))
    as.numeric(seq_along(first) %in% chosen)
  }, simplify = FALSE)
}

max_t_data <- function() {
  sizes <- list(c(2, 3), c(3, 3), c(3, 4), c(4, 4), c(5, 3), c(5, 4), c(2, 7), c(4, 5))
  sets <- lapply(1:20, function(i) {
    n <- sizes[[(i - 1) %% 8 + 1]]
    d <- draw_people(900 + i, n[1], n[2], missing = if (i > 15) 0.08 else 0)
    d$values[, 1] <- pmin(5, d$values[, 1] + (i %% 3) * d$first)
    c(d, list(cluster = NULL))
  })
  nested <- lapply(1:10, function(i) {
    d <- draw_people(940 + i, 5, 6, missing = if (i > 7) 0.06 else 0)
    d$cluster <- c("x", "y", "z")[c(1, 2, 3, sample(3, 8, TRUE))]
    d$values[, 2] <- pmin(5, d$values[, 2] + 2 * d$first)
    d
  })
  sets <- c(sets, nested)
  names(sets) <- sprintf("labels_%02d", seq_along(sets))
  sets$constant_item <- { d <- draw_people(960, 4, 4); d$values[, 2] <- 3; d }
  sets$constant_per_role <- { d <- draw_people(961, 4, 4); d$values[, 1] <- ifelse(d$first == 1, 5, 2); d }
  sets
}

max_t_record <- function(name, data) {
  k <- ncol(data$values)
  cluster <- if (is.null(data$cluster)) rep("x", length(data$first)) else data$cluster
  observed <- sapply(1:k, function(j) welch_t(data$values[, j], data$first))
  observed[is.infinite(observed)] <- NA
  observed[apply(data$values, 2, function(x) diff(range(x, na.rm = TRUE)) == 0)] <- NA
  labels <- all_labels(data$first, cluster)
  permuted <- abs(t(sapply(labels, function(l) sapply(1:k, function(j) welch_t(data$values[, j], l)))))
  family <- which(!is.na(observed))
  order_of <- family[order(-abs(observed[family]))]
  p_value <- p_adjusted <- rep(NA_real_, k)
  last <- 0
  for (step in seq_along(order_of)) {
    j <- order_of[step]
    limit <- abs(observed[j]) * (1 - 1e-10)
    against <- is.na(permuted[, j]) | permuted[, j] >= limit
    largest <- apply(permuted[, order_of[step:length(order_of)], drop = FALSE], 1,
                     function(row) max(c(-Inf, row[!is.na(row)])))
    p_value[j] <- mean(against)
    last <- max(last, mean(against | largest >= limit))
    p_adjusted[j] <- last
  }
  list(name = name, values = rows_of(data$values), first = data$first, cluster = data$cluster,
       expected = list(max_t = list(statistic = I(observed), p_value = I(p_value),
                                    p_adjusted = I(p_adjusted), n_permutations = length(labels))))
}

# ---- write ----------------------------------------------------------------------------------------

records <- function(sets, record) unname(Map(record, names(sets), sets))

found <- list(
  versions = list(R = paste(R.version$major, R.version$minor, sep = "."),
                  boot = as.character(packageVersion("boot")),
                  jsonlite = as.character(packageVersion("jsonlite"))),
  settings = list(minimum_replicates = 200),
  intervals = interval_data(),
  people = records(sample_data(), sample_record),
  organisations = records(organisation_data(), organisation_record),
  tiny = records(tiny_data(), tiny_record),
  nested = records(nested_data(), nested_record),
  labels = records(max_t_data(), max_t_record)
)
json <- function(x) toJSON(x, digits = I(15), auto_unbox = TRUE, na = "null", null = "null")
sections <- sapply(names(found), function(name) {
  part <- found[[name]]
  if (!is.null(names(part))) return(sprintf('"%s": %s', name, json(part)))
  sprintf('"%s": [\n%s\n]', name, paste(sapply(part, json), collapse = ",\n"))   # a record a line
})
writeLines(c("{", paste(sections, collapse = ",\n"), "}"), file.path(here(), "resampling.json"))
