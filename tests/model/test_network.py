"""A graph is built as it is written: the same weights as a stack, shared layers, blocks, outputs by name."""

import keras
import numpy as np
import pytest

from nntrain.model.summary import summary
from tests.model.stacks import build_graph


def dense(name, units, inputs=None):
    return f"{{name: {name}, type: Dense, units: {units}{f', inputs: {inputs}' if inputs else ''}}}"


def rows(*shape):
    return np.random.default_rng(0).normal(size=shape).astype("float32")


def again(text, **how):
    """The network as a fresh process would draw it."""
    keras.utils.clear_session(free_memory=False)
    keras.utils.set_random_seed(0)
    return build_graph(text, **how)


CONV = "{name: %s, type: Conv2D, filters: %d, kernel_size: 3, padding: same, inputs: %s}"
COUNTED = {
    # layers, shapes of the inputs, parameters worked out by hand
    "two branches": (
        f"{dense('a', 4, 'x')}, {dense('b', 5, 'x')}, {{type: Concatenate, inputs: [a, b]}}, {dense('k', 2)}",
        {"x": (3,)},
        (3 * 4 + 4) + (3 * 5 + 5) + (9 * 2 + 2),
    ),
    "two inputs": (
        f"{dense('a', 4, 'x')}, {dense('b', 4, 'y')}, {{type: Add, inputs: [a, b]}}, {dense('k', 2)}",
        {"x": (3,), "y": (7,)},
        (3 * 4 + 4) + (7 * 4 + 4) + (4 * 2 + 2),
    ),
    "three residual blocks": (
        f"{dense('in', 6)}, {{repeat: 3, name: block, layers: [{dense('a', 6)}, "
        f"{{type: Add, inputs: [a, input]}}, BatchNormalization]}}, {dense('k', 2)}",
        {"x": (4,)},
        (4 * 6 + 6) + 3 * ((6 * 6 + 6) + 4 * 6) + (6 * 2 + 2),
    ),
    "a shared tower": (
        f"{{name: tower, inputs: x, layers: [{dense('a', 5)}, {dense('b', 3)}]}}, "
        "{call: tower, name: other, inputs: y}, {type: Subtract, inputs: [tower, other]}, "
        f"{dense('k', 1)}",
        {"x": (4,), "y": (4,)},
        (4 * 5 + 5) + (5 * 3 + 3) + (3 + 1),
    ),
    "a way around a waist": (
        f"{CONV % ('down', 4, 'x')}, {{type: MaxPooling2D, inputs: down}}, "
        "{name: waist, type: Conv2D, filters: 8, kernel_size: 3, padding: same}, {name: up, type: UpSampling2D}, "
        f"{{name: both, type: Concatenate, inputs: [up, down]}}, {CONV % ('out', 1, 'both')}",
        {"x": (8, 8, 1)},
        (9 * 4 + 4) + (9 * 4 * 8 + 8) + (9 * 12 + 1),
    ),
}


@pytest.mark.parametrize("net", COUNTED)
def test_the_parameters_are_those_counted_by_hand(net):
    layers, shapes, parameters = COUNTED[net]
    model = build_graph(layers, **shapes)
    told = summary(model)
    assert model.count_params() == told.trainable + told.non_trainable == parameters


@pytest.mark.parametrize("net", [name for name in COUNTED if name != "a shared tower"])
def test_the_layers_of_the_summary_add_up(net):
    layers, shapes, parameters = COUNTED[net]
    assert sum(layer.parameters for layer in summary(build_graph(layers, **shapes)).layers) == parameters


def test_a_stack_with_names_and_inputs_has_the_same_weights_and_outputs():
    plain = again(
        "{type: Dense, units: 8, activation: relu}, {type: Dropout, rate: 0.5}, Flatten, "
        "{type: Dense, units: 3, activation: softmax}",
        x=(5,),
    )
    named = again(
        "{name: a, type: Dense, units: 8, activation: relu, inputs: x}, "
        "{name: b, type: Dropout, rate: 0.5, inputs: a}, {name: c, type: Flatten, inputs: b}, "
        "{name: d, type: Dense, units: 3, activation: softmax, inputs: c}",
        outputs=["d"],
        x=(5,),
    )  # fmt: skip
    assert isinstance(named, keras.Sequential)
    for mine, other in zip(plain.get_weights(), named.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, other)
    np.testing.assert_array_equal(plain.predict(rows(4, 5), verbose=0), named.predict(rows(4, 5), verbose=0))


def test_layers_that_are_written_first_are_drawn_first():
    late = again(f"{dense('k', 2, 'b')}, {dense('a', 4, 'x')}, {dense('b', 4, 'a')}", outputs=["k"], x=(3,))
    assert [layer.name for layer in late.layers] == ["a", "b", "k"]
    early = again(f"{dense('a', 4)}, {dense('b', 4)}, {dense('k', 2)}", x=(3,))
    for mine, other in zip(late.get_weights(), early.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, other)


def test_both_uses_of_a_shared_layer_change_together():
    layers = f"{dense('a', 3, 'x')}, {{call: a, name: b, inputs: y}}"
    model = build_graph(layers, outputs=["a", "b"], x=(4,), y=(4,))
    assert len(model.get_weights()) == 2
    one, two = rows(5, 4), rows(5, 4)[::-1].copy()
    for factor in (1, 2):
        model.get_layer("a").set_weights([factor * np.ones((4, 3)), np.zeros(3)])
        given = model.predict({"x": one, "y": two}, verbose=0)
        np.testing.assert_allclose(given["a"], factor * one.sum(1, keepdims=True).repeat(3, 1), rtol=1e-4)
        np.testing.assert_allclose(given["b"], factor * two.sum(1, keepdims=True).repeat(3, 1), rtol=1e-4)


def test_inputs_are_given_and_outputs_come_by_name():
    layers = f"{dense('body', 4, '[both]')}, {{name: both, type: Concatenate, inputs: [x, y]}}, " + ", ".join(
        [dense("kind", 3, "body"), dense("width", 1, "body")]
    )
    model = build_graph(layers, outputs=["width", "kind"], x=(2,), y=(5,))
    given = model.predict({"y": rows(6, 5), "x": rows(6, 2)}, verbose=0)
    assert {name: value.shape for name, value in given.items()} == {"width": (6, 1), "kind": (6, 3)}


def test_a_repeated_block_numbers_its_names_and_chains():
    layers = (
        f"{{repeat: 3, name: block, layers: [{dense('a', 4)}, {{type: ReLU}}]}}, {dense('k', 2, 'block')}"
    )
    model = build_graph(layers, x=(4,))
    names = [layer.name for layer in model.layers if layer.weights]
    assert names == ["a_1", "a_2", "a_3", "k"]
    value = rows(5, 4)
    for name in names[:-1]:
        kernel, bias = model.get_layer(name).get_weights()
        value = np.maximum(value @ kernel + bias, 0)
    kernel, bias = model.get_layer("k").get_weights()
    np.testing.assert_allclose(
        model.predict(rows(5, 4), verbose=0), value @ kernel + bias, rtol=1e-4, atol=1e-5
    )


def test_input_is_what_the_block_is_fed():
    model = build_graph("{repeat: 3, layers: [{type: Add, inputs: [input, input]}]}", x=(2,))
    np.testing.assert_allclose(model.predict(rows(4, 2), verbose=0), 8 * rows(4, 2), rtol=1e-6)


def test_input_is_what_the_nested_stack_is_fed():
    layers = (
        "{name: t, inputs: y, layers: [{type: Add, inputs: [input, input]}]}, {type: Add, inputs: [t, x]}"
    )
    model = build_graph(layers, x=(2,), y=(2,))
    given = model.predict({"x": rows(4, 2), "y": np.ones((4, 2), "float32")}, verbose=0)
    np.testing.assert_allclose(given, rows(4, 2) + 2, rtol=1e-6)


TOWER = (
    f"{{name: tower, layers: [{dense('a', 4)}, {{name: in, layers: [{dense('b', 4)}]}}]}}, "
    f"{{repeat: 2, name: block, layers: [{dense('c', 4)}]}}, {dense('k', 2)}"
)
PATTERNS = [
    # model.trainable, and the layers that then learn
    ({}, "a b c_1 c_2 k"),
    ({"tower": False}, "c_1 c_2 k"),
    ({"tower/*": False}, "c_1 c_2 k"),
    ({"tower/*": False, "tower/in/b": True}, "b c_1 c_2 k"),
    ({"tower/in/b": True, "tower/*": False}, "c_1 c_2 k"),
    ({"tower/in": False}, "a c_1 c_2 k"),
    ({"c_*": False}, "a b k"),
    ({"*": False, "k": True}, "k"),
    ({"*": False, "c_2": True, "tower/a": True}, "a c_2"),
    ({"c_?": False, "c_1": True}, "a b c_1 k"),
]  # fmt: skip


@pytest.mark.parametrize(("trainable", "learning"), PATTERNS)
def test_patterns_decide_what_learns(trainable, learning):
    model = build_graph(TOWER, trainable=trainable, x=(4,))
    paths = {weight.path.split("/")[-2] for weight in model.trainable_weights}
    assert paths == set(learning.split())
    assert len(model.trainable_weights) == 2 * len(learning.split())
    assert len(model.weights) == 10


def test_a_backbone_is_frozen_but_for_what_a_pattern_names():
    layers = "{name: backbone, type: MobileNetV2, alpha: 0.35, trainable: false}, GlobalAveragePooling2D, "
    model = build_graph(f"{layers}{dense('k', 2)}", trainable={"backbone/Conv_1*": True}, x=(32, 32, 3))
    learning = {weight.path.split("/")[-2] for weight in model.trainable_weights}
    assert learning == {"Conv_1", "Conv_1_bn", "k"}
