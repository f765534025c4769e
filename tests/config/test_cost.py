"""The cost of a step, told without Keras, agrees with the network that Keras builds."""

import math

import pytest

from nntrain import load_config
from nntrain.config.data import INPUT
from nntrain.config.network.cost import LAYERS, layer_cost, step_flops
from nntrain.config.network.graph import Graph, Step
from nntrain.config.reuse.facts import with_facts_of_run
from nntrain.config.vocabulary.keras_object import KerasObject
from nntrain.model.objects import make
from tests.conftest import BLOBS, CONFIGS

CASES = [
    ("Dense", {"units": 5}, (7,)),
    ("Dense", {"units": 5}, (3, 7)),
    ("Conv1D", {"filters": 4, "kernel_size": 3, "padding": "causal"}, (9, 2)),
    ("Conv2D", {"filters": 4, "kernel_size": 3}, (9, 8, 2)),
    ("Conv2D", {"filters": 4, "kernel_size": (3, 2), "strides": 2, "padding": "same"}, (9, 8, 2)),
    ("Conv2D", {"filters": 4, "kernel_size": 3, "dilation_rate": 2, "groups": 2}, (9, 9, 2)),
    ("Conv3D", {"filters": 4, "kernel_size": 3}, (5, 5, 5, 2)),
    ("DepthwiseConv2D", {"kernel_size": 3, "depth_multiplier": 2}, (9, 8, 3)),
    ("SeparableConv2D", {"filters": 6, "kernel_size": 3}, (9, 8, 3)),
    ("LSTM", {"units": 4}, (6, 3)),
    ("GRU", {"units": 4, "return_sequences": True}, (6, 3)),
    ("SimpleRNN", {"units": 4}, (6, 3)),
    ("Bidirectional", {"layer": KerasObject("LSTM", {"units": 4})}, (6, 3)),
    ("Embedding", {"input_dim": 9, "output_dim": 4}, (6,)),
    ("MaxPooling2D", {}, (9, 8, 3)),
    ("AveragePooling1D", {"pool_size": 3, "strides": 1, "padding": "same"}, (9, 3)),
    ("MaxPooling3D", {}, (6, 6, 6, 2)),
    ("GlobalAveragePooling2D", {}, (9, 8, 3)),
    ("GlobalMaxPooling1D", {}, (9, 3)),
    ("Flatten", {}, (4, 3)),
    ("Reshape", {"target_shape": (2, -1)}, (4, 3)),
    ("Dropout", {"rate": 0.1}, (4, 3)),
    ("BatchNormalization", {}, (4, 3)),
    ("Maxout", {"units": 4, "pieces": 3}, (5, 3)),
    ("LocallyConnected1D", {"filters": 4, "kernel_size": 3, "strides": 2}, (8, 3)),
    ("LocallyConnected2D", {"filters": 4, "kernel_size": (3, 2)}, (9, 8, 2)),
]


@pytest.mark.parametrize(("name", "arguments", "shape"), CASES, ids=lambda value: str(value)[:40])
def test_a_layer_gives_the_shape_that_keras_gives(name, arguments, shape):
    spec = KerasObject(name, arguments)
    _, found = layer_cost(spec, [shape])
    assert (None, *found) == tuple(make(spec, ()).compute_output_shape((None, *shape)))


@pytest.mark.parametrize(("name", "arguments", "shape"), CASES[:12], ids=lambda value: str(value)[:40])
def test_a_layer_multiplies_each_weight_as_often_as_it_is_used(name, arguments, shape):
    spec = KerasObject(name, {**arguments, "use_bias": False})
    cost, out = layer_cost(spec, [shape])
    layer = make(spec, ())
    layer.build((None, *shape))
    steps = shape[0] if name in ("LSTM", "GRU", "SimpleRNN") else math.prod(out[:-1])
    if name == "SeparableConv2D":
        first, second = (math.prod(w.shape) for w in layer.weights)
        assert cost == steps * (first + second)
    else:
        assert cost == steps * layer.count_params()


def test_names_that_are_not_tried_here_are_of_a_kind_that_is():
    tried = {name.rstrip("123D") for name, _, _ in CASES}
    others = {name.rstrip("123D") for name in LAYERS} - tried
    assert others == {"GlobalAveragePooling", "GlobalMaxPooling"} - tried


@pytest.mark.parametrize(
    "layer",
    [
        {"type": "MultiHeadAttention", "num_heads": 2, "key_dim": 4},
        {"type": "Conv2DTranspose", "filters": 2, "kernel_size": 3},
        {"type": "Conv2D", "filters": 2, "kernel_size": 3, "data_format": "channels_first"},
        {"type": "Dense", "units": "${data.classes}"},
        {"type": "Reshape", "target_shape": [0, -1]},
    ],
    ids=lambda layer: layer["type"],
)
def test_what_is_not_known_counts_as_large(layer):
    kind, arguments = layer["type"], {key: value for key, value in layer.items() if key != "type"}
    step = Step("only", ("model",), (INPUT,), KerasObject(kind, arguments))
    graph = Graph((INPUT,), (step,), ("only",))
    assert step_flops(graph, {INPUT: (8, 8, 3)}, 32) == math.inf


def test_the_users_own_layer_counts_as_large():
    cost, _ = layer_cost(KerasObject("Mine", {}, registered="mine>Mine"), [(3,)])
    assert cost == math.inf


def test_a_step_costs_the_way_forth_and_twice_that_back(write_config):
    graph = load_config(write_config()).graph
    assert step_flops(graph, {INPUT: (2,)}, 16) == 6 * 16 * (2 * 8 + 8 + 8 * 3)


def test_joined_inputs_cost_what_their_ways_cost(write_config):
    text = BLOBS.partition("  layers:")[0] + (
        "  layers:\n"
        "    - {name: a, type: Dense, units: 4}\n"
        "    - {name: b, type: Dense, units: 6, inputs: features}\n"
        "    - {type: Concatenate, inputs: [a, b]}\n"
        "    - {name: c, type: Dense, units: 10}\n"
        "    - {type: Add, inputs: [c, c2]}\n"
        "    - {type: Dense, units: 3, activation: softmax}\n"
        "training:" + BLOBS.partition("training:")[2]
    ).replace(", inputs: [c, c2]", ", inputs: [c, c]")
    graph = load_config(write_config(text)).graph
    assert step_flops(graph, {INPUT: (2,)}, 1) == 6 * (8 + 12 + 4 + 100 + 10 + 30)


def test_most_shipped_networks_are_known():
    shapes = {
        "mnist_mlp": (28, 28),
        "mnist_cnn": (28, 28),
        "digits_mlp": (64,),
        "digits_residual": (64,),
        "digits_cnn": (64,),
    }
    for name, shape in shapes.items():
        config = with_facts_of_run(load_config(CONFIGS / f"{name}.yaml"), {"data.classes": 10})
        flops = step_flops(config.graph, dict.fromkeys(config.graph.inputs, shape), 1)
        assert 0 < flops < math.inf, name
