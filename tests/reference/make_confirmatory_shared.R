# Expected values for the confirmatory models on data that may not lie in this repository:
#   Rscript tests/reference/make_confirmatory_shared.R ../shared/data
# Writes confirmatory_shared.json beside this file: expected values only, no answers.

source(file.path(dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))),
                 "factor_models.R"))
FOLDER <- commandArgs(TRUE)[1]
ALONG <- setdiff(STEPS, "thresholds")
read <- function(...) utils::read.csv(file.path(FOLDER, ...))

# One model of one data set: the ordinal ladder on harmonised categories, the continuous one on
# the answers themselves; estimates of the largest sets are left out.
compared <- function(name, data, group, factor_of, missing = "ml", steps = STEPS) {
  one <- length(unique(group)) == 1
  same <- harmonised(data, group)
  ordinal <- records_of(name, same$data, group, factor_of, TRUE, if (one) STEPS[1] else steps,
                        parametrisation = if (one) "delta" else "theta", missing = "pairwise")
  kinds <- if (anyNA(data)) c("listwise", missing) else "listwise"
  continuous <- do.call(c, lapply(kinds, function(missing) {
    records_of(name, data, group, factor_of, FALSE, if (one) STEPS[1] else ALONG,
               missing = missing)
  }))
  list(ordinal = ordinal, continuous = continuous, merges = setNames(list(same$merges), name))
}

army <- read("army_units_leadership", "bhr2000.csv")
leaders <- c("AF06", "AF07", "AP12", "AP17", "AP33", "AP34", "AS14", "AS15", "AS16", "AS17", "AS28")
officers <- c("AF06", "AP33", "AS14", "AS16")
ncos <- c("AF07", "AP34", "AS15", "AS17")
parity <- ifelse(army$GRP %% 2 == 1, "odd", "even")

mobile <- read("mobile_customers_reputation", "corp_rep.csv")
reputation <- c(outer(1:3, c("like", "comp", "cusl"), function(i, name) paste0(name, "_", i)))
marks <- mobile[reputation]
marks[marks == -99] <- NA

pupils <- read("fairplayer_self_teacher", "fairplayer_long.csv")
pupils <- pupils[pupils$wave == 1, ]
scale_of <- function(name) {
  items <- pupils[grep(paste0("^", name), names(pupils))]
  items[items == 11] <- NA
  items
}

everything <- list(
  compared("army_one_factor", army[leaders], rep("all", nrow(army)), rep(0, 11)),
  compared("army_officers_ncos", army[c(officers, ncos)], rep("all", nrow(army)),
           rep(0:1, each = 4)),
  compared("army_by_company_number", army[c(officers, ncos)], parity, rep(0:1, each = 4)),
  compared("mobile", marks, rep("all", nrow(marks)), rep(0:2, each = 3)),
  compared("mobile_by_servicetype", marks, mobile$servicetype, rep(0:2, each = 3)),
  compared("pupils_empathy", scale_of("EM"), pupils$rater, rep(0, 8)),
  compared("pupils_aggression", scale_of("RA"), pupils$rater, rep(0, 5)),
  compared("pupils_intelligence", scale_of("SI"), pupils$rater, rep(0, 10))
)
gathered <- function(part) do.call(c, lapply(everything, `[[`, part))
write_reference(list(versions = versions(), merges = gathered("merges"),
                     ordinal = gathered("ordinal"), continuous = gathered("continuous")),
                "confirmatory_shared.json")
