import keras

PACKAGE = "mine"


@keras.utils.register_keras_serializable(package=PACKAGE)
def mine(x):
    return x


@keras.utils.register_keras_serializable("mine", name=f"{PACKAGE}_2")
def other(x):
    return x
