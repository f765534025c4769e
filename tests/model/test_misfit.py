import warnings

import keras
import numpy as np
import pytest

from nntrain.config.network.merging import JOINING, PAIRS
from nntrain.config.vocabulary import catalogue
from nntrain.errors import ConfigError
from nntrain.model.misfit import IMAGE_LAYERS
from nntrain.model.own import OWN
from tests.model.stacks import build

CONV = "{type: Conv2D, filters: 4, kernel_size: 3}"
LSTM = "{type: LSTM, units: 4}"
BOTH_WAYS = f"{{type: Bidirectional, layer: {LSTM}}}"
SEQUENCES = "{type: LSTM, units: 4, return_sequences: true}"
POOLS = "MaxPooling2D, MaxPooling2D, MaxPooling2D"
IMAGE = "needs rows of shape (height, width, channels), and gets"
STEPS = "needs rows of shape (steps, features), and gets"
SMALLER = "use a smaller window, padding: same, or less pooling before it"

CASES = {
    # stack, input shape, the whole message, the stack after the edit that it names
    "convolution of a square row": (
        CONV,
        (784,),
        f"[0]: Conv2D {IMAGE} (None, 784): add {{type: Reshape, target_shape: [28, 28, 1]}} before it",
        f"{{type: Reshape, target_shape: [28, 28, 1]}}, {CONV}",
    ),
    "convolution of a square row of colours": (
        CONV,
        (3072,),
        f"[0]: Conv2D {IMAGE} (None, 3072): add {{type: Reshape, target_shape: [32, 32, 3]}} before it",
        f"{{type: Reshape, target_shape: [32, 32, 3]}}, {CONV}",
    ),
    "convolution of a row that is no square": (
        CONV,
        (30,),
        f"[0]: Conv2D {IMAGE} (None, 30): add a Reshape before it, whose target_shape is "
        "(height, width, channels) and holds 30 numbers",
        f"{{type: Reshape, target_shape: [5, 6, 1]}}, {CONV}",
    ),
    "convolution of images without channels": (
        f"{{type: Dropout, rate: 0.1}}, {CONV}",
        (28, 28),
        f"[1]: Conv2D {IMAGE} (None, 28, 28): add {{type: Reshape, target_shape: [28, 28, 1]}} before it",
        f"{{type: Reshape, target_shape: [28, 28, 1]}}, {CONV}",
    ),
    "convolution in three directions of images": (
        "{type: Conv3D, filters: 2, kernel_size: 3}",
        (9, 9, 1),
        "[0]: Conv3D needs rows of shape (depth, height, width, channels), and gets (None, 9, 9, 1): use Conv2D",
        "{type: Conv2D, filters: 2, kernel_size: 3}",
    ),
    "convolution over steps of images": (
        "{type: Conv1D, filters: 2, kernel_size: 3}",
        (28, 28, 1),
        f"[0]: Conv1D {STEPS} (None, 28, 28, 1): add {{type: Reshape, target_shape: [28, 28]}} before it",
        "{type: Reshape, target_shape: [28, 28]}, {type: Conv1D, filters: 2, kernel_size: 3}",
    ),
    "convolution after flattening": (
        f"{CONV}, Flatten, {CONV}",
        (8, 8, 1),
        f"[2]: Conv2D {IMAGE} (None, 144): add {{type: Reshape, target_shape: [12, 12, 1]}} before it",
        f"{CONV}, Flatten, {{type: Reshape, target_shape: [12, 12, 1]}}, {CONV}",
    ),
    "recurrence over a row": (
        LSTM,
        (30,),
        f"[0]: LSTM {STEPS} (None, 30): add {{type: Reshape, target_shape: [30, 1]}} before it",
        f"{{type: Reshape, target_shape: [30, 1]}}, {LSTM}",
    ),
    "recurrence over images": (
        BOTH_WAYS,
        (8, 8, 3),
        f"[0]: Bidirectional {STEPS} (None, 8, 8, 3): add {{type: Reshape, target_shape: [8, 24]}} before it",
        f"{{type: Reshape, target_shape: [8, 24]}}, {BOTH_WAYS}",
    ),
    "recurrence over a last step": (
        f"{LSTM}, {LSTM}",
        (10, 3),
        f"[1]: LSTM {STEPS} (None, 4): add return_sequences: true to model.layers[0], the LSTM",
        f"{SEQUENCES}, {LSTM}",
    ),
    "recurrence over a last step behind dropout": (
        f"{LSTM}, {{type: Dropout, rate: 0.2}}, {{type: GRU, units: 2}}",
        (10, 3),
        f"[2]: GRU {STEPS} (None, 4): add return_sequences: true to model.layers[0], the LSTM",
        f"{SEQUENCES}, {{type: Dropout, rate: 0.2}}, {{type: GRU, units: 2}}",
    ),
    "recurrence over the last step of both directions": (
        f"{BOTH_WAYS}, {LSTM}",
        (10, 3),
        f"[1]: LSTM {STEPS} (None, 8): add return_sequences: true to model.layers[0].layer, the LSTM",
        f"{{type: Bidirectional, layer: {SEQUENCES}}}, {LSTM}",
    ),
    "images as steps": (
        "{type: ConvLSTM2D, filters: 2, kernel_size: 3}",
        (8, 8, 1),
        "[0]: ConvLSTM2D needs rows of shape (steps, height, width, channels), and gets (None, 8, 8, 1): "
        "add {type: Reshape, target_shape: [1, 8, 8, 1]} before it",
        "{type: Reshape, target_shape: [1, 8, 8, 1]}, {type: ConvLSTM2D, filters: 2, kernel_size: 3}",
    ),
    "a layer for each of no steps": (
        "{type: TimeDistributed, layer: {type: Dense, units: 3}}",
        (10,),
        "[0]: TimeDistributed needs rows of shape (steps, ...), and gets (None, 10): "
        "use the Dense itself, without TimeDistributed",
        "{type: Dense, units: 3}",
    ),
    "a convolution for each of no steps": (
        f"{{type: TimeDistributed, layer: {CONV}}}",
        (8, 8, 1),
        "[0]: TimeDistributed needs rows of shape (steps, height, width, channels), and gets (None, 8, 8, 1): "
        "use the Conv2D itself, without TimeDistributed",
        CONV,
    ),
    "a window larger than the image": (
        "{type: Conv2D, filters: 4, kernel_size: [9, 3]}",
        (8, 8, 1),
        f"[0]: Conv2D's window of 9x3 is larger than its input (None, 8, 8, 1): {SMALLER}",
        "{type: Conv2D, filters: 4, kernel_size: [9, 3], padding: same}",
    ),
    "a window with gaps": (
        "{type: Conv2D, filters: 4, kernel_size: 3, dilation_rate: 5}",
        (8, 8, 1),
        f"[0]: Conv2D's window of 11x11 is larger than its input (None, 8, 8, 1): {SMALLER}",
        "{type: Conv2D, filters: 4, kernel_size: 3}",
    ),
    "too many poolings": (
        f"{POOLS}, MaxPooling2D",
        (8, 8, 1),
        f"[3]: MaxPooling2D's window of 2x2 is larger than its input (None, 1, 1, 1): {SMALLER}",
        f"{POOLS}, {{type: MaxPooling2D, padding: same}}",
    ),
    "a convolution after too many poolings": (
        f"{POOLS}, {CONV}",
        (8, 8, 1),
        f"[3]: Conv2D's window of 3x3 is larger than its input (None, 1, 1, 1): {SMALLER}",
        f"MaxPooling2D, {CONV}",
    ),
    "pooling of steps that are too few": (
        "{type: AveragePooling1D, pool_size: 9}",
        (8, 1),
        f"[0]: AveragePooling1D's window of 9 is larger than its input (None, 8, 1): {SMALLER}",
        "{type: AveragePooling1D, pool_size: 8}",
    ),
    "pooling of a row": (
        "MaxPooling2D",
        (784,),
        f"[0]: MaxPooling2D {IMAGE} (None, 784): add {{type: Reshape, target_shape: [28, 28, 1]}} before it",
        "{type: Reshape, target_shape: [28, 28, 1]}, MaxPooling2D",
    ),
    "more cut off than there is": (
        "{type: Cropping2D, cropping: 5}",
        (8, 8, 1),
        "[0]: Cropping2D cuts off more than (None, 8, 8, 1) has: use a smaller cropping",
        "{type: Cropping2D, cropping: 3}",
    ),
    "a shape with too many numbers": (
        "{type: Reshape, target_shape: [28, 28, 3]}",
        (784,),
        "[0]: Reshape can't turn (None, 784) into [28, 28, 3]: a row has 784 numbers, and that holds 2352: "
        "use target_shape: [28, 28, 1]",
        "{type: Reshape, target_shape: [28, 28, 1]}",
    ),
    "an open shape that does not divide": (
        "{type: Reshape, target_shape: [-1, 10]}",
        (784,),
        "[0]: Reshape can't turn (None, 784) into [-1, 10]: a row has 784 numbers, and that holds a multiple "
        "of 10: use sizes whose product is 784",
        "{type: Reshape, target_shape: [-1, 7]}",
    ),
    "a vector to repeat that is none": (
        "{type: RepeatVector, n: 4}",
        (10, 3),
        "[0]: RepeatVector needs rows of shape (features), and gets (None, 10, 3): add {type: Flatten} before it",
        "Flatten, {type: RepeatVector, n: 4}",
    ),
    "axes to swap that are not there": (
        "{type: Permute, dims: [2, 1]}",
        (10, 4, 3),
        "[0]: Permute's dims list 2 axes, and a row of (None, 10, 4, 3) has 3: list each number from 1 to 3 once",
        "{type: Permute, dims: [2, 1, 3]}",
    ),
    "an axis past the last": (
        "{type: BatchNormalization, axis: 3}",
        (30,),
        "[0]: BatchNormalization's axis is 3, and the axes of (None, 30) after the rows go from 1 to 1: "
        "use a number up to 1",
        "{type: BatchNormalization, axis: 1}",
    ),
    "shared axes past the last": (
        "{type: PReLU, shared_axes: [1, 5]}",
        (8, 8, 2),
        "[0]: PReLU's shared_axes is 5, and the axes of (None, 8, 8, 2) after the rows go from 1 to 3: "
        "use a number up to 3",
        "{type: PReLU, shared_axes: [1, 3]}",
    ),
    "a state among the outputs": (
        "{type: LSTM, units: 4, return_state: true}",
        (10, 3),
        "[0]: LSTM gives several outputs, and a layer passes on one: remove return_state: true",
        LSTM,
    ),
    "one step of a recurrent layer": (
        "{type: LSTMCell, units: 4}",
        (10, 3),
        "[0]: LSTMCell is one step of a recurrent layer: put it into one, "
        "{type: RNN, cell: {type: LSTMCell, ...}}",
        "{type: RNN, cell: {type: LSTMCell, units: 4}}",
    ),
    "attention within a row": (
        "{type: Dense, units: 3}, {type: MultiHeadAttention, num_heads: 2, key_dim: 4}",
        (10,),
        f"[1]: MultiHeadAttention {STEPS} (None, 3): add {{type: Reshape, target_shape: [3, 1]}} before it",
        "{type: Dense, units: 3}, {type: Reshape, target_shape: [3, 1]}, "
        "{type: MultiHeadAttention, num_heads: 2, key_dim: 4}",
    ),
    "text": (
        "{type: StringLookup, vocabulary: [a, b]}, Flatten",
        (10,),
        "[0]: StringLookup takes text, and the network gets numbers: remove it",
        "Flatten",
    ),
    "pictures that are mixed without their labels": (
        "MixUp, Flatten",
        (8, 8, 1),
        "[0]: MixUp changes the labels too, which a layer of a stack never sees: remove it",
        "Flatten",
    ),
    "words made of numbers": (
        "{type: Dense, units: 3}, {type: Embedding, input_dim: 9, output_dim: 2}",
        (10,),
        "[1]: Embedding takes the numbers of words, and gets float32 from the layers before it: put it first",
        "{type: Embedding, input_dim: 9, output_dim: 2}, {type: Dense, units: 3}",
    ),
    "augmentation of images without channels": (
        "{type: RandomRotation, factor: 0.1}",
        (28, 28),
        f"[0]: RandomRotation {IMAGE} (None, 28, 28): add {{type: Reshape, target_shape: [28, 28, 1]}} before it",
        "{type: Reshape, target_shape: [28, 28, 1]}, {type: RandomRotation, factor: 0.1}",
    ),
    "a scale that was never learnt": (
        "Normalization",
        (10,),
        "[0]: Normalization is not adapted to the data here: give it mean and variance",
        "{type: Normalization, mean: 0.5, variance: 2}",
    ),
    "a vocabulary that was never learnt": (
        "IntegerLookup",
        (10,),
        "[0]: IntegerLookup is not adapted to the data here: give it vocabulary",
        "{type: IntegerLookup, vocabulary: [1, 2]}",
    ),
    "more groups than channels": (
        "{type: GroupNormalization, groups: 32}",
        (8, 8, 2),
        "[0]: GroupNormalization does not take (None, 8, 8, 2): Number of groups (32) cannot be more than the "
        "number of channels (2).",
        "{type: GroupNormalization, groups: 2}",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_misfit_names_its_layer_and_the_edit_and_the_edit_builds(case, layers):
    stack, shape, message, edited = CASES[case]
    with pytest.raises(ConfigError) as refused:
        build("net", layers(stack), shape, "float32")
    assert str(refused.value) == f"model.layers{message}"
    assert build("net", layers(edited), shape, "float32").output_shape[0] is None


def test_token_sequences_are_told_to_be_embedded(layers):
    with pytest.raises(ConfigError) as refused:
        build("net", layers(LSTM), (30,), "int32")
    assert str(refused.value) == (
        f"model.layers[0]: LSTM {STEPS} (None, 30): add {{type: Embedding, input_dim: N, output_dim: 32}} "
        "before it, where N is the number of different words"
    )
    embedding = "{type: Embedding, input_dim: 100, output_dim: 32}"
    assert build("net", layers(f"{embedding}, {LSTM}"), (30,), "int32").output_shape == (None, 4)


def test_the_image_layers_are_those_of_keras():
    module = "keras.src.layers.preprocessing.image_preprocessing.base_image_preprocessing_layer"
    base = __import__(module, fromlist=["x"]).BaseImagePreprocessingLayer
    public = {n: thing for n, thing in vars(keras.layers).items() if isinstance(thing, type)}
    found = {name for name, thing in public.items() if issubclass(thing, base)}
    assert found == IMAGE_LAYERS - OWN["layers"].keys() | {
        "CutMix",
        "Equalization",
        "MaxNumBoundingBoxes",
        "MixUp",
    }


def test_the_layers_of_several_inputs_include_every_merge():
    base = __import__("keras.src.layers.merging.base_merge", fromlist=["x"]).Merge
    names = {n for n, t in vars(keras.layers).items() if isinstance(t, type) and issubclass(t, base)}
    assert names == (JOINING | PAIRS) - {"HashedCrossing"}


REQUIRED = {
    "Activation": {"activation": "relu"},
    "Bidirectional": {"layer": {"type": "LSTM", "units": 2}},
    "Discretization": {"bin_boundaries": [0.0, 1.0]},
    "EinsumDense": {"equation": "ab,bc->ac", "output_shape": 4},
    "Permute": {"dims": [2, 1]},
    "RNN": {"cell": {"type": "LSTMCell", "units": 2}},
    "RandomPosterization": {"factor": 2},
    "Reshape": {"target_shape": [2, 4]},
    "SpectralNormalization": {"layer": {"type": "Dense", "units": 2}},
    "StackedRNNCells": {"cells": [{"type": "LSTMCell", "units": 2}]},
    "TimeDistributed": {"layer": {"type": "Dense", "units": 2}},
}
VALUES = {"rate": 0.5, "stddev": 0.1, "scale": 2.0, "factor": 0.1, "height_factor": 0.1, "width_factor": 0.1}
HANDED_ON = {"EinsumDense", "MelSpectrogram"}
"""Layers that read rows of one shape as those of another, and fail in training."""


@pytest.mark.parametrize("shape", [(8,), (8, 3), (8, 8, 3)], ids=str)
def test_every_layer_gives_an_output_a_row_or_a_config_error(shape, read):
    allowed = [name for name in catalogue.names("layers") if not catalogue.refusal("layers", name)]
    built = 0
    for name in allowed:
        needed = [a.name for a in catalogue.entry("layers", name).arguments.values() if a.required]
        given = {key: VALUES.get(key, 2) for key in needed} | REQUIRED.get(name, {})
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)
                model = build("net", [read("layers", {"type": name, **given})], shape, "float32")
        except ConfigError:
            continue
        built += 1
        if name not in HANDED_ON:
            outputs = model(np.ones((3, *shape), "float32"), training=True)
            assert outputs.shape[0] == 3, name
    assert built > 25
