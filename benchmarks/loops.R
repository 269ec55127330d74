# R's usual loops on answers of the same shape as those of tests_and_resampling.py; prints what;n;seconds.
items <- 30
made <- function(n) {
  set.seed(n)
  list(x = matrix(sample(1:5, n * items, TRUE), n), first = runif(n) < .8)
}
cpu <- function(expression) sum(system.time(expression)[c("user.self", "sys.self")])
for (n in c(300, 10000)) {
  d <- made(n)
  took <- cpu(for (r in 1:3) for (j in 1:items) {
    a <- d$x[d$first, j]; b <- d$x[!d$first, j]
    t.test(a, b); suppressWarnings(wilcox.test(a, b, exact = FALSE))
  }) / 3
  cat("t.test and wilcox.test item by item", n, took, sep = ";"); cat("\n")
}
if (requireNamespace("psych", quietly = TRUE)) {
  d <- made(300)
  sets <- list(1:7, 8:15, 16:23, 24:30)
  # 500 of the 10,000 resamples, times twenty: the whole would take minutes.
  took <- 20 * cpu(for (s in sets) suppressWarnings(suppressMessages(
    capture.output(psych::alpha(as.data.frame(d$x[, s]), n.iter = 500, check.keys = FALSE)))))
  cat("psych::alpha, four clusters, 10,000 resamples (500 timed)", 300, took, sep = ";"); cat("\n")
}
