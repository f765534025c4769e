from keras.utils import register_keras_serializable


@register_keras_serializable
def mine(x):
    return x
