"""Training a Keras model: batches, callbacks, devices."""
