# Expected values for research.stats.factors.graded_response on data that may not be copied, computed
# with R (some minutes):
#   Rscript tests/reference/make_graded_response_shared.R ../shared/data
# Writes graded_response_shared.json beside this file: expected values only, no answer of anybody.

GRADED_FUNCTIONS_ONLY <- TRUE
own <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
source(file.path(dirname(normalizePath(own)), "make_graded_response.R"))
shared <- commandArgs(TRUE)[1]
table_of <- function(...) utils::read.csv(file.path(shared, ...))

fair <- subset(table_of("fairplayer_self_teacher", "fairplayer_long.csv"), wave == 1)
mobile <- table_of("mobile_customers_reputation", "corp_rep.csv")
mobile[mobile == -99] <- NA

of_set <- function(items) expected(unname(as.matrix(items)))
sets <- list(
  mobile_likeability = of_set(mobile[paste0("like_", 1:3)]),
  mobile_competence = of_set(mobile[paste0("comp_", 1:3)]),
  fairplayer_aggression = of_set(fair[fair$rater == "self", sprintf("RA%02d", 1:5)])
)
sections <- paste(sprintf('"%s": %s', names(sets), sapply(sets, json)), collapse = ",\n")
writeLines(c("{", sprintf('"versions": %s,', json(versions)), sections, "}"),
           file.path(here(), "graded_response_shared.json"))
message(paste(names(sets), collapse = ", "))
