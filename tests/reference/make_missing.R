# Expected values for research.stats.missing, computed with R. Run from anywhere (five minutes):
#   Rscript tests/reference/make_missing.R
# Writes missing.json beside this file: the data, the expected values and the versions.
# Instead of values there is a `why` where the test is refused.

suppressPackageStartupMessages({
  library(jsonlite)
  library(lavaan)
  library(mice)
  library(pan)
})
options(warn = 1)

LEVEL <- 0.95

here <- function() {
  file <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
  dirname(normalizePath(file))
}

refuse <- function(...) list(why = paste0(...))
likert <- function(x, points = 5) pmin(pmax(round(x), 1), points)

# ---- Little's test ----------------------------------------------------------------------------

# Means and covariances (divisor n) by EM, person by person; naniar and BaylorEdPsych take theirs
# from norm::em.norm and mvnmle, which stop at four digits.
em_moments <- function(x) {
  mu <- colMeans(x, na.rm = TRUE)
  sigma <- diag(apply(x, 2, function(v) mean((v - mean(v, na.rm = TRUE))^2, na.rm = TRUE)))
  for (round in 1:20000) {
    first <- 0 * mu
    second <- 0 * sigma
    for (i in seq_len(nrow(x))) {
      m <- is.na(x[i, ])
      filled <- x[i, ]
      left <- 0 * sigma
      if (any(m)) {
        slopes <- sigma[m, !m, drop = FALSE] %*% solve(sigma[!m, !m])
        filled[m] <- mu[m] + slopes %*% (x[i, !m] - mu[!m])
        left[m, m] <- sigma[m, m] - slopes %*% sigma[!m, m]
      }
      first <- first + filled
      second <- second + filled %o% filled + left
    }
    new_mu <- first / nrow(x)
    new <- second / nrow(x) - new_mu %o% new_mu
    change <- max(abs(new - sigma), abs(new_mu - mu))
    mu <- new_mu
    sigma <- new
    if (change < 1e-13 * max(abs(sigma))) break
  }
  list(mu = mu, sigma = sigma)
}

little_from <- function(x, moments) {
  pattern <- apply(is.na(x), 1, function(m) paste(as.integer(m), collapse = ""))
  statistic <- df <- 0
  for (kind in unique(pattern)) {
    rows <- x[pattern == kind, , drop = FALSE]
    there <- !is.na(rows[1, ])
    away <- colMeans(rows[, there, drop = FALSE]) - moments$mu[there]
    statistic <- statistic + nrow(rows) * sum(away * solve(moments$sigma[there, there], away))
    df <- df + sum(there)
  }
  df <- df - ncol(x)
  list(statistic = statistic, df = df, p_value = pchisq(statistic, df, lower.tail = FALSE),
       n_patterns = length(unique(pattern)), n_a = nrow(x))
}

expected_little <- function(x) {
  asked <- x[rowSums(!is.na(x)) > 0, , drop = FALSE]
  if (nrow(asked) <= ncol(asked)) return(refuse("no more people than items"))
  if (!anyNA(asked)) return(refuse("nothing is missing"))
  if (any(crossprod(!is.na(asked)) == 0)) return(refuse("two items nobody answered both"))
  if (any(apply(asked, 2, function(v) var(v, na.rm = TRUE)) == 0)) return(refuse("a constant item"))
  moments <- tryCatch(em_moments(asked), error = function(e) NULL)
  if (is.null(moments)) return(refuse("an item follows from others"))
  if (min(eigen(cov2cor(moments$sigma))$values) < 1e-6) return(refuse("an item follows from others"))
  found <- little_from(asked, moments)
  # A second computation: the saturated moments as lavaan estimates them.
  frame <- setNames(as.data.frame(asked), paste0("x", seq_len(ncol(asked))))
  second <- suppressWarnings(
    lavCor(frame, missing = "ml", output = "fit", em.h1.tol = 1e-10, em.h1.iter.max = 20000)
  )
  saturated <- lavTech(second, "sampstat")[[1]]
  again <- little_from(asked, list(mu = as.numeric(saturated$mean), sigma = unname(saturated$cov)))
  if (abs(again$statistic / found$statistic - 1) > 1e-5) stop("EM and lavaan differ")
  c(found, list(lavaan = list(statistic = again$statistic)))
}

# Answers of a common factor; what is missing may depend on the first item.
draw_little <- function(seed, n, p, share = 0.1, answer = likert, depends = 0, halo = 0.7, extra = NULL) {
  set.seed(seed)
  x <- answer(3 + halo * rnorm(n) + matrix(rnorm(n * p), n))
  chance <- plogis(qlogis(share) + depends * (x[, 1] - mean(x[, 1])))
  holes <- matrix(runif(n * p), n) < chance
  if (depends != 0) holes[, 1] <- FALSE
  x[holes] <- NA
  if (!is.null(extra)) x <- extra(x)
  unname(x)
}

exact <- function(x) round(x, 4)
drop_after <- function(x) {   # people who stop half-way
  last <- sample(2:ncol(x), nrow(x), replace = TRUE, prob = c(rep(0.05, ncol(x) - 2), 1))
  for (i in seq_len(nrow(x))) if (last[i] < ncol(x)) x[i, (last[i] + 1):ncol(x)] <- NA
  x
}

little_data <- function() {
  sets <- list(
    two_items = draw_little(1, 30, 2), three_items = draw_little(2, 40, 3), four = draw_little(3, 50, 4),
    five = draw_little(4, 60, 5), six = draw_little(5, 80, 6), eight = draw_little(6, 100, 8),
    ten = draw_little(7, 120, 10), twelve = draw_little(8, 150, 12),
    much_missing = draw_little(9, 100, 5, 0.3), half_missing = draw_little(10, 120, 4, 0.5),
    little_missing = draw_little(11, 100, 6, 0.01), few_people = draw_little(12, 12, 3, 0.15),
    depends = draw_little(13, 120, 5, 0.15, depends = 0.8), depends_much = draw_little(14, 150, 6, 0.2, depends = 1.5),
    depends_back = draw_little(15, 100, 5, 0.15, depends = -1), continuous = draw_little(16, 60, 5, answer = exact),
    continuous_depends = draw_little(17, 80, 4, answer = exact, depends = 1),
    seven_points = draw_little(18, 80, 5, answer = function(x) likert(x + 1, 7)),
    two_points = draw_little(19, 90, 4, answer = function(x) likert(x - 1.5, 2)),
    strong_halo = draw_little(20, 80, 5, halo = 2), no_halo = draw_little(21, 80, 5, halo = 0),
    monotone = draw_little(22, 80, 6, 0, extra = drop_after),
    one_incomplete_item = draw_little(23, 60, 4, 0, extra = function(x) { x[1:9, 2] <- NA; x }),
    one_incomplete_person = draw_little(24, 40, 4, 0, extra = function(x) { x[7, 3] <- NA; x }),
    empty_people = draw_little(25, 50, 4, extra = function(x) { x[c(3, 9), ] <- NA; x }),
    far_from_zero = draw_little(26, 50, 4, answer = function(x) exact(x + 1000)),
    unlike_scales = draw_little(27, 60, 4, answer = exact,
                                extra = function(x) sweep(x, 2, c(1, 100, 0.01, 1), "*")),
    nobody_complete = draw_little(28, 60, 4, 0, extra = function(x) {
      x[cbind(1:60, rep(1:4, 15))] <- NA
      x
    }),
    # Built into R; naniar's help page prints 35.1, 14 df, p .00142 and 4 patterns for it.
    airquality = unname(as.matrix(datasets::airquality)),
    no_missing = draw_little(30, 30, 3, 0), too_few = draw_little(31, 4, 4, 0.3),
    never_together = draw_little(32, 40, 3, 0, extra = function(x) {
      x[1:20, 1] <- NA
      x[21:40, 2] <- NA
      x
    }),
    constant = draw_little(33, 40, 3, extra = function(x) { x[!is.na(x[, 2]), 2] <- 4; x }),
    determined = draw_little(34, 40, 3, answer = exact, extra = function(x) { x[, 3] <- x[, 1] * 2; x })
  )
  sets$determined[1:5, 2] <- NA
  sets
}

little_record <- function(name, x) {
  list(name = name, items = x, expected = list(little_mcar = expected_little(x)))
}

# ---- Rubin's rules ----------------------------------------------------------------------------

expected_pool <- function(q, u, df) {
  found <- pool.scalar(q, u, n = df + 1, k = 1)   # complete df = n - k
  found$fmi <- pool.scalar(q, u)$fmi
  half <- qt(0.5 + LEVEL / 2, found$df) * sqrt(found$t)
  list(estimate = found$qbar, standard_error = sqrt(found$t), within = found$ubar, between = found$b,
       df = found$df, missing_information = found$fmi, ci_low = found$qbar - half,
       ci_high = found$qbar + half, statistic = found$qbar / sqrt(found$t),
       p_value = 2 * pt(-abs(found$qbar) / sqrt(found$t), found$df),
       efficiency = 1 / (1 + found$fmi / found$m), monte_carlo_error = sqrt(found$b / found$m))
}

pool_data <- function() {
  made <- function(seed, m, between, df, mean = 0.4) {
    set.seed(seed)
    list(q = round(rnorm(m, mean, between), 6), u = round(runif(m, 0.009, 0.011), 7), df = df)
  }
  grid <- expand.grid(m = c(2, 5, 20, 100), between = c(0.02, 0.1, 0.5), df = c(3.7, 11, 400))
  sets <- Map(made, 100 + seq_len(nrow(grid)), grid$m, grid$between, grid$df)
  names(sets) <- sprintf("m%d_between%g_df%g", grid$m, grid$between, grid$df)
  c(sets, list(negative = made(200, 10, 0.1, 20, mean = -2), zero = made(201, 10, 0.1, 20, mean = 0),
               far = made(202, 10, 0.1, 20, mean = 1e6), one_df = made(203, 10, 0.1, 1)))
}

pool_record <- function(name, data) {
  list(name = name, estimates = data$q, variances = data$u, df = data$df,
       expected = list(rubin = expected_pool(data$q, data$u, data$df)))
}

# ---- who leaves questions open ------------------------------------------------------------------

penalised <- function(beta, x, y) {
  chance <- as.numeric(plogis(x %*% beta))
  information <- crossprod(x * sqrt(chance * (1 - chance)))
  sum(y * log(chance) + (1 - y) * log1p(-chance)) + as.numeric(determinant(information)$modulus) / 2
}

# Firth's estimate by Newton steps on the modified score, person by person; `held` columns stay.
firth <- function(x, y, held = integer(0), at = 0) {
  beta <- rep(0, ncol(x))
  beta[held] <- at
  free <- setdiff(seq_len(ncol(x)), held)
  for (step in 1:5000) {
    chance <- as.numeric(plogis(x %*% beta))
    root <- x * sqrt(chance * (1 - chance))
    inverse <- solve(crossprod(root))
    leverage <- rowSums((root %*% inverse) * root)
    score <- crossprod(x, y - chance + leverage * (0.5 - chance))
    move <- solve(crossprod(root)[free, free, drop = FALSE], score[free])
    if (max(abs(move)) > 2) move <- move * 2 / max(abs(move))
    tried <- function(part) replace(beta, free, beta[free] + move * part)
    part <- 1
    while (max(abs(move)) > 1e-5 && penalised(tried(part), x, y) < penalised(beta, x, y)) part <- part / 2
    # Where few people decide a coefficient whole steps swing about the top, ever closer or not.
    if (max(abs(move)) <= 1e-5) part <- 0.5
    beta <- tried(part)
    if (max(abs(move)) < 1e-13) break
  }
  if (max(abs(score[free])) > 1e-8) stop("Firth's score is not nil")
  list(beta = beta, value = penalised(beta, x, y), covariance = inverse)
}

expected_firth <- function(data) {
  y <- data$open
  two_roles <- length(unique(data$first)) > 1
  several <- length(unique(data$organisation)) > 1
  x <- cbind(1, if (two_roles) data$first, if (several) model.matrix(~ factor(data$organisation))[, -1])
  colnames(x) <- NULL
  none <- list(role = NULL, organisation = NULL)
  reason <- if (length(unique(y)) == 1) "everybody alike" else if (qr(x)$rank < ncol(x)) "not identified"
  if (!is.null(reason)) {
    if (two_roles) none$role <- refuse(reason)
    if (several) none$organisation <- refuse(reason)
    return(none)
  }
  whole <- firth(x, y)
  tested <- function(columns) {
    statistic <- max(2 * (whole$value - firth(x, y, columns)$value), 0)
    list(statistic = statistic, df = length(columns),
         p_value = pchisq(statistic, length(columns), lower.tail = FALSE),
         n_a = sum(data$first), n_b = sum(!data$first), n_clusters = length(unique(data$organisation)))
  }
  if (two_roles) {
    off <- function(b) 2 * (whole$value - firth(x, y, 2, b)$value) - qchisq(LEVEL, 1)
    se <- sqrt(whole$covariance[2, 2])
    limit <- function(side) {
      uniroot(off, sort(whole$beta[2] + side * c(0, 3 * se)), extendInt = if (side > 0) "upX" else "downX",
              tol = 1e-14, maxiter = 1000)$root
    }
    none$role <- c(list(estimate = exp(whole$beta[2]), ci_low = exp(limit(-1)), ci_high = exp(limit(1))),
                   tested(2))
  }
  if (several) none$organisation <- tested(seq_len(ncol(x))[-seq_len(1 + two_roles)])
  none
}

expected_glm <- function(data) {
  fit <- suppressWarnings(glm(open ~ first + factor(organisation), binomial, data,
                              control = glm.control(epsilon = 1e-14, maxit = 100)))
  if (any(abs(coef(fit)) > 8)) return(refuse("separated"))
  list(coefficients = I(unname(coef(fit))), standard_errors = I(unname(sqrt(diag(vcov(fit))))))
}

missingness_data <- function() {
  made <- function(seed, n, k, chance = 0.25, gap = 0.7, spread = 0.5, share = NULL, change = identity) {
    set.seed(seed)
    data <- data.frame(organisation = sample(sprintf("o%02d", seq_len(k)), n, TRUE, share),
                       first = as.integer(runif(n) < 0.6))
    effect <- rnorm(k, 0, spread)[as.integer(factor(data$organisation))]
    data$open <- as.integer(runif(n) < plogis(qlogis(chance) + gap * data$first + effect))
    change(data)
  }
  sets <- list(
    one = made(301, 60, 1), two = made(302, 60, 2), three = made(303, 90, 3), six = made(304, 120, 6),
    ten = made(305, 200, 10), twelve = made(306, 240, 12), twenty = made(307, 200, 20),
    null = made(308, 150, 6, gap = 0, spread = 0), strong = made(309, 150, 6, gap = 3),
    negative = made(310, 150, 6, gap = -2), rare = made(311, 200, 6, chance = 0.02),
    often = made(312, 200, 6, chance = 0.9), apart = made(313, 200, 6, spread = 3),
    unequal = made(314, 200, 6, share = 6:1), very_unequal = made(315, 200, 8, share = 2^(8:1)),
    small = made(316, 14, 2), tiny = made(317, 6, 1), large = made(318, 600, 12),
    separated_role = made(319, 80, 4, change = function(d) transform(d, open = first)),
    no_manager_open = made(320, 80, 4, change = function(d) transform(d, open = open * first)),
    organisation_without = made(321, 120, 5, change = function(d) transform(d, open = open * (organisation != "o02"))),
    organisation_all = made(322, 120, 5, change = function(d) transform(d, open = pmax(open, organisation == "o04"))),
    one_open = made(323, 100, 5, change = function(d) transform(d, open = as.integer(seq_along(open) == 7))),
    role_in_one_organisation = made(324, 100, 5, change = function(d) {
      transform(d, first = as.integer(first & organisation == "o01"))
    }),
    organisation_of_one_role = made(325, 100, 5, change = function(d) {
      transform(d, first = ifelse(organisation == "o03", 1L, first))
    }),
    one_role = made(326, 80, 4, change = function(d) transform(d, first = 1L)),
    thirty = made(327, 300, 30, spread = 1), half = made(328, 100, 4, chance = 0.5, gap = 0),
    few_each = made(329, 60, 20), dense = made(330, 400, 5, chance = 0.4),
    nobody = made(331, 40, 3, change = function(d) transform(d, open = 0L)),
    everybody = made(332, 40, 3, change = function(d) transform(d, open = 1L)),
    role_is_organisation = made(333, 60, 4, change = function(d) {
      transform(d, first = as.integer(organisation %in% c("o01", "o02")))
    })
  )
  sets
}

missingness_record <- function(name, data) {
  found <- expected_firth(data)
  expected <- Filter(Negate(is.null), list(missingness_role = found$role,
                                           missingness_organisation = found$organisation))
  if (length(unique(data$first)) > 1 && length(unique(data$organisation)) > 1 && is.null(found$role$why)) {
    expected$logistic <- expected_glm(data)
  }
  list(name = name, open = data$open, first = data$first, organisation = data$organisation,
       expected = expected)
}

# ---- multiple imputation ------------------------------------------------------------------------

# Gap of the cluster score (mean of the items), first - second role, from every completed data set.
gap_of <- function(a, b) c(mean(a) - mean(b), var(a) / length(a) + var(b) / length(b))

pooled_gap <- function(completed) {
  gaps <- sapply(completed, function(x) gap_of(rowMeans(x$a), rowMeans(x$b)))
  m <- ncol(gaps)
  between <- var(gaps[1, ])
  list(m = m, estimate = mean(gaps[1, ]), within = mean(gaps[2, ]), between = between,
       estimate_error = sqrt(between / m), between_error = between * sqrt(2 / (m - 1)))
}

imputed_by <- function(data, method, m, iterations) {
  each <- lapply(split(data, data$first), function(part) {
    items <- grep("^x", names(part), value = TRUE)
    if (method == "pmm") {
      frame <- data.frame(part[items], organisation = factor(part$organisation))
      mids <- mice(frame, m = m, maxit = iterations, method = "pmm", donors = 5, printFlag = FALSE, seed = 77)
    } else {
      frame <- data.frame(part[items], organisation = as.integer(factor(part$organisation)), one = 1)
      predictors <- make.predictorMatrix(frame)
      predictors[, "organisation"] <- -2
      predictors[, "one"] <- 2
      predictors[c("organisation", "one"), ] <- 0
      method <- ifelse(colSums(is.na(frame)) > 0, "2l.pan", "")
      mids <- mice(frame, m = m, maxit = iterations, method = method, predictorMatrix = predictors,
                   paniter = 200, printFlag = FALSE, seed = 78)
    }
    lapply(complete(mids, "all"), function(x) as.matrix(x[items]))
  })
  Map(function(a, b) list(a = a, b = b), each[["1"]], each[["0"]])
}

# Six items of two roles in k organisations; means differ between items, so whom a score leaves out
# matters. `holes` says which answers vanish.
draw_nested <- function(seed, k, sizes, gap, holes) {
  set.seed(seed)
  n <- matrix(sample(sizes[1]:sizes[2], 2 * k, TRUE), 2)
  data <- data.frame(first = rep(rep(c(1, 0), k), n), organisation = rep(rep(sprintf("o%02d", 1:k), each = 2), n))
  code <- as.integer(factor(data$organisation))
  person <- rnorm(nrow(data), 0, 0.7) + rnorm(k, 0, 0.3)[code] + data$first * (gap + rnorm(k, 0, 0.2)[code])
  x <- likert(outer(person, c(4.2, 3.8, 3.4, 3.0, 2.8, 2.5), "+") + rnorm(6 * nrow(data), 0, 0.7))
  dim(x) <- c(nrow(data), 6)
  x[holes(x, data$first, code)] <- NA
  cbind(data, setNames(as.data.frame(x), paste0("x", 1:6)))
}

imputation_data <- function() {
  chance <- function(x, odds) matrix(runif(length(x)), nrow(x)) < plogis(odds)
  list(
    at_random = draw_nested(401, 10, c(12, 30), 0.4, function(x, first, code) chance(x, qlogis(0.15))),
    by_role_and_answers = draw_nested(402, 10, c(15, 30), 0.4, function(x, first, code) {
      odds <- matrix(-2 + 1.2 * first + 0.8 * (x[, 1] - 4), nrow(x), 6)
      odds[, 1:2] <- -Inf
      chance(x, odds)
    }),
    many_small_organisations = draw_nested(403, 25, c(4, 8), -0.3, function(x, first, code) chance(x, qlogis(0.1))),
    few_organisations_much_missing = draw_nested(404, 4, c(30, 50), 0.6, function(x, first, code) {
      odds <- matrix(-3 + 0.3 * code, nrow(x), 6)
      odds[, 5:6] <- -0.4 - 0.5 * (x[, 2] - 4)
      odds[, 2] <- -Inf
      chance(x, odds)
    })
  )
}

imputation_record <- function(name, data) {
  items <- as.matrix(data[grep("^x", names(data))])
  message(format(Sys.time(), "%X"), " ", name)
  list(name = name, items = unname(items), first = data$first, organisation = data$organisation,
       expected = list(pmm = pooled_gap(imputed_by(data, "pmm", 200, 10)),
                       two_level = pooled_gap(imputed_by(data, "2l.pan", 100, 5))))
}

# ---- write ------------------------------------------------------------------------------------

named <- function(record, data) unname(Map(record, names(data), data))
packages <- c("jsonlite", "lavaan", "mice", "pan")
reference <- list(
  versions = c(list(R = paste(R.version$major, R.version$minor, sep = ".")),
               sapply(packages, function(p) as.character(packageVersion(p)), simplify = FALSE)),
  settings = list(confidence_level = LEVEL),
  little = named(little_record, little_data()),
  rubin = named(pool_record, pool_data()),
  missingness = named(missingness_record, missingness_data()),
  imputation = named(imputation_record, imputation_data())
)
json <- function(x) toJSON(x, digits = I(15), auto_unbox = TRUE, na = "null", null = "null")
sections <- sapply(names(reference), function(name) {
  part <- reference[[name]]
  if (!is.null(names(part))) return(sprintf('"%s": %s', name, json(part)))
  sprintf('"%s": [\n%s\n]', name, paste(sapply(part, json), collapse = ",\n"))   # a record a line
})
writeLines(c("{", paste(sections, collapse = ",\n"), "}"), file.path(here(), "missing.json"))
