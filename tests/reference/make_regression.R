# Expected values for research.stats.regression, computed with R. Run from anywhere:
#   Rscript tests/reference/make_regression.R
# Writes regression.json beside this file: the data, the expected values and the versions.
# Instead of values there is a `why` where R refuses, or gives a number nobody may use.

suppressPackageStartupMessages({
  library(clubSandwich)
  library(jsonlite)
})
options(warn = 1)

LEVEL <- 0.95

here <- function() {
  file <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
  dirname(normalizePath(file))
}

refuse <- function(...) list(why = paste0(...))

# ---- regression with CR2 ---------------------------------------------------------------------

expected_regression <- function(data) {
  complete <- !is.na(data$y) & stats::complete.cases(data$x)
  y <- data$y[complete]
  x <- data$x[complete, , drop = FALSE]
  cluster <- data$cluster[complete]
  if (length(y) <= ncol(x) + 1) return(refuse("no more rows than coefficients"))
  # clubSandwich loses digits where the scales of predictors differ much (0.6 % of a standard error at
  # a factor of 1e6): it gets them in like units, and coefficients are turned back.
  unit <- apply(x, 2, function(column) if (sd(column) > 0) sd(column) else 1)
  turn <- 1 / c(1, unit)
  fit <- lm(y ~ sweep(x, 2, unit, "/"))
  if (all(data$alone)) return(refuse("every coefficient is decided by one cluster"))
  if (anyNA(coef(fit))) return(refuse("a predictor follows from the others"))
  if (sigma(fit) < 1e-10) return(refuse("the residuals are zero"))
  if (length(unique(cluster)) < 2) return(refuse("one cluster"))
  test <- coef_test(fit, vcov = "CR2", cluster = cluster, test = "Satterthwaite")
  ci <- conf_int(fit, vcov = "CR2", cluster = cluster, test = "Satterthwaite", level = LEVEL)
  # A coefficient that one cluster decides: clubSandwich's pseudo-inverse understates it. NA here.
  usable <- !data$alone
  keep <- function(column) I(ifelse(usable, column, NA))
  list(estimate = I(unname(coef(fit)) * turn), ci_low = keep(ci$CI_L * turn), ci_high = keep(ci$CI_U * turn),
       standard_error = keep(test$SE * turn), statistic = keep(test$tstat), df = keep(test$df_Satt),
       p_value = keep(test$p_Satt),
       classical_standard_error = I(unname(sqrt(diag(vcov(fit)))) * turn),
       residual_sd = I(rep(sigma(fit), ncol(x) + 1)),
       r_squared = I(rep(summary(fit)$r.squared, ncol(x) + 1)),
       n_a = I(rep(length(y), ncol(x) + 1)))
}

likert <- function(x, points = 5) pmin(pmax(round(x), 1), points)

# Columns of x: role, then covariates of several kinds.
draw <- function(seed, n, clusters, covariates = c("years", "size"), missing = 0, share = NULL,
                 answer = likert, gap = 0.5, scale = 1, constant_within = FALSE) {
  set.seed(seed)
  cluster <- if (is.null(share)) rep_len(seq_len(clusters), n) else {
    sample(clusters, n, replace = TRUE, prob = share)
  }
  role <- as.integer(runif(n) < 0.5)
  years <- round(rexp(n, 0.1), 1)
  size <- round(exp(rnorm(clusters, 4, 1)))[cluster]
  team <- sample(0:1, n, replace = TRUE)
  x <- cbind(role = role, years = years * scale, size = size, team = team,
             wave = cluster %% 2, square = years^2)[, c("role", covariates), drop = FALSE]
  y <- answer(3 + gap * role + 0.02 * years + rnorm(clusters, 0, 0.3)[cluster] +
                role * rnorm(clusters, 0, 0.3)[cluster] + rnorm(n))
  if (missing > 0) {
    y[sample(n, floor(missing * n))] <- NA
    x[sample(n, floor(missing * n)), ncol(x)] <- NA
  }
  list(y = y, x = x, cluster = sprintf("o%02d", cluster), alone = rep(FALSE, ncol(x) + 1))
}

exact <- function(x) round(x, 4)

regression_data <- function() {
  sets <- list(
    role_only = draw(401, 40, 6, character(0)), role_only_unequal = draw(402, 50, 7, character(0),
                                                                         share = 7:1),
    one_covariate = draw(403, 40, 5, "years"), cluster_covariate = draw(404, 48, 8, "size"),
    two_covariates = draw(405, 60, 6), three_covariates = draw(406, 60, 8, c("years", "size", "team")),
    four_covariates = draw(407, 80, 10, c("years", "size", "team", "wave")),
    quadratic = draw(408, 50, 6, c("years", "square")), dummy = draw(409, 50, 6, "team"),
    dummy_of_clusters = draw(410, 50, 6, "wave"), three_clusters = draw(411, 30, 3, "years"),
    two_clusters = draw(412, 30, 2, "years"), four_clusters = draw(413, 32, 4, "team"),
    twenty_clusters = draw(414, 80, 20), many_small = draw(415, 60, 30, "years"),
    everyone_own_cluster = draw(416, 24, 24, "years"), small = draw(417, 8, 4, "years"),
    five_people = draw(418, 5, 3, character(0)), six_people = draw(419, 6, 3, "team"),
    missing_some = draw(420, 60, 6, missing = 0.1), missing_half = draw(421, 80, 6, missing = 0.4),
    missing_small = draw(422, 24, 4, "years", missing = 0.2),
    unequal = draw(423, 70, 6, share = c(20, 8, 4, 2, 1, 1)),
    very_unequal = draw(424, 90, 8, "years", share = 2^(8:1)),
    continuous = draw(425, 50, 7, answer = exact), continuous_missing = draw(426, 50, 7, answer = exact,
                                                                             missing = 0.1),
    large = draw(427, 160, 12), large_unequal = draw(428, 150, 9, share = 9:1),
    unlike_scales = draw(429, 50, 6, scale = 1e6), tiny_scale = draw(430, 50, 6, scale = 1e-6),
    null = draw(431, 50, 8, gap = 0), negative = draw(432, 50, 8, gap = -1.5)
  )
  # Cluster o02 alone has anybody of role 0: clubSandwich's standard error is 3e-16 there.
  sets$five_people$alone <- c(TRUE, TRUE)
  sets$collinear <- local({
    data <- draw(440, 40, 6, "years")
    data$x <- cbind(data$x, sum = data$x[, 1] + 2 * data$x[, 2])
    data$alone <- rep(FALSE, 4)
    data
  })
  sets$constant_predictor <- local({
    data <- draw(441, 40, 6, "years")
    data$x[, 2] <- 0.1
    data
  })
  sets$constant_outcome <- local({
    data <- draw(442, 30, 5)
    data$y[] <- 4
    data
  })
  sets$one_cluster <- draw(443, 20, 1, character(0))
  sets$as_many_coefficients_as_rows <- draw(444, 3, 3, "years")
  # Organisations as dummies: those are decided by one cluster each, the role is not.
  sets$organisation_dummies <- local({
    data <- draw(445, 48, 4, character(0))
    dummies <- sapply(c("o02", "o03", "o04"), function(o) as.integer(data$cluster == o))
    data$x <- cbind(data$x, dummies)
    data$alone <- c(TRUE, FALSE, TRUE, TRUE, TRUE)
    data
  })
  sets
}

regression_record <- function(name, data) {
  list(name = name, outcome = data$y, predictors = unname(data$x), cluster = data$cluster,
       names = I(colnames(data$x)),
       expected = list(cr2_regression = expected_regression(data)))
}

# ---- one-way analysis of variance ------------------------------------------------------------

expected_anova <- function(value, group) {
  there <- !is.na(value)
  value <- value[there]
  group <- factor(group[there])
  if (length(value) < 2) return(refuse("fewer than two answers"))
  if (nlevels(group) < 2) return(refuse("fewer than two groups"))
  if (length(value) <= nlevels(group)) return(refuse("one answer a group"))
  if (max(abs(value - ave(value, group))) < 1e-12) return(refuse("no variation within groups"))
  table <- suppressWarnings(anova(lm(value ~ group)))
  list(estimate = table$`Sum Sq`[1] / sum(table$`Sum Sq`), statistic = table$`F value`[1],
       df = table$Df[1], df_within = table$Df[2], p_value = table$`Pr(>F)`[1],
       mean_square_between = table$`Mean Sq`[1], mean_square_within = table$`Mean Sq`[2],
       n_a = length(value), n_clusters = nlevels(group))
}

anova_data <- function() {
  made <- function(seed, n, groups, sd = 0.5, missing = 0, answer = likert, share = NULL, shift = 0) {
    set.seed(seed)
    group <- sample(groups, n, replace = TRUE, prob = share)
    value <- answer(3 + rnorm(groups, 0, sd)[group] + rnorm(n)) + shift
    value[sample(n, floor(missing * n))] <- NA
    list(value = value, group = sprintf("g%02d", group))
  }
  c(list(
    two = made(501, 20, 2), three = made(502, 24, 3), four = made(503, 30, 4), six = made(504, 60, 6),
    ten = made(505, 100, 10), thirty = made(506, 120, 30), null = made(507, 60, 5, sd = 0),
    wide = made(508, 60, 5, sd = 3), missing_some = made(509, 60, 5, missing = 0.1),
    missing_half = made(510, 60, 5, missing = 0.5), unequal = made(511, 60, 5, share = 5:1),
    very_unequal = made(512, 80, 6, share = 2^(6:1)), continuous = made(513, 40, 4, answer = exact),
    continuous_missing = made(514, 40, 4, answer = exact, missing = 0.2),
    many_leading_digits = made(515, 40, 4, shift = 1e6),
    five_people = list(value = c(1, 2, 4, 5, 5), group = c("x", "x", "y", "y", "y")),
    three_people = list(value = c(1, 2, 4), group = c("x", "x", "y")),
    four_people = list(value = c(1, 2, 4, 4), group = c("x", "x", "y", "y")),
    one_group_constant = list(value = c(1, 2, 4, 4, 3), group = c("x", "x", "y", "y", "x")),
    constant = list(value = rep(2, 6), group = rep(c("x", "y"), 3)),
    constant_within = list(value = rep(c(2, 3), 3), group = rep(c("x", "y"), 3)),
    one_answer_each = list(value = c(1, 2, 3), group = c("x", "y", "z")),
    one_group = list(value = c(1, 2, 3), group = rep("x", 3)),
    all_missing = list(value = rep(NA_real_, 3), group = c("x", "y", "z")),
    group_without_answers = list(value = c(1, 2, 3, 5, NA, NA), group = rep(c("x", "y", "z"), each = 2))
  ), setNames(lapply(1:8, function(i) made(520 + i, 15 * i, 2 + i, missing = 0.02 * i)),
              sprintf("random_%d", 1:8)))
}

anova_record <- function(name, data) {
  list(name = name, values = data$value, group = data$group,
       expected = list(one_way_anova = expected_anova(data$value, data$group)))
}

# ---- write ----------------------------------------------------------------------------------

named <- function(record, data) unname(Map(record, names(data), data))
reference <- list(
  versions = list(R = paste(R.version$major, R.version$minor, sep = "."),
                  clubSandwich = as.character(packageVersion("clubSandwich")),
                  jsonlite = as.character(packageVersion("jsonlite"))),
  settings = list(confidence_level = LEVEL),
  regression = named(regression_record, regression_data()),
  anova = named(anova_record, anova_data())
)
json <- function(x) toJSON(x, digits = I(15), auto_unbox = TRUE, na = "null", null = "null")
sections <- sapply(names(reference), function(name) {
  part <- reference[[name]]
  if (!is.null(names(part))) return(sprintf('"%s": %s', name, json(part)))
  sprintf('"%s": [\n%s\n]', name, paste(sapply(part, json), collapse = ",\n"))   # a record a line
})
writeLines(c("{", paste(sections, collapse = ",\n"), "}"), file.path(here(), "regression.json"))
