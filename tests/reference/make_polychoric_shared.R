# Expected values for research.stats.factors.polychoric on the shared real data sets, with lavaan:
#   Rscript tests/reference/make_polychoric_shared.R ../shared/data
# Writes polychoric_shared.json beside this file: expected values only, no answer of anybody.

POLYCHORIC_FUNCTIONS_ONLY <- TRUE
own <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
source(file.path(dirname(normalizePath(own)), "make_polychoric.R"))
shared <- commandArgs(TRUE)[1]
table_of <- function(...) utils::read.csv(file.path(shared, ...))

# Of the covariance: the diagonal, the first row, the last row and the sum of all entries.
expected <- function(items, complete = FALSE) {
  items <- unname(as.matrix(items))
  if (complete) items <- items[stats::complete.cases(items), , drop = FALSE]
  found <- moments(items)
  gamma <- found$gamma
  list(n = found$n, thresholds = found$thresholds, correlations = found$correlations,
       lavaan_correlations = moments(items, polish = FALSE)$correlations,
       covariance_diagonal = diag(gamma), covariance_first = gamma[1, ],
       covariance_last = gamma[nrow(gamma), ], covariance_sum = sum(gamma))
}
both <- function(items) list(pairwise = expected(items), listwise = expected(items, TRUE))

bfi <- table_of("bfi_gender", "bfi.csv")
fair <- subset(table_of("fairplayer_self_teacher", "fairplayer_long.csv"), wave == 1)
mobile <- table_of("mobile_customers_reputation", "corp_rep.csv")
mobile[mobile == -99] <- NA
army <- table_of("army_units_leadership", "bhr2000.csv")
named <- function(stem, numbers) paste0(stem, numbers)
empathy <- sprintf("EM%02d", 1:8)

sets <- list(
  bfi_agreeableness_neuroticism = both(bfi[c(named("A", 1:5), named("N", 1:5))]),
  army_leadership = both(army[grep("^A[FPS][0-9]+$", names(army))]),
  mobile = both(mobile[c(named("like_", 1:3), named("comp_", 1:3), named("cusl_", 1:3), named("qual_", 1:8))]),
  fairplayer_self = both(fair[fair$rater == "self", empathy]),
  fairplayer_teacher = both(fair[fair$rater == "teacher", empathy])
)
lines <- paste(sprintf('"%s": %s', names(sets), sapply(sets, json)), collapse = ",\n")
writeLines(c("{", sprintf('"versions": %s,', json(versions)), lines, "}"),
           file.path(here(), "polychoric_shared.json"))
message(paste(names(sets), sapply(sets, function(x) paste(x$pairwise$n, x$listwise$n)), collapse = ", "))
