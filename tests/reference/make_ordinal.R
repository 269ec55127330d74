# Expected values for research.stats.ordinal, computed with R. Run from anywhere (two minutes):
#   Rscript tests/reference/make_ordinal.R
# Writes ordinal.json beside this file: the data, the expected values and the versions, no date.
# Instead of values there is a `why` where R refuses, or gives a number nobody may use.
#
# Role `a` is the first role (first = 1); a positive estimate means a answers higher, which is the
# sign of clm and clmm. Missing answers are dropped first; so are levels nobody used.

suppressPackageStartupMessages({
  library(jsonlite)
  library(ordinal)
})
options(warn = 1)

LEVEL <- 0.95
NODES <- 41L   # of the adaptive quadrature; from about 11 on nothing changes

here <- function() {
  file <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
  dirname(normalizePath(file))
}

# ---- one statistic each ---------------------------------------------------------------------

refuse <- function(...) list(why = paste0(...))

attempt <- function(expression) {
  tryCatch(expression, error = function(e) {
    if (grepl("not( all)? TRUE", conditionMessage(e))) stop(e)   # a check of this script failed
    refuse("R: ", conditionMessage(e))
  })
}

wald <- function(estimate, error) {
  z <- estimate / error
  half <- qnorm(0.5 + LEVEL / 2) * error
  list(estimate = estimate, ci_low = estimate - half, ci_high = estimate + half,
       standard_error = error, statistic = z, p_value = 2 * pnorm(-abs(z)))
}

usable <- function(data) {
  table <- data.frame(y = factor(data$value), a = as.integer(data$role == "a"),
                      cluster = factor(data$cluster))[!is.na(data$value), ]
  if (min(sum(table$a), sum(1 - table$a)) < 2) stop("fewer than two answers in a role")
  droplevels(table)
}

fixed_fit <- function(table, link) {
  control <- clm.control(gradTol = 1e-10, relTol = 1e-12, maxIter = 200, convergence = "silent")
  fit <- clm(y ~ a, data = table, link = link, control = control)
  # Where the estimate is infinite clm stops on its way with a standard error in the thousands.
  error <- suppressWarnings(sqrt(diag(vcov(fit)))["a"])
  if (fit$convergence$code != 0 || !is.finite(error) || error > 100) {
    stop("clm: ", paste(fit$alg.message, collapse = " "), " (the estimate is infinite)")
  }
  stopifnot(max(abs(fit$gradient)) < 1e-8)
  fit
}

expected_fixed <- function(data, link) {
  table <- usable(data)
  fit <- fixed_fit(table, link)
  null <- clm(y ~ 1, data = table, link = link)
  shown <- coef(summary(fit))["a", ]
  row <- wald(unname(coef(fit)["a"]), unname(sqrt(diag(vcov(fit)))["a"]))
  stopifnot(abs(row$p_value / shown[["Pr(>|z|)"]] - 1) < 1e-10)
  by_anova <- anova(null, fit)[["Pr(>Chisq)"]][2]
  ratio <- 2 * (as.numeric(logLik(fit)) - as.numeric(logLik(null)))
  row$p_likelihood_ratio <- pchisq(max(ratio, 0), 1, lower.tail = FALSE)
  stopifnot(abs(by_anova - row$p_likelihood_ratio) < 1e-10)
  c(row, list(log_likelihood = as.numeric(logLik(fit)), n_levels = nlevels(table$y)))
}

expected_mixed <- function(data, link) {
  table <- usable(data)
  if (nlevels(table$cluster) < 3) stop("clmm: all(sapply(gfl, nlevels) > 2) does not hold")
  if (max(table(table$cluster)) < 2) {
    # clmm gives a number for the logit, which rests on the shape of the logistic alone.
    stop("no cluster has two answers: noise and intercept cannot be told apart")
  }
  fixed <- fixed_fit(table, link)
  control <- clmm.control(method = "ucminf", maxIter = 500, gradTol = 1e-10, grtol = 1e-8,
                          xtol = 1e-14, innerCtrl = "noWarn", checkRanef = "error")
  fit <- suppressWarnings(clmm(y ~ a + (1 | cluster), data = table, link = link, nAGQ = NODES,
                               control = control))
  sd <- as.numeric(fit$ST$cluster)
  gain <- fit$logLik - as.numeric(logLik(fixed))
  if (sd < 0.02 || gain < 1e-8) {
    # On the boundary clmm creeps towards zero: the likelihood is that of clm there.
    stopifnot(abs(gain) < 1e-5, sd < 0.05)
    boundary <<- boundary + 1
    row <- wald(unname(coef(fixed)["a"]), unname(sqrt(diag(vcov(fixed)))["a"]))
    return(c(row, list(intercept_sd = 0, log_likelihood = as.numeric(logLik(fixed)))))
  }
  if (sd > 50 || max(abs(coef(fit))) > 100) {
    stop("clmm: the intercepts' spread grows for ever (", signif(sd, 3), ")")
  }
  if (max(abs(fit$gradient)) > 1e-4) stop("clmm: a gradient of ", max(abs(fit$gradient)))
  sharp <- sharpen(fit, table, link, control)
  shown <- coef(summary(fit))["a", ]
  stopifnot(abs(sharp$estimate - shown[["Estimate"]]) < 1e-6 * sharp$error,
            abs(sharp$error / shown[["Std. Error"]] - 1) < 1e-4, abs(sharp$sd / sd - 1) < 1e-4)
  c(wald(sharp$estimate, sharp$error), list(intercept_sd = sharp$sd, log_likelihood = fit$logLik))
}

# clmm differentiates its likelihood numerically (second differences of step 1e-4): five digits of
# a standard error. Here the same likelihood with a longer step and Richardson's extrapolation, and
# Newton steps with that Hessian.
sharpen <- function(fit, table, link, control) {
  rho <- clmm(y ~ a + (1 | cluster), data = table, link = link, nAGQ = NODES, control = control,
              doFit = FALSE)
  minus <- function(par) ordinal:::getNAGQ.ssr(rho, par)
  differences <- function(x, step) ordinal:::deriv12(minus, x, delta = step)
  par <- fit$optRes$par
  for (i in 1:3) {
    near <- differences(par, 1e-3)
    far <- differences(par, 2e-3)
    hessian <- (4 * near$Hessian - far$Hessian) / 3
    gradient <- (4 * near$gradient - far$gradient) / 3
    par <- par - solve(hessian, gradient)
  }
  stopifnot(eigen(hessian)$values > 0, max(abs(gradient)) < 1e-6,
            abs(minus(par) + fit$logLik) < 1e-8)
  names(par) <- c(names(coef(fit)), "log_sd")
  place <- which(names(par) == "a")
  list(estimate = unname(par["a"]), error = sqrt(solve(hessian)[place, place]),
       sd = exp(unname(par["log_sd"])))
}
boundary <- 0

# ---- data sets of two roles in clusters -----------------------------------------------------

FIVE <- c(-2.2, -1, 0.3, 1.7)

draw <- function(seed, n_a, n_b, clusters, effect = 0.6, sd = 0.7, cuts = FIVE, missing = 0,
                 share = NULL, noise = rlogis) {
  set.seed(seed)
  role <- rep(c("a", "b"), c(n_a, n_b))
  cluster <- c(rep_len(seq_len(clusters), n_a), rep_len(seq_len(clusters), n_b))
  if (!is.null(share)) cluster <- sample(clusters, n_a + n_b, replace = TRUE, prob = share)
  latent <- effect * (role == "a") + rnorm(clusters, 0, sd)[cluster] + noise(n_a + n_b)
  value <- findInterval(latent, cuts) + 1
  value[sample(length(value), floor(missing * length(value)))] <- NA
  list(value = value, role = role, cluster = sprintf("org%02d", cluster))
}

exactly <- function(a, b, clusters = 3) {
  in_turn <- function(x) sprintf("org%02d", (seq_along(x) - 1) %% clusters + 1)
  list(value = c(a, b), role = rep(c("a", "b"), c(length(a), length(b))),
       cluster = c(in_turn(a), in_turn(b)))
}

change <- function(data, ...) modifyList(data, list(...))
where <- function(data, rows, value) change(data, value = replace(data$value, rows, value))

ordinal_data <- function() {
  sets <- list(
    five_point = draw(601, 30, 34, 6), five_point_large = draw(602, 110, 120, 12),
    five_point_null = draw(603, 45, 40, 8, effect = 0),
    negative_effect = draw(604, 30, 36, 6, effect = -1.1),
    large_effect = draw(605, 40, 44, 6, effect = 3.5),
    large_spread = draw(606, 48, 50, 8, sd = 2.5), huge_spread = draw(607, 60, 60, 12, sd = 4),
    small_spread = draw(608, 60, 60, 12, sd = 0.3),
    skewed_high = draw(609, 40, 44, 7, cuts = c(-6, -4.5, -3, -1)),
    skewed_low = draw(610, 52, 30, 7, cuts = c(1.5, 2.5, 3.5, 4.5)),
    two_levels = draw(611, 36, 40, 6, cuts = 0.2), three_levels = draw(612, 36, 40, 6, cuts = c(-1, 1)),
    seven_point = draw(613, 50, 50, 8, cuts = c(-3, -2, -1, 0, 1, 2)),
    eleven_point = draw(614, 70, 66, 9, cuts = seq(-3, 3, length.out = 10)),
    missing_some = draw(615, 40, 44, 6, missing = 0.15),
    missing_half = draw(616, 60, 64, 7, missing = 0.5),
    unequal_n = draw(617, 12, 70, 6), unequal_n_reversed = draw(618, 80, 9, 5),
    unequal_clusters = draw(619, 50, 60, 6, share = c(20, 8, 4, 2, 1, 1)),
    very_unequal_clusters = draw(620, 60, 66, 9, share = 2^(9:1)),
    two_clusters = draw(621, 24, 26, 2, sd = 1.5), three_clusters = draw(622, 24, 27, 3, sd = 1.2),
    thirty_small_clusters = draw(623, 60, 60, 30, sd = 1.2),
    pairs = draw(624, 40, 40, 40, sd = 1.5), twenty_clusters = draw(625, 60, 70, 20),
    normal_noise = draw(626, 50, 50, 8, noise = rnorm),
    normal_noise_wide = draw(627, 50, 50, 10, sd = 1.5, noise = rnorm),
    no_spread = draw(628, 40, 44, 8, sd = 0),
    no_spread_null = draw(629, 30, 30, 6, sd = 0, effect = 0),
    no_spread_two_levels = draw(630, 34, 30, 6, sd = 0, cuts = 0),
    alike_clusters = exactly(rep(c(1, 2, 3, 4, 5, 5), each = 3), rep(c(1, 1, 2, 3, 4, 4), each = 3)),
    three_answers_each = exactly(c(3, 4, 5), c(2, 4, 3)),
    two_against_five = exactly(c(5, 3), c(2, 3, 4, 2, 1), 2),
    five_answers_each = exactly(c(1, 3, 4, 4, 5), c(2, 2, 3, 1, 4), 2),
    two_answers_each = exactly(c(2, 4), c(3, 3), 2),
    same_answers = exactly(c(1, 2, 3, 4, 5, 3), c(5, 4, 3, 2, 1, 3)),
    agresti = exactly(rep(1:5, c(30, 46, 148, 84, 99)), rep(1:5, c(80, 81, 171, 41, 55)), 5),
    complete_separation = exactly(c(5, 4, 5, 4, 5, 5), c(1, 2, 2, 1, 3, 1)),
    separation_with_a_shared_level = exactly(c(5, 3, 4, 4, 3, 5), c(1, 2, 3, 1, 3, 2)),
    separation_downwards = exactly(c(1, 2, 1, 1, 2), c(4, 3, 5, 5, 2, 3)),
    separation_of_two_levels = exactly(c(2, 2, 2, 2), c(1, 2, 1, 2, 1)),
    constant = exactly(rep(4, 8), rep(4, 10)), one_answer_in_a = exactly(4, c(2, 3, 4, 5)),
    one_cluster = exactly(c(2, 3, 4, 5, 3), c(1, 4, 3, 2, 2), 1)
  )
  sets$constant_in_a <- local({
    data <- draw(641, 20, 26, 5)
    where(data, data$role == "a", 3)
  })
  sets$constant_in_b_at_the_middle <- local({
    data <- draw(642, 26, 20, 5)
    where(data, data$role == "b", 3)
  })
  sets$unused_levels <- local({
    data <- draw(643, 40, 44, 6)
    where(data, data$value %in% c(2, 4), 3)
  })
  sets$one_role_in_a_cluster <- local({
    data <- draw(644, 40, 42, 6)
    lone <- data$cluster == "org06" & data$role == "a"
    change(data, cluster = ifelse(lone, "org05", data$cluster))
  })
  sets$roles_never_share_a_cluster <- local({
    data <- draw(645, 50, 50, 8)
    change(data, cluster = paste0(data$role, "-", data$cluster))
  })
  sets$everyone_own_cluster <- local({
    data <- draw(646, 15, 12, 3)
    change(data, cluster = sprintf("p%02d", seq_along(data$value)))
  })
  sets$every_cluster_constant <- local({
    cluster <- rep(1:6, 8)
    list(value = c(2, 4, 3, 5, 1, 3)[cluster], role = rep(c("a", "b"), each = 24),
         cluster = sprintf("org%02d", cluster))
  })
  sets
}

ordinal_record <- function(name, data) {
  list(
    name = name, values = data$value, first = as.integer(data$role == "a"), cluster = data$cluster,
    expected = list(
      cumulative_link = attempt(expected_fixed(data, "logit")),
      cumulative_link_probit = attempt(expected_fixed(data, "probit")),
      cumulative_link_mixed = attempt(expected_mixed(data, "logit")),
      cumulative_link_mixed_probit = attempt(expected_mixed(data, "probit"))
    )
  )
}

# ---- write ------------------------------------------------------------------------------------

data <- ordinal_data()
records <- unname(Map(ordinal_record, names(data), data))
json <- function(x) toJSON(x, digits = I(15), auto_unbox = TRUE, na = "null", null = "null")
versions <- list(R = paste(R.version$major, R.version$minor, sep = "."),
                 jsonlite = as.character(packageVersion("jsonlite")),
                 ordinal = as.character(packageVersion("ordinal")))
settings <- list(confidence_level = LEVEL, n_quadrature = NODES)
writeLines(c(
  "{", sprintf('"versions": %s,\n"settings": %s,', json(versions), json(settings)),
  sprintf('"ordinal": [\n%s\n]', paste(sapply(records, json), collapse = ",\n")), "}"
), file.path(here(), "ordinal.json"))
reasons <- Filter(Negate(is.null), unlist(lapply(records, function(r) {
  lapply(names(r$expected), function(s) {
    if (!is.null(r$expected[[s]]$why)) paste(r$name, s, r$expected[[s]]$why, sep = " | ")
  })
})))
message(length(records), " data sets, at the boundary: ", boundary, "\n", paste(reasons, collapse = "\n"))
