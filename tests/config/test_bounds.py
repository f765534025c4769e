import math

import pytest

from nntrain.config.vocabulary import catalogue
from nntrain.config.vocabulary.bounds import RULES, problem_with


def problem(kind, owner, name, value):
    return problem_with(kind, owner, catalogue.entry(kind, owner).arguments[name], value)


@pytest.mark.parametrize(
    ("kind", "owner", "name", "value", "message"),
    [
        ("layers", "Dense", "units", 2.5, "must be a whole number of at least 1, got 2.5"),
        ("layers", "Dense", "units", 0, "must be a whole number of at least 1, got 0"),
        ("layers", "Dense", "units", True, "must be a whole number of at least 1, got true"),
        ("layers", "Dense", "units", None, "must be a whole number of at least 1, got nothing"),
        ("layers", "Dense", "units", "32", "is text; write 32 without quotes"),
        ("layers", "Dense", "units", "many", "must be a whole number of at least 1, got 'many'"),
        ("layers", "Dense", "use_bias", "yes", "must be true or false, got 'yes'"),
        ("layers", "Dropout", "rate", 1.5, "must be at least 0 and below 1, got 1.5"),
        ("layers", "SpatialDropout2D", "rate", 1, "must be at least 0 and below 1, got 1"),
        ("layers", "LSTM", "dropout", -0.1, "must be at least 0 and below 1, got -0.1"),
        ("layers", "GaussianNoise", "stddev", 2, "must be at least 0 and at most 1, got 2"),
        ("layers", "BatchNormalization", "momentum", 2, "must be at least 0 and at most 1, got 2"),
        ("layers", "LayerNormalization", "epsilon", 0, "must be above 0 and finite, got 0"),
        (
            "layers",
            "Conv2D",
            "kernel_size",
            [3, 0],
            "must be a whole number of at least 1, or a list of them, got [3, 0]",
        ),
        (
            "layers",
            "Conv1D",
            "padding",
            "smae",
            "must be one of valid, same, causal; got 'smae' (did you mean 'same'?)",
        ),
        ("layers", "Conv2D", "padding", "causal", "must be one of valid, same; got 'causal'"),
        ("layers", "MaxPooling2D", "padding", 1, "must be one of valid, same; got 1"),
        (
            "layers",
            "Reshape",
            "target_shape",
            784,
            "must be a list of whole numbers of at least 1, one of which may be -1, got 784",
        ),
        (
            "layers",
            "TextVectorization",
            "vocabulary",
            "/etc/passwd",
            "must be a list of tokens (a file of them is not read), got '/etc/passwd'",
        ),
        (
            "layers",
            "RandomBrightness",
            "value_range",
            [1, 0],
            "must be a list of a lower and a higher number, got [1, 0]",
        ),
        ("layers", "LSTM", "use_cudnn", "yes", "must be one of auto, true, false; got 'yes'"),
        ("optimizers", "Adam", "learning_rate", -0.1, "must be above 0 and finite, got -0.1"),
        ("optimizers", "Adam", "learning_rate", 0, "must be above 0 and finite, got 0"),
        ("optimizers", "Adam", "learning_rate", math.inf, "must be above 0 and finite, got .inf"),
        ("optimizers", "Adam", "learning_rate", math.nan, "must be above 0 and finite, got .nan"),
        ("optimizers", "Adam", "learning_rate", True, "must be above 0 and finite, got true"),
        ("optimizers", "Adam", "learning_rate", None, "must be above 0 and finite, got nothing"),
        ("optimizers", "Adam", "learning_rate", "0.001", "is text; write 0.001 without quotes"),
        ("optimizers", "SGD", "momentum", 1, "must be at least 0 and below 1, got 1"),
        ("optimizers", "SGD", "nesterov", 1, "must be true or false, got 1"),
        ("schedules", "ExponentialDecay", "decay_steps", 0, "must be at least 1 and finite, got 0"),
        (
            "schedules",
            "PiecewiseConstantDecay",
            "boundaries",
            [2, 1],
            "must be a list of numbers, each above the one before, got [2, 1]",
        ),
        ("losses", "BinaryCrossentropy", "label_smoothing", 1, "must be at least 0 and below 1, got 1"),
        ("losses", "Huber", "delta", 0, "must be above 0 and finite, got 0"),
        (
            "metrics",
            "AUC",
            "curve",
            "RC",
            "must be one of ROC, PR, PRGAIN, roc, pr, prgain; got 'RC' (did you mean 'ROC'?)",
        ),
        ("initializers", "RandomNormal", "stddev", 0, "must be above 0 and finite, got 0"),
        ("initializers", "RandomUniform", "minval", "low", "must be a finite number, got 'low'"),
        ("regularizers", "L2", "l2", -1, "must be at least 0 and finite, got -1"),
        ("constraints", "MaxNorm", "max_value", 10**400, f"must be above 0 and finite, got 1{'0' * 56}..."),
        ("callbacks", "ReduceLROnPlateau", "factor", 1.0, "must be above 0 and below 1, got 1.0"),
        ("callbacks", "ReduceLROnPlateau", "patience", -1, "must be a whole number of at least 0, got -1"),
        (
            "callbacks",
            "ReduceLROnPlateau",
            "mode",
            "mini",
            "must be one of auto, min, max; got 'mini' (did you mean 'min'?)",
        ),
        ("callbacks", "ReduceLROnPlateau", "monitor", 3, "must be text, got 3"),
    ],
)
def test_a_wrong_value_is_explained(kind, owner, name, value, message):
    assert problem(kind, owner, name, value) == message


@pytest.mark.parametrize(
    ("kind", "owner", "name", "value"),
    [
        ("layers", "Dense", "units", "${data.classes}"),
        ("layers", "Dense", "activation", None),
        ("layers", "Dense", "kernel_regularizer", {"type": "L2", "l2": 0.01}),
        ("layers", "Dense", "quantization_config", "anything; refused elsewhere"),
        ("optimizers", "Adam", "learning_rate", {"type": "ExponentialDecay"}),
        ("optimizers", "Adam", "learning_rate", "a name that is looked up elsewhere"),
    ],
)
def test_what_is_judged_elsewhere_passes(kind, owner, name, value):
    assert problem(kind, owner, name, value) is None


def test_every_default_of_keras_passes():
    refused = [
        (kind, name, argument.name, argument.default)
        for kind in catalogue.kinds()
        for name in catalogue.names(kind)
        for argument in catalogue.entry(kind, name).arguments.values()
        if not argument.required and problem_with(kind, name, argument, argument.default) is not None
    ]
    assert refused == []


def test_every_rule_belongs_to_an_argument():
    for kind, table in RULES.items():
        known = {
            key
            for name in catalogue.names(kind)
            for argument in catalogue.entry(kind, name).arguments
            for key in (argument, f"{name}.{argument}")
        }
        assert set(table) <= known, f"rules for arguments that no {kind} take"
