"""Missing answers: patterns, tests of why they are missing, multiple imputation and its pooling."""
