# Expected values for research.stats.pooling, computed with R. Run from anywhere:
#   Rscript tests/reference/make_organisations.R
# Writes organisations.json beside this file: the data, the expected values and the versions.
# Instead of values there is a `why` where R refuses, or gives a number nobody may use.
#
# Role `a` is the first role (first = 1); every difference is a - b.

suppressPackageStartupMessages({
  library(jsonlite)
  library(metafor)
})
options(warn = 1)

LEVEL <- 0.95
LEVEL_LOW <- 0.90

here <- function() {
  file <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
  dirname(normalizePath(file))
}

refuse <- function(...) list(why = paste0(...))

# ---- random-effects pooling -----------------------------------------------------------------

# Fisher scoring finds a local maximum of the restricted likelihood; from several starts the best.
best_rma <- function(yi, vi) {
  starts <- list(NULL, 0, var(yi) / 10, var(yi), 10 * var(yi))
  fits <- lapply(starts, function(start) {
    control <- list(threshold = 1e-12, maxiter = 1e5, tau2.init = start)
    if (is.null(start)) control$tau2.init <- NULL
    tryCatch(suppressWarnings(rma(yi, vi, method = "REML", test = "knha", control = control)),
             error = function(e) NULL)
  })
  fits <- Filter(Negate(is.null), fits)
  fits[[which.max(sapply(fits, function(fit) as.numeric(logLik(fit))))]]
}

expected_pooling <- function(yi, vi, level = LEVEL) {
  used <- !is.na(yi) & !is.na(vi) & vi > 0
  yi <- yi[used]
  vi <- vi[used]
  k <- length(yi)
  if (k < 2) return(refuse("one organisation at most"))
  if (diff(range(yi)) == 0) return(refuse("all gaps equal: the standard error is zero"))
  fit <- best_rma(yi, vi)
  # predict and confint use the level of the fit.
  fit$level <- 1 - level
  prediction <- predict(fit, level = 100 * level)
  tau <- confint(fit, level = 100 * level, 
                 control = list(tol = 1e-15, maxiter = 1e5, tau2.max = 1e6))$random
  half <- qt(0.5 + level / 2, k - 1) * fit$se
  list(estimate = as.numeric(fit$beta), ci_low = as.numeric(fit$beta) - half,
       ci_high = as.numeric(fit$beta) + half, standard_error = fit$se,
       statistic = as.numeric(fit$zval), df = fit$ddf, p_value = fit$pval,
       prediction_low = prediction$pi.lb, prediction_high = prediction$pi.ub,
       tau_squared = fit$tau2, tau_squared_low = tau["tau^2", "ci.lb"],
       tau_squared_high = tau["tau^2", "ci.ub"], i_squared = fit$I2 / 100,
       q = fit$QE, q_df = k - 1, q_p_value = fit$QEp, n_clusters = k)
}

draw_gaps <- function(seed, k, mean = 0.3, tau = 0.4, n = c(8, 40), digits = 4) {
  set.seed(seed)
  vi <- 2 / runif(k, n[1], n[2])
  yi <- rnorm(k, mean, sqrt(vi + tau^2))
  list(yi = round(yi, digits), vi = signif(vi, 5))
}

pooling_data <- function() {
  sets <- list(
    two = draw_gaps(1, 2), three = draw_gaps(2, 3), three_apart = draw_gaps(3, 3, tau = 2),
    four = draw_gaps(4, 4), five = draw_gaps(5, 5), six = draw_gaps(6, 6), eight = draw_gaps(7, 8),
    ten = draw_gaps(8, 10), twelve = draw_gaps(9, 12), twenty = draw_gaps(10, 20),
    forty = draw_gaps(11, 40), hundred = draw_gaps(12, 100),
    no_heterogeneity = draw_gaps(13, 10, tau = 0), no_heterogeneity_large = draw_gaps(14, 50, tau = 0),
    little_heterogeneity = draw_gaps(15, 30, tau = 0.05),
    much_heterogeneity = draw_gaps(16, 15, tau = 3),
    very_unequal_variances = draw_gaps(17, 12, n = c(2, 2000)),
    very_unequal_variances_again = draw_gaps(18, 7, n = c(2, 5000), tau = 0.1),
    small_variances = draw_gaps(19, 9, n = c(1e4, 1e5)),
    large_variances = draw_gaps(20, 9, n = c(0.05, 0.4), tau = 2),
    null_gap = draw_gaps(21, 11, mean = 0), negative_gap = draw_gaps(22, 11, mean = -1.2),
    far_from_zero = draw_gaps(23, 14, mean = 50),
    ties = draw_gaps(24, 16, digits = 1), ties_coarse = draw_gaps(25, 16, digits = 0, tau = 0.6),
    one_outlier = list(yi = c(0.1, 0.2, 0.15, 0.12, 4), vi = c(0.02, 0.03, 0.02, 0.05, 0.04)),
    less_than_chance = list(yi = c(0.30, 0.31, 0.29, 0.30, 0.32, 0.28), vi = rep(0.2, 6)),
    equal_variances = list(yi = c(-0.5, 0.1, 0.4, 0.9), vi = rep(0.04, 4)),
    missing_some = list(yi = c(0.2, NA, 0.5, -0.1, 0.3, NA), vi = c(0.05, NA, 0.06, 0.04, 0.1, NA)),
    zero_variance_left_out = list(yi = c(0.2, 1, 0.5, -0.1, 0.3), vi = c(0.05, 0, 0.06, 0.04, 0)),
    one_organisation = list(yi = 0.4, vi = 0.1), none = list(yi = NA_real_, vi = NA_real_),
    all_gaps_equal = list(yi = c(0.5, 0.5, 0.5), vi = c(0.1, 0.2, 0.3)),
    # Two local maxima of the restricted likelihood are possible with few unlike precisions.
    few_unlike_precisions = list(yi = c(0, 0.05, 3), vi = c(1e-4, 1e-4, 1)),
    few_unlike_precisions_again = list(yi = c(-2, 0.1, 0.12, 2.5), vi = c(1.5, 1e-3, 1e-3, 2))
  )
  # Log relative risk of tuberculosis after vaccination, 13 trials (Colditz et al. 1994).
  bcg <- escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
  sets$bcg <- list(yi = as.numeric(bcg$yi), vi = as.numeric(bcg$vi))
  sets
}

pooling_record <- function(name, data) {
  list(name = name, estimates = I(data$yi), variances = I(data$vi),
       expected = list(pool_gaps = expected_pooling(data$yi, data$vi),
                       pool_gaps_90 = expected_pooling(data$yi, data$vi, LEVEL_LOW)))
}

# ---- people in organisations ----------------------------------------------------------------

likert <- function(x, points = 5) pmin(pmax(round(x), 1), points)
continuous <- function(x, points) round(pmin(pmax(x, 1), points), 4)

draw <- function(seed, na, nb, clusters, gap_sd = 0.4, sd = 1, missing = 0, share = NULL,
                 answer = likert, points = 5, gap = 0.5) {
  set.seed(seed)
  role <- rep(c("a", "b"), c(na, nb))
  cluster <- c(rep_len(seq_len(clusters), na), rep_len(seq_len(clusters), nb))
  if (!is.null(share)) cluster <- sample(clusters, na + nb, replace = TRUE, prob = share)
  level <- rnorm(clusters, 0, 0.3)
  gaps <- rnorm(clusters, gap, gap_sd)
  x <- answer(3.1 + level[cluster] + ifelse(role == "a", gaps[cluster], 0) +
                rnorm(na + nb, 0, sd), points)
  x[sample(length(x), floor(missing * length(x)))] <- NA
  list(value = x, role = role, cluster = sprintf("org%02d", cluster))
}

exactly <- function(a, b, ca, cb) {
  list(value = c(a, b), role = rep(c("a", "b"), c(length(a), length(b))), cluster = c(ca, cb))
}

people_data <- function() {
  sets <- list(
    three = draw(201, 15, 15, 3), four = draw(202, 20, 24, 4), five = draw(203, 30, 20, 5),
    six = draw(204, 36, 30, 6), eight = draw(205, 40, 48, 8), ten = draw(206, 60, 50, 10),
    twelve = draw(207, 72, 80, 12), twenty = draw(208, 80, 80, 20), thirty = draw(209, 90, 90, 30),
    null = draw(210, 40, 40, 8, gap = 0, gap_sd = 0), wide = draw(211, 40, 40, 8, gap_sd = 1.5),
    unequal = draw(212, 60, 60, 7, share = c(20, 8, 4, 2, 1, 1, 1)),
    very_unequal = draw(213, 70, 60, 9, share = 2^(9:1)),
    two_answers_each = draw(214, 10, 10, 5), one_answer_each = draw(215, 6, 6, 6),
    three_answers_each = draw(216, 15, 15, 5), few_in_a = draw(217, 10, 60, 5),
    few_in_b = draw(218, 60, 11, 5), missing_some = draw(219, 50, 50, 6, missing = 0.15),
    missing_half = draw(220, 50, 50, 6, missing = 0.5), missing_few = draw(221, 16, 18, 4, missing = 0.3),
    continuous = draw(222, 40, 36, 6, answer = continuous),
    continuous_missing = draw(223, 45, 40, 7, answer = continuous, missing = 0.1),
    continuous_unequal = draw(224, 45, 60, 7, answer = continuous, share = 7:1),
    seven_point = draw(225, 45, 40, 6, points = 7, sd = 1.6),
    seven_point_missing = draw(226, 80, 70, 11, points = 7, sd = 1.6, missing = 0.1),
    large = draw(227, 200, 180, 12), large_unequal = draw(228, 200, 150, 9, share = 9:1),
    negative = draw(229, 40, 40, 5, gap = -1), two_organisations = draw(230, 20, 20, 2),
    one_organisation = draw(231, 10, 10, 1),
    constant = exactly(rep(4, 9), rep(4, 9), rep(c("x", "y", "z"), 3), rep(c("x", "y", "z"), 3)),
    same_gap_everywhere = exactly(c(5, 4, 3), c(4, 3, 2), c("x", "y", "z"), c("x", "y", "z"))
  )
  sets$role_alone_in_two <- local({
    data <- draw(240, 42, 42, 6)
    lone <- data$role == "b" & data$cluster %in% c("org01", "org02")
    data$cluster[lone] <- "org03"
    data
  })
  sets$constant_in_one_organisation <- local({
    data <- draw(241, 30, 30, 5)
    data$value[data$cluster == "org02"] <- 3
    data
  })
  sets$constant_in_one_role_of_two <- local({
    data <- draw(242, 30, 30, 5)
    data$value[data$cluster %in% c("org02", "org04") & data$role == "a"] <- 5
    data
  })
  sets
}

per_organisation <- function(data, minimum) {
  there <- !is.na(data$value)
  organisations <- sort(unique(data$cluster), method = "radix")
  t(sapply(organisations, function(o) {
    a <- data$value[there & data$cluster == o & data$role == "a"]
    b <- data$value[there & data$cluster == o & data$role == "b"]
    if (min(length(a), length(b)) < minimum) return(c(NA, NA, length(a), length(b)))
    c(mean(a) - mean(b), var(a) / length(a) + var(b) / length(b), length(a), length(b))
  }))
}

expected_gaps <- function(data) {
  gaps <- per_organisation(data, 2)
  list(estimate = I(unname(gaps[, 1])), variance = I(unname(gaps[, 2])), n_a = I(unname(gaps[, 3])),
       n_b = I(unname(gaps[, 4])))
}

expected_level <- function(data) {
  there <- !is.na(data$value)
  means <- aggregate(value ~ cluster + role, data.frame(data)[there, ], mean)
  wide <- merge(means[means$role == "a", ], means[means$role == "b", ], by = "cluster")
  gap <- wide$value.x - wide$value.y
  if (length(gap) < 3) return(refuse("fewer than three organisations with both roles"))
  if (sd(gap) < 1e-12) return(refuse("the same gap everywhere: the standard error is zero"))
  test <- t.test(gap, conf.level = LEVEL)
  list(estimate = mean(gap), ci_low = test$conf.int[1], ci_high = test$conf.int[2],
       standard_error = test$stderr, statistic = unname(test$statistic),
       df = unname(test$parameter), p_value = test$p.value, n_clusters = length(gap))
}

people_record <- function(name, data) {
  gaps <- per_organisation(data, 2)
  list(name = name, values = data$value, first = as.integer(data$role == "a"),
       cluster = data$cluster,
       expected = list(organisation_gaps = expected_gaps(data),
                       pooled_people = expected_pooling(gaps[, 1], gaps[, 2]),
                       organisation_level_test = expected_level(data)))
}

# ---- write ----------------------------------------------------------------------------------

named <- function(record, data) unname(Map(record, names(data), data))
reference <- list(
  versions = list(R = paste(R.version$major, R.version$minor, sep = "."),
                  jsonlite = as.character(packageVersion("jsonlite")),
                  metafor = as.character(packageVersion("metafor"))),
  settings = list(confidence_level = LEVEL, low_level = LEVEL_LOW),
  pooling = named(pooling_record, pooling_data()),
  organisations = named(people_record, people_data())
)
json <- function(x) toJSON(x, digits = I(15), auto_unbox = TRUE, na = "null", null = "null")
sections <- sapply(names(reference), function(name) {
  part <- reference[[name]]
  if (!is.null(names(part))) return(sprintf('"%s": %s', name, json(part)))
  sprintf('"%s": [\n%s\n]', name, paste(sapply(part, json), collapse = ",\n"))   # a record a line
})
writeLines(c("{", paste(sections, collapse = ",\n"), "}"), file.path(here(), "organisations.json"))
message("pooling ", length(reference$pooling), ", organisations ", length(reference$organisations))
