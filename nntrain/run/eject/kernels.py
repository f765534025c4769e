"""Layers whose weights begin as known image kernels."""

from __future__ import annotations

from nntrain.config.checks.kernels import kernels_of
from nntrain.config.vocabulary.image_kernels import matrix
from nntrain.config.vocabulary.keras_object import KerasObject
from nntrain.run.eject.code import kernel_name
from nntrain.run.eject.draft import Draft

IMAGE_KERNELS = '''
def image_kernels(*kernels):
    """First weights of a Conv2D: a kernel a filter; of channels the mean counts."""
    of_mean = np.stack(kernels, axis=-1)[:, :, None]

    def weights(shape, dtype=None):
        return keras.ops.broadcast_to(keras.ops.array(of_mean / shape[2], dtype), shape)

    return weights
'''


def image_kernels(draft: Draft) -> None:
    """Define what the layers need that begin so."""
    layers = [step.layer for step in draft.config.graph.steps if isinstance(step.layer, KerasObject)]
    kernels = [kernel for layer in layers for kernel in kernels_of(layer)]
    if kernels:
        draft.define(IMAGE_KERNELS)
    for name in dict.fromkeys(kernel for kernel in kernels if isinstance(kernel, str)):
        draft.constants.append(f"{kernel_name(name)} = {[[*row] for row in matrix(name)]}")
