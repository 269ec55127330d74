# Expected values for research.stats.factors and reliability.omega on real answers. Run with the
# folder of shared data sets as the argument:
#   Rscript tests/reference/make_factors_shared.R ../shared/data
# Writes factors_shared.json beside this file: what psych prints as it stands, no answers.

suppressPackageStartupMessages({
  library(GPArotation)
  library(jsonlite)
  library(psych)
})
options(warn = 1, mc.cores = 1)

here <- function() {
  file <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
  dirname(normalizePath(file))
}
folder <- commandArgs(TRUE)[1]
quiet <- function(expression) suppressMessages(suppressWarnings(expression))
read <- function(...) read.csv(file.path(folder, ...))

army <- read("army_units_leadership", "bhr2000.csv")[3:13]
mobile <- read("mobile_customers_reputation", "corp_rep.csv")
mobile <- mobile[grep("^(csor|attr|perf|qual|like|comp|cusl)_[0-9]$", names(mobile))]
mobile[mobile == -99] <- NA
pupils <- read("fairplayer_self_teacher", "fairplayer_long.csv")
social <- function(rater) {
  pupils[pupils$rater == rater & pupils$wave == 1, grep("^SI", names(pupils))]
}
sets <- list(army_leadership = list(army, 2, 3), mobile_reputation = list(mobile, 4, 4),
             pupils_self = list(social("self"), 2, 3), pupils_teacher = list(social("teacher"), 2, 3))

expected <- function(set) {
  x <- as.matrix(set[[1]])
  x <- x[stats::complete.cases(x), ]
  r <- cor(x)
  n <- nrow(x)
  m <- set[[2]]
  f <- quiet(psych::fa(r, m, n.obs = n, fm = "minres", rotate = "oblimin"))
  closer <- quiet(psych::fa(r, m, n.obs = n, fm = "minres", rotate = "oblimin", eps = 1e-8))
  set.seed(1)
  sink(tempfile())
  pa <- quiet(psych::fa.parallel(x, n.iter = 100, plot = FALSE))
  sink()
  o <- lapply(c(1, 2, set[[3]]), function(k) {
    o <- quiet(psych::omega(r, k, plot = FALSE))
    list(n_factors = k, total = o$omega.tot, hierarchical = o$omega_h, limit = o$omega.lim)
  })
  b <- psych::cortest.bartlett(r, n)
  k <- psych::KMO(r)
  s <- psych::factor.scores(x, unclass(f$loadings), f$Phi, method = "Thurstone")
  list(
    n = n, n_factors = m,
    kmo = list(overall = k$MSA, items = unname(k$MSAi)),
    bartlett = list(statistic = b$chisq, df = b$df, p_value = b$p.value),
    map = quiet(psych::vss(r, n = 8, n.obs = n, plot = FALSE, fm = "pc", rotate = "none"))$map,
    factors = list(
      loadings = unname(matrix(unclass(f$loadings), ncol = m)), factor_correlations = unname(f$Phi),
      closer = unname(matrix(unclass(closer$loadings), ncol = m)),
      communalities = unname(f$communality), chi_square = f$STATISTIC, df = f$dof,
      rmsea = unname(f$RMSEA[1]), rmsea_low = unname(f$RMSEA[2]), rmsea_high = unname(f$RMSEA[3]),
      tli = f$TLI, rms = f$rms),
    scores = list(first = unname(s$scores[1:5, ])),
    parallel = list(factor = pa$fa.values, component = pa$pc.values, factor_mean = pa$fa.sim,
                    component_mean = pa$pc.sim, n_factors = pa$nfact, n_components = pa$ncomp),
    omega = o)
}
versions <- list(R = paste(R.version$major, R.version$minor, sep = "."))
for (package in c("psych", "GPArotation", "jsonlite")) {
  versions[[package]] <- as.character(packageVersion(package))
}
out <- c(list(versions = versions), lapply(sets, expected))
writeLines(toJSON(out, digits = NA, auto_unbox = TRUE, na = "null"),
           file.path(here(), "factors_shared.json"))
