"""What a config may say, and how one is read: no NumPy, no Keras, no TensorFlow."""

from nntrain.config.load import load_config
from nntrain.config.schema import Config

__all__ = ["Config", "load_config"]
