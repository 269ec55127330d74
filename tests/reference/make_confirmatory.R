# Expected values for the confirmatory models of research.stats.factors (structure, ordinal_fit,
# continuous_fit, fit_indices), computed with lavaan and semTools. Run from anywhere (3 minutes):
#   Rscript tests/reference/make_confirmatory.R
# Writes confirmatory.json beside this file: the data (one string of digits a respondent, "." where
# missing), the expected values and the versions, no date. Helpers stand in factor_models.R.

source(file.path(dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))),
                 "factor_models.R"))

# ---- data -----------------------------------------------------------------------------------

# Latent responses cut into categories. `shift` and `weaker` move intercepts and loadings of the
# first items in later groups; factors of later groups have another mean and spread.
answers <- function(seed, sizes, factor_of, categories, loading = 0.75, correlation = 0.4,
                    shift = 0, weaker = 0, missing = 0, reversed = integer()) {
  set.seed(seed)
  p <- length(factor_of)
  m <- max(factor_of) + 1
  root <- chol(matrix(correlation, m, m) + diag(1 - correlation, m))
  loadings <- loading + rep_len(c(0.1, 0, -0.1, 0.05, -0.15), p)
  groups <- lapply(seq_along(sizes), function(g) {
    later <- g - 1
    f <- matrix(rnorm(sizes[g] * m), ncol = m) %*% root * (1 + 0.2 * later) + 0.25 * later
    l <- loadings - c(weaker, rep(0, p - 1)) * later
    y <- f[, factor_of + 1, drop = FALSE] %*% diag(l) +
      matrix(rnorm(sizes[g] * p), ncol = p) %*% diag(sqrt(1 - pmin(l, 0.95)^2))
    y[, 2] <- y[, 2] + shift * later
    y[, reversed] <- -y[, reversed]
    y
  })
  y <- do.call(rbind, groups)
  skew <- rep_len(c(0.3, -0.2, 0, 0.4, -0.4, 0.1), p)
  codes <- sapply(seq_len(p), function(i) {
    k <- categories[i]
    limits <- skew[i] + if (k == 2) 0 else seq(-1, 1, length.out = k - 1) * (0.6 + 0.12 * k)
    findInterval(y[, i], limits) + 1
  })
  codes[matrix(runif(length(codes)) < missing, nrow(codes))] <- NA
  colnames(codes) <- paste0("x", seq_len(p))
  list(codes = codes, group = rep(letters[seq_along(sizes)], sizes), factor_of = factor_of)
}
SETS <- list(
  one_factor = answers(1, 200, rep(0, 5), rep(5, 5)),
  reversed_item = answers(10, 150, rep(0, 5), rep(5, 5), reversed = c(1, 4)),
  saturated = answers(2, 160, rep(0, 3), c(4, 4, 3)),
  mixed_categories = answers(3, 320, c(0, 0, 0, 1, 1, 1, 1), c(2, 3, 4, 5, 6, 4, 3)),
  three_factors = answers(4, 260, c(0, 1, 2, 0, 1, 2, 0, 1, 2), rep(4, 9), missing = 0.08),
  two_groups = answers(5, c(190, 140), rep(0, 5), rep(4, 5)),
  two_groups_differ = answers(6, c(200, 170), c(0, 0, 0, 1, 1, 1), rep(5, 6), shift = 0.5,
                              weaker = 0.35),
  three_groups = answers(7, c(150, 130, 120), rep(0, 4), c(3, 4, 5, 4)),
  binary_among = answers(8, c(210, 190), rep(0, 5), c(2, 3, 4, 4, 2), shift = 0.3),
  holes = answers(9, c(180, 160), c(0, 0, 0, 1, 1, 1), rep(4, 6), missing = 0.1)
)
as_text <- function(set) {
  cells <- ifelse(is.na(set$codes), ".", set$codes)
  list(answers = apply(cells, 1, paste, collapse = ""), group = paste(set$group, collapse = ""),
       factor_of = set$factor_of)
}

# ---- models ---------------------------------------------------------------------------------

run <- function(name, ordinal, steps = "configural", ...) {
  set <- SETS[[name]]
  records_of(name, as.data.frame(set$codes), set$group, set$factor_of, ordinal, steps, ...)
}
ALONG <- setdiff(STEPS, "thresholds")
ordinal <- c(
  run("one_factor", TRUE, parametrisation = "delta"),
  run("one_factor", TRUE, parametrisation = "theta"),
  run("one_factor", TRUE, parametrisation = "delta", identified_by = "first_loading"),
  run("reversed_item", TRUE, parametrisation = "delta"),
  run("saturated", TRUE, parametrisation = "delta"),
  run("mixed_categories", TRUE, parametrisation = "delta"),
  run("three_factors", TRUE, parametrisation = "delta", missing = "pairwise"),
  run("three_factors", TRUE, parametrisation = "delta", missing = "listwise"),
  run("two_groups", TRUE, STEPS, parametrisation = "theta"),
  run("two_groups", TRUE, STEPS[1:4], parametrisation = "delta"),
  run("two_groups_differ", TRUE, STEPS, parametrisation = "theta"),
  run("two_groups_differ", TRUE, STEPS, parametrisation = "theta", released = c(0, 1)),
  run("three_groups", TRUE, STEPS, parametrisation = "theta"),
  run("binary_among", TRUE, STEPS, parametrisation = "theta"),
  run("binary_among", TRUE, STEPS[1:4], parametrisation = "delta"),
  run("holes", TRUE, STEPS, parametrisation = "theta", missing = "pairwise"),
  run("holes", TRUE, STEPS, parametrisation = "theta", missing = "listwise")
)
continuous <- c(
  run("one_factor", FALSE),
  run("one_factor", FALSE, identified_by = "first_loading"),
  run("reversed_item", FALSE),
  run("saturated", FALSE),
  run("three_factors", FALSE, missing = "listwise"),
  run("three_factors", FALSE, missing = "ml"),
  run("two_groups", FALSE, ALONG),
  run("two_groups_differ", FALSE, ALONG),
  run("two_groups_differ", FALSE, ALONG, released = c(0, 1)),
  run("two_groups", FALSE, ALONG, released = 3),
  run("three_groups", FALSE, ALONG),
  run("three_groups", FALSE, ALONG, released = 0),
  run("binary_among", FALSE, ALONG),
  run("holes", FALSE, ALONG, missing = "listwise"),
  run("holes", FALSE, ALONG, missing = "ml")
)
write_reference(list(versions = versions(), data = lapply(SETS, as_text), ordinal = ordinal,
                     continuous = continuous), "confirmatory.json")
