"""Analysis of two-sided questionnaires."""
