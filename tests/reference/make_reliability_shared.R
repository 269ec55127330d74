# Expected values on real questionnaires, which are not in this repository: only what R computes from
# them is kept. Run with the folder that holds them:
#   Rscript tests/reference/make_reliability_shared.R ../shared/data
# Writes reliability_shared.json beside this file.

script <- normalizePath(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)))
source(file.path(dirname(script), "make_reliability.R"))

DATA <- commandArgs(TRUE)[1]
read <- function(...) read.csv(file.path(DATA, ...))
starting <- function(frame, stem) as.matrix(frame[grep(paste0("^", stem, "_?[0-9]+$"), names(frame))])

bfi <- function() {
  frame <- read("bfi_gender", "bfi.csv")
  for (name in c("A1", "C4", "C5", "E1", "E2", "O2", "O5")) frame[[name]] <- 7 - frame[[name]]
  scales <- sapply(c("A", "C", "E", "N", "O"), function(x) starting(frame, x), simplify = FALSE)
  # Complete on all 25 items, as in r_reference.json.
  complete <- stats::complete.cases(do.call(cbind, scales))
  c(setNames(scales, paste0("bfi_", names(scales))),
    setNames(lapply(scales, function(x) x[complete, ]), paste0("bfi_complete_", names(scales))))
}
army <- function() {
  frame <- read("army_units_leadership", "bhr2000.csv")
  list(army = as.matrix(frame[grep("^A[FPS][0-9]+$", names(frame))]))
}
mobile <- function() {
  frame <- read("mobile_customers_reputation", "corp_rep.csv")
  frame[frame == -99] <- NA
  stems <- c("csor", "attr", "perf", "qual", "like", "comp", "cusl")
  setNames(lapply(stems, function(x) starting(frame, x)), paste0("mobile_", stems))
}
fairplayer <- function() {
  frame <- read("fairplayer_self_teacher", "fairplayer_long.csv")
  sets <- list()
  for (rater in c("self", "teacher")) for (stem in c("EM", "RA", "SI")) {
    chosen <- frame[frame$wave == 1 & frame$rater == rater, ]
    sets[[paste("fairplayer", rater, stem, sep = "_")]] <- starting(chosen, stem)
  }
  sets
}

without <- function(record, ...) record[setdiff(names(record), c(...))]
shared_record <- function(name, items) {
  items <- unname(items)
  scale <- scale_record(name, items)
  expected <- scale$expected
  ordinal <- attempt(ordinal_solution(items))
  continuous <- attempt(continuous_solution(items))
  c(list(name = name, expected = expected),
    list(ordinal = ordinal, continuous = without(continuous, "covariance")))
}

sets <- c(bfi(), army(), mobile(), fairplayer())
records <- unname(Map(shared_record, names(sets), sets))
write_sections(list(versions = versions_of(PACKAGES), scales = records),
               file.path(here(), "reliability_shared.json"))
message(length(records), " scales; WLSMV refused: ",
        paste(sapply(Filter(function(r) !is.null(r$ordinal$why), records), `[[`, "name"), collapse = ", "))
