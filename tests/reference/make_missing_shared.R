# Expected values for Little's test on data that may not lie in this repository:
#   Rscript tests/reference/make_missing_shared.R ../shared/data
# Writes missing_shared.json beside this file: expected values only, no answers.

FOLDER <- commandArgs(TRUE)[1]
HERE <- dirname(normalizePath(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))))
source_lines <- readLines(file.path(HERE, "make_missing.R"))
# The functions only: everything before the first data set.
eval(parse(text = source_lines[seq_len(grep("^little_data <- ", source_lines) - 1)]))

bfi <- utils::read.csv(file.path(FOLDER, "bfi_gender", "bfi.csv"))
wiki <- utils::read.csv(file.path(FOLDER, "wiki4he_two_universities", "wiki4HE.csv"), sep = ";", na.strings = "?")
sets <- list(
  bfi_first_400 = as.matrix(bfi[1:400, grep("^[ACENO][1-5]$", names(bfi))]),
  bfi_agreeableness = as.matrix(bfi[, paste0("A", 1:5)]),
  wiki_use = as.matrix(wiki[, grep("^Use", names(wiki))]),
  wiki_quality_image = as.matrix(wiki[, grep("^(Qu|Im)[0-9]", names(wiki))])
)
records <- unname(Map(function(name, x) {
  mode(x) <- "numeric"
  list(name = name, expected = list(little_mcar = expected_little(unname(x))))
}, names(sets), sets))
reference <- list(
  versions = sapply(c("jsonlite", "lavaan"), function(p) as.character(packageVersion(p)), simplify = FALSE),
  little = records
)
reference$versions$R <- paste(R.version$major, R.version$minor, sep = ".")
writeLines(toJSON(reference, digits = I(15), auto_unbox = TRUE, pretty = TRUE), file.path(HERE, "missing_shared.json"))
