# Expected values for research.stats.factors.polychoric, computed with R. Run from anywhere:
#   Rscript tests/reference/make_polychoric.R
# Writes polychoric.json beside this file: the data, the expected values and the versions, no date.
# Instead of values there is a `why` where lavaan refuses, or gives a number nobody may use.
#
# Moments: lavaan's own (muthen1984: what lavInspect(fit, "gamma") of a WLSMV fit shows, checked
# below). lavaan's optimiser stops about 1e-8 short of the maximum (rel.tol = 1e-10 of the
# likelihood), so the root of lavaan's own score is looked for from there. The correlation as
# lavaan gives it and that of polycor stand beside it.

suppressPackageStartupMessages({
  library(jsonlite)
  library(lavaan)
  library(pbivnorm)
  library(polycor)
})
options(warn = 1)

here <- function() {
  file <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
  dirname(normalizePath(file))
}
refuse <- function(...) list(why = paste0(...))

# ---- moments --------------------------------------------------------------------------------

polished_fit <- local({
  fit <- lavaan:::lav_bvord_cor_twostep_fit
  inside <- new.env(parent = asNamespace("lavaan"))
  inside$nlminb <- function(start, objective, gradient, ..., cache) {
    found <- stats::nlminb(start, objective, gradient, ..., cache = cache)
    score <- function(rho) gradient(rho, cache)
    around <- pmin(pmax(found$par + c(-1e-3, 1e-3), -0.999), 0.999)
    if (score(around[1]) * score(around[2]) < 0) {
      found$par <- stats::uniroot(score, around, tol = 1e-15)$root
    }
    found
  }
  environment(fit) <- inside
  fit
})
plain_fit <- lavaan:::lav_bvord_cor_twostep_fit

# Thresholds, correlations below the diagonal column by column, gamma and n. Rows without any
# answer are left out, as lavaan does with missing = "pairwise".
moments <- function(items, polish = TRUE) {
  utils::assignInNamespace("lav_bvord_cor_twostep_fit", if (polish) polished_fit else plain_fit, "lavaan")
  on.exit(utils::assignInNamespace("lav_bvord_cor_twostep_fit", plain_fit, "lavaan"))
  items <- items[rowSums(!is.na(items)) > 0, , drop = FALSE]
  codes <- apply(items, 2, function(x) as.integer(ordered(x)))
  found <- lavaan:::muthen1984(
    Data = codes, ov.names = paste0("x", seq_len(ncol(codes))), ov.types = rep("ordered", ncol(codes)),
    ov.levels = apply(codes, 2, max, na.rm = TRUE))
  list(thresholds = unlist(found$TH), correlations = found$COR[lower.tri(found$COR)],
       gamma = found$WLS.W * nrow(items), n = nrow(items))
}

# The same numbers by the front door, as lavaan gives them: lavCor and lavInspect(fit, "gamma").
check_against_inspect <- function() {
  set.seed(11)
  common <- rnorm(150)
  items <- sapply(1:3, function(j) findInterval(common + rnorm(150), c(-1, 0.2, 1)) + 1)
  items[sample(450, 40)] <- NA
  items[7, ] <- NA
  frame <- setNames(as.data.frame(items), c("a", "b", "c"))
  for (missing in c("pairwise", "listwise")) {
    fit <- suppressWarnings(lavaan::lavCor(frame, ordered = names(frame), missing = missing, output = "fit",
                                           se = "robust.sem", estimator = "WLSMV"))
    rows <- if (missing == "listwise") items[stats::complete.cases(items), ] else items
    found <- moments(rows, polish = FALSE)
    stopifnot(found$n == lavaan::lavInspect(fit, "nobs"),
              max(abs(found$gamma - lavaan::lavInspect(fit, "gamma"))) < 1e-12,
              max(abs(found$thresholds - lavaan::lavInspect(fit, "sampstat")$th)) < 1e-12)
  }
}

# ---- data -----------------------------------------------------------------------------------

# People on one factor; `cuts` one vector of category limits an item.
draw <- function(seed, n, loadings, cuts, missing = 0) {
  set.seed(seed)
  p <- length(loadings)
  cuts <- rep_len(cuts, p)
  factor <- rnorm(n)
  items <- sapply(seq_len(p), function(j) {
    value <- loadings[j] * factor + sqrt(1 - loadings[j]^2) * rnorm(n)
    findInterval(value, cuts[[j]]) + 1
  })
  items <- matrix(items, n)
  items[sample(n * p, floor(missing * n * p))] <- NA
  items
}
five <- list(c(-1.3, -0.4, 0.5, 1.4))
skewed <- list(c(-2, -1.4, -0.8, 0.1))
seven <- list(c(-1.8, -1.1, -0.4, 0.2, 0.8, 1.5))
three <- list(c(-0.6, 0.7))
two <- list(0.2)
of_table <- function(table) {
  at <- expand.grid(a = seq_len(nrow(table)), b = seq_len(ncol(table)))
  as.matrix(at[rep(seq_len(nrow(at)), as.vector(table)), ])
}

item_data <- function() {
  high <- c(0.8, 0.7, 0.6)
  list(
    five_points = draw(1, 120, high, five), five_points_four = draw(2, 90, c(high, 0.5), five),
    five_points_low = draw(3, 100, c(0.2, 0.1, 0.3), five), five_points_negative = draw(4, 100, c(0.8, -0.7, 0.5), five),
    five_points_high = draw(5, 150, c(0.97, 0.96, 0.9), five), skewed = draw(6, 140, high, skewed),
    skewed_against = draw(7, 140, high, c(skewed, list(c(-0.1, 0.8, 1.4, 2)))), seven_points = draw(8, 150, c(0.8, 0.6), seven),
    seven_points_high = draw(9, 200, c(0.95, 0.95), seven), three_points = draw(10, 60, high, three),
    three_points_four = draw(11, 45, c(high, -0.4), three), two_points = draw(12, 80, high, two),
    two_points_four = draw(13, 50, c(0.7, 0.7, -0.7, 0.4), c(two, list(-0.8))), rare = draw(14, 300, c(0.6, 0.5), list(1.9)),
    mixed = draw(15, 100, c(0.8, 0.7, 0.6, 0.5), c(five, three, two, skewed)),
    mixed_high = draw(16, 120, c(0.95, 0.9, 0.9), c(seven, two, three)),
    few_missing = draw(17, 120, high, five, 0.05), many_missing = draw(18, 160, high, five, 0.3),
    many_missing_four = draw(19, 120, c(high, 0.5), three, 0.35), two_points_missing = draw(20, 90, high, two, 0.2),
    mixed_missing = draw(21, 120, high, c(five, two, three), 0.15), seven_points_missing = draw(22, 150, c(0.8, 0.6), seven, 0.2),
    skewed_missing = draw(23, 150, high, skewed, 0.1), high_missing = draw(24, 150, c(0.97, 0.95, 0.9), five, 0.2),
    large = draw(25, 700, c(0.7, 0.7), five), thirty_people = draw(26, 30, high, three),
    fifteen_people = draw(27, 15, c(0.7, 0.6), three), unequal_values = 10 * draw(28, 80, high, three) - 25,
    skipped_value = local({ x <- draw(29, 80, high, three); x[x == 2] <- 4; x }),
    one_empty_cell = of_table(matrix(c(9, 4, 0, 7), 2)), other_empty_cell = of_table(matrix(c(0, 5, 8, 6), 2)),
    empty_cells_in_three = of_table(matrix(c(8, 3, 0, 2, 9, 4, 0, 1, 6), 3)),
    medians = of_table(matrix(c(30, 20, 20, 30), 2)), independent = of_table(matrix(c(10, 20, 20, 40), 2)),
    five_people = cbind(c(1, 2, 2, 3, 1), c(2, 1, 3, 3, 2)), four_people = cbind(c(1, 1, 2, 2), c(1, 2, 1, 2)),
    overshoot = of_table(matrix(c(0, 4, 2, 5, 9, 0, 3, 1, 0), 3)),
    overshoot_four = of_table(matrix(c(1, 0, 0, 0, 1, 1, 0, 1, 0, 3, 4, 0, 0, 0, 3, 12), 4)),
    empty_rows = local({ x <- draw(30, 70, high, three, 0.1); x[c(3, 20, 41), ] <- NA; x }),
    # refused
    perfect = cbind(rep(1:3, 5), rep(1:3, 5)), reversed_twin = cbind(rep(1:4, 6), rep(4:1, 6), rep(1:2, 12)),
    constant = cbind(rep(3, 20), rep(1:4, 5)), all_missing = cbind(rep(NA_real_, 20), rep(1:4, 5)),
    never_together = cbind(c(rep(1:3, 6), rep(NA, 18)), c(rep(NA, 18), rep(1:3, 6))),
    two_people = cbind(c(1, 2), c(2, 1)), one_person = cbind(1, 2)
  )
}

# ---- expected -------------------------------------------------------------------------------

why_not <- function(items) {
  if (any(apply(items, 2, function(x) length(unique(na.omit(x)))) < 2)) return("an item does not vary")
  pairs <- utils::combn(ncol(items), 2, simplify = FALSE)
  for (pair in pairs) {
    both <- na.omit(items[, pair])
    if (nrow(both) == 0) return("nobody answered both")
    if (abs(cor(both[, 1], both[, 2], method = "kendall")) > 1 - 1e-12) return("a perfect correlation")
  }
  NULL
}

parts <- function(items) {
  found <- moments(items)
  list(thresholds = found$thresholds, correlations = found$correlations, n = found$n,
       covariance = found$gamma[lower.tri(found$gamma, diag = TRUE)])
}

item_record <- function(name, items) {
  names <- c("polychoric_thresholds", "polychoric", "polychoric_covariance", "ordinal_moments_listwise")
  record <- function(expected) list(name = name, items = unname(items), expected = expected)
  why <- why_not(items)
  if (!is.null(why)) return(record(setNames(rep(list(refuse(why)), 4), names)))
  found <- parts(items)
  second <- list(lavaan = moments(items, polish = FALSE)$correlations)
  if (!anyNA(items) && !any(table(items[, 1], items[, 2]) == 0)) {
    second$polycor <- unlist(apply(utils::combn(ncol(items), 2), 2, function(pair) {
      polycor::polychor(items[, pair[1]], items[, pair[2]], ML = FALSE)
    }))
  }
  complete <- items[stats::complete.cases(items), , drop = FALSE]
  record(list(
    polychoric_thresholds = found["thresholds"],
    polychoric = c(found[c("correlations", "n")], list(second = second)),
    polychoric_covariance = found["covariance"],
    ordinal_moments_listwise = parts(complete)
  ))
}

normal_record <- function(correlation) {
  set.seed(round(1000 * abs(correlation)) + (correlation < 0))
  x <- c(rnorm(12, 0, 1.5), 0, 0, 1.2, -6, 3)
  y <- c(rnorm(12, 0, 1.5), 0, 0.7, 0, 5, 3)
  near <- 1:4
  y[near] <- sign(correlation + (correlation == 0)) * x[near] + rnorm(4, 0, 0.05)
  list(name = sprintf("correlation_%.4f", correlation), x = x, y = y, correlation = correlation,
       expected = list(bivariate_normal_cdf = list(estimate = pbivnorm(x, y, correlation))))
}

packages <- c("jsonlite", "lavaan", "pbivnorm", "polycor")
versions <- c(list(R = paste(R.version$major, R.version$minor, sep = ".")),
              sapply(packages, function(p) as.character(packageVersion(p)), simplify = FALSE))
json <- function(x) toJSON(x, digits = NA, auto_unbox = TRUE, na = "null", null = "null")

write_reference <- function() {
  check_against_inspect()
  sizes <- c(0.05, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.9249, 0.9251, 0.95, 0.98, 0.995, 0.9995)
  data <- item_data()
  sections <- list(items = unname(Map(item_record, names(data), data)),
                   bivariate_normal = lapply(c(-rev(sizes), 0, sizes), normal_record))
  lines <- sapply(names(sections), function(name) {   # a record a line
    sprintf('"%s": [\n%s\n]', name, paste(sapply(sections[[name]], json), collapse = ",\n"))
  })
  text <- c("{", paste(c(sprintf('"versions": %s', json(versions)), lines), collapse = ",\n"), "}")
  writeLines(text, file.path(here(), "polychoric.json"))
  message(paste(names(sections), sapply(sections, length), collapse = ", "))
}

# make_polychoric_shared.R takes the functions and writes a file of its own.
if (!exists("POLYCHORIC_FUNCTIONS_ONLY")) write_reference()
