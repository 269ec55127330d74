# Expected values for research.stats.factors.dif, computed with R. Run from anywhere (a minute):
#   Rscript tests/reference/make_dif.R
# Writes dif.json beside this file: the data, the expected values and the versions, no date.
#
# Three nested fits of ordinal::clm per item, on a matching score written out person by person.
# NA stands where clm gives no number or one nobody may use: the estimate is infinite, or a
# predictor depends on the others.

suppressPackageStartupMessages({
  library(jsonlite)
  library(ordinal)
})
options(warn = 1)

LEVEL <- 0.95

here <- function() {
  file <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
  dirname(normalizePath(file))
}

# ---- one item --------------------------------------------------------------------------------

score_of <- function(items, j, used, matching) {
  used <- if (matching == "rest") setdiff(used, j) else union(used, j)
  apply(items, 1, function(answers) {
    given <- answers[used]
    if (sum(!is.na(given)) == 0 || sum(!is.na(given)) < length(used) / 2) return(NA)
    mean(given, na.rm = TRUE)
  })
}

fit_of <- function(formula, table) {
  control <- clm.control(gradTol = 1e-10, relTol = 1e-12, maxIter = 200, convergence = "silent")
  fit <- tryCatch(suppressWarnings(clm(formula, data = table, control = control)),
                  error = function(e) NULL)
  if (is.null(fit)) return(NULL)
  aliased <- length(fit$beta) < length(attr(terms(formula), "term.labels")) || anyNA(fit$beta)
  error <- if (aliased) NA else suppressWarnings(sqrt(diag(vcov(fit))))
  if (aliased || fit$convergence$code != 0 || any(!is.finite(error)) || max(error) > 100) return(NULL)
  stopifnot(max(abs(fit$gradient)) < 1e-8)
  fit
}

COLUMNS <- c("estimate", "standard_error", "ci_low", "ci_high", "odds_ratio", "odds_ratio_low",
             "odds_ratio_high",
             as.vector(outer(c("ratio", "p", "nagelkerke", "mcfadden"),
                             c("uniform", "non_uniform", "total"), paste, sep = "_")))

of_item <- function(items, first, j, used, matching) {
  score <- score_of(items, j, used, matching)
  there <- !is.na(items[, j]) & !is.na(score)
  y <- factor(items[there, j])
  g <- as.numeric(first[there])
  result <- setNames(as.list(rep(NA_real_, length(COLUMNS))), COLUMNS)
  sizes <- list(n_a = sum(g), n_b = sum(1 - g), n_dropped = nrow(items) - length(g),
                n_levels = nlevels(y))
  if (min(sum(g), sum(1 - g)) < 2 || nlevels(y) < 2) return(c(result, sizes))
  s <- score[there]
  if (sd(s) < 1e-10) return(c(result, sizes))
  table <- data.frame(y = y, s = as.numeric(scale(s)), g = g)
  fits <- list(fit_of(y ~ s, table), fit_of(y ~ s + g, table), fit_of(y ~ s + g + s:g, table))
  if (is.null(fits[[1]])) fits[2:3] <- list(NULL)   # a larger model cannot have a maximum either
  if (is.null(fits[[2]])) fits[3] <- list(NULL)
  n <- length(y)
  empty <- as.numeric(logLik(suppressWarnings(clm(y ~ 1, data = table))))
  value <- sapply(fits, function(f) if (is.null(f)) NA else as.numeric(logLik(f)))
  nagelkerke <- (1 - exp(2 / n * (empty - value))) / (1 - exp(2 / n * empty))
  mcfadden <- 1 - value / empty
  steps <- list(uniform = c(2, 1, 1), non_uniform = c(3, 2, 1), total = c(3, 1, 2))
  for (test in names(steps)) {
    large <- steps[[test]][1]
    small <- steps[[test]][2]
    ratio <- max(2 * (value[large] - value[small]), 0)
    result[[paste0("ratio_", test)]] <- ratio
    result[[paste0("p_", test)]] <- pchisq(ratio, steps[[test]][3], lower.tail = FALSE)
    result[[paste0("nagelkerke_", test)]] <- nagelkerke[large] - nagelkerke[small]
    result[[paste0("mcfadden_", test)]] <- mcfadden[large] - mcfadden[small]
    if (!anyNA(value[c(large, small)])) {
      shown <- anova(fits[[small]], fits[[large]])[["LR.stat"]][2]
      stopifnot(abs(max(shown, 0) - ratio) < 1e-8)
    }
  }
  if (!is.null(fits[[2]])) {
    estimate <- unname(coef(fits[[2]])["g"])
    error <- unname(sqrt(diag(vcov(fits[[2]])))["g"])
    half <- qnorm(0.5 + LEVEL / 2) * error
    result[c("estimate", "standard_error", "ci_low", "ci_high")] <-
      list(estimate, error, estimate - half, estimate + half)
    result[c("odds_ratio", "odds_ratio_low", "odds_ratio_high")] <-
      as.list(exp(c(estimate, estimate - half, estimate + half)))
  }
  c(result, sizes)
}

of_items <- function(items, first, used, matching) {
  rows <- lapply(seq_len(ncol(items)), function(j) of_item(items, first, j, used, matching))
  setNames(lapply(names(rows[[1]]), function(name) sapply(rows, `[[`, name)), names(rows[[1]]))
}

# Items whose Holm-adjusted total test is at most .05 and which add at least .035 leave the score.
purified <- function(items, first, matching) {
  used <- seq_len(ncol(items))
  tried <- list()
  repeat {
    found <- of_items(items, first, used, matching)
    tried <- c(tried, list(used))
    adjusted <- p.adjust(found$p_total, "holm")
    flagged <- which(!is.na(adjusted) & adjusted <= 0.05 & found$nagelkerke_total >= 0.035)
    kept <- setdiff(seq_len(ncol(items)), flagged)
    seen <- any(sapply(tried, identical, kept))
    if (seen || length(kept) < 2 || length(tried) == 10) break
    used <- kept
  }
  c(found, list(in_score = as.integer(seq_len(ncol(items)) %in% used), n_rounds = length(tried)))
}

expected <- function(items, first) {
  all <- seq_len(ncol(items))
  list(dif_rest = of_items(items, first, all, "rest"), dif_total = of_items(items, first, all, "total"),
       dif_purified = purified(items, first, "rest"))
}

# ---- data ------------------------------------------------------------------------------------

draw <- function(seed, n_a, n_b, items, levels = 5, shift = 0, gap = 0, slope = 1, biased = 1,
                 missing = 0) {
  set.seed(seed)
  first <- rep(c(1, 0), c(n_a, n_b))
  trait <- rnorm(n_a + n_b) + gap * first
  cuts <- seq(-1.6, 1.6, length.out = levels - 1)
  answers <- sapply(seq_len(items), function(j) {
    own <- if (j %in% biased) first else 0
    latent <- 1.4 * trait * ifelse(own == 1, slope, 1) + shift * own + rlogis(n_a + n_b)
    findInterval(latent, cuts * 1.4) + 1
  })
  answers[sample(length(answers), round(missing * length(answers)))] <- NA
  list(items = answers, first = first)
}

dif_data <- function() {
  plain <- c(list(
    none_of_it = draw(1, 40, 50, 4), uniform = draw(2, 40, 50, 4, shift = 1.2),
    uniform_large = draw(3, 60, 80, 5, shift = 2), downwards = draw(4, 60, 50, 5, shift = -1.5),
    non_uniform = draw(5, 80, 80, 4, slope = 2.5), both = draw(6, 70, 60, 4, shift = 1, slope = 2),
    truly_different = draw(7, 50, 60, 5, gap = 1), different_and_biased = draw(8, 60, 60, 5, gap = -1, shift = 1),
    two_levels = draw(9, 60, 50, 5, levels = 2, shift = 1), three_levels = draw(10, 50, 40, 6, levels = 3),
    seven_levels = draw(11, 60, 90, 4, levels = 7, shift = 1), ten_levels = draw(12, 90, 80, 3, levels = 10),
    two_items = draw(13, 40, 40, 2, shift = 1), eight_items = draw(14, 30, 80, 8, shift = 1),
    unequal = draw(15, 12, 150, 5, shift = 1.5), missing = draw(16, 50, 60, 5, missing = 0.1),
    missing_half = draw(17, 60, 70, 5, shift = 1, missing = 0.4),
    missing_and_biased = draw(18, 60, 60, 4, shift = 2, missing = 0.15),
    two_biased_items = draw(19, 100, 100, 6, shift = 2, biased = 1:2),
    three_biased_items = draw(20, 90, 120, 5, shift = 1.8, biased = 1:3),
    thirty_and_eighty = draw(21, 30, 80, 6, shift = 0.8),
    twelve_people = draw(22, 6, 6, 3, levels = 3), twenty_people = draw(23, 10, 10, 4, levels = 3),
    nine_people = draw(24, 4, 5, 4, levels = 3), five_people = draw(25, 3, 2, 3, levels = 2),
    large = draw(26, 250, 250, 4, shift = 0.5)))
  plain$constant_item <- local({ d <- draw(31, 40, 40, 5, shift = 1); d$items[, 3] <- 4; d })
  plain$category_empty_in_a_group <- local({
    d <- draw(32, 40, 50, 4)
    d$items[d$first == 1 & d$items[, 1] == 5, 1] <- 4
    d$items[d$first == 0 & d$items[, 2] == 2, 2] <- 3
    d
  })
  plain$unused_levels <- local({ d <- draw(33, 40, 50, 4); d$items[d$items == 3] <- 4; d })
  plain$separated_by_group <- local({
    d <- draw(34, 20, 20, 4)
    d$items[, 1] <- ifelse(d$first == 1, sample(4:5, 40, TRUE), sample(1:2, 40, TRUE))
    d
  })
  plain$separated_by_score <- local({
    d <- draw(35, 20, 20, 3)
    d$items <- cbind(d$items[, 1], d$items[, 1], d$items[, 1])   # all three the same
    d
  })
  plain$constant_in_one_group <- local({
    d <- draw(36, 30, 30, 3)
    d$items[d$first == 1, 2:3] <- 3   # the first item's score does not vary in a
    d
  })
  plain$score_is_the_group <- local({
    d <- draw(37, 20, 20, 2)
    d$items[, 2] <- 1 + d$first
    d
  })
  plain$missing_item <- local({ d <- draw(38, 30, 30, 4); d$items[, 2] <- NA; d })
  plain$missing_in_a_group <- local({ d <- draw(39, 30, 30, 4); d$items[d$first == 1, 2] <- NA; d })
  plain$not_whole_numbers <- local({ d <- draw(40, 40, 40, 4, shift = 1); d$items <- d$items / 4 - 2; d })
  plain
}

record <- function(name, data) {
  list(name = name, items = data$items, first = data$first, expected = expected(data$items, data$first))
}

# ---- write -----------------------------------------------------------------------------------

json <- function(x) toJSON(x, digits = I(15), auto_unbox = TRUE, na = "null", null = "null")
versions <- list(R = paste(R.version$major, R.version$minor, sep = "."),
                 jsonlite = as.character(packageVersion("jsonlite")),
                 ordinal = as.character(packageVersion("ordinal")))
# make_dif_shared.R takes the functions above for other data.
if (!exists("DIF_FUNCTIONS_ONLY")) {
  data <- dif_data()
  records <- unname(Map(record, names(data), data))
  writeLines(c(
    "{", sprintf('"versions": %s,\n"settings": %s,', json(versions), json(list(confidence_level = LEVEL))),
    sprintf('"dif": [\n%s\n]', paste(sapply(records, json), collapse = ",\n")), "}"
  ), file.path(here(), "dif.json"))
  message(length(records), " data sets; rounds ",
          paste(sapply(records, function(r) r$expected$dif_purified$n_rounds), collapse = " "))
}
