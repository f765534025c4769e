import keras


@keras.saving.register_keras_serializable()
class Dense(keras.layers.Dense):
    pass


@keras.saving.register_keras_serializable()
def mse(truth, outputs):
    return outputs


@keras.saving.register_keras_serializable()
def selu(x):
    return x
