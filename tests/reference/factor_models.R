# What make_confirmatory.R and make_confirmatory_shared.R have in common: a model fitted by lavaan
# as exactly as its formulas allow, and the numbers taken from it.
#
# lavaan stops its searches at relative tolerances of 1e-10 of a likelihood: a polychoric
# correlation is then right to about 5e-6 and an estimate to 1e-6. Both are finished here by
# Newton's method (to 1e-12), with lavaan's own gradients; its formulas are untouched.

suppressPackageStartupMessages({
  library(jsonlite)
  library(lavaan)
  library(semTools)
})
options(warn = 1)

STEPS <- c("configural", "thresholds", "loadings", "intercepts", "residuals")
LAVAAN <- asNamespace("lavaan")

here <- function() {
  file <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
  dirname(normalizePath(file))
}

# ---- exact polychoric correlations ----------------------------------------------------------

original_two_step <- get("lav_bvord_cor_twostep_fit", LAVAAN)
exact_two_step <- function(Y1, Y2, eXo = NULL, wt = NULL, fit.y1 = NULL, fit.y2 = NULL, ...) {
  rho <- original_two_step(Y1, Y2, eXo = eXo, wt = wt, fit.y1 = fit.y1, fit.y2 = fit.y2, ...)
  cache <- lav_bvord_init_cache(fit.y1 = fit.y1, fit.y2 = fit.y2, wt = wt)
  # A two-by-two table with an empty cell gets half an answer in there: not finished here.
  stopifnot(!(all(dim(cache$freq) == 2) && any(cache$freq == 0)), abs(rho) < 0.99)
  rough <- as.numeric(rho)
  slope <- function(x) lav_bvord_min_gradient(x, cache)
  exact <- stats::uniroot(slope, rough + c(-1e-3, 1e-3), tol = 1e-15, maxiter = 200)$root
  stopifnot(abs(exact - rough) < 1e-4)
  attributes(exact) <- attributes(rho)
  exact
}
environment(exact_two_step) <- list2env(
  list(original_two_step = original_two_step), parent = LAVAAN)  # its callees look there
utils::assignInNamespace("lav_bvord_cor_twostep_fit", exact_two_step, "lavaan")

# ---- exact estimates ------------------------------------------------------------------------

reduced <- function(fit) {
  model <- fit@Model
  if (model@eq.constraints) model@eq.constraints.K else diag(length(fit@optim$x))
}
newton <- function(fit) {
  model <- fit@Model
  fiml <- fit@SampleStats@missing.flag
  k <- reduced(fit)
  x <- fit@optim$x
  for (round in 1:20) {
    model <- LAVAAN$lav_model_set_parameters(model, x)
    gradient <- LAVAAN$lav_model_gradient(
      lavmodel = model, lavsamplestats = fit@SampleStats, lavdata = fit@Data,
      lavcache = fit@Cache, type = "free", group.weight = !fiml)
    hessian <- LAVAAN$lav_model_hessian(
      lavmodel = model, lavsamplestats = fit@SampleStats, lavdata = fit@Data,
      lavoptions = fit@Options, lavcache = fit@Cache, group.weight = !fiml)
    step <- drop(k %*% solve(t(k) %*% hessian %*% k, crossprod(k, drop(gradient))))
    x <- x - step
    if (max(abs(step)) < 1e-11) return(x)
  }
  stop("Newton's method does not end: last step ", max(abs(step)))
}
exactly <- function(fit_with, ...) {
  rough <- suppressWarnings(fit_with(...))
  stopifnot(lavInspect(rough, "converged"))
  table <- parTable(rough)
  found <- newton(rough)
  free <- table$free > 0
  stopifnot(max(abs(found[table$free[free]] - table$est[free])) < 1e-2)
  table$est[free] <- found[table$free[free]]
  suppressWarnings(
    fit_with(..., start = table, optim.method = "none", optim.force.converged = TRUE))
}

# ---- models ---------------------------------------------------------------------------------

syntax_of <- function(factor_of, items) {
  terms <- tapply(items, factor(factor_of), paste, collapse = " + ")
  paste(paste0("f", names(terms), " =~ ", terms), collapse = "\n")
}
# Everything of a released item: loading, thresholds, intercept and residual variance.
released_of <- function(data, factor_of, released, ordinal) {
  unlist(lapply(released, function(i) {
    item <- names(data)[i + 1]
    k <- length(unique(stats::na.omit(data[[item]])))
    thresholds <- if (ordinal) paste0(item, " | t", seq_len(k - 1))
    c(paste0("f", factor_of[i + 1], " =~ ", item), thresholds, paste0(item, " ~ 1"),
      paste0(item, " ~~ ", item))
  }))
}
equal_at <- function(step, ordinal) {
  upto <- STEPS[seq_len(match(step, STEPS))][-1]
  upto <- if (ordinal) upto else setdiff(upto, "thresholds")
  if (length(upto)) upto else ""
}

fit_ordinal <- function(data, group, factor_of, step = "configural", parametrisation = "theta",
                        identified_by = "factor_variance", missing = "pairwise",
                        released = integer()) {
  items <- names(data)
  model <- syntax_of(factor_of, items)
  several <- length(unique(group)) > 1
  data$g <- group
  common <- list(data = data, ordered = items, estimator = "WLSMV",
                 parameterization = parametrisation, missing = missing)
  if (!several) {
    return(do.call(exactly, c(list(cfa, model = model), common,
                              std.lv = identified_by == "factor_variance")))
  }
  stopifnot(identified_by == "factor_variance")
  partial <- released_of(data[items], factor_of, released, TRUE)
  model <- eval(bquote(measEq.syntax(
    configural.model = .(model), data = data, ordered = items, ID.fac = "std.lv",
    ID.cat = "Wu.Estabrook.2016", parameterization = .(parametrisation), group = "g",
    group.equal = .(equal_at(step, TRUE)), group.partial = .(paste(partial, collapse = "\n")),
    warn = FALSE)))
  do.call(exactly, c(list(cfa, model = as.character(model)), common, group = "g"))
}

fit_continuous <- function(data, group, factor_of, step = "configural",
                           identified_by = "factor_variance", missing = "listwise",
                           released = integer(), means = FALSE) {
  model <- syntax_of(factor_of, names(data))
  several <- length(unique(group)) > 1
  partial <- released_of(data, factor_of, released, FALSE)
  data$g <- group
  options <- list(model = model, data = data, estimator = "ML", missing = missing,
                  std.lv = identified_by == "factor_variance", em.h1.tol = 1e-13,
                  em.h1.iter.max = 50000)
  if (means) options$meanstructure <- TRUE
  if (several) {
    options <- c(options, group = "g", list(group.equal = equal_at(step, FALSE)))
    if (length(partial)) options$group.partial <- partial
  }
  do.call(exactly, c(list(cfa), options))
}

# The rule of categories.harmonised_categories: a value that some group lacks goes, in all groups,
# with its neighbour towards the middle of the item's values; the farthest out first.
harmonised <- function(data, group) {
  merges <- list()
  for (j in seq_along(data)) {
    x <- data[[j]]
    values <- sort(unique(x[!is.na(x)]))
    blocks <- as.list(seq_along(values))
    middle <- (length(values) + 1) / 2
    repeat {
      counts <- do.call(cbind, lapply(blocks, function(b) table(factor(group)[x %in% values[b]])))
      lacking <- colSums(counts == 0) > 0
      if (!any(lacking)) break
      away <- sapply(blocks, mean) - middle
      at <- which.max(ifelse(lacking, abs(away), -1))
      total <- colSums(counts)
      to <- if (away[at] < 0) at + 1 else if (away[at] > 0) at - 1
            else if (total[at - 1] <= total[at + 1]) at - 1 else at + 1
      pair <- if (to > at) c(max(blocks[[at]]), min(blocks[[to]]))
              else c(min(blocks[[at]]), max(blocks[[to]]))
      merges <- c(merges, list(list(item = j - 1, category = values[pair[1]],
                                    merged_with = values[pair[2]])))
      blocks[[min(at, to)]] <- sort(c(blocks[[at]], blocks[[to]]))
      blocks[[max(at, to)]] <- NULL
    }
    stopifnot(length(blocks) > 1)
    lowest <- values[sapply(blocks, min)]
    data[[j]] <- findInterval(x, lowest)
  }
  list(data = data, merges = merges)
}

# ---- what is taken from a fit ---------------------------------------------------------------

# lavaan's own interval stops its search early (1e-4 of the noncentrality).
rmsea_interval <- function(chi_square, df, n, groups) {
  limit <- function(p) {
    off <- function(x) stats::pchisq(chi_square, df, ncp = x) - p
    if (off(0) < 0) return(0)
    root <- stats::uniroot(off, c(0, 10 * chi_square + 100), tol = 1e-13, maxiter = 10000)$root
    sqrt(groups * root / (n * df))
  }
  c(limit(0.95), limit(0.05))
}
# A saturated model: lavaan prints a TLI of 1 and an RMSEA of 0 for what is 0 / 0.
indices <- function(fit, ordinal) {
  m <- fitMeasures(fit)
  n <- sum(unlist(fit@SampleStats@nobs))
  groups <- fit@SampleStats@ngroups
  of <- function(suffix) {
    get <- function(name) m[[paste0(name, suffix)]]
    df <- m[["df"]]
    none <- df == 0
    ci <- if (none) c(NA, NA)
          else rmsea_interval(get("chisq"), df, if (ordinal) n - groups else n, groups)
    if (!none) stopifnot(max(abs(ci - c(m[[paste0("rmsea.ci.lower", suffix)]],
                                        m[[paste0("rmsea.ci.upper", suffix)]]))) < 1e-4)
    out <- list(chi_square = get("chisq"),
                p_value = if (none) NA else pchisq(get("chisq"), df, lower.tail = FALSE),
                baseline = get("baseline.chisq"), cfi = get("cfi"),
                tli = if (none) NA else get("tli"), rmsea = if (none) NA else get("rmsea"),
                rmsea_low = ci[1], rmsea_high = ci[2])
    setNames(out, if (suffix == "") names(out) else paste0(names(out), "_scaled"))
  }
  out <- c(list(n_free = m[["npar"]], df = m[["df"]], srmr = m[["srmr"]]), of(""))
  if (ordinal) {
    test <- fit@test$scaled.shifted
    out <- c(out, of(".scaled"))
    if (m[["df"]] > 0) out <- c(out, list(scale = 1 / test$scaling.factor,
                                          shift = test$shift.parameter))
  } else {
    # Ours always has the means, lavaan's single group of complete answers has not.
    means <- if (fit@Model@meanstructure) 0 else length(fit@Data@ov.names[[1]])
    out$n_free <- out$n_free + means
    out$log_likelihood <- m[["logl"]]
    out$aic <- m[["aic"]] + 2 * means
    out$bic <- m[["bic"]] + log(n) * means
  }
  out
}
# Every entry of the model's matrices, group by group: loadings by item, factor (co)variances row
# by row below the diagonal, factor means, intercepts, thresholds, residual variances or scales.
estimates <- function(fit, items, factor_of, ordinal, delta) {
  table <- parameterEstimates(fit, ci = FALSE, zstat = FALSE, pvalue = FALSE)
  if (is.null(table$group)) table$group <- 1
  factors <- paste0("f", sort(unique(factor_of)))
  means <- fit@Model@meanstructure
  rows <- function(lhs, op, rhs, group) {
    at <- which(table$lhs == lhs & table$op == op & table$rhs == rhs & table$group == group)
    if (!length(at) && op == "~~") {
      at <- which(table$lhs == rhs & table$op == op & table$rhs == lhs & table$group == group)
    }
    if (length(at) != 1) stop("no single row: ", paste(lhs, op, rhs, group))
    at
  }
  of_group <- function(g) {
    loading <- mapply(rows, paste0("f", factor_of), "=~", items, g)
    covariance <- unlist(lapply(seq_along(factors), function(i) {
      lapply(seq_len(i), function(j) rows(factors[i], "~~", factors[j], g))
    }))
    mean <- if (means) mapply(rows, factors, "~1", "", g)
    intercept <- if (means) mapply(rows, items, "~1", "", g)
    threshold <- if (ordinal) which(table$op == "|" & table$group == g)
    if (ordinal) threshold <- threshold[order(match(table$lhs[threshold], items))]
    unit <- mapply(rows, items, if (delta) "~*~" else "~~", items, g)
    c(loading, covariance, mean, intercept, threshold, unit)
  }
  at <- unname(unlist(lapply(seq_len(fit@SampleStats@ngroups), of_group)))
  for (f in factors) stopifnot(sum(table$est[table$op == "=~" & table$lhs == f]) > 0)
  list(estimate = table$est[at], standard_error = table$se[at])
}
difference <- function(before, after, ordinal) {
  table <- as.data.frame(lavTestLRT(before, after))
  stopifnot(!ordinal || grepl("satorra.2000", attr(lavTestLRT(before, after), "heading")))
  list(statistic = table[2, "Chisq diff"], df = table[2, "Df diff"])
}

versions <- function() {
  packages <- c("jsonlite", "lavaan", "semTools")
  c(list(R = as.character(getRversion())),
    setNames(lapply(packages, function(p) as.character(packageVersion(p))), packages))
}
write_reference <- function(content, name) {
  writeLines(
    toJSON(content, digits = 15, auto_unbox = TRUE, na = "null", null = "null"),
    file.path(here(), name))
}

# A ladder of models, or a single one: one record a model.
records_of <- function(name, data, group, factor_of, ordinal, steps, with_estimates = TRUE, ...) {
  out <- list()
  before <- NULL
  options <- list(...)
  for (step in steps) {
    fit <- if (ordinal) fit_ordinal(data, group, factor_of, step, ...)
           else fit_continuous(data, group, factor_of, step, ...)
    delta <- ordinal && identical(options$parametrisation, "delta")
    kind <- if (ordinal) "ordinal" else "continuous"
    expected <- setNames(list(indices(fit, ordinal)), paste0(kind, "_fit"))
    if (with_estimates) {
      # One group of complete answers has no mean structure in lavaan; here the means as well.
      whole <- if (ordinal || fit@Model@meanstructure) fit
               else fit_continuous(data, group, factor_of, step, ..., means = TRUE)
      expected[[paste0(kind, "_estimates")]] <- estimates(whole, names(data), factor_of, ordinal,
                                                          delta)
    }
    record <- c(list(name = paste(c(name, unlist(options[setdiff(names(options), "released")]),
                                    if (length(options$released)) "released", step),
                                  collapse = " / "),
                     data = name, step = step), options)
    if (length(options$released)) record$released <- I(options$released)
    if (!is.null(before)) {
      record$before <- before$step
      expected[[paste0(kind, "_difference")]] <- difference(before$fit, fit, ordinal)
    }
    out <- c(out, list(c(record, list(expected = expected))))
    before <- list(step = step, fit = fit)
  }
  out
}
