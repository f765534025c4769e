"""From raw features to what the model reads: fitted on training rows, then applied to every row alike."""
