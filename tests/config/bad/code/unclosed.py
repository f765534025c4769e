import keras


@keras.saving.register_keras_serializable()
def mine(x):
    return keras.ops.relu((x)
