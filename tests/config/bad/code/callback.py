import keras


@keras.saving.register_keras_serializable()
class Pulse(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        pass
