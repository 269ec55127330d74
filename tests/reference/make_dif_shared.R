# Expected values for research.stats.factors.dif on data that may not be copied, computed with R.
#   Rscript tests/reference/make_dif_shared.R ../shared/data
# Writes dif_shared.json beside this file: expected values only, no answer of anybody.

DIF_FUNCTIONS_ONLY <- TRUE
own <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
source(file.path(dirname(normalizePath(own)), "make_dif.R"))
shared <- commandArgs(TRUE)[1]
table_of <- function(...) utils::read.csv(file.path(shared, ...))

of_set <- function(items, first) expected(unname(as.matrix(items)), as.numeric(first))

bfi <- table_of("bfi_gender", "bfi.csv")
bfi$A1 <- 7 - bfi$A1
male <- bfi$gender == "male"
fair <- subset(table_of("fairplayer_self_teacher", "fairplayer_long.csv"), wave == 1)
mobile <- table_of("mobile_customers_reputation", "corp_rep.csv")
mobile[mobile == -99] <- NA
army <- table_of("army_units_leadership", "bhr2000.csv")

sets <- list(
  bfi_agreeableness = of_set(bfi[paste0("A", 1:5)], male),
  bfi_neuroticism = of_set(bfi[paste0("N", 1:5)], male),
  fairplayer_empathy = of_set(fair[sprintf("EM%02d", 1:8)], fair$rater == "self"),
  mobile_quality = of_set(mobile[paste0("qual_", 1:8)], mobile$servicetype == 1),
  army_officers = of_set(army[c("AF06", "AP33", "AS14", "AS16")], army$HRS > 11)
)
sections <- paste(sprintf('"%s": %s', names(sets), sapply(sets, json)), collapse = ",\n")
writeLines(c("{", sprintf('"versions": %s,', json(versions)), sections, "}"),
           file.path(here(), "dif_shared.json"))
message(paste(names(sets), collapse = ", "))
