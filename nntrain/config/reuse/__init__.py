"""Where values come from: other files, the command line, references, the environment, the data."""
