"""What reads the rows of each source, as lines of a script."""
