"""Checkpoints: the state of a training on disk, whole or not there."""
