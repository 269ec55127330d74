"""One module a research question: which statistic answers it. Every result leaves protected."""
