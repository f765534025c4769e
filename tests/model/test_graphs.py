"""Networks whose parts do not fit together: the whole text, and the edit that it names builds."""

import pytest

from nntrain.errors import ConfigError
from tests.model.stacks import build_graph

CONV = "{name: %s, type: Conv1D, filters: %d, kernel_size: %d, inputs: x}"
IMAGES = "{name: %s, type: Conv2D, filters: 2, kernel_size: 3%s}"
LSTM = "type: LSTM, units: 4"
STEPS = "LSTM needs rows of shape (steps, features), and gets (None, 4): add return_sequences: true to"
MOBILE = "{name: back, type: MobileNetV2, alpha: 0.35}"
COLOURS = "MobileNetV2 needs rows of shape (height, width, 3), and gets"
FROZEN = "every layer is frozen, so there is nothing to learn; let one of them learn"


def dense(name, units, inputs="x"):
    return f"{{name: {name}, type: Dense, units: {units}, inputs: {inputs}}}"


CASES = {
    # layers, shapes of the inputs, the whole message, the layers after the edit that it names
    "a sum of two widths": (
        f"{dense('a', 4)}, {dense('b', 5)}, {{type: Add, inputs: [a, b]}}",
        {"x": (3,)},
        "layers[2]: Add needs inputs of one shape, and gets (None, 4) from 'a' and (None, 5) from 'b': "
        "give 'b' 4 units (or filters), or use Concatenate",
        f"{dense('a', 4)}, {dense('b', 4)}, {{type: Add, inputs: [a, b]}}",
    ),
    "a product of three": (
        f"{dense('a', 4)}, {dense('b', 4)}, {dense('c', 6)}, {{type: Multiply, inputs: [a, b, c]}}",
        {"x": (3,)},
        "layers[3]: Multiply needs inputs of one shape, and gets (None, 4) from 'a' and (None, 4) from 'b' "
        "and (None, 6) from 'c': give 'c' 4 units (or filters), or use Concatenate",
        f"{dense('a', 4)}, {dense('b', 4)}, {dense('c', 6)}, {{type: Concatenate, inputs: [a, b, c]}}",
    ),
    "a sum with the data": (
        f"{dense('a', 4)}, {{type: Add, inputs: [a, x]}}",
        {"x": (3,)},
        "layers[1]: Add needs inputs of one shape, and gets (None, 4) from 'a' and (None, 3) from 'x': "
        "give 'a' 3 units (or filters), or use Concatenate",
        f"{dense('a', 3)}, {{type: Add, inputs: [a, x]}}",
    ),
    "a sum of inputs": (
        "{type: Add, inputs: [x, y]}",
        {"x": (3,), "y": (4,)},
        "layers[0]: Add needs inputs of one shape, and gets (None, 3) from 'x' and (None, 4) from 'y': "
        "use Concatenate",
        "{type: Concatenate, inputs: [x, y]}",
    ),
    "a way around a block": (
        "{repeat: 2, layers: [{name: a, type: Dense, units: 4}, {type: Add, inputs: [a, input]}]}",
        {"x": (3,)},
        "layers[0].layers[1]: Add needs inputs of one shape, and gets (None, 4) from 'a' and (None, 3) from "
        "'input': give 'a' 3 units (or filters), or use Concatenate",
        "{repeat: 2, layers: [{name: a, type: Dense, units: 3}, {type: Add, inputs: [a, input]}]}",
    ),
    "a sum of two lengths": (
        f"{CONV % ('a', 4, 3)}, {CONV % ('b', 4, 5)}, {{type: Add, inputs: [a, b]}}",
        {"x": (10, 2)},
        "layers[2]: Add needs inputs of one shape, and gets (None, 8, 4) from 'a' and (None, 6, 4) from 'b': "
        "use padding: same, or crop or pool one of them",
        f"{CONV % ('a', 4, 3)}, {CONV % ('b', 4, 3)}, {{type: Add, inputs: [a, b]}}",
    ),
    "a join of two lengths": (
        f"{CONV % ('a', 4, 3)}, {CONV % ('b', 4, 5)}, {{type: Concatenate, inputs: [a, b]}}",
        {"x": (10, 2)},
        "layers[2]: Concatenate needs equal sizes in every axis but -1, and gets (None, 8, 4) from 'a' and "
        "(None, 6, 4) from 'b': use axis: 1",
        f"{CONV % ('a', 4, 3)}, {CONV % ('b', 4, 5)}, {{type: Concatenate, axis: 1, inputs: [a, b]}}",
    ),
    "a join of two lengths and widths": (
        f"{CONV % ('a', 4, 3)}, {CONV % ('b', 5, 5)}, {{type: Concatenate, inputs: [a, b]}}",
        {"x": (10, 2)},
        "layers[2]: Concatenate needs equal sizes in every axis but -1, and gets (None, 8, 4) from 'a' and "
        "(None, 6, 5) from 'b': crop, pad or pool one of them",
        f"{CONV % ('a', 4, 3)}, {{name: c, type: Cropping1D, cropping: 1}}, {CONV % ('b', 5, 5)}, "
        "{type: Concatenate, inputs: [c, b]}",
    ),
    "a sum of steps and a row": (
        f"{{name: a, {LSTM}}}, {{type: Add, inputs: [a, x]}}",
        {"x": (10, 4)},
        "layers[1]: Add needs inputs of one shape, and gets (None, 4) from 'a' and (None, 10, 4) from 'x': "
        "add {type: Flatten} or a Reshape to one of them",
        f"{{name: a, {LSTM}}}, {{name: b, type: Reshape, target_shape: [1, 4]}}, "
        "{type: Add, inputs: [b, x]}",
    ),
    "a join of steps and a row": (
        f"{{name: a, {LSTM}}}, {{type: Concatenate, inputs: [a, x]}}",
        {"x": (10, 4)},
        "layers[1]: Concatenate needs inputs with as many axes, and gets (None, 4) from 'a' and "
        "(None, 10, 4) from 'x': add {type: Flatten} or a Reshape to one of them",
        f"{{name: a, {LSTM}}}, {{name: b, type: Flatten, inputs: x}}, {{type: Concatenate, inputs: [a, b]}}",
    ),
    "a join of rows": (
        f"{dense('a', 4)}, {{type: Concatenate, axis: 0, inputs: [a, x]}}",
        {"x": (4,)},
        "layers[1]: Concatenate's axis is 0, and each row of its inputs has the axis 1 alone: use 1",
        f"{dense('a', 4)}, {{type: Concatenate, axis: 1, inputs: [a, x]}}",
    ),
    "a join along no axis": (
        f"{CONV % ('a', 4, 1)}, {{type: Concatenate, axis: 3, inputs: [a, x]}}",
        {"x": (10, 4)},
        "layers[1]: Concatenate's axis is 3, and each row of its inputs has the axes 1 to 2: use one of them",
        f"{CONV % ('a', 4, 1)}, {{type: Concatenate, axis: 2, inputs: [a, x]}}",
    ),
    "a dot product of two widths": (
        f"{dense('a', 4)}, {dense('b', 5)}, {{type: Dot, axes: 1, inputs: [a, b]}}",
        {"x": (3,)},
        "layers[2]: Dot multiplies axes of one size, and with axes: 1 it gets (None, 4) from 'a' and "
        "(None, 5) from 'b': name axes of one size, or use as many units",
        f"{dense('a', 4)}, {dense('b', 4)}, {{type: Dot, axes: 1, inputs: [a, b]}}",
    ),
    "a dot product along no axis": (
        f"{dense('a', 4)}, {dense('b', 4)}, {{type: Dot, axes: 2, inputs: [a, b]}}",
        {"x": (3,)},
        "layers[2]: Dot's axes are 2, and each row of its inputs has the axis 1 alone: use 1",
        f"{dense('a', 4)}, {dense('b', 4)}, {{type: Dot, axes: 1, inputs: [a, b]}}",
    ),
    "attention between two widths": (
        "{type: Attention, inputs: [x, y]}",
        {"x": (10, 3), "y": (5, 2)},
        "layers[0]: Attention compares features of one size, and gets (None, 10, 3) from 'x' and (None, 5, 2) "
        "from 'y': use {type: Dense, units: 3} behind 'y'",
        f"{dense('z', 3, 'y')}, {{type: Attention, inputs: [x, z]}}",
    ),
    "attention to a row": (
        "{type: MultiHeadAttention, num_heads: 2, key_dim: 2, inputs: [x, y]}",
        {"x": (10, 3), "y": (6,)},
        "layers[0]: MultiHeadAttention needs inputs of shape (steps, features), and gets (None, 6) from 'y': "
        "add a Reshape behind 'y'",
        "{name: z, type: Reshape, target_shape: [2, 3], inputs: y}, "
        "{type: MultiHeadAttention, num_heads: 2, key_dim: 2, inputs: [x, z]}",
    ),
    "a first state of another size": (
        f"{dense('a', 3, 'y')}, {{type: GRU, units: 4, inputs: [x, a]}}",
        {"x": (10, 3), "y": (5,)},
        "layers[1]: GRU needs a first state of shape (None, 4), and gets (None, 3) from 'a': "
        "use {type: Dense, units: 4} behind 'a'",
        f"{dense('a', 3, 'y')}, {dense('b', 4, 'a')}, {{type: GRU, units: 4, inputs: [x, b]}}",
    ),
    "a shared layer fed something else": (
        f"{dense('a', 4)}, {{call: a}}",
        {"x": (10,)},
        "layers[1]: Dense 'a' takes (None, 10) where it stands, and gets (None, 4) here: give it the same "
        "shape, or use a layer of its own here",
        f"{dense('a', 10)}, {{call: a}}",
    ),
    "a shared stack fed something else": (
        "{name: t, layers: [{type: Dense, units: 4}]}, {call: t}",
        {"x": (10,)},
        "layers[1]: the nested stack 't' takes (None, 10) where it stands, and gets (None, 4) here: give it "
        "the same shape, or use a layer of its own here",
        "{name: t, layers: [{type: Dense, units: 10}]}, {call: t}",
    ),
    "a convolution in a branch behind Flatten": (
        f"{IMAGES % ('a', '')}, {{name: f, type: Flatten}}, {IMAGES % ('b', ', inputs: f')}",
        {"x": (8, 8, 1)},
        "layers[2]: Conv2D needs rows of shape (height, width, channels), and gets (None, 72): add a Reshape "
        "before it, whose target_shape is (height, width, channels) and holds 72 numbers",
        f"{IMAGES % ('a', '')}, {{name: f, type: Flatten}}, {{type: Reshape, target_shape: [6, 6, 2]}}, "
        f"{IMAGES % ('b', '')}",
    ),
    "recurrence in a graph": (
        f"{{name: a, {LSTM}}}, {{name: b, {LSTM}, inputs: a}}, {{name: c, {LSTM}, inputs: a}}, "
        "{type: Add, inputs: [b, c]}",
        {"x": (10, 3)},
        f"layers[1]: {STEPS} model.layers[0], the LSTM",
        f"{{name: a, {LSTM}, return_sequences: true}}, {{name: b, {LSTM}, inputs: a}}, "
        f"{{name: c, {LSTM}, inputs: a}}, {{type: Add, inputs: [b, c]}}",
    ),
    "recurrence before a nested stack": (
        f"{{{LSTM}}}, {{layers: [{{{LSTM}}}]}}",
        {"x": (10, 3)},
        f"layers[1].layers[0]: {STEPS} model.layers[0], the LSTM",
        f"{{{LSTM}, return_sequences: true}}, {{layers: [{{{LSTM}}}]}}",
    ),
    "recurrence in a nested stack": (
        f"{{layers: [{{{LSTM}}}]}}, {{{LSTM}}}",
        {"x": (10, 3)},
        f"layers[1]: {STEPS} model.layers[0].layers[0], the LSTM",
        f"{{layers: [{{{LSTM}, return_sequences: true}}]}}, {{{LSTM}}}",
    ),
    "recurrence that is repeated": (
        f"{{repeat: 2, layers: [{{{LSTM}}}]}}",
        {"x": (10, 3)},
        f"layers[0].layers[0]: {STEPS} model.layers[0].layers[0], the LSTM",
        f"{{repeat: 2, layers: [{{{LSTM}, return_sequences: true}}]}}",
    ),
    "a layer that gives several outputs": (
        f"{{{LSTM}, return_state: true}}, {{type: Dense, units: 3}}",
        {"x": (10, 3)},
        "layers[0]: LSTM gives several outputs, and a layer passes on one: remove return_state: true",
        f"{{{LSTM}}}, {{type: Dense, units: 3}}",
    ),
    "a state that outlives its batch": (
        f"{{{LSTM}, stateful: true}}, {{type: Dense, units: 3}}",
        {"x": (10, 3)},
        "layers[0]: LSTM would keep its state from one batch to the next, for rows that have no such order: "
        "remove stateful: true",
        f"{{{LSTM}}}, {{type: Dense, units: 3}}",
    ),
    "directions that stay apart": (
        f"{{type: Bidirectional, merge_mode: null, layer: {{{LSTM}}}}}, {{type: Dense, units: 3}}",
        {"x": (10, 3)},
        "layers[0]: Bidirectional gives several outputs, and a layer passes on one: use merge_mode: concat",
        f"{{type: Bidirectional, merge_mode: concat, layer: {{{LSTM}}}}}, {{type: Dense, units: 3}}",
    ),
    "states of both directions": (
        f"{{type: Bidirectional, layer: {{{LSTM}, return_state: true}}}}, {{type: Dense, units: 3}}",
        {"x": (10, 3)},
        "layers[0]: Bidirectional gives several outputs, and a layer passes on one: "
        "remove return_state: true from its layer",
        f"{{type: Bidirectional, layer: {{{LSTM}}}}}, {{type: Dense, units: 3}}",
    ),
    "a backbone of small images": (
        MOBILE,
        {"x": (16, 16, 3)},
        "layers[0]: MobileNetV2 needs images of at least 32x32, and gets (None, 16, 16, 3): "
        "add {type: Resizing, height: 32, width: 32} before it",
        f"{{type: Resizing, height: 32, width: 32}}, {MOBILE}",
    ),
    "a backbone of grey images": (
        MOBILE,
        {"x": (32, 32, 1)},
        f"layers[0]: {COLOURS} (None, 32, 32, 1): add {{type: Concatenate, inputs: [x, x, x]}} before it",
        f"{{type: Concatenate, inputs: [x, x, x]}}, {MOBILE}",
    ),
    "a backbone behind a layer without a name": (
        f"{{type: Rescaling, scale: 0.5}}, {MOBILE}",
        {"x": (32, 32, 1)},
        f"layers[1]: {COLOURS} (None, 32, 32, 1): call the layer before it grey, and add "
        "{type: Concatenate, inputs: [grey, grey, grey]} before it",
        "{name: grey, type: Rescaling, scale: 0.5}, "
        f"{{type: Concatenate, inputs: [grey, grey, grey]}}, {MOBILE}",
    ),
    "a backbone of four channels": (
        MOBILE,
        {"x": (32, 32, 4)},
        f"layers[0]: {COLOURS} (None, 32, 32, 4): add {{type: Conv2D, filters: 3, kernel_size: 1}} before it",
        f"{{type: Conv2D, filters: 3, kernel_size: 1}}, {MOBILE}",
    ),
    "a backbone of flat rows": (
        MOBILE,
        {"x": (3072,)},
        f"layers[0]: {COLOURS} (None, 3072): add {{type: Reshape, target_shape: [32, 32, 3]}} before it",
        f"{{type: Reshape, target_shape: [32, 32, 3]}}, {MOBILE}",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_misfit_names_its_layer_and_the_edit_that_helps(case):
    layers, shapes, message, mended = CASES[case]
    with pytest.raises(ConfigError) as caught:
        build_graph(layers, **shapes)
    assert str(caught.value) == f"model.{message}"
    build_graph(mended, **shapes)


TWO = f"{dense('hidden', 4)}, {dense('kind', 3, 'hidden')}"
FREEZING = {
    "a pattern with a slip": (
        TWO,
        {"hiden": False},
        "model.trainable.hiden: no layer is called 'hiden' (did you mean 'hidden'?)",
    ),
    "a pattern of nothing": (
        TWO,
        {"tower/*": False},
        "model.trainable.tower/*: no layer is called 'tower/*'; there are hidden, kind",
    ),
    "a pattern of a layer without weights": (
        f"{TWO}, {{name: drop, type: Dropout, rate: 0.5}}",
        {"dr*": False},
        "model.trainable.dr*: 'dr*' names no layer that has weights; there are hidden, kind",
    ),
    "a pattern of the input": (
        f"{TWO}, {{type: Add, inputs: [kind, kind]}}",
        {"x": False},
        "model.trainable.x: 'x' names no layer that has weights; there are hidden, kind",
    ),
    "a pattern where nothing has weights": (
        "Flatten",
        {"flatten": False},
        "model.trainable.flatten: 'flatten' names no layer that has weights; remove it",
    ),
    "every layer": (TWO, {"*": False}, f"model.trainable: {FROZEN}"),
    "the only stack": (f"{{trainable: false, layers: [{dense('a', 3, 'input')}]}}", None, FROZEN),
    "the only layer": ("{type: Dense, units: 3, trainable: false}", None, FROZEN),
    "the only layer with weights": ("Flatten, {type: Dense, units: 3, trainable: false}", None, FROZEN),
    "statistics alone": (
        "{type: BatchNormalization, center: false, scale: false}",
        None,
        "no layer has a weight that training changes, so there is nothing to learn; add one, such as Dense",
    ),
}


@pytest.mark.parametrize("case", FREEZING)
def test_what_can_not_be_frozen_is_told(case):
    layers, trainable, message = FREEZING[case]
    with pytest.raises(ConfigError) as caught:
        build_graph(layers, trainable=trainable, x=(4,))
    assert str(caught.value) == (message if trainable else f"model.layers: {message}")
