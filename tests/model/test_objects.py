import keras
import numpy as np
import pytest

from nntrain.config.vocabulary import catalogue
from nntrain.config.vocabulary.keras_object import KerasObject
from nntrain.errors import ConfigError
from nntrain.model.objects import MODULES, make
from nntrain.model.reasons import first_sentence

WORDS = {"metrics": {"acc", "accuracy"}}
"""Names that Keras resolves by shapes, so that they stay names."""
CANT_DEFAULT = {"Discretization"}
"""Classes whose own defaults don't fit together."""


def needs_nothing(kind):
    for name in catalogue.names(kind):
        needed = any(argument.required for argument in catalogue.entry(kind, name).arguments.values())
        if not needed and name not in CANT_DEFAULT and not catalogue.refusal(kind, name):
            yield name


@pytest.mark.parametrize("kind", MODULES)
def test_every_class_that_needs_no_argument_is_built(kind, read):
    names = list(needs_nothing(kind))
    built = {name: make(read(kind, name), (kind,)) for name in names}
    assert {n for n, thing in built.items() if isinstance(thing, str)} == WORDS.get(kind, set())
    for name, thing in built.items():
        assert isinstance(thing, (str, MODULES[kind][1])), name
    assert names or kind == "schedules"


@pytest.mark.parametrize(
    ("kind", "alias", "cls"),
    [
        ("optimizers", "adam", keras.optimizers.Adam),
        ("optimizers", "rmsprop", keras.optimizers.RMSprop),
        ("losses", "mse", keras.losses.MeanSquaredError),
        ("losses", "sparse_categorical_crossentropy", keras.losses.SparseCategoricalCrossentropy),
        ("metrics", "mae", keras.metrics.MeanAbsoluteError),
        ("initializers", "he_normal", keras.initializers.HeNormal),
        ("regularizers", "l2", keras.regularizers.L2),
        ("constraints", "max_norm", keras.constraints.MaxNorm),
    ],
)
def test_keras_short_names_build_their_class(kind, alias, cls, read):
    assert type(make(read(kind, alias), ())) is cls


def test_nested_objects_are_built_with_their_arguments(read):
    spec = {
        "type": "Dense",
        "units": 3,
        "activation": "relu",
        "kernel_initializer": {"type": "HeNormal", "seed": 4},
        "kernel_regularizer": {"type": "L1L2", "l1": 0, "l2": 0.5},
        "bias_constraint": {"type": "MaxNorm", "max_value": 2},
        "bias_regularizer": "l2",
    }
    layer = make(read("layers", spec), ())
    assert layer.activation is keras.activations.relu
    assert isinstance(layer.kernel_initializer, keras.initializers.HeNormal)
    assert layer.kernel_initializer.seed == 4
    assert (float(layer.kernel_regularizer.l1), float(layer.kernel_regularizer.l2)) == (0, 0.5)
    assert layer.bias_constraint.max_value == 2
    assert isinstance(layer.bias_regularizer, keras.regularizers.L2)


def test_bidirectional_runs_its_inner_layer_in_both_directions(read):
    inner = {"type": "LSTM", "units": 3, "return_sequences": True}
    layer = make(read("layers", {"type": "Bidirectional", "layer": inner, "merge_mode": "sum"}), ())
    assert layer.merge_mode == "sum"
    assert type(layer.forward_layer) is type(layer.backward_layer) is keras.layers.LSTM
    assert layer.backward_layer.go_backwards
    assert layer(np.zeros((2, 5, 4), "float32")).shape == (2, 5, 3)


def test_lists_of_cells_become_one_stacked_cell(read):
    cells = [{"type": "LSTMCell", "units": 3}, {"type": "GRUCell", "units": 2}]
    for cell in (cells, {"type": "StackedRNNCells", "cells": cells}):
        layer = make(read("layers", {"type": "RNN", "cell": cell}), ())
        assert [type(part).__name__ for part in layer.cell.cells] == ["LSTMCell", "GRUCell"]
        assert layer(np.zeros((4, 5, 6), "float32")).shape == (4, 2)


def test_learning_rates_may_be_whole_numbers_or_schedules(read):
    assert float(make(read("optimizers", {"type": "SGD", "learning_rate": 1}), ()).learning_rate) == 1
    schedule = {"type": "ExponentialDecay", "initial_learning_rate": 1, "decay_steps": 10, "decay_rate": 0.5}
    optimizer = make(read("optimizers", {"type": "SGD", "learning_rate": schedule}), ())
    assert isinstance(optimizer._learning_rate, keras.optimizers.schedules.ExponentialDecay)
    steps = {"type": "PiecewiseConstantDecay", "boundaries": [2, 4], "values": [1, 0.5, 0.1]}
    made = make(read("schedules", steps), ())
    assert [float(made(step)) for step in (0, 2, 3, 5)] == pytest.approx([1, 1, 0.5, 0.1])


def test_the_inner_optimizer_of_a_loss_scale_is_built(read):
    made = make(read("optimizers", {"type": "LossScaleOptimizer", "inner_optimizer": "sgd"}), ())
    assert isinstance(made.inner_optimizer, keras.optimizers.SGD)


REFUSED = {
    "a schedule with a value too few": (
        "optimizers",
        {
            "type": "SGD",
            "learning_rate": {"type": "PiecewiseConstantDecay", "boundaries": [5], "values": [0.1]},
        },
        "training.optimizer.learning_rate: Keras refuses this learning-rate schedule: The length of boundaries "
        "should be 1 less than the length of values. Received: boundaries=(5,) of length 1, and values=[0.1] "
        "of length 1.",
    ),
    "bins that are neither counted nor given": (
        "layers",
        "Discretization",
        "training.optimizer: Keras refuses this layer: You need to set either `num_bins` or `bin_boundaries`.",
    ),
    "filters that the groups do not divide": (
        "layers",
        {"type": "Conv2D", "filters": 3, "kernel_size": 3, "groups": 2},
        "training.optimizer: Keras refuses this layer: The number of filters must be evenly divisible by the "
        "number of groups. Received: groups=2, filters=3.",
    ),
    "a layer with no direction": (
        "layers",
        {"type": "Bidirectional", "layer": {"type": "Dense", "units": 3}},
        "training.optimizer.layer: Bidirectional needs a recurrent layer, such as LSTM, and gets Dense",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_a_constructor_refuses_is_told_with_its_key(case, read):
    kind, spec, expected = REFUSED[case]
    with pytest.raises(ConfigError) as refused:
        make(read(kind, spec), ("training", "optimizer"))
    assert str(refused.value) == expected


def test_the_reason_is_found_behind_keras_frame():
    framed = "Exception encountered when calling Pool.call().\n\n\x1b[1mtoo   small\x1b[0m\n\nArguments: x"
    assert first_sentence(ValueError(framed)) == "too small"
    assert first_sentence(ValueError("{{function_node x}} no kernel [Op:Conv2D]")) == "no kernel"
    assert first_sentence(ValueError()) == ""


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("activations", "'Own' is no activation: it is a class, and an activation is a function"),
        ("losses", "'Own' is no loss: it does not derive from keras.losses.Loss"),
    ],
)
def test_a_class_of_the_user_that_turns_out_to_be_another_kind_is_refused(kind, text):
    @keras.saving.register_keras_serializable(package="of_a_test")
    class Own(keras.layers.Layer):
        pass

    with pytest.raises(ConfigError) as caught:
        make(KerasObject("Own", {}, kind, "of_a_test>Own"), ("training", "loss"))
    assert str(caught.value) == f"training.loss: {text}"


def test_a_name_of_code_that_has_not_run_is_refused():
    with pytest.raises(ConfigError) as caught:
        make(KerasObject("Gone", {}, "layers", "of_a_test>Gone"), ("model", "layers", 0))
    assert str(caught.value) == "model.layers[0]: 'Gone' is not registered: the code file has not run"
