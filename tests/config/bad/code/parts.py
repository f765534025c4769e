"""Good parts, wrongly used by the configs beside this folder."""

import keras
from keras import layers, ops
from keras.saving import register_keras_serializable as registered


@registered(package="mine")
class Scale(layers.Layer):
    """Multiplies by a learnt number."""

    def __init__(self, start=1.0, *, power, **kwargs):
        super().__init__(**kwargs)
        self.start, self.power = start, power


@registered(package="mine", name="wave")
def waves(x):
    return x + ops.sin(x)


@registered()
class Agreement(keras.metrics.Metric):
    def __init__(self, name="agreement"):
        super().__init__(name=name)


@registered()
class Settings:
    def get_config(self):
        return {}
