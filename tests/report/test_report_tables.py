from collections import namedtuple

import pytest

from nntrain.report.tables import (
    model_table,
    number,
    shape_text,
    size_text,
)
from tests.report.terminal import shown

Layer = namedtuple("Layer", ["name", "type", "output_shape", "parameters", "memory"], defaults=[4])


def test_layers_are_listed_with_shapes_parameters_and_totals():
    rows = [
        Layer("conv2d", "Conv2D", (None, 26, 26, 32), 320),
        Layer("lstm", "LSTM", ((None, 64), (None, 32)), 1234567),
        Layer("out[0]", "Dense", (None,), 1),
        Layer("mystery", "Layer", None, 0),
    ]
    assert (
        shown(model_table(rows, trainable=1234760, non_trainable=128))
        == """\
Layer                   Output shape  Parameters
────────────────────────────────────────────────
conv2d (Conv2D)   (None, 26, 26, 32)         320
lstm (LSTM)               (None, 64)   1,234,567
                          (None, 32)
out[0] (Dense)               (None,)           1
mystery (Layer)                    ?           0

Total parameters                       1,234,888
Trainable                              1,234,760
Non-trainable                                128
Memory (float32)                        4.71 MiB"""
    )


def test_what_is_read_is_shown_where_that_is_not_the_layer_above():
    rows = [
        Layer("conv", "Conv2D", (None, 8), 1),
        Layer("inner", "Conv2D", (None, 8), 2),
        Layer("add[0]", "Add", (None, 8), 0),
    ]
    reads = {"image": [], "conv": ["image"], "inner": ["conv"], "add[0]": ["inner", "conv"]}
    assert (
        shown(model_table(rows, trainable=3, non_trainable=0, memory=True, reads=reads))
        == """\
Layer           Reads        Output shape  Parameters  Memory
─────────────────────────────────────────────────────────────
conv (Conv2D)                   (None, 8)           1     4 B
inner (Conv2D)                  (None, 8)           2     4 B
add[0] (Add)    inner, conv     (None, 8)           0     4 B

Total                                               3    12 B
Trainable                                           3
Non-trainable                                       0"""
    )
    reads["add[0]"] = ["inner"]
    assert "Reads" not in shown(model_table(rows, trainable=3, non_trainable=0, reads=reads))
    assert "image, conv" in shown(
        model_table(
            rows, trainable=3, non_trainable=0, reads={**reads, "other": [], "conv": ["image", "conv"]}
        )
    )


def test_a_long_layer_name_folds_and_numbers_stay_whole():
    rows = [Layer("a_name_that_goes_on_and_on", "BatchNormalization", (None, 26, 26, 32), 12345678)]
    text = shown(model_table(rows, trainable=1, non_trainable=0), 60)
    assert "12,345,678" in text
    assert "(None, 26, 26, 32)" in text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.97333, "0.9733"),
        (0.0, "0.0000"),
        (-0.0123, "-0.0123"),
        (0.00001234, "1.234e-05"),
        (-1.3e-16, "0.0000"),
        (12345.678, "12,345.7"),
        (2.5e12, "2.500e+12"),
        (None, "-"),
        (float("nan"), "-"),
        (float("inf"), "-"),
    ],
)
def test_numbers_are_readable(value, text):
    assert number(value) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 B"), (1023, "1023 B"), (1024, "1.00 KiB"), (4 * 10**9, "3.73 GiB"), (2**42, "4,096.00 GiB")],
)
def test_sizes_have_binary_units(size, text):
    assert size_text(size) == text


@pytest.mark.parametrize(
    ("shape", "text"),
    [((None, 26, 26, 32), "(None, 26, 26, 32)"), ((None,), "(None,)"), ((), "()"), (None, "?")],
)
def test_shapes_print_as_python_prints_them(shape, text):
    assert shape_text(shape) == text
