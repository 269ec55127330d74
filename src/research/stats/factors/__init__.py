"""Factor models of ordinal answers: polychoric correlations, factors, model fit, invariance."""
