"""The run directory, and the stories of fit and evaluate."""
