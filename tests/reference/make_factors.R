# Expected values for research.stats.factors and reliability.omega, computed with R. From anywhere:
#   Rscript tests/reference/make_factors.R
# Writes factors.json beside this file: the data, the expected values and the versions, no date.
# Instead of values there is a `why` where R refuses, gives NaN, or gives a number nobody may use.
#
# psych::fa stops its search at about 1e-6 of a loading and GPArotation::oblimin at a gradient of
# 1e-5. Here both are carried on from where they stopped (`polish_*`) until nothing moves; what
# psych itself prints stands under `psych` and is compared apart.

suppressPackageStartupMessages({
  library(GPArotation)
  library(jsonlite)
  library(psych)
})
options(warn = 1)

here <- function() {
  file <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
  dirname(normalizePath(file))
}
refuse <- function(...) list(why = paste0(...))
quiet <- function(expression) suppressMessages(suppressWarnings(expression))

# ---- the optimum of minres and oblimin --------------------------------------------------------

factors_of <- function(r, psi, m) {
  e <- eigen(r - diag(psi), symmetric = TRUE)
  e$vectors[, 1:m, drop = FALSE] %*% diag(sqrt(pmax(e$values[1:m], 0)), m)
}
# Principal axes, with psych's lower bound of a uniqueness, started from psych's solution.
polish_minres <- function(r, m) {
  f <- quiet(psych::fa(r, m, rotate = "none", fm = "minres"))
  psi <- pmax(0.005, 1 - diag(unclass(f$loadings) %*% t(unclass(f$loadings))))
  for (i in 1:400000) {
    l <- factors_of(r, psi, m)
    new <- pmin(pmax(0.005, 1 - rowSums(l^2)), 1)
    moved <- max(abs(new - psi))
    psi <- new
    if (moved < 2e-15) break
  }
  l <- factors_of(r, psi, m)
  l <- l %*% diag(ifelse(colSums(l) < 0, -1, 1), m)
  list(loadings = l, moved = moved, far = max(abs(l %*% t(l) - f$model)), psi = psi)
}
arrange <- function(l, phi) {
  s <- ifelse(colSums(l) < 0, -1, 1)
  l <- l %*% diag(s)
  phi <- diag(s) %*% phi %*% diag(s)
  o <- order(diag(phi %*% t(l) %*% l), decreasing = TRUE)
  list(loadings = l[, o], phi = phi[o, o])
}
# Gradient steps of one length from where GPArotation stopped.
polish_oblimin <- function(a) {
  ob <- quiet(GPArotation::oblimin(a, eps = 1e-6, maxit = 20000))
  turn <- ob$Th
  al <- min(ob$Table[nrow(ob$Table), 4], 1 / (4 * max(svd(a)$d)^2), na.rm = TRUE)
  for (i in 1:400000) {
    l <- a %*% t(solve(turn))
    g <- -t(t(l) %*% (l * (rowSums(l^2) - l^2)) %*% solve(turn))
    gp <- g - turn %*% diag(colSums(turn * g))
    if (sqrt(sum(gp^2)) < 1e-14) break
    x <- turn - al * gp
    turn <- x %*% diag(1 / sqrt(colSums(x^2)))
  }
  c(arrange(l, t(turn) %*% turn), list(size = sqrt(sum(gp^2)), far = max(abs(l - ob$loadings))))
}

# ---- per matrix -----------------------------------------------------------------------------------

expected_fit <- function(r, n, m, l) {
  p <- ncol(r)
  df <- p * (p - 1) / 2 - p * m + m * (m - 1) / 2
  implied <- l %*% t(l)
  diag(implied) <- 1
  low <- min(eigen(r, symmetric = TRUE)$values, eigen(implied, symmetric = TRUE)$values)
  if (low < 1e-10) return(refuse("psych smooths a matrix without inverse"))
  if (df < 1) return(refuse("no degree of freedom"))
  if (n - 1 - (2 * p + 5) / 6 - 2 * m / 3 <= 0) return(refuse("n too small"))
  s <- quiet(psych::fa.stats(r, l, n.obs = n, alpha = 0.1))
  bound <- function(share) {
    if (pchisq(s$STATISTIC, df) <= share) return(0)
    f <- function(x) pchisq(s$STATISTIC, df, ncp = x) - share
    sqrt(uniroot(f, c(0, s$STATISTIC * 3 + 100), tol = 1e-11)$root / (n - 1) / df)
  }
  list(chi_square = s$STATISTIC, df = df, p_value = s$PVAL, rmsea = s$RMSEA[[1]],
       rmsea_low = bound(0.95), rmsea_high = bound(0.05), tli = s$TLI, rms = s$rms)
}

expected_schmid <- function(l, phi, total_h2) {
  m <- ncol(l)
  gload <- if (m == 1) 1
    else if (m == 2) sqrt(abs(phi[1, 2])) * c(1, sign(phi[1, 2]))
    else drop(polish_minres(phi, 1)$loadings)
  general <- drop(l %*% gload)
  group <- sign(l) * sqrt(pmax(l^2 - (l %*% diag(gload, m))^2, 0))
  list(general = general, group = group, communalities = total_h2)
}

expected_omega <- function(r, m, split) {
  key <- ifelse(split$general < 0, -1, 1)
  total <- drop(key %*% r %*% key)
  if (total < 1e-8) return(refuse("the sum does not vary"))
  common <- total - sum(1 - split$communalities)
  g <- if (m == 1) common else sum(abs(split$general))^2
  own <- quiet(psych::omega(r, m, plot = FALSE))
  list(total = common / total, hierarchical = g / total, limit = g / common, signs = key,
       psych = list(total = own$omega.tot, hierarchical = own$omega_h, limit = own$omega.lim))
}

adequacy <- function(r, n) {
  p <- ncol(r)
  singular <- min(eigen(r, symmetric = TRUE)$values) < 1e-10
  k <- if (singular) NULL else quiet(psych::KMO(r))
  b <- quiet(psych::cortest.bartlett(r, n))
  nothing <- max(abs(r[lower.tri(r)])) == 0
  why <- refuse("no inverse, or nothing to measure")
  small <- n - 1 - (2 * p + 5) / 6 <= 0
  list(
    kmo = if (singular || nothing) why else list(estimate = k$MSA),
    kmo_item = if (singular || nothing) why else list(estimate = unname(k$MSAi)),
    bartlett = if (singular || small) why else
      list(statistic = b$chisq, df = b$df, p_value = b$p.value),
    map = if (singular) why else local({
      v <- tryCatch(quiet(psych::vss(r, n = max(p - 2, 2), fm = "pc", rotate = "none",
                                     plot = FALSE, n.obs = n)), error = function(e) NULL)
      if (is.null(v)) v <- list(map = rep(NA_real_, p))       # its other parts fail
      if (p > 2 && anyNA(v$map[seq_len(p - 2)])) return(refuse("psych::vss fails"))
      average <- c((sum(r^2) - p) / (p * (p - 1)), v$map[seq_len(p - 2)])
      list(average_squares = average, n_components = which.min(average) - 1)
    })
  )
}

NAMES <- c("kmo", "kmo_item", "bartlett", "map", "minres", "oblimin", "exploratory_fit",
           "schmid_leiman", "omega")
every <- function(value) setNames(rep(list(value), length(NAMES)), NAMES)

expected_matrix <- function(r, n, m) {
  p <- ncol(r)
  if (anyNA(r)) return(every(refuse("a correlation is missing")))
  out <- adequacy(r, n)
  factors <- NAMES[5:9]
  why_not <- function(text) setNames(rep(list(refuse(text)), 5), factors)
  if (p * (p - 1) / 2 - p * m + m * (m - 1) / 2 < 0) {
    return(c(out, why_not("not identified by counting, psych prints numbers")))
  }
  found <- polish_minres(r, m)
  l <- found$loadings
  if (min(colSums(l^2)) < 1e-8) return(c(out, why_not("a factor without loadings")))
  stopifnot(found$moved < 1e-12)
  h2 <- rowSums(l^2)
  f <- quiet(psych::fa(r, m, n.obs = n, fm = "minres", rotate = "oblimin"))
  own <- matrix(unclass(f$loadings), ncol = m)
  out$minres <- list(loadings = l, communalities = h2, uniquenesses = 1 - h2)
  turned <- if (m == 1) list(loadings = l, phi = matrix(1), size = 0) else polish_oblimin(l)
  stopifnot(turned$size < 1e-10)
  out$oblimin <- list(loadings = turned$loadings, factor_correlations = turned$phi,
                      psych = list(loadings = own))
  out$exploratory_fit <- expected_fit(r, n, m, l)
  upright <- if (m == 1) l else matrix(unclass(stats::varimax(l)$loadings), ncol = m)
  again <- if (m == 1) turned else {
    s <- ifelse(colSums(upright) < 0, -1, 1)
    upright <- upright %*% diag(s)
    polish_oblimin(upright[, order(colSums(upright^2), decreasing = TRUE)])
  }
  split <- expected_schmid(again$loadings, again$phi, h2)
  out$schmid_leiman <- split
  out$omega <- expected_omega(r, m, split)
  out
}

# ---- data -------------------------------------------------------------------------------------------

answers_of <- function(n, loadings, phi, levels) {
  m <- ncol(loadings)
  f <- matrix(rnorm(n * m), n) %*% chol(phi)
  u <- pmax(1 - diag(loadings %*% phi %*% t(loadings)), 0.05)
  x <- f %*% t(loadings) + matrix(rnorm(n * nrow(loadings)), n) %*% diag(sqrt(u))
  if (levels == 0) return(x)
  cuts <- qnorm(seq_len(levels - 1) / levels) + 0.3
  matrix(findInterval(x, cuts) + 1, n)
}
planted <- function(p, m, size, cross = 0) {
  l <- matrix(cross, p, m)
  l[cbind(seq_len(p), (seq_len(p) - 1) %% m + 1)] <- size + seq(-0.12, 0.12, length.out = p)
  l
}
equal_phi <- function(m, value) {
  phi <- matrix(value, m, m)
  diag(phi) <- 1
  phi
}
matrices <- list()
add <- function(name, r, n, m) {
  r[] <- ifelse(is.na(r), NA, quiet(as.numeric(sprintf("%.15g", r))))
  matrices[[length(matrices) + 1]] <<- list(name = name, correlations = unname(r), n = n,
                                            n_factors = m, expected = expected_matrix(r, n, m))
}
set.seed(20241123)
for (p in 3:8) add(paste0("one_factor_", p), cor(answers_of(40 + 30 * p, planted(p, 1, 0.65),
                                                            matrix(1), 5)), 40 + 30 * p, 1)
for (p in 5:9) add(paste0("two_factors_", p), cor(answers_of(300, planted(p, 2, 0.7),
                                                             equal_phi(2, 0.4), 5)), 300, 2)
for (p in 7:10) add(paste0("three_factors_", p), cor(answers_of(400, planted(p, 3, 0.75),
                                                                equal_phi(3, 0.5), 5)), 400, 3)
add("crossing", cor(answers_of(500, planted(9, 3, 0.6, 0.12), equal_phi(3, 0.35), 7)), 500, 3)
add("four_factors", cor(answers_of(600, planted(12, 4, 0.75), equal_phi(4, 0.4), 6)), 600, 4)
turned <- planted(9, 3, 0.7)
turned[c(2, 6, 7), ] <- -turned[c(2, 6, 7), ]
add("items_turned", cor(answers_of(500, turned, equal_phi(3, 0.5), 5)), 500, 3)
turned <- planted(6, 1, 0.7)
turned[c(1, 4), ] <- -turned[c(1, 4), ]
add("one_factor_turned", cor(answers_of(200, turned, matrix(1), 5)), 200, 1)
phi <- equal_phi(3, 0.4)
phi[1, 2:3] <- phi[2:3, 1] <- -0.4
add("factor_turned", cor(answers_of(500, planted(9, 3, 0.75), phi, 5)), 500, 3)
add("two_negative", cor(answers_of(400, planted(8, 2, 0.7), equal_phi(2, -0.4), 5)), 400, 2)
add("exact_one", tcrossprod(c(0.8, 0.7, 0.6, 0.5)) + diag(1 - c(0.8, 0.7, 0.6, 0.5)^2), 100, 1)
exact <- planted(9, 3, 0.7)
exact <- exact %*% equal_phi(3, 0.5) %*% t(exact)
diag(exact) <- 1
add("exact_three", exact, 250, 3)
add("dichotomous", cor(answers_of(300, planted(8, 2, 0.75), equal_phi(2, 0.4), 2)), 300, 2)
add("continuous", cor(answers_of(150, planted(7, 2, 0.6), equal_phi(2, 0.3), 0)), 150, 2)
add("few_people", cor(answers_of(14, planted(6, 1, 0.6), matrix(1), 5)), 14, 1)
add("weak", cor(answers_of(1000, planted(6, 1, 0.3), matrix(1), 5)), 1000, 1)
add("strong", cor(answers_of(1000, planted(6, 1, 0.87), matrix(1), 0)), 1000, 1)
add("too_small_n", cor(answers_of(30, planted(5, 1, 0.6), matrix(1), 5)), 3, 1)
add("saturated", cor(answers_of(400, planted(6, 3, 0.8), equal_phi(3, 0.3), 5)), 400, 3)
heywood <- matrix(c(1, .8, .7, .2, .8, 1, .4, .15, .7, .4, 1, .1, .2, .15, .1, 1), 4)
add("heywood", heywood, 100, 1)
add("heywood_two", cor(answers_of(25, planted(6, 2, 0.6), equal_phi(2, 0.3), 3)), 25, 2)
add("identity", diag(4), 100, 1)
add("two_items", matrix(c(1, .5, .5, 1), 2), 50, 1)
add("five_items_three_factors", cor(answers_of(200, planted(5, 1, 0.6), matrix(1), 5)), 200, 3)
same <- answers_of(100, planted(5, 1, 0.6), matrix(1), 5)
add("same_item_twice", cor(cbind(same, same[, 1])), 100, 1)
constant <- quiet(cor(cbind(same, 3)))
add("constant_item", constant, 100, 1)

# ---- people ---------------------------------------------------------------------------------------

people <- list()
add_people <- function(name, x, m) {
  r <- quiet(cor(x, use = "pairwise"))
  bad <- anyNA(r)
  l <- planted(ncol(x), m, 0.6)
  phi <- equal_phi(m, 0.3)
  singular <- !bad && min(eigen(r, symmetric = TRUE)$values) < 1e-10
  scores <- if (bad || singular) refuse("no inverse") else {
    s <- quiet(psych::factor.scores(x, l, phi, method = "Thurstone"))
    list(scores = unname(s$scores), weights = unname(s$weights),
         squared_correlations = unname(diag(t(s$weights) %*% l %*% phi)))
  }
  observed <- if (bad) refuse("no correlation") else {
    one <- polish_minres(r, 1)$loadings
    reduced <- r
    diag(reduced) <- rowSums(one^2)
    list(factor = eigen(reduced, symmetric = TRUE)$values,
         component = eigen(r, symmetric = TRUE)$values)
  }
  people[[length(people) + 1]] <<- list(
    name = name, items = x, loadings = l, factor_correlations = phi,
    expected = list(pairwise_correlations = list(correlations = unname(r)),
                    factor_scores = scores, parallel_observed = observed))
}
for (i in 1:26) {
  p <- 4 + i %% 3
  m <- 1 + i %% 2
  x <- answers_of(16 + i, planted(p, m, 0.65), equal_phi(m, 0.4), if (i %% 5 == 0) 0 else 5)
  x <- signif(x, 6)
  if (i %% 3 == 0) x[sample(length(x), 4)] <- NA
  add_people(paste0("people_", i), x, m)
}
x <- answers_of(20, planted(4, 1, 0.6), matrix(1), 5)
add_people("constant_item", cbind(x, 2), 1)
add_people("same_item_twice", cbind(x, x[, 2]), 1)

versions <- lapply(c("R", "psych", "GPArotation", "jsonlite"), function(package) {
  if (package == "R") paste(R.version$major, R.version$minor, sep = ".")
  else as.character(packageVersion(package))
})
names(versions) <- c("R", "psych", "GPArotation", "jsonlite")
reference <- list(versions = versions, matrices = matrices, people = people)
json <- function(x) toJSON(x, digits = NA, auto_unbox = TRUE, na = "null", null = "null")
sections <- sapply(names(reference), function(name) {
  part <- reference[[name]]
  if (!is.null(names(part))) return(sprintf('"%s": %s', name, json(part)))
  sprintf('"%s": [\n%s\n]', name, paste(sapply(part, json), collapse = ",\n"))   # a record a line
})
writeLines(c("{", paste(sections, collapse = ",\n"), "}"), file.path(here(), "factors.json"))
message(length(matrices), " matrices, ", length(people), " sets of people")
