# Expected values for research.stats.mixed, computed with R. Run from anywhere:
#   Rscript tests/reference/make_mixed.R
# Writes mixed.json beside this file: the data, the expected values and the versions.
# Instead of values there is a `why` where R refuses, or gives a number nobody may use.
#
# Role `a` is the first role (first = 1); the gap is a - b, so role b is R's reference level.

suppressPackageStartupMessages({
  library(jsonlite)
  library(lmerTest)
})
options(warn = 1)

LEVEL <- 0.95

here <- function() {
  file <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
  dirname(normalizePath(file))
}

refuse <- function(...) list(why = paste0(...))

# ---- lme4's own likelihood, searched more tightly than lmer does -----------------------------

STARTS <- list(intercept = list(1, 0.2, 3),
               slope = list(c(1, 0, 1), c(0.3, 0, 0.3), c(0.4, -0.3, 0.3), c(0.4, 0.3, 0.3)))

tight <- function(devfun, start, lower) {
  par <- start
  for (i in 1:6) {   # started again where it ended: bobyqa then looks around with a fresh radius
    fit <- minqa::bobyqa(par, devfun, lower = lower, upper = rep(Inf, length(lower)),
                         control = list(rhobeg = if (i == 1) 0.2 else 1e-3, rhoend = 1e-10,
                                        maxfun = 20000))
    par <- fit$par
  }
  fit
}

# No intercept variance: theta[2] and theta[3] then say the same thing, and lmerTest's df depends on
# which of them says it. All of it in theta[2]: then df are the same when the roles are swapped.
canonical <- function(theta) {
  theta[abs(theta) < 1e-6] <- 0
  if (length(theta) == 3 && theta[1] == 0) theta <- c(0, sqrt(sum(theta^2)), 0)
  theta
}

fit_mixed <- function(data, random) {
  formula <- if (random == "slope") value ~ role + (role | cluster) else value ~ role + (1 | cluster)
  parsed <- lme4::lFormula(formula, data = data, REML = TRUE)
  devfun <- do.call(lme4::mkLmerDevfun, parsed)
  lower <- environment(devfun)$lower
  fits <- lapply(STARTS[[random]], function(start) suppressWarnings(tight(devfun, start, lower)))
  best <- fits[[which.min(sapply(fits, function(fit) fit$fval))]]
  par <- canonical(best$par)
  opt <- list(par = par, fval = devfun(par), conv = 0, message = "")
  model <- lme4::mkMerMod(environment(devfun), opt, parsed$reTrms, fr = parsed$fr)
  model@call <- if (random == "slope") {
    quote(lme4::lmer(value ~ role + (role | cluster), data = DATA))
  } else {
    quote(lme4::lmer(value ~ role + (1 | cluster), data = DATA))
  }
  DATA <<- data
  suppressWarnings(as_lmerModLmerTest(model))
}

expected_mixed <- function(data, random) {
  data <- data.frame(data)[!is.na(data$value), ]
  data$role <- factor(data$role, levels = c("b", "a"))
  cells <- table(data$cluster, data$role)
  if (min(colSums(cells)) < 2) return(refuse("fewer than two answers in a role"))
  if (nrow(cells) < 2) return(refuse("one organisation only"))
  if (random == "slope" && sum(rowSums(cells > 0) == 2) < 3) {
    return(refuse("fewer than three organisations with both roles"))
  }
  if (random == "slope" && nrow(data) <= sum(cells > 0)) {
    return(refuse("one answer a role and organisation: gap variance and residual are one"))
  }
  within <- ave(data$value, data$cluster, data$role)
  if (random == "slope" && max(abs(data$value - within)) < 1e-12) {
    return(refuse("no variation within organisations and roles"))
  }
  if (sd(resid(lm(value ~ cluster + role, data))) < 1e-12) {
    return(refuse("no variation within organisations"))
  }
  if (nrow(data) <= 2 * nrow(cells) && random == "slope") {
    return(refuse("lme4: no more answers than random effects"))
  }
  model <- fit_mixed(data, random)
  test <- coef(summary(model))["rolea", ]
  half <- qt(0.5 + LEVEL / 2, test["df"]) * test["Std. Error"]
  psi <- as.matrix(lme4::VarCorr(model)$cluster)
  residual <- sigma(model)
  sd <- sqrt(diag(psi))
  z <- model.matrix(model)[, seq_len(nrow(psi)), drop = FALSE]
  between <- sum((z %*% psi) * z) / nrow(z)
  correlation <- if (random == "slope" && min(sd) > 0) psi[1, 2] / prod(sd) else NA_real_
  list(estimate = test[["Estimate"]], ci_low = test[["Estimate"]] - half[[1]],
       ci_high = test[["Estimate"]] + half[[1]], standard_error = test[["Std. Error"]],
       statistic = test[["t value"]], df = test[["df"]], p_value = test[["Pr(>|t|)"]],
       sd_intercept = sd[[1]], sd_gap = if (random == "slope") sd[[2]] else NA_real_,
       correlation = correlation, sd_residual = residual, icc = between / (between + residual^2),
       log_likelihood = as.numeric(logLik(model)))
}

# ---- data -----------------------------------------------------------------------------------

likert <- function(x, points = 5) pmin(pmax(round(x), 1), points)
continuous <- function(x, points) round(x, 3)

draw <- function(seed, na, nb, clusters, level_sd = 0.5, gap_sd = 0.4, sd = 1, missing = 0,
                 share = NULL, answer = likert, points = 5, gap = 0.5, correlation = 0) {
  set.seed(seed)
  role <- rep(c("a", "b"), c(na, nb))
  cluster <- c(rep_len(seq_len(clusters), na), rep_len(seq_len(clusters), nb))
  if (!is.null(share)) cluster <- sample(clusters, na + nb, replace = TRUE, prob = share)
  z <- rnorm(clusters)
  level <- level_sd * z
  gaps <- gap + gap_sd * (correlation * z + sqrt(1 - correlation^2) * rnorm(clusters))
  x <- answer(3 + level[cluster] + ifelse(role == "a", gaps[cluster], 0) +
                rnorm(na + nb, 0, sd), points)
  x[sample(length(x), floor(missing * length(x)))] <- NA
  list(value = x, role = role, cluster = sprintf("o%02d", cluster))
}

mixed_data <- function() {
  sets <- list(
    three = draw(301, 15, 15, 3), four = draw(302, 20, 24, 4), five = draw(303, 30, 25, 5),
    six = draw(304, 36, 30, 6), eight = draw(305, 48, 40, 8), ten = draw(306, 60, 60, 10),
    twelve = draw(307, 60, 72, 12), twenty = draw(308, 80, 80, 20), thirty = draw(309, 90, 90, 30),
    null = draw(310, 40, 40, 8, gap = 0), no_differences = draw(311, 40, 40, 8, 0, 0),
    no_gap_variance = draw(312, 40, 40, 8, 0.8, 0), no_level_variance = draw(313, 60, 60, 10, 0, 0.8),
    wide = draw(314, 40, 40, 8, 1, 1.2, answer = continuous),
    very_wide = draw(315, 50, 50, 10, 8, 6, answer = continuous),
    correlated = draw(316, 72, 72, 12, 0.8, 0.7, correlation = 0.6, answer = continuous),
    correlated_negative = draw(317, 72, 72, 12, 0.8, 0.7, correlation = -0.6, answer = continuous),
    correlated_fully = draw(318, 60, 60, 10, 0.9, 0.8, correlation = -1, answer = continuous),
    unequal = draw(319, 50, 60, 7, share = c(20, 8, 4, 2, 1, 1, 1)),
    very_unequal = draw(320, 70, 60, 9, share = 2^(9:1)),
    few_in_a = draw(321, 12, 60, 6), few_in_b = draw(322, 60, 13, 6),
    missing_some = draw(323, 50, 50, 6, missing = 0.15),
    missing_half = draw(324, 60, 60, 6, missing = 0.5),
    two_answers_each = draw(325, 14, 14, 7, answer = continuous),
    three_answers_each = draw(326, 18, 18, 6), seven_point = draw(327, 45, 40, 6, points = 7, sd = 1.6),
    seven_point_missing = draw(328, 66, 70, 11, points = 7, sd = 1.6, missing = 0.1),
    large = draw(329, 160, 150, 12), large_unequal = draw(330, 150, 120, 9, share = 9:1),
    negative = draw(331, 40, 40, 5, gap = -1), small_spread = draw(332, 40, 40, 8, 0.05, 0.04, 0.1,
                                                                   answer = continuous),
    large_scale = draw(333, 40, 40, 8, 50, 40, 100, answer = continuous),
    one_answer_each = draw(334, 8, 8, 8, answer = continuous),
    two_organisations = draw(335, 20, 20, 2, 1.5), one_organisation = draw(336, 10, 10, 1),
    five_in_all = draw(337, 3, 2, 2), continuous_missing = draw(338, 50, 40, 7, answer = continuous,
                                                                missing = 0.1),
    constant = list(value = rep(4, 18), role = rep(c("a", "b"), 9), cluster = rep(c("x", "y", "z"), 6)),
    constant_in_each_organisation = list(value = rep(c(2, 3, 5), 6), role = rep(c("a", "b"), each = 9),
                                         cluster = rep(c("x", "y", "z"), 6)),
    one_answer_in_a = list(value = c(3, 4, 2, 5, 1, 2), role = c("a", rep("b", 5)),
                           cluster = c("x", "x", "y", "y", "z", "z"))
  )
  sets$roles_never_share <- local({
    data <- draw(340, 30, 30, 6)
    data$cluster <- paste0(data$role, data$cluster)
    data
  })
  sets$roles_share_half <- local({
    data <- draw(341, 42, 42, 7)
    lone <- data$role == "b" & data$cluster %in% c("o01", "o02", "o03")
    data$cluster[lone] <- "o04"
    data
  })
  sets$constant_in_one_role <- local({
    data <- draw(342, 40, 40, 8)
    data$value[data$role == "a"] <- 4
    data
  })
  sets
}

mixed_record <- function(name, data) {
  message(name)
  list(name = name, values = data$value, first = as.integer(data$role == "a"),
       cluster = data$cluster,
       expected = list(mixed_intercept = expected_mixed(data, "intercept"),
                       mixed_slope = expected_mixed(data, "slope")))
}

# ---- write ----------------------------------------------------------------------------------

packages <- c("jsonlite", "lme4", "lmerTest", "minqa", "numDeriv")
named <- function(record, data) unname(Map(record, names(data), data))
reference <- list(
  versions = c(list(R = paste(R.version$major, R.version$minor, sep = ".")),
               sapply(packages, function(p) as.character(packageVersion(p)), simplify = FALSE)),
  settings = list(confidence_level = LEVEL),
  mixed = named(mixed_record, mixed_data())
)
json <- function(x) toJSON(x, digits = I(15), auto_unbox = TRUE, na = "null", null = "null")
sections <- sapply(names(reference), function(name) {
  part <- reference[[name]]
  if (!is.null(names(part))) return(sprintf('"%s": %s', name, json(part)))
  sprintf('"%s": [\n%s\n]', name, paste(sapply(part, json), collapse = ",\n"))   # a record a line
})
writeLines(c("{", paste(sections, collapse = ",\n"), "}"), file.path(here(), "mixed.json"))
