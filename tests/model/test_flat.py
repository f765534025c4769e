"""A layer whose activation has no slope is noted: what comes before it never learns."""

import pytest

from nntrain.model import build as builder
from nntrain.model.build import InputSpec
from tests.model.stacks import entries, graph_of

NOTE = (
    "the derivative of binary_step is 0, so neither this layer nor any before it learns; use sigmoid, or "
    "weights that are set by hand and trainable: false"
)


def notes_of(layers):
    notes = []
    builder.build("net", graph_of(entries(layers)), {"features": InputSpec((3,), "float32")}, notes=notes)
    return [(note.id, note.key, note.message) for note in notes]


@pytest.mark.parametrize(
    "layers",
    ["{type: Dense, units: 2, activation: binary_step}", "{type: Activation, activation: binary_step}"],
)
def test_a_step_is_noted(layers):
    assert notes_of(layers) == [("flat", ("model", "layers", 0), NOTE)]


@pytest.mark.parametrize(
    "layers",
    [
        "{type: Dense, units: 2, activation: binary_step, trainable: false}, {type: Dense, units: 1}",
        "{type: Dense, units: 2, activation: arctan}",
        "{type: Dense, units: 2}",
    ],
)
def test_others_are_not(layers):
    assert notes_of(layers) == []
