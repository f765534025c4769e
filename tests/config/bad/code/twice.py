import keras


@keras.saving.register_keras_serializable()
def mine(x):
    return x


@keras.saving.register_keras_serializable("other", "mine")
def yours(x):
    return x
