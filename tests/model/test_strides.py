"""Windows that do not come out even get a note with the formula; the others get none."""

import pytest

from nntrain.model import build as builder
from nntrain.model.build import InputSpec
from tests.model.stacks import entries, graph_of

UNEVEN = {
    "a pooling": (
        "MaxPooling2D",
        (7, 7, 1),
        "windows of 2 in steps of 2 do not cover 7: (N - F + 2P) / S + 1 = (7 - 2 + 0) / 2 + 1 = 3.5 is no whole "
        "number, so the end is never read; padding: same reads all of it",
    ),
    "a convolution": (
        "{type: Conv2D, filters: 2, kernel_size: 3, strides: 3}",
        (9, 10, 1),
        "windows of 3 in steps of 3 do not cover 10: (N - F + 2P) / S + 1 = (10 - 3 + 0) / 3 + 1 = 3.333 is no "
        "whole number, so the end is never read; padding: same reads all of it",
    ),
    "weights of their own": (
        "{type: LocallyConnected2D, filters: 2, kernel_size: 2, strides: 2}",
        (5, 6, 1),
        "windows of 2 in steps of 2 do not cover 5: (N - F + 2P) / S + 1 = (5 - 2 + 0) / 2 + 1 = 2.5 is no whole "
        "number, so the end is never read",
    ),
    "gaps": (
        "{layers: [{type: Conv1D, filters: 2, kernel_size: 3, dilation_rate: 2}, {type: AveragePooling1D, pool_size: 2}]}",
        (9, 1),
        "windows of 2 in steps of 2 do not cover 5: (N - F + 2P) / S + 1 = (5 - 2 + 0) / 2 + 1 = 2.5 is no whole "
        "number, so the end is never read; padding: same reads all of it",
    ),
}
EVEN = [
    ("MaxPooling2D", (8, 8, 1)),
    ("{type: MaxPooling2D, padding: same}", (7, 7, 1)),
    ("{type: Conv2D, filters: 2, kernel_size: 3}", (7, 8, 1)),
    ("{type: Conv2D, filters: 2, kernel_size: 3, strides: 2}", (7, 9, 1)),
    ("{type: Conv2DTranspose, filters: 2, kernel_size: 3, strides: 2}", (7, 7, 1)),
    ("GlobalMaxPooling2D", (7, 7, 1)),
]


def notes_of(layers, shape):
    notes = []
    builder.build("net", graph_of(entries(layers)), {"features": InputSpec(shape, "float32")}, notes=notes)
    return [note.message for note in notes]


@pytest.mark.parametrize("case", UNEVEN)
def test_a_stride_that_does_not_fit_is_noted(case):
    layers, shape, message = UNEVEN[case]
    (note,) = notes_of(layers, shape)
    assert note == message


@pytest.mark.parametrize(("layers", "shape"), EVEN)
def test_a_stride_that_fits_gets_no_note(layers, shape):
    assert notes_of(layers, shape) == []


def test_a_repeated_block_is_noted_once_for_each_size():
    assert len(notes_of("{repeat: 2, layers: [{type: MaxPooling2D}]}", (11, 11, 1))) == 2
