"""A config file's text as values, each with its place."""
