"""What a config can name: Keras' objects and their arguments, and the user's own."""
