"""Layers without a name are called as Keras would call them, and never as another layer is called."""

import keras
import pytest

from nntrain.config.vocabulary import catalogue
from nntrain.model.names import snake_case
from nntrain.model.own import OWN
from tests.model.stacks import build_graph

DENSE = "{type: Dense, units: 4}"


def named(name, rest="type: Dense, units: 4"):
    return f"{{name: {name}, {rest}}}"


def names(layers, **shapes):
    model = build_graph(layers, **(shapes or {"x": (3,)}))
    return [layer.name for layer in model.layers if not isinstance(layer, keras.layers.InputLayer)]


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        (f"{DENSE}, {DENSE}, {DENSE}", ["dense", "dense_1", "dense_2"]),
        (f"{DENSE}, {named('dense')}", ["dense_1", "dense"]),
        (f"{named('dense_1')}, {DENSE}, {DENSE}", ["dense_1", "dense", "dense_2"]),
        (f"{named('sequential')}, {{layers: [{DENSE}]}}", ["sequential", "sequential_1"]),
        (f"{named('a')}, {{type: Add, inputs: [a, a]}}, {named('add')}", ["a", "add_1", "add"]),
    ],
)
def test_a_given_name_is_never_given_again(layers, expected):
    assert names(layers) == expected


def test_a_second_network_has_the_names_of_the_first():
    assert names(f"{DENSE}, {DENSE}") == names(f"{DENSE}, {DENSE}") == ["dense", "dense_1"]


def test_a_nested_stack_numbers_its_own_layers():
    model = build_graph(f"{DENSE}, {{layers: [{DENSE}, {named('dense')}]}}, {DENSE}", x=(3,))
    assert [layer.name for layer in model.layers] == ["x", "dense", "sequential", "dense_1"]
    assert [layer.name for layer in model.get_layer("sequential").layers] == ["dense_1", "dense"]
    paths = [weight.path for weight in model.weights if weight.path.endswith("kernel")]
    assert paths == [
        "dense/kernel",
        "sequential/dense_1/kernel",
        "sequential/dense/kernel",
        "dense_1/kernel",
    ]


def test_a_layer_in_a_stack_may_be_called_as_keras_calls_an_input():
    stack = f"{{layers: [{named('input_layer')}, {{type: Add, inputs: [input_layer, input_layer]}}]}}"
    assert names(stack) == ["functional"]


def test_two_backbones_without_names_stand_side_by_side():
    backbone = "{type: MobileNetV2, alpha: 0.35}"
    between = "{type: UpSampling2D, size: 32}, {type: Conv2D, filters: 3, kernel_size: 1}"
    assert names(f"{backbone}, {between}, {backbone}", x=(32, 32, 3)) == [
        "mobilenetv2_0.35_32",
        "up_sampling2d",
        "conv2d",
        "mobilenetv2_0.35_32_1",
    ]


def test_names_in_a_wrapper_count_as_they_do_in_keras():
    layers = "{type: %s}, {type: Bidirectional, layer: {type: %s}}, {type: %s}" % (
        ("LSTM, units: 2, return_sequences: true",) * 3
    )
    made = build_graph(layers, x=(5, 3))
    keras.utils.clear_session(free_memory=False)
    theirs = keras.Sequential([keras.Input((5, 3))])
    theirs.add(keras.layers.LSTM(2, return_sequences=True))
    theirs.add(keras.layers.Bidirectional(keras.layers.LSTM(2, return_sequences=True)))
    theirs.add(keras.layers.LSTM(2, return_sequences=True))
    assert [layer.name for layer in made.layers] == [layer.name for layer in theirs.layers]


def test_a_class_of_keras_is_written_as_keras_writes_it():
    for name in catalogue.names("layers"):
        cls = OWN["layers"].get(name) or getattr(keras.layers, name)
        made = keras.layers.Layer.__new__(type(name, (cls,), {}))
        keras.layers.Layer.__init__(made)
        assert made.name in {snake_case(name), f"{snake_case(name)}_1"}, name
