# Expected values for research.stats.reliability and factors.validity, computed with R. Run from
# anywhere:  Rscript tests/reference/make_reliability.R
# Writes reliability.json beside this file: the data, the expected values and the versions, no date.
# Instead of values there is a `why` where R refuses, gives NaN, or gives a number nobody may use.
# Omega total and hierarchical stand in make_omega.R.

suppressPackageStartupMessages({
  library(jsonlite)
  library(lavaan)
  library(psych)
  library(semTools)
})
options(warn = 1)

LEVEL <- 0.95

here <- function() {
  file <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
  dirname(normalizePath(file))
}
attempt <- function(expression) {
  tryCatch(expression, error = function(e) list(why = paste("R:", conditionMessage(e))))
}
refuse <- function(...) list(why = paste0(...))
quiet <- function(x) {
  utils::capture.output(value <- suppressMessages(suppressWarnings(x)))
  value
}
complete_of <- function(items) items[stats::complete.cases(items), , drop = FALSE]
varies <- function(x) sd(x) > 1e-13 * max(abs(x), 1)

# ---- one scale: one row a respondent, one column an item ------------------------------------

# Correlations from the answers, not from covariances; alphas as sums of variances. psych::alpha
# must say the same where it keeps all items.
expected_items <- function(items) {
  complete <- complete_of(items)
  n <- nrow(complete)
  k <- ncol(complete)
  if (n < 3) return(refuse("fewer than three complete rows"))
  if (k < 2) return(refuse("one item"))
  rest <- function(j) complete[, -j, drop = FALSE]
  r <- sapply(seq_len(k), function(j) {
    sums <- rowSums(rest(j))
    if (varies(complete[, j]) && varies(sums)) cor(complete[, j], sums) else NA
  })
  limits <- sapply(r, function(x) {
    if (is.na(x) || n <= 3 || 1 - abs(x) < 1e-12) c(NA, NA) else psych::r.con(x, n, p = LEVEL)
  })
  dropped <- sapply(seq_len(k), function(j) {
    if (k < 3 || !varies(rowSums(rest(j)))) return(c(NA, NA, NA))
    alpha <- (k - 1) / (k - 2) * (1 - sum(apply(rest(j), 2, var)) / var(rowSums(rest(j))))
    ci <- psych::alpha.ci(alpha, n, k - 1, p.val = 1 - LEVEL)
    c(alpha, ci$lower.ci, ci$upper.ci)
  })
  if (k > 2 && n > k && all(apply(complete, 2, varies)) && !anyNA(c(r, dropped))) {
    by_psych <- quiet(psych::alpha(complete, check.keys = FALSE))
    stopifnot(abs(by_psych$item.stats$r.drop - r) < 1e-10,
              abs(by_psych$alpha.drop$raw_alpha - dropped[1, ]) < 1e-9)
    checked_with_psych <<- checked_with_psych + 1
  }
  list(item_rest = r, item_rest_low = limits[1, ], item_rest_high = limits[2, ],
       alpha_if_dropped = dropped[1, ], alpha_if_dropped_low = dropped[2, ],
       alpha_if_dropped_high = dropped[3, ])
}
checked_with_psych <- 0

# Of the mean of the items, with alpha as the reliability.
expected_error <- function(items) {
  complete <- complete_of(items)
  n <- nrow(complete)
  k <- ncol(complete)
  if (n < 3 || k < 2) return(refuse("too few rows or items"))
  if (!varies(rowSums(complete))) return(refuse("the sum score does not vary"))
  alpha <- k / (k - 1) * (1 - sum(apply(complete, 2, var)) / var(rowSums(complete)))
  ci <- psych::alpha.ci(alpha, n, k, p.val = 1 - LEVEL)
  error <- function(reliability) sd(rowMeans(complete)) * sqrt(1 - reliability)
  list(estimate = error(alpha), ci_low = error(ci$upper.ci), ci_high = error(ci$lower.ci),
       standard_deviation = sd(rowMeans(complete)), n_complete = n)
}

# Every split one by one (combn). psych::splitHalf must say the same for an even number of items;
# of an odd number it stops after half of the splits, which is kept beside (`psych`).
expected_splits <- function(items, standardised) {
  complete <- complete_of(items)
  n <- nrow(complete)
  k <- ncol(complete)
  if (n < 3 || k < 2) return(refuse("too few rows or items"))
  constant <- !apply(complete, 2, varies)
  if (!varies(rowSums(complete))) return(refuse("the sum score does not vary"))
  if (standardised && any(constant)) return(refuse("an item cannot be standardised"))
  matrix <- if (standardised) cor(complete) else cov(complete)
  if (sum(matrix) < 1e-12) return(refuse("the sum score does not vary"))
  colnames(matrix) <- rownames(matrix) <- paste0("x", seq_len(k))
  halves <- utils::combn(k, k %/% 2, simplify = FALSE)
  if (k %% 2 == 0) halves <- Filter(function(half) 1 %in% half, halves)
  found <- sapply(halves, function(half) 4 * sum(matrix[half, -half]) / sum(matrix))
  q <- unname(quantile(found, c(0.025, 0.975)))
  lambda <- NA
  out <- list(n_splits = length(found))
  if (!any(constant)) {
    values <- eigen(cov2cor(matrix), TRUE, TRUE)$values
    by_psych <- quiet(psych::splitHalf(matrix, raw = TRUE, brute = TRUE, covar = !standardised,
                                       check.keys = FALSE))
    if (min(values) > 1.5e-8 * max(values)) lambda <- by_psych$lambda6
    mine <- c(min(found), max(found), mean(found))
    theirs <- c(by_psych$minrb, by_psych$maxrb, by_psych$meanr)
    if (k %% 2 == 0) stopifnot(abs(mine - theirs) < 1e-9)
    else out$psych <- list(worst = theirs[1], best = theirs[2], mean = theirs[3])
  }
  out$estimate <- c(min(found), max(found), mean(found), median(found), q, lambda)
  out
}

draw_items <- function(seed, n, k, loading = 0.7, points = 5, missing = 0, reversed = 0) {
  set.seed(seed)
  trait <- rnorm(n)
  items <- sapply(seq_len(k), function(j) {
    sign <- if (j <= reversed) -1 else 1
    answer <- (points + 1) / 2 + 0.3 + sign * loading * trait + rnorm(n, 0, 0.3 + 0.9 * j / k)
    pmin(pmax(round(answer), 1), points)
  })
  items <- matrix(items, n)
  items[sample(length(items), floor(missing * length(items)))] <- NA
  items
}

scale_data <- function() {
  list(
    two_items = draw_items(501, 40, 2), three_items = draw_items(502, 60, 3),
    four_items = draw_items(503, 80, 4), five_items = draw_items(504, 100, 5),
    six_items = draw_items(505, 60, 6), seven_items = draw_items(506, 60, 7),
    eight_items = draw_items(507, 50, 8), nine_items = draw_items(508, 60, 9),
    ten_items = draw_items(509, 50, 10), eleven_items = draw_items(510, 40, 11),
    sixteen_items = draw_items(511, 60, 16), five_people = draw_items(512, 5, 3),
    four_people = draw_items(513, 4, 2), six_people = draw_items(514, 6, 5),
    as_many_people_as_items = draw_items(515, 8, 8), three_people = draw_items(516, 3, 4),
    low = draw_items(517, 70, 5, loading = 0.15), high = draw_items(518, 90, 6, loading = 2),
    negative_pair = draw_items(519, 50, 2, reversed = 1),
    reverse_left_in = draw_items(520, 60, 6, reversed = 1),
    two_reversed_left_in = draw_items(521, 65, 7, reversed = 2),
    missing_some = draw_items(522, 80, 6, missing = 0.03),
    missing_many = draw_items(523, 70, 7, missing = 0.12),
    missing_few_people = draw_items(524, 12, 3, missing = 0.15),
    seven_point = draw_items(525, 60, 5, points = 7), two_point = draw_items(526, 90, 4, points = 2),
    hundred_point = draw_items(527, 40, 4, loading = 12, points = 100),
    unequal_spreads = draw_items(528, 50, 4) %*% diag(c(1, 0.01, 100, 3)),
    one_constant_item = cbind(draw_items(529, 30, 4), 3),
    constant_of_three = cbind(draw_items(530, 30, 2), 4),
    constant_of_two = cbind(draw_items(531, 30, 1), 0.1),
    same_item_twice = draw_items(532, 40, 3)[, c(1, 1, 2, 3)],
    same_item_only = draw_items(533, 20, 1)[, c(1, 1)],
    everything_constant = matrix(4, 12, 5),
    cancelling_items = cbind(c(1, 2, 3, 4, 5, 3), c(5, 4, 3, 2, 1, 3)),
    rest_cancels = cbind(c(1, 2, 3, 4, 5, 3), c(5, 4, 3, 2, 1, 3), c(1, 3, 2, 5, 4, 4)),
    two_people = draw_items(534, 2, 3), all_missing = matrix(NA_real_, 6, 3),
    one_item = draw_items(535, 20, 1)
  )
}

scale_record <- function(name, items) {
  list(name = name, items = items, expected = list(
    items_of_alpha = attempt(expected_items(items)),
    measurement_error = attempt(expected_error(items)),
    split_halves = attempt(expected_splits(items, FALSE)),
    split_halves_standardised = attempt(expected_splits(items, TRUE))))
}

# ---- one factor: a solution of lavaan, its reliabilities by semTools ------------------------

two_denominators <- function(fit, ...) {
  quiet(list(estimate = c(unname(unclass(semTools::compRelSEM(fit, ...))),
                          unname(unclass(semTools::compRelSEM(fit, obs.var = FALSE, ...))))))
}

ordinal_solution <- function(items) {
  frame <- as.data.frame(complete_of(items))
  names(frame) <- paste0("x", seq_along(frame))
  model <- paste("f =~", paste(names(frame), collapse = " + "))
  fit <- quiet(lavaan::cfa(model, frame, ordered = TRUE, std.lv = TRUE))
  estimates <- lavInspect(fit, "est")
  loadings <- unname(estimates$lambda[, 1])
  if (!lavInspect(fit, "converged") || any(abs(loadings) > 1)) stop("an improper solution")
  thresholds <- unclass(estimates$tau)[, 1]
  alpha <- quiet(semTools::reliability(fit, what = c("alpha")))["alpha.ord", 1]
  list(
    thresholds = unname(thresholds),
    threshold_item = match(sub("\\|.*", "", names(thresholds)), names(frame)) - 1,
    loadings = loadings,
    correlations = unname(unclass(lavInspect(fit, "sampstat")$cov)),
    expected = list(
      green_yang = two_denominators(fit),
      latent_omega = two_denominators(fit, ord.scale = FALSE),
      ordinal_alpha = list(estimate = alpha)))
}

continuous_solution <- function(items) {
  frame <- as.data.frame(complete_of(items))
  names(frame) <- paste0("x", seq_along(frame))
  model <- paste("f =~", paste(names(frame), collapse = " + "))
  fit <- quiet(lavaan::cfa(model, frame, std.lv = TRUE))
  estimates <- lavInspect(fit, "est")
  if (!lavInspect(fit, "converged") || any(diag(estimates$theta) < 0)) stop("an improper solution")
  list(loadings = unname(estimates$lambda[, 1]), error_variances = unname(diag(estimates$theta)),
       covariance = unname(unclass(lavInspect(fit, "sampstat")$cov)),
       expected = list(factor_omega = two_denominators(fit)))
}

solution_data <- function() {
  shapes <- expand.grid(k = 3:7, points = c(2, 3, 4, 5, 6, 7))
  sets <- lapply(seq_len(nrow(shapes)), function(i) {
    draw_items(600 + i, 220 + 10 * i, shapes$k[i], loading = 0.5 + 0.02 * i,
               points = shapes$points[i], reversed = if (i %% 7 == 0) 1 else 0)
  })
  names(sets) <- paste0("items_", shapes$k, "_points_", shapes$points)
  sets
}

ordinal_record <- function(name, items) c(list(name = name), ordinal_solution(items))
continuous_record <- function(name, items) c(list(name = name), continuous_solution(items))

# Solutions nobody may use, by hand.
improper <- function() {
  base <- list(thresholds = c(0, 0, 0), threshold_item = 0:2, loadings = c(0.5, 0.6, 0.7),
               correlations = rbind(c(1, 0.3, 0.35), c(0.3, 1, 0.42), c(0.35, 0.42, 1)))
  record <- function(name, why, of = c("green_yang", "latent_omega"), ...) {
    c(list(name = name), modifyList(base, list(...)),
      list(expected = setNames(rep(list(refuse(why)), length(of)), of)))
  }
  list(
    record("loading_above_one", "a negative error variance", loadings = c(0.5, 1.04, 0.7)),
    record("no_loadings", "no solution", loadings = rep(NA_real_, 3)),
    record("item_without_thresholds", "an item without variation", "green_yang",
           thresholds = c(0, 0), threshold_item = 0:1),
    record("unknown_correlation", "an unknown correlation",
           c("green_yang", "latent_omega", "ordinal_alpha"),
           correlations = rbind(c(1, 0.3, NA), c(0.3, 1, 0.42), c(NA, 0.42, 1))),
    record("factor_beyond_the_sum", "more common than total variance",
           loadings = c(0.9, 0.9, 0.9)))
}

# ---- several factors -------------------------------------------------------------------------

draw_clusters <- function(seed, sizes, n = 300, between = 0.4, points = NULL, reversed = 0) {
  set.seed(seed)
  m <- length(sizes)
  general <- rnorm(n)
  traits <- sapply(seq_len(m), function(i) sqrt(between) * general + sqrt(1 - between) * rnorm(n))
  cluster <- rep(seq_len(m), sizes)
  items <- sapply(seq_along(cluster), function(j) {
    loading <- runif(1, 0.5, 0.85) * (if (j <= reversed) -1 else 1)
    x <- loading * traits[, cluster[j]] + sqrt(1 - loading^2) * rnorm(n)
    if (is.null(points)) x else as.numeric(cut(x, c(-Inf, seq(-1.2, 1.2, length = points - 1), Inf)))
  })
  colnames(items) <- paste0("x", seq_along(cluster))
  list(items = as.data.frame(items), cluster = cluster)
}

model_of <- function(cluster) {
  paste(sapply(unique(cluster), function(i) {
    paste0("f", i, " =~ ", paste0("x", which(cluster == i), collapse = " + "))
  }), collapse = "\n")
}

# Standardised items: semTools::AVE weighs items by their variances. Where lavaan stops, those of the
# model are 1 to six digits only for continuous items: their values stand apart (`where_it_stops`).
cluster_record <- function(name, data, ordered) {
  model <- model_of(data$cluster)
  frame <- if (ordered) data$items else as.data.frame(scale(data$items))
  fit <- quiet(lavaan::cfa(model, frame, std.lv = TRUE, ordered = ordered))
  loadings <- rowSums(lavInspect(fit, "std")$lambda)
  if (any(abs(loadings) > 1)) stop("an improper solution")
  correlations <- unclass(cov2cor(lavInspect(fit, "sampstat")$cov))
  ratio <- function(geometric) {
    found <- unclass(semTools::htmt(model, sample.cov = correlations, htmt2 = geometric))
    list(estimate = found[lower.tri(found)])      # by column: pairs (1, 2), (1, 3) .. (2, 3)
  }
  validity <- list(
    average_variance_extracted = unname(unclass(semTools::AVE(fit))),
    composite_reliability = unname(unclass(quiet(
      semTools::compRelSEM(fit, obs.var = FALSE, ord.scale = FALSE)))))
  list(name = name, loadings = unname(loadings), cluster = data$cluster,
       correlations = unname(correlations),
       expected = c(list(htmt = ratio(FALSE), htmt2 = ratio(TRUE)),
                    setNames(list(validity), if (ordered) "convergent_validity" else "where_it_stops")))
}

cluster_records <- function() {
  shapes <- list(c(3, 3), c(4, 3), c(5, 5), c(2, 3, 4), c(3, 3, 3), c(4, 4, 3, 3))
  records <- list()
  for (i in 1:36) {
    ordered <- i %% 5 > 0
    sizes <- shapes[[1 + i %% length(shapes)]]
    data <- draw_clusters(700 + i, sizes, between = c(0.2, 0.5, 0.8)[1 + i %% 3],
                          points = if (ordered) 3 + i %% 5 else NULL, reversed = i %% 2)
    name <- paste0(if (ordered) "ordinal_" else "continuous_", i, "_of_", paste(sizes, collapse = "_"))
    records[[i]] <- attempt(cluster_record(name, data, ordered))
  }
  Filter(function(r) is.null(r$why), records)
}

# ---- write ----------------------------------------------------------------------------------

versions_of <- function(packages) {
  c(list(R = paste(R.version$major, R.version$minor, sep = ".")),
    sapply(packages, function(p) as.character(packageVersion(p)), simplify = FALSE))
}
json <- function(x) toJSON(x, digits = NA, auto_unbox = TRUE, na = "null", null = "null")
write_sections <- function(reference, file) {
  sections <- sapply(names(reference), function(name) {
    part <- reference[[name]]
    if (!is.null(names(part))) return(sprintf('"%s": %s', name, json(part)))
    sprintf('"%s": [\n%s\n]', name, paste(sapply(part, json), collapse = ",\n"))   # a record a line
  })
  writeLines(c("{", paste(sections, collapse = ",\n"), "}"), file)
}
PACKAGES <- c("jsonlite", "lavaan", "psych", "semTools", "mnormt")

if (sys.nframe() == 0L) {
  named <- function(record, data) unname(Map(record, names(data), data))
  kept <- function(records) Filter(function(r) is.null(r$why), records)
  solutions <- solution_data()
  reference <- list(
    versions = versions_of(PACKAGES), settings = list(confidence_level = LEVEL),
    scales = named(scale_record, scale_data()),
    ordinal = c(kept(named(function(...) attempt(ordinal_record(...)), solutions)), improper()),
    continuous = kept(named(function(...) attempt(continuous_record(...)), solutions)),
    clusters = cluster_records()
  )
  write_sections(reference, file.path(here(), "reliability.json"))
  message(paste(names(reference)[-(1:2)], sapply(reference[-(1:2)], length), collapse = ", "),
          "; scales also by psych::alpha: ", checked_with_psych)
}
