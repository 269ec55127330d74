# Expected values for research.responses.quality, computed with R. Run from anywhere:
#   Rscript tests/reference/make_quality.R
# Writes quality.json beside this file: the data, the expected values and the versions, no date.
# A value R has none of is null; where an index is refused for everybody there is a `why`.
#
# careless 1.2.2 (Yentes & Wilhelm, MIT; github.com/ryentes/careless) and PerFit 1.4 (Tendeiro,
# GPL; github.com/cran/PerFit) are not in the distribution. Their definitions, read in their
# sources, are written out here person by person, with R's own rle, sd, cor, mahalanobis, solve:
#   longstring, irv, mahad (= psych::outlier), evenodd, psychsyn / psychant (resample_na = FALSE);
#   Gnormed.poly: errors counted pair by pair, largest number by trying every way to reach a sum.
# Nothing is vectorised as the package does it. Under `careless` stand the values these functions
# give where ours are others on purpose (missing answers).

suppressPackageStartupMessages({
  library(jsonlite)
  library(psych)
})
options(warn = 1)
RNGversion("4.2.0")

here <- function() {
  file <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
  dirname(normalizePath(file))
}
quiet <- function(expression) suppressWarnings(expression)
per_person <- function(x, f) vapply(seq_len(nrow(x)), function(i) as.numeric(f(x[i, ], i)), 0)

# ---- runs and spread ------------------------------------------------------------------------

# Runs of answers only: rle() makes every NA a run of one, which is careless's count.
runs <- function(row) { r <- rle(row); r$lengths[!is.na(r$values)] }
longest <- function(x) per_person(x, function(row, i) max(c(0, runs(row))))
average <- function(x) per_person(x, function(row, i) if (length(runs(row))) mean(runs(row)) else NA)
irv <- function(x) per_person(x, function(row, i) sd(row, na.rm = TRUE))

# ---- Mahalanobis ----------------------------------------------------------------------------

# Squared distance of the answers given, with the rows and columns of the pairwise covariance that
# belong to them.
mahalanobis_given <- function(x) {
  s <- quiet(cov(x, use = "pairwise.complete.obs"))
  bad <- anyNA(s) || any(diag(s) <= 0) ||
    min(eigen(cov2cor(s), symmetric = TRUE, only.values = TRUE)$values) < 1e-9
  if (bad) return(list(why = "singular_covariance"))
  centre <- colMeans(x, na.rm = TRUE)
  per_person(x, function(row, i) {
    o <- !is.na(row)
    if (!any(o)) return(NA)
    mahalanobis(row[o], centre[o], s[o, o, drop = FALSE])
  })
}

# ---- consistency ----------------------------------------------------------------------------

evenodd <- function(x, sizes) {
  first <- cumsum(c(1, sizes))[seq_along(sizes)]
  per_person(x, function(row, i) {
    halves <- sapply(seq_along(sizes), function(k) {
      part <- row[first[k] + seq_len(sizes[k]) - 1]
      place <- seq_along(part)
      c(mean(part[place %% 2 == 0], na.rm = TRUE), mean(part[place %% 2 == 1], na.rm = TRUE))
    })
    if (sum(!is.na(colSums(halves))) < 3) return(NA)  # careless: 1 or -1 for two clusters
    r <- quiet(cor(halves[1, ], halves[2, ], use = "pairwise.complete.obs"))
    if (is.na(r)) return(NA)
    -max(2 * r / (1 + r), -1)
  })
}

psychometric <- function(x, sign) {
  r <- quiet(cor(x, use = "pairwise.complete.obs"))
  r[upper.tri(r, diag = TRUE)] <- NA
  pairs <- which(sign * r > 0.6 + 1e-12, arr.ind = TRUE)
  if (nrow(pairs) == 0) return(list(why = "no_pairs"))
  list(
    n_pairs = nrow(pairs),
    values = per_person(x, function(row, i) {
      a <- row[pairs[, 1]]
      b <- row[pairs[, 2]]
      if (sum(!is.na(a + b)) <= 2) return(NA)
      quiet(cor(a, b, use = "pairwise.complete.obs"))
    })
  )
}

# ---- person fit -----------------------------------------------------------------------------

person_total <- function(x) per_person(x, function(row, i) {
  others <- colMeans(x[-i, , drop = FALSE], na.rm = TRUE)
  if (sum(!is.na(row) & !is.nan(others)) < 3) return(NA)
  quiet(cor(row, others, use = "pairwise.complete.obs"))
})

# Steps of an item: (item, m) is passed by an answer of m or more points above the lowest.
guttman <- function(x, low, high) {
  z <- x - low
  m <- high - low
  popular <- sapply(seq_len(m), function(s) colMeans(z >= s, na.rm = TRUE))
  popular <- matrix(popular, ncol(z), m)
  popular[is.nan(popular)] <- 0
  steps <- cbind(item = rep(seq_len(ncol(z)), each = m), step = rep(seq_len(m), ncol(z)))
  steps <- steps[order(as.vector(t(popular)), decreasing = TRUE, method = "radix"), ]
  per_person(z, function(row, i) {
    items <- which(!is.na(row))
    if (length(items) == 0) return(NA)
    own <- steps[steps[, "item"] %in% items, , drop = FALSE]
    passed <- row[own[, "item"]] >= own[, "step"]
    errors <- sum(outer(!passed, passed) * upper.tri(diag(length(passed))))
    largest <- most_errors(own, items, m)[sum(row[items]) + 1]
    if (largest == 0) 0 else errors / largest
  })
}

# Most errors any answers with a sum of 0, 1, 2, ... can have: the sum of the places of the steps
# passed, less the smallest possible, over every way of sharing the sum among the items.
most_errors <- function(own, items, m) {
  best <- 0
  for (item in items) {
    place <- which(own[, "item"] == item)
    place <- place[order(own[place, "step"])]
    cost <- c(0, cumsum(place))
    longer <- rep(-Inf, length(best) + m)
    for (k in 0:m) {
      at <- seq_along(best) + k
      longer[at] <- pmax(longer[at], best + cost[k + 1])
    }
    best <- longer
  }
  s <- seq_along(best) - 1
  best - s * (s + 1) / 2
}

# ---- made-up data ---------------------------------------------------------------------------

likert <- function(seed, n, sizes, points, loading = 0.7, missing = 0, low = 1) {
  set.seed(seed)
  p <- sum(sizes)
  factor_of <- rep(seq_along(sizes), sizes)
  common <- rnorm(n)
  factors <- sapply(sizes, function(k) 0.5 * common + sqrt(0.75) * rnorm(n))
  factors <- matrix(factors, nrow = n)
  y <- loading * factors[, factor_of] + sqrt(1 - loading^2) * matrix(rnorm(n * p), n)
  y <- sweep(y, 2, runif(p, -0.7, 0.7), "+")
  x <- matrix(findInterval(y, seq(-1.5, 1.5, length.out = points - 1)), n, p) + low
  x[matrix(runif(n * p) < missing, n)] <- NA
  storage.mode(x) <- "double"
  x
}
with_columns <- function(x, f) f(x)
set <- function(answers, sizes, low, high, reversed = integer(0)) {
  list(answers = answers, sizes = sizes, low = low, high = high, reversed = reversed)
}
flip <- function(x, columns, low, high) { x[, columns] <- low + high - x[, columns]; x }

sets <- list(
  five_points = set(likert(1, 60, c(5, 5, 5, 5), 5), c(5, 5, 5, 5), 1, 5),
  seven_points = set(likert(2, 80, rep(4, 6), 7), rep(4, 6), 1, 7),
  four_points = set(likert(3, 50, rep(4, 4), 4), rep(4, 4), 1, 4),
  two_points = set(likert(4, 70, rep(4, 3), 2, low = 0), rep(4, 3), 0, 1),
  eleven_points = set(likert(5, 60, rep(3, 4), 11, low = 0), rep(3, 4), 0, 10),
  below_zero = set(likert(6, 50, rep(4, 3), 5, low = -2), rep(4, 3), -2, 2),
  strong = set(likert(7, 90, rep(5, 4), 7, loading = 0.95), rep(5, 4), 1, 7),
  weak = set(likert(8, 70, rep(5, 4), 5, loading = 0.2), rep(5, 4), 1, 5),
  unequal_clusters = set(likert(9, 60, c(7, 2, 5, 1, 4), 5), c(7, 2, 5, 1, 4), 1, 5),
  ten_clusters = set(likert(10, 100, rep(3, 10), 5), rep(3, 10), 1, 5),
  two_clusters = set(likert(11, 50, c(6, 6), 5), c(6, 6), 1, 5),
  one_cluster = set(likert(12, 40, 8, 5), 8, 1, 5),
  few_missing = set(likert(13, 80, rep(5, 4), 5, missing = 0.03), rep(5, 4), 1, 5),
  some_missing = set(likert(14, 90, rep(5, 4), 5, missing = 0.15), rep(5, 4), 1, 5),
  many_missing = set(likert(15, 120, rep(3, 4), 5, missing = 0.4), rep(3, 4), 1, 5),
  strong_missing = set(likert(16, 100, rep(4, 5), 7, loading = 0.95, missing = 0.1), rep(4, 5), 1, 7),
  reversed = set(flip(likert(17, 80, rep(5, 4), 7, loading = 0.95), c(2, 7, 8, 15, 19), 1, 7),
                 rep(5, 4), 1, 7, c(2, 7, 8, 15, 19)),
  reversed_missing = set(flip(likert(18, 80, rep(4, 4), 5, loading = 0.95, missing = 0.1),
                              c(1, 6, 10, 16), 1, 5), rep(4, 4), 1, 5, c(1, 6, 10, 16)),
  constant_activity = set(with_columns(likert(19, 40, rep(3, 4), 5), function(x) { x[, 5] <- 3; x }),
                          rep(3, 4), 1, 5),
  same_activity_twice = set(with_columns(likert(20, 40, rep(3, 4), 5), function(x) { x[, 9] <- x[, 2]; x }),
                            rep(3, 4), 1, 5),
  activity_nobody_answered = set(with_columns(likert(21, 40, rep(3, 4), 5), function(x) { x[, 4] <- NA; x }),
                                 rep(3, 4), 1, 5),
  one_point_people = set(with_columns(likert(22, 60, rep(4, 4), 5), function(x) {
    x[1, ] <- 1; x[2, ] <- 5; x[3, ] <- 3; x[4, c(2, 9)] <- NA; x[4, -c(2, 9)] <- 5; x }), rep(4, 4), 1, 5),
  empty_rows = set(with_columns(likert(23, 50, rep(4, 3), 5), function(x) {
    x[3, ] <- NA; x[4, -5] <- NA; x[5, -c(2, 3)] <- NA; x[6, 1:6] <- NA; x }), rep(4, 3), 1, 5),
  all_alike = set(matrix(3, 12, 9), rep(3, 3), 1, 5),
  two_people = set(likert(25, 2, rep(3, 3), 5), rep(3, 3), 1, 5),
  one_person = set(likert(26, 1, rep(3, 3), 5), rep(3, 3), 1, 5),
  fewer_people_than_activities = set(likert(27, 10, rep(4, 4), 5), rep(4, 4), 1, 5),
  just_enough_people = set(likert(28, 14, rep(3, 4), 7), rep(3, 4), 1, 7),
  many_ties = set(with_columns(matrix(0, 40, 9), function(x) {
    set.seed(29); x[] <- sample(c(1, 5), length(x), TRUE); x }), rep(3, 3), 1, 5),
  sparse_pairs = set(likert(30, 25, rep(4, 4), 5, missing = 0.55), rep(4, 4), 1, 5),
  half_asked = set(with_columns(likert(31, 60, rep(4, 4), 5), function(x) { x[1:30, 1:8] <- NA; x }),
                   rep(4, 4), 1, 5)
)

expected <- function(s) {
  x <- s$answers
  keyed <- flip(x, s$reversed, s$low, s$high)
  squared <- mahalanobis_given(x)
  p_value <- if (is.list(squared)) squared else
    pchisq(squared, pmax(rowSums(!is.na(x)), 1), lower.tail = FALSE)
  n <- rowSums(!is.na(x))
  middle <- (s$low + s$high) / 2
  c(s, list(
    longest_string = longest(x),
    average_string = average(x),
    intra_individual_variability = irv(x),
    mahalanobis_squared = squared,
    mahalanobis_p = p_value,
    even_odd_inconsistency = evenodd(keyed, s$sizes),
    synonyms = psychometric(x, 1),
    antonyms = psychometric(x, -1),
    person_total_correlation = if (nrow(x) > 1) person_total(keyed) else NA_real_,
    guttman_errors = guttman(keyed, s$low, s$high),
    extreme_share = ifelse(n > 0, rowSums(x == s$low | x == s$high, na.rm = TRUE) / n, NA),
    midpoint_share = ifelse(n > 0, rowSums(x == middle, na.rm = TRUE) / n, NA),
    quartiles_of_errors = unname(quantile(guttman(keyed, s$low, s$high), c(0.25, 0.75), na.rm = TRUE)),
    careless = list(
      longest_string = per_person(x, function(row, i) max(rle(row)$lengths)),
      average_string = per_person(x, function(row, i) mean(rle(row)$lengths)),
      mahalanobis_squared = tryCatch(unname(quiet(psych::outlier(x, plot = FALSE))),
                                     error = function(e) NULL)
    )
  ))
}

found <- list(
  versions = list(R = paste(R.version$major, R.version$minor, sep = "."),
                  psych = as.character(packageVersion("psych")),
                  definitions = "careless 1.2.2, PerFit 1.4"),
  sets = lapply(sets, expected)
)
write_json(found, file.path(here(), "quality.json"), digits = I(15), auto_unbox = FALSE,
           na = "null", null = "null")
