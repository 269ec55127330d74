# Expected values for research.stats.power and research.stats.spread, computed with R. Run from anywhere:
#   Rscript tests/reference/make_power.R
# Writes power.json beside this file: the designs, the expected values and the versions, no date.
# power.t.test (strict) for one organisation with equal roles; pt with noncentrality for the other
# designs; integrate() of Owen's Q as Phillips (1990) has it for two one-sided tests; uniroot and a
# plain walk up for what must be searched; aov and metafor for the variances a plan is made from.

suppressPackageStartupMessages({
  library(jsonlite)
  library(metafor)
})
options(warn = 1)

here <- function() {
  file <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
  dirname(normalizePath(file))
}

# ---- the design ---------------------------------------------------------------------------

error_and_df <- function(d) {
  people <- d$answer_sd^2 * (1 - d$icc) * (1 / d$first + 1 / d$second)
  if (d$organisations == 1) return(list(se = sqrt(people), df = d$first + d$second - 2))
  list(se = sqrt((d$gap_sd^2 + people) / d$organisations), df = d$organisations - 1)
}

power_difference <- function(d, difference = d$difference) {
  e <- error_and_df(d)
  if (e$df <= 0) return(NA)
  limit <- qt(1 - 0.05 / d$n_tests / 2, e$df)
  nc <- abs(difference) / e$se
  pt(-limit, e$df, -nc) + pt(-limit, e$df, nc)
}

# Owen's Q as in Phillips (1990); on the log scale against overflow.
owens_q <- function(t, delta, df, upper) {
  constant <- 0.5 * log(2 * pi) - lgamma(df / 2) - (df - 2) / 2 * log(2)
  f <- function(x) {
    pnorm(t * x / sqrt(df) - delta) * exp(constant + (df - 1) * log(x) + dnorm(x, log = TRUE))
  }
  # In pieces around the mode of x (a chi variable), where the mass is.
  cuts <- sqrt(df) + c(-40, -20, -10, -5, -3, -2, -1, 0, 1, 2, 3, 5, 10, 20, 40)
  cuts <- unique(c(0, cuts[cuts > 0 & cuts < upper], upper))
  cuts <- cuts[cuts <= sqrt(df) + 40]
  sum(sapply(seq_len(length(cuts) - 1), function(i) {
    integrate(f, cuts[i], cuts[i + 1], rel.tol = 1e-13, abs.tol = 0, subdivisions = 2000L,
              stop.on.error = FALSE)$value
  }))
}

power_equivalence <- function(d, difference = d$difference) {
  e <- error_and_df(d)
  if (e$df <= 0) return(NA)
  t <- qt(1 - 0.05 / d$n_tests, e$df)
  d1 <- (difference + d$margin) / e$se
  d2 <- (difference - d$margin) / e$se
  upper <- sqrt(e$df) * (d1 - d2) / (2 * t)
  owens_q(-t, d2, e$df, upper) - owens_q(t, d1, e$df, upper)
}

detectable <- function(d) {
  e <- error_and_df(d)
  f <- function(x) power_difference(d, x * e$se) - 0.8
  limit <- qt(1 - 0.05 / d$n_tests / 2, e$df)
  uniroot(f, c(0, 4 * limit + 5), tol = 1e-14, maxiter = 10000)$root * e$se
}

# Walks up one by one: nothing clever that could share a mistake with the search.
walk <- function(d, field, power_of, least, most) {
  for (count in least:most) {
    asked <- d
    for (name in field) asked[[name]] <- count
    found <- power_of(asked)
    if (!is.na(found) && found >= 0.8) return(list(estimate = count, power = found))
  }
  list(why = paste("none up to", most))
}

# ---- designs ------------------------------------------------------------------------------

design <- function(organisations, first, second, icc = 0.05, gap_sd = 0.3, answer_sd = 1,
                   difference = 0.3, n_tests = 1, margin = 0.5) {
  list(organisations = organisations, first = first, second = second, icc = icc, gap_sd = gap_sd,
       answer_sd = answer_sd, difference = difference, n_tests = n_tests, margin = margin)
}

clustered <- list(
  design(2, 10, 10), design(2, 40, 5, difference = 2), design(3, 5, 5), design(3, 30, 12, gap_sd = 0),
  design(4, 25, 12), design(5, 20, 8, n_tests = 4), design(6, 40, 15), design(6, 40, 15, n_tests = 30),
  design(8, 30, 10, gap_sd = 0.1), design(8, 30, 10, gap_sd = 0.6), design(10, 1, 1), design(10, 2, 2),
  design(12, 60, 20), design(12, 60, 20, n_tests = 30), design(12, 60, 20, gap_sd = 0, icc = 0),
  design(12, 25.5, 11.25), design(15, 10, 90, icc = 0.2), design(16, 50, 20, difference = 0.1),
  design(20, 40, 15), design(20, 40, 15, n_tests = 30), design(20, 40, 15, difference = -0.3),
  design(25, 12, 6, answer_sd = 1.6, difference = 0.6), design(30, 30, 10, n_tests = 100),
  design(40, 20, 8), design(40, 20, 8, n_tests = 30, difference = 0.2), design(60, 40, 15),
  design(60, 10, 4, gap_sd = 0.5), design(120, 8, 3, difference = 0.2), design(300, 5, 2, gap_sd = 0.4),
  design(6, 40, 15, difference = 0), design(12, 40, 15, margin = 0.3, difference = 0),
  design(12, 40, 15, margin = 0.8, difference = 0.2), design(2, 30, 30, margin = 3, difference = 0),
  design(3, 30, 30, margin = 1.5, difference = 0.1), design(40, 30, 12, margin = 0.2, difference = 0.05),
  design(500, 6, 4, margin = 0.1, difference = 0), design(7, 30, 12, margin = 0.6, difference = 0, n_tests = 4)
)
alone <- list()
for (m in c(2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 24, 30, 40, 50, 60, 75, 100, 150, 200, 300, 500, 800,
            1200, 2000, 5000, 20000)) {
  alone[[length(alone) + 1]] <- design(1, m, m, icc = 0, gap_sd = 0.3, answer_sd = c(1, 0.8, 1.4)[m %% 3 + 1],
                                       difference = c(1.2, 0.4, 0.1)[(m > 12) + (m > 300) + 1])
}
unequal <- list(
  design(1, 30, 6), design(1, 6, 30, difference = 1), design(1, 90, 12, icc = 0.1), design(1, 2, 1),
  design(1, 1, 1), design(1, 200, 20, difference = 0.5, margin = 0.6), design(1, 12, 11, n_tests = 30)
)

name_of <- function(d) {
  paste0(d$organisations, " of ", d$first, "+", d$second, ", gap sd ", d$gap_sd, ", icc ", d$icc,
         ", d ", d$difference, ", ", d$n_tests, " tests, margin ", d$margin)
}

no_df <- list(why = "no degrees of freedom")
expected_of <- function(d) {
  e <- error_and_df(d)
  if (e$df <= 0) {
    return(list(planned_power = no_df, planned_equivalence_power = no_df, planned_detectable = no_df,
                planned_standard_error = no_df))
  }
  list(planned_standard_error = list(standard_error = e$se, df = e$df),
       planned_power = list(estimate = power_difference(d)),
       planned_equivalence_power = list(estimate = power_equivalence(d)),
       planned_detectable = list(estimate = detectable(d)))
}

designs <- lapply(c(clustered, unequal), function(d) {
  c(list(name = name_of(d)), d, list(expected = expected_of(d)))
})
designs <- c(designs, lapply(alone, function(d) {
  test <- power.t.test(n = d$first, delta = d$difference, sd = d$answer_sd, strict = TRUE)
  c(list(name = paste("power.t.test:", name_of(d))), d,
    list(expected = list(planned_power_alone = list(estimate = test$power))))
}))

# ---- searches -----------------------------------------------------------------------------

sought <- list()
for (gap_sd in c(0, 0.2, 0.5)) for (n_tests in c(1, 30)) for (sizes in list(c(40, 15), c(10, 5), c(3, 1)))
  for (difference in c(0.3, 0.6, 1)) {
    sought[[length(sought) + 1]] <- design(12, sizes[1], sizes[2], gap_sd = gap_sd, n_tests = n_tests,
                                           difference = difference)
  }
searches <- lapply(sought, function(d) {
  at_zero <- function(asked) power_equivalence(asked, 0)
  both <- c("first", "second")
  people <- function(field, power_of = power_difference) {
    endless <- d
    for (name in field) endless[[name]] <- 1e12
    if (power_of(endless) < 0.8) return(list(why = "endless people are not enough"))
    walk(d, field, power_of, 1, 20000)
  }
  c(list(name = name_of(d)), d, list(expected = list(
    required_organisations = walk(d, "organisations", power_difference, 2, 3000),
    required_organisations_equivalence = walk(d, "organisations", at_zero, 2, 300),
    required_people = people(both),
    required_people_second = people("second"),
    required_people_equivalence = people(both, at_zero)
  )))
})

# ---- variances ----------------------------------------------------------------------------

null_if_na <- function(x) lapply(x, function(value) if (is.na(value)) NULL else value)

spread_of <- function(value, first, cluster) {
  there <- !is.na(value)
  v <- value[there]; a <- first[there]; g <- factor(cluster[there])
  icc <- list(why = "too few clusters, people or no variation")
  if (nlevels(g) > 1 && length(v) > nlevels(g) && diff(range(v)) > 0) {
    table <- anova(lm(v ~ g))
    sizes <- as.numeric(tapply(v, g, length))
    n0 <- (length(v) - sum(sizes^2) / length(v)) / (nlevels(g) - 1)
    ms <- table[["Mean Sq"]]
    icc <- list(estimate = (ms[1] - ms[2]) / (ms[1] + (n0 - 1) * ms[2]))
  }
  cell <- interaction(a, g, drop = TRUE)
  n_a <- tapply(a == 1, g, sum); n_b <- tapply(a == 0, g, sum)
  both <- n_a > 0 & n_b > 0
  gap <- list(why = "too few clusters, people or no variation")
  if (sum(both) > 1 && length(v) > nlevels(cell) && diff(range(v)) > 0) {
    within <- sum((v - ave(v, cell))^2) / (length(v) - nlevels(cell))
    mean_a <- tapply(v[a == 1], g[a == 1], mean); mean_b <- tapply(v[a == 0], g[a == 0], mean)
    d <- as.numeric((mean_a - mean_b)[both])
    sampling <- within * as.numeric((1 / n_a + 1 / n_b)[both])
    tau2 <- if (within > 0) rma(yi = d, vi = sampling, method = "HE")$tau2 else var(d)
    gap <- list(estimate = tau2, within_variance = within)
  }
  list(anova_icc = icc, gap_variance = gap)
}

set.seed(20260301)
spreads <- list()
for (i in 1:34) {
  k <- c(2, 3, 4, 6, 9, 12)[i %% 6 + 1]
  sizes <- matrix(sample(c(1, 2, 3, 5, 9, 14), 2 * k, replace = TRUE), k)
  if (i %% 4 == 0) sizes[] <- 6
  cluster <- rep(rep(seq_len(k), 2), c(sizes[, 1], sizes[, 2]))
  first <- rep(c(1, 0), c(sum(sizes[, 1]), sum(sizes[, 2])))
  level <- rnorm(k, 0, c(0.1, 0.6)[i %% 2 + 1]); gap <- rnorm(k, 0.4, c(0, 0.9)[(i %/% 2) %% 2 + 1])
  value <- 3 + level[cluster] + gap[cluster] * first + rnorm(length(cluster))
  value <- if (i %% 3) pmin(pmax(round(value), 1), 5) else value
  if (i %% 5 == 0) value[sample(length(value), length(value) %/% 5)] <- NA
  if (i == 33) value[] <- 4
  if (i == 34) { keep <- cluster == 1; value <- value[keep]; first <- first[keep]; cluster <- cluster[keep] }
  spreads[[i]] <- list(name = paste0("seeded ", i, ": ", k, " clusters"), values = value, first = first,
                       cluster = cluster, expected = spread_of(value, first, cluster))
}

versions <- list(R = paste(R.version$major, R.version$minor, sep = "."),
                 jsonlite = as.character(packageVersion("jsonlite")),
                 metafor = as.character(packageVersion("metafor")))
settings <- list(confidence_level = 0.95, power = 0.8)
writeLines(
  toJSON(list(versions = versions, settings = settings, designs = designs, searches = searches,
              spreads = spreads),
         auto_unbox = TRUE, digits = I(15), na = "null", null = "null"),
  file.path(here(), "power.json")
)
