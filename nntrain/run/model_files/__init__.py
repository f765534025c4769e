"""Files that hold models: numbers that a run keeps, and what strangers send."""
