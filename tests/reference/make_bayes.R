# Expected values for research.stats.bayes, computed with R. Run from anywhere:
#   Rscript tests/reference/make_bayes.R
# Writes bayes.json beside this file: the data, the expected values and the versions, no date.
# Instead of values there is a `why` where R refuses.
#
# BayesFactor::ttest.tstat integrates with R's default tolerance (in effect seven digits) and
# approximates above t = 15, so the expected values are Rouder et al. (2009), eq. 1, integrated here
# to 1e-12; the package's value stands beside each up to t = 15 and must be met to 1e-7.

suppressPackageStartupMessages({
  library(BayesFactor)
  library(jsonlite)
})
options(warn = 1)

here <- function() {
  file <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
  dirname(normalizePath(file))
}

attempt <- function(expression) {
  tryCatch(expression, error = function(e) {
    if (grepl("not( all)? TRUE", conditionMessage(e))) stop(e)   # a check of this script failed
    list(why = paste("R:", conditionMessage(e)))
  })
}

# Log of the integral over g of eq. 1 in x = log g, piecewise about the peak, times the null's share.
log_factor <- function(t, n_a, n_b, scale) {
  df <- if (is.na(n_b)) n_a - 1 else n_a + n_b - 2
  size <- if (is.na(n_b)) n_a else n_a * n_b / (n_a + n_b)
  log_term <- function(x) {
    grown <- 1 + size * scale^2 * exp(x)
    -log(grown) / 2 - (df + 1) / 2 * (log1p(t^2 / (grown * df)) - log1p(t^2 / df)) -
      x / 2 - exp(-x) / 2 - log(2 * pi) / 2
  }
  peak <- optimize(log_term, c(-5, 60), maximum = TRUE, tol = 1e-8)$maximum
  top <- log_term(peak)
  # In ever wider pieces from the peak outwards: each is smooth, none hides the peak.
  ends <- sort(unique(c(peak + c(0, cumsum(rep(c(1, 2, 4), c(8, 8, 10)))),
                        peak - cumsum(rep(0.5, 30)))))
  pieces <- mapply(function(low, high) {
    integrate(function(x) exp(log_term(x) - top), low, high, rel.tol = 1e-12, abs.tol = 0,
              stop.on.error = FALSE)$value
  }, head(ends, -1), tail(ends, -1))
  top + log(sum(pieces))
}

# The same number by another road: the mean of the noncentral t over a Cauchy prior.
by_noncentral_t <- function(t, n_a, n_b, scale) {
  df <- if (is.na(n_b)) n_a - 1 else n_a + n_b - 2
  size <- if (is.na(n_b)) n_a else n_a * n_b / (n_a + n_b)
  inside <- function(d) dt(t, df, d * sqrt(size)) * dcauchy(d, 0, scale)
  middle <- t / sqrt(size)
  width <- 1 / sqrt(size)
  ends <- middle + width * c(-12, -6, -3, -1, 0, 1, 3, 6, 12)
  total <- sum(mapply(function(low, high) integrate(inside, low, high, rel.tol = 1e-10)$value,
                      head(ends, -1), tail(ends, -1)))
  total / dt(t, df)
}

expected_factor <- function(t, n_a, n_b, scale) {
  log_bf <- log_factor(t, n_a, n_b, scale)
  out <- list(estimate = exp(log_bf), log_bayes_factor = log_bf)
  if (abs(t) <= 15) {
    package <- ttest.tstat(t, n_a, if (is.na(n_b)) 0 else n_b, rscale = scale)
    stopifnot(abs(package$bf - log_bf) < 1e-7)
    furthest <<- max(furthest, abs(package$bf - log_bf))
    out$bayes_factor_package <- list(log_bayes_factor = package$bf)
  }
  if (abs(t) <= 3 && n_a >= 8) {   # where little of the noncentral t lies outside the pieces
    # R's noncentral t says that it loses digits; six are left.
    second <- suppressWarnings(by_noncentral_t(t, n_a, n_b, scale))
    stopifnot(abs(second / exp(log_bf) - 1) < 1e-6)
    checked <<- checked + 1
  }
  out
}
furthest <- 0
checked <- 0

# ---- t-values ---------------------------------------------------------------------------------

medium <- sqrt(2) / 2
t_values <- function() {
  rows <- list(
    list(2.24, 80, NA, 1), list(2.03, 80, NA, 1),                       # Rouder et al. (2009)
    list(0, 20, 20, medium), list(0, 10, NA, medium), list(0, 3000, 4000, medium),
    list(1e-6, 30, 30, medium), list(0.5, 2, 2, medium), list(-0.5, 2, 2, medium),
    list(1.2, 2, 3, medium), list(12, 2, 3, medium), list(3, 1, 2, medium), list(2.5, 2, NA, medium),
    list(40, 2, NA, medium), list(1.7, 5, 4, medium), list(-2.1, 5, 5, medium),
    list(1.9, 30, 31, medium), list(1.96, 5000, 5000, medium), list(-3.3, 12, 80, medium),
    list(4.4, 150, 160, medium), list(8, 40, 44, medium), list(14.9, 60, 70, medium),
    list(-14.9, 300, 20, medium), list(20, 60, 70, medium), list(35, 1000, 1000, medium),
    list(30, 10000, 9000, medium), list(60, 8, 9, medium), list(500, 4, 6, medium),
    list(2.2, 20, 22, 0.2), list(2.2, 20, 22, 1), list(2.2, 20, 22, sqrt(2)),
    list(0.3, 20, 22, 0.05), list(5, 20, 22, 10), list(2.7, 16, NA, 0.5), list(6, 100, NA, medium),
    list(25, 100, NA, medium), list(-1.1, 7, NA, 1), list(3.1, 100000, 3, medium),
    list(2, 1, NA, medium), list(2, 1, 1, medium), list(Inf, 5, 5, medium)
  )
  lapply(rows, function(r) {
    list(name = sprintf("t %s, n %s and %s, scale %s", format(r[[1]]), format(r[[2]]),
                        format(r[[3]]), format(r[[4]], digits = 3)),
         t = if (is.finite(r[[1]])) r[[1]] else "inf", n_a = r[[2]], n_b = r[[3]], scale = r[[4]])
  })
}

t_record <- function(row) {
  t <- as.numeric(row$t)
  value <- attempt({
    ttest.tstat(t, row$n_a, if (is.na(row$n_b)) 0 else row$n_b)   # refuses what it refuses
    expected_factor(t, row$n_a, row$n_b, row$scale)
  })
  c(row, list(expected = list(jzs_bayes_factor = value)))
}

# ---- answers of two roles ---------------------------------------------------------------------

draw <- function(seed, n_a, n_b, effect = 0.5, points = 5, sd = c(1, 1), missing = 0) {
  set.seed(seed)
  role <- rep(c("a", "b"), c(n_a, n_b))
  x <- (points + 1) / 2 + effect * (role == "a") + rnorm(n_a + n_b) * sd[1 + (role == "b")]
  x <- pmin(pmax(round(x), 1), points)
  x[sample(length(x), floor(missing * length(x)))] <- NA
  list(value = x, role = role)
}

exactly <- function(a, b) {
  list(value = c(a, b), role = rep(c("a", "b"), c(length(a), length(b))))
}

difference_data <- function() {
  list(
    five_point = draw(701, 20, 24), five_point_large = draw(702, 90, 80),
    null = draw(703, 40, 40, effect = 0), negative = draw(704, 22, 30, effect = -0.8),
    large_effect = draw(705, 30, 28, effect = 2.5), seven_point = draw(706, 44, 39, points = 7),
    eleven_point = draw(707, 50, 50, points = 11, sd = c(2, 2)), unequal_n = draw(708, 8, 70),
    unequal_n_reversed = draw(709, 80, 7), missing_some = draw(710, 30, 34, missing = 0.15),
    missing_half = draw(711, 40, 44, missing = 0.5), five_each = draw(712, 5, 5),
    four_each = draw(713, 4, 4), three_each = exactly(c(3, 4, 5), c(2, 4, 3)),
    two_each = exactly(c(4, 5), c(2, 3)), two_against_five = exactly(c(5, 3), c(2, 3, 4, 2, 1)),
    five_against_two = exactly(c(5, 5, 4, 4, 2), c(1, 4)),
    # Welch's t is another there: 12 people of SD 2 against 60 of SD 0.5.
    unequal_variance = draw(718, 12, 60, points = 9, sd = c(2, 0.5)),
    unequal_variance_reversed = draw(719, 60, 12, points = 9, sd = c(2.5, 0.7)),
    zero_effect = exactly(c(1, 2, 3, 4, 5, 3, 3), c(5, 4, 3, 2, 1, 3, 3)),
    constant_in_a = exactly(rep(4, 9), c(1, 2, 3, 4, 5, 4, 3)),
    constant_in_b = exactly(c(1, 2, 3, 4, 5, 4), rep(2, 8)),
    separated = exactly(c(5, 4, 5, 4, 5, 5), c(1, 2, 2, 1, 3, 1)),
    two_levels = exactly(rep(0:1, c(8, 12)), rep(0:1, c(15, 9))),
    continuous = exactly(c(3.125, 4.25, 2.875, 4.5, 3.75), c(2.5, 3.375, 3.125, 2.25, 4.125, 2)),
    many_ties = exactly(rep(c(3, 4), c(20, 3)), rep(c(3, 4), c(25, 2))),
    very_large_effect = draw(727, 40, 44, effect = 6, points = 11, sd = c(0.8, 0.8)),
    constant = exactly(rep(4, 8), rep(4, 10)), constant_per_role = exactly(rep(5, 6), rep(2, 7)),
    one_answer_in_a = exactly(4, c(2, 3, 4, 5)), none_in_b = exactly(c(2, 3, 4), c(NA, NA))
  )
}

difference_record <- function(name, data) {
  there <- !is.na(data$value)
  a <- data$value[there & data$role == "a"]
  b <- data$value[there & data$role == "b"]
  value <- attempt({
    if (min(length(a), length(b)) < 2) stop("fewer than two answers in a role")
    test <- t.test(a, b, var.equal = TRUE)
    factor <- expected_factor(unname(test$statistic), length(a), length(b), medium)
    if (!is.null(factor$bayes_factor_package)) {
      by_data <- extractBF(ttestBF(a, b))$bf
      stopifnot(abs(log(by_data) - factor$bayes_factor_package$log_bayes_factor) < 1e-6)
    }
    c(factor[c("estimate", "log_bayes_factor")],
      list(statistic = unname(test$statistic), df = unname(test$parameter)))
  })
  list(name = name, values = data$value, first = as.integer(data$role == "a"),
       expected = list(bayes_factor_difference = value))
}

# ---- write ------------------------------------------------------------------------------------

json <- function(x) toJSON(x, digits = I(15), auto_unbox = TRUE, na = "null", null = "null")
lines <- function(records) paste(sapply(records, json), collapse = ",\n")
data <- difference_data()
t_records <- suppressMessages(lapply(t_values(), t_record))
records <- suppressMessages(unname(Map(difference_record, names(data), data)))
versions <- list(R = paste(R.version$major, R.version$minor, sep = "."),
                 BayesFactor = as.character(packageVersion("BayesFactor")),
                 jsonlite = as.character(packageVersion("jsonlite")))
writeLines(c("{", sprintf('"versions": %s,\n"settings": %s,', json(versions),
                          json(list(scale = medium))),
             sprintf('"t_values": [\n%s\n],', lines(t_records)),
             sprintf('"differences": [\n%s\n]', lines(records)), "}"),
           file.path(here(), "bayes.json"))
why <- Filter(Negate(is.null), lapply(c(t_records, records), function(r) {
  reason <- r$expected[[1]]$why
  if (!is.null(reason)) paste(r$name, reason, sep = " | ")
}))
message(length(t_records), " t-values, ", length(records), " data sets; furthest from BayesFactor ",
        signif(furthest, 2), " (log); by noncentral t: ", checked, "\n", paste(why, collapse = "\n"))
