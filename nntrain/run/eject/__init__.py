"""A config as a plain Keras script that trains to the same scores."""
