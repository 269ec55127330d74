# lavaan and psych on the answers that measurement.py wrote; prints what;seconds.
folder <- commandArgs(trailingOnly = TRUE)[1]
answers <- function(what) {
  d <- read.csv(file.path(folder, paste0(what, ".csv")), header = FALSE)
  names(d) <- paste0("x", seq_along(d)); d
}
# psych hands pairs to child processes: their time counts.
cpu <- function(expression) sum(system.time(expression)[c(1, 2, 4, 5)])
if (requireNamespace("lavaan", quietly = TRUE)) {
  d <- answers("wlsmv")
  model <- paste(sapply(0:4, function(f) {
    paste0("f", f, " =~ ", paste0("x", 1:5 + 5 * f, collapse = " + "))
  }), collapse = "\n")
  took <- cpu(for (r in 1:3) lavaan::cfa(model, d, ordered = TRUE, estimator = "WLSMV")) / 3
  cat("wlsmv", took, sep = ";"); cat("\n")
  d <- answers("ladders")
  d$role <- rep(c("a", "b"), c(737, 236))
  took <- cpu({
    from <- 1
    for (size in c(7, 8, 8, 7)) {
      items <- paste0("x", from:(from + size - 1))
      from <- from + size
      model <- paste("f =~", paste(items, collapse = " + "))
      fits <- lapply(
        list(character(), "thresholds", c("thresholds", "loadings"),
             c("thresholds", "loadings", "intercepts"),
             c("thresholds", "loadings", "intercepts", "residuals")),
        function(equal) {
          s <- semTools::measEq.syntax(model, d, ordered = items, group = "role", ID.fac = "std.lv",
            ID.cat = "Wu.Estabrook.2016", parameterization = "theta", group.equal = equal)
          lavaan::cfa(as.character(s), d, ordered = items, group = "role",
            parameterization = "theta", estimator = "WLSMV")
        })
      do.call(lavaan::lavTestLRT, c(fits[[1]], fits[-1]))
    }
  })
  cat("ladders", took, sep = ";"); cat("\n")
}
if (requireNamespace("psych", quietly = TRUE)) {
  d <- answers("polychoric")
  took <- cpu(psych::polychoric(d, correct = 0, progress = FALSE))
  cat("polychoric", took, sep = ";"); cat("\n")
}
