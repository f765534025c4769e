"""`tune`: a study, its trials, and whoever works on them."""
