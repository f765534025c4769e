"""From a config to a Keras model."""
