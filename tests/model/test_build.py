import keras
import numpy as np
import pytest
import tensorflow as tf

from nntrain.model.summary import summary
from tests.model.stacks import build

DENSE = "{type: Dense, units: %d, activation: relu}"
SOFTMAX = "{type: Dense, units: 10, activation: softmax}"
CONV = "{type: Conv2D, filters: 4, kernel_size: 3, activation: relu}"
EMBEDDING = "{type: Embedding, input_dim: 50, output_dim: 8}"
NETS = {
    # stack, input shape, type of the features, output shape, parameters worked out by hand
    "lecture 784-10-10": (f"{DENSE % 10}, {SOFTMAX}", (784,), "float32", 10, 7_960),
    "lecture 784-500-300-10": (
        f"{DENSE % 500}, {DENSE % 300}, {SOFTMAX}",
        (784,),
        "float32",
        10,
        545_810,
    ),
    "images to a flat row": (f"Flatten, {SOFTMAX}", (28, 28), "float32", 10, 784 * 10 + 10),
    "convolutions": (
        f"{CONV}, MaxPooling2D, {CONV}, Flatten, {{type: Dropout, rate: 0.5}}, {SOFTMAX}",
        (14, 14, 1),
        "float32",
        10,
        (9 * 4 + 4) + (9 * 4 * 4 + 4) + 4 * 4 * 4 * 10 + 10,
    ),
    "convolutions and a mean": (
        f"{CONV}, BatchNormalization, PReLU, GlobalAveragePooling2D, {SOFTMAX}",
        (8, 8, 3),
        "float32",
        10,
        (27 * 4 + 4) + 4 * 4 + 6 * 6 * 4 + 50,
    ),
    "augmented images": (
        f"RandomFlip, {{type: RandomRotation, factor: 0.1}}, {{type: RandomZoom, height_factor: 0.1}}, "
        f"{{type: Rescaling, scale: 0.5}}, {CONV}, GlobalMaxPooling2D, {SOFTMAX}",
        (8, 8, 1),
        "float32",
        10,
        (9 * 4 + 4) + 50,
    ),
    "separable convolutions": (
        f"{{type: SeparableConv2D, filters: 4, kernel_size: 3, padding: same}}, Flatten, {SOFTMAX}",
        (4, 4, 3),
        "float32",
        10,
        27 + 3 * 4 + 4 + 64 * 10 + 10,
    ),
    "simple recurrence": (
        "{type: SimpleRNN, units: 6}, {type: Dense, units: 1}",
        (12, 2),
        "float32",
        1,
        6 * (6 + 2 + 1) + 7,
    ),
    "gates over gates": (
        "{type: LSTM, units: 6, return_sequences: true}, {type: GRU, units: 5}, {type: Dense, units: 1}",
        (12, 2),
        "float32",
        1,
        4 * 6 * (6 + 2 + 1) + 3 * 5 * (5 + 6 + 2) + 6,
    ),
    "both directions of words": (
        f"{EMBEDDING}, {{type: Bidirectional, layer: {{type: LSTM, units: 4}}}}, {{type: Dense, units: 1}}",
        (20,),
        "int32",
        1,
        50 * 8 + 2 * 4 * 4 * (4 + 8 + 1) + 9,
    ),
    "convolutions of words": (
        f"{EMBEDDING}, {{type: Conv1D, filters: 4, kernel_size: 3}}, GlobalMaxPooling1D, {DENSE % 2}",
        (20,),
        "int32",
        2,
        400 + (3 * 8 * 4 + 4) + 10,
    ),
    "a narrow waist": (
        f"{DENSE % 8}, {DENSE % 2}, {DENSE % 8}, {{type: Dense, units: 16, activation: sigmoid}}",
        (16,),
        "float32",
        16,
        16 * 8 + 8 + 8 * 2 + 2 + 2 * 8 + 8 + 8 * 16 + 16,
    ),
    "normalised layers": (
        f"{{type: Dense, units: 6, use_bias: false}}, BatchNormalization, ReLU, LayerNormalization, {SOFTMAX}",
        (5,),
        "float32",
        10,
        30 + 24 + 12 + 70,
    ),
    "scaled by given numbers": (
        f"{{type: Normalization, mean: 1, variance: 4}}, {SOFTMAX}",
        (5,),
        "float32",
        10,
        60,
    ),
}


@pytest.mark.parametrize("net", NETS)
def test_a_net_of_the_course_builds_with_the_parameters_counted_by_hand(net, layers):
    stack, shape, dtype, units, parameters = NETS[net]
    model = build(net.replace(" ", "-"), layers(stack), shape, dtype)
    assert model.output_shape == (None, units)
    assert model.count_params() == parameters
    told = summary(model)
    assert told.trainable + told.non_trainable == parameters
    assert sum(layer.parameters for layer in told.layers) == parameters
    assert [layer.type for layer in told.layers] == [entry.object.name for entry in layers(stack)]
    assert told.layers[-1].output_shape == (None, units)


def test_the_summary_tells_what_training_leaves_alone(layers):
    told = summary(build("net", layers("{type: Dense, units: 3}, BatchNormalization"), (2,), "float32"))
    assert (told.trainable, told.non_trainable) == (9 + 6, 6)


def test_the_weights_are_those_of_the_same_keras_script(layers):
    stack = f"RandomFlip, {CONV}, {{type: Dropout, rate: 0.5}}, BatchNormalization, Flatten, {SOFTMAX}"
    ours = build("net", layers(stack), (8, 8, 1), "float32")
    keras.utils.clear_session(free_memory=False)
    keras.utils.set_random_seed(0)
    script = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            keras.layers.RandomFlip(),
            keras.layers.Conv2D(4, 3, activation="relu"),
            keras.layers.Dropout(0.5),
            keras.layers.BatchNormalization(),
            keras.layers.Flatten(),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    theirs = script.variables
    assert [v.name for v in ours.variables] == [v.name for v in theirs]
    assert len(theirs) == 10  # the states of both random layers are among them
    for mine, other in zip(ours.variables, theirs, strict=True):
        np.testing.assert_array_equal(np.asarray(mine), np.asarray(other), mine.path)


def test_names_with_signs_become_names_of_models(layers):
    assert build("my-net.v2", layers("Flatten"), (4,), "float32").name == "my_net_v2"


def test_a_worker_that_is_gone_is_not_the_fault_of_a_layer(layers, monkeypatch):
    def called(*_):
        raise tf.errors.UnavailableError(None, None, "Collective ops is aborted by: another worker has ended")

    monkeypatch.setattr("nntrain.model.build._called", called)
    with pytest.raises(tf.errors.UnavailableError):
        build("net", layers(DENSE % 3), (2,), "float32")
