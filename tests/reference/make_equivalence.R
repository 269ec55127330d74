# Expected values for non_inferiority_test of research.stats.equivalence, computed with R. Run from anywhere:
#   Rscript tests/reference/make_equivalence.R
# Writes equivalence.json beside this file: the data, the expected values and the versions, no date.
# t.test(mu = -margin, alternative = "greater") and its mirror image; Welch, Student and one group.

suppressPackageStartupMessages(library(jsonlite))
options(warn = 1)

ALPHAS <- c(0.05, 0.025, 0.1)

here <- function() {
  file <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
  dirname(normalizePath(file))
}

attempt <- function(expression) {
  tryCatch(expression, error = function(e) list(why = paste("R:", conditionMessage(e))))
}

# The good side is open in R; our interval closes it at the same distance.
non_inferiority <- function(a, b, margin, alpha, direction) attempt({
  higher <- direction == "higher_is_better"
  test <- t.test(a, b, mu = if (higher) -margin else margin, conf.level = 1 - alpha,
                 alternative = if (higher) "greater" else "less")
  both <- t.test(a, b, conf.level = 1 - 2 * alpha)$conf.int
  worse <- if (higher) test$conf.int[1] else test$conf.int[2]
  stopifnot(all.equal(worse, if (higher) both[1] else both[2]))
  list(estimate = mean(a) - mean(b), ci_low = if (higher) worse else both[1],
       ci_high = if (higher) both[2] else worse, df = unname(test$parameter),
       statistic = unname(test$statistic) * if (higher) 1 else -1, p_value = test$p.value)
})

set.seed(20260302)
records <- list()
sizes <- list(c(2, 2), c(2, 5), c(3, 3), c(5, 2), c(4, 9), c(12, 12), c(30, 8), c(60, 45), c(200, 20))
for (i in 1:36) {
  n <- sizes[[i %% length(sizes) + 1]]
  shift <- c(-0.4, 0, 0.5, 1.2)[i %% 4 + 1]
  spread <- c(0.5, 1, 1.6)[i %% 3 + 1]
  a <- rnorm(n[1], 3 + shift, spread)
  b <- rnorm(n[2], 3, 1)
  if (i %% 2) { a <- pmin(pmax(round(a), 1), 5); b <- pmin(pmax(round(b), 1), 5) }
  if (i %% 6 == 0) { a[1] <- NA; b <- c(b, NA, 3) }
  if (i == 10) a[] <- 4
  if (i == 19) { a[] <- 4; b[] <- 3 }
  margin <- c(0.2, 0.3, 0.5, 1)[(i %/% 4) %% 4 + 1]
  alpha <- ALPHAS[i %% 3 + 1]
  expected <- list()
  for (direction in c("higher_is_better", "lower_is_better")) {
    expected[[paste0("non_inferiority_", direction)]] <-
      non_inferiority(a[!is.na(a)], b[!is.na(b)], margin, alpha, direction)
  }
  records[[i]] <- list(name = paste0("seeded ", i, ": ", n[1], " and ", n[2], ", margin ", margin),
                       values = c(a, b), first = rep(c(1, 0), c(length(a), length(b))),
                       margin = margin, alpha = alpha, expected = expected)
}

versions <- list(R = paste(R.version$major, R.version$minor, sep = "."),
                 jsonlite = as.character(packageVersion("jsonlite")))
writeLines(
  toJSON(list(versions = versions, settings = list(alphas = ALPHAS), margins = records),
         auto_unbox = TRUE, digits = I(15), na = "null", null = "null"),
  file.path(here(), "equivalence.json")
)
