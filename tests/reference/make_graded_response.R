# Expected values for research.stats.factors.graded_response, computed with R. Run from anywhere
# (some minutes):
#   Rscript tests/reference/make_graded_response.R
# Writes graded_response.json beside this file: the data, the expected values and the versions.
#
# No package of the distribution fits this model, so its definition is written out: the chance of a
# person's answers, integrated over a normal trait with 401 equally spaced nodes, maximised by
# nlminb and sharpened by Newton steps with the numerical derivatives of numDeriv. Items with one
# level are left out. `why` stands where there is no maximum anybody could use.

suppressPackageStartupMessages({
  library(jsonlite)
  library(numDeriv)
})
options(warn = 1)

LEVEL <- 0.95
NODES <- seq(-8, 8, length.out = 401)
WEIGHTS <- dnorm(NODES) / sum(dnorm(NODES))

here <- function() {
  file <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
  dirname(normalizePath(file))
}

above <- function(a, cuts) cbind(1, sapply(cuts, function(k) plogis(a * NODES - k)), 0)

# par: per item its boundaries c and the discrimination a.
log_likelihood <- function(par, answers, levels) {
  total <- matrix(0, nrow(answers), length(NODES))
  place <- 0
  for (j in seq_len(ncol(answers))) {
    cuts <- par[place + seq_len(levels[j] - 1)]
    a <- par[place + levels[j]]
    place <- place + levels[j]
    p <- above(a, cuts)
    chance <- p[, -ncol(p), drop = FALSE] - p[, -1, drop = FALSE]
    if (any(chance < 0)) return(-1e10)
    given <- !is.na(answers[, j])
    total[given, ] <- total[given, ] + t(log(pmax(chance, 1e-300)))[answers[given, j], , drop = FALSE]
  }
  highest <- apply(total, 1, max)
  sum(highest + log(exp(total - highest) %*% WEIGHTS))
}

# Boundaries in ascending order whatever the optimiser tries: the first and logs of the steps.
ordered <- function(free, levels) {
  place <- 0
  unlist(lapply(levels, function(k) {
    part <- free[place + seq_len(k)]
    place <<- place + k
    c(cumsum(c(part[1], exp(part[-c(1, k)]))), part[k])
  }))
}

start_of <- function(answers, levels) {
  unlist(lapply(seq_along(levels), function(j) {
    cuts <- 1.3 * qlogis(cumsum(prop.table(table(answers[, j])))[-levels[j]])
    c(cuts[1], log(diff(cuts)), 1.3)
  }))
}

information <- function(theta, a, cuts) {
  p <- c(1, plogis(a * theta - cuts), 0)
  slope <- a * p * (1 - p)
  sum(diff(slope)^2 / pmax(-diff(p), 1e-300))
}

# Two thresholds have two equal tops: the one nearest to zero.
peak_of <- function(a, cuts) {
  grid <- seq(min(cuts / a) - 1, max(cuts / a) + 1, length.out = 2001)
  height <- sapply(grid, information, a, cuts)
  inner <- 2:2000
  tops <- inner[height[inner] >= height[inner - 1] & height[inner] >= height[inner + 1]]
  slope <- function(theta) numDeriv::grad(information, theta, a = a, cuts = cuts)
  found <- sapply(tops, function(i) {
    uniroot(slope, grid[i] + c(-1, 1) * (grid[2] - grid[1]), tol = 1e-12, extendInt = "yes")$root
  })
  height <- sapply(found, information, a, cuts)
  found <- found[height >= max(height) * (1 - 1e-9)]
  where <- found[which.min(abs(found))]
  c(information(where, a, cuts), where)
}

expected <- function(items) {
  used <- which(apply(items, 2, function(x) length(unique(x[!is.na(x)])) > 1))
  if (length(used) < 3) return(list(why = "fewer than three items"))
  answers <- apply(items[, used, drop = FALSE], 2, function(x) as.integer(factor(x)))
  answers <- answers[rowSums(!is.na(answers)) > 0, , drop = FALSE]
  if (nrow(answers) < 3) return(list(why = "fewer than three people"))
  levels <- apply(answers, 2, max, na.rm = TRUE)
  minus <- function(free) -log_likelihood(ordered(free, levels), answers, levels)
  found <- nlminb(start_of(answers, levels), minus,
                  control = list(iter.max = 500, eval.max = 2000, rel.tol = 1e-13))
  par <- ordered(found$par, levels)
  places <- cumsum(levels)
  if (max(abs(par[places])) > 20 || max(abs(par)) > 60) return(list(why = "grows for ever"))
  for (round in 1:3) {
    slope <- numDeriv::grad(log_likelihood, par, answers = answers, levels = levels)
    hessian <- numDeriv::hessian(log_likelihood, par, answers = answers, levels = levels)
    if (any(eigen(hessian, symmetric = TRUE)$values >= 0)) return(list(why = "no maximum"))
    par <- par - solve(hessian, slope)
  }
  if (max(abs(slope)) > 1e-6) return(list(why = "the slope does not vanish"))
  error <- sqrt(diag(solve(-hessian)))[places]
  a <- par[places]
  turn <- if (sum(a) < 0) -1 else 1
  most <- max(levels) - 1
  every <- function(values) { x <- rep(NA_real_, ncol(items)); x[used] <- values; x }
  half <- qnorm(0.5 + LEVEL / 2) * error
  cuts <- lapply(seq_along(levels), function(j) par[places[j] - rev(seq_len(levels[j] - 1))])
  peaks <- mapply(peak_of, turn * a, cuts)
  result <- list(estimate = every(turn * a), standard_error = every(error),
                 ci_low = every(turn * a - half), ci_high = every(turn * a + half),
                 peak_information = every(peaks[1, ]), peak_theta = every(peaks[2, ]),
                 log_likelihood = log_likelihood(par, answers, levels), n = nrow(answers))
  for (k in seq_len(most)) {
    result[[paste0("threshold_", k)]] <- every(turn * mapply(function(c, a) c[k] / a, cuts, a))
  }
  result
}

# ---- data ------------------------------------------------------------------------------------

draw <- function(seed, n, slopes, levels = 3, missing = 0, shift = 0) {
  set.seed(seed)
  trait <- rnorm(n)
  cuts <- seq(-1.5, 1.5, length.out = levels - 1)
  if (levels == 2) cuts <- 0.3
  answers <- sapply(slopes, function(a) findInterval(a * trait + rlogis(n) + shift, 1.3 * cuts) + 1)
  answers[sample(length(answers), round(missing * length(answers)))] <- NA
  answers
}

graded_data <- function() {
  sets <- list()
  for (i in 1:8) sets[[paste0("plain_", i)]] <- draw(i, c(40, 60, 80, 120)[(i - 1) %% 4 + 1], c(1, 1.5, 2))
  for (i in 1:3) sets[[paste0("two_levels_", i)]] <- draw(20 + i, 120, c(1, 1.4, 1.8, 1.2), levels = 2)
  for (i in 1:3) sets[[paste0("five_levels_", i)]] <- draw(30 + i, 90, c(1.2, 1.6, 2.2), levels = 5)
  for (i in 1:4) sets[[paste0("missing_", i)]] <- draw(40 + i, 90, c(1.3, 1.6, 1.8, 1), missing = 0.15)
  for (i in 1:2) sets[[paste0("steep_", i)]] <- draw(50 + i, 250, c(4, 3, 2), levels = 4)
  sets$steeper <- draw(54, 400, c(7, 2.5, 1.5), levels = 3)
  for (i in 1:3) sets[[paste0("weak_item_", i)]] <- draw(60 + i, 150, c(0.2, 1.5, 1.8, 2))
  sets$against_the_trait <- { x <- draw(70, 150, c(1.5, 1.5, 2, 1.8)); x[, 1] <- 4 - x[, 1]; x }
  sets$ceiling <- draw(71, 120, c(1.5, 1.5, 2), shift = 1.5)
  sets$constant_item <- { x <- draw(72, 100, c(1.5, 1.5, 2, 1.8)); x[, 2] <- 2; x }
  sets$missing_item <- { x <- draw(73, 100, c(1.5, 1.5, 2, 1.8)); x[, 4] <- NA; x }
  sets$unused_level <- { x <- draw(74, 120, c(1.5, 1.5, 2), levels = 5); x[x == 3] <- 4; x }
  sets$people_without_answers <- { x <- draw(75, 90, c(1.5, 1.5, 2)); x[c(3, 20), ] <- NA; x }
  sets$mixed_levels <- { x <- draw(76, 150, c(1.5, 1.5, 2, 1), levels = 4); x[, 1] <- 1 + (x[, 1] > 2); x }
  sets$thirty_people <- draw(77, 30, c(1.2, 1.2, 1.2, 1.2))
  sets$two_identical_items <- { x <- draw(80, 60, c(1.5, 1.5, 2)); x[, 2] <- x[, 1]; x }
  sets$two_items <- draw(81, 60, c(1.5, 1.5))
  sets$two_people <- draw(82, 2, c(1.5, 1.5, 2))
  sets$five_people <- draw(83, 5, c(1.5, 1.5, 2))
  sets$all_constant <- matrix(3, 20, 4)
  sets
}

# ---- write -----------------------------------------------------------------------------------

json <- function(x) toJSON(x, digits = I(15), auto_unbox = TRUE, na = "null", null = "null")
versions <- list(R = paste(R.version$major, R.version$minor, sep = "."),
                 jsonlite = as.character(packageVersion("jsonlite")),
                 numDeriv = as.character(packageVersion("numDeriv")))
# make_graded_response_shared.R takes the functions above for other data.
if (!exists("GRADED_FUNCTIONS_ONLY")) {
  data <- graded_data()
  records <- unname(Map(function(name, items) {
    message(name)
    list(name = name, items = items, expected = list(graded_response = expected(items)))
  }, names(data), data))
  writeLines(c(
    "{", sprintf('"versions": %s,\n"settings": %s,', json(versions), json(list(confidence_level = LEVEL))),
    sprintf('"graded": [\n%s\n]', paste(sapply(records, json), collapse = ",\n")), "}"
  ), file.path(here(), "graded_response.json"))
  for (r in records) {
    if (!is.null(r$expected[[1]]$why)) message(r$name, ": ", r$expected[[1]]$why)
  }
}
