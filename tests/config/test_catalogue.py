import subprocess
import sys
import time

import pytest

from nntrain.config.vocabulary import catalogue
from nntrain.config.vocabulary.catalogue import Argument, argument_hint, entry, every_name, refusal


@pytest.mark.parametrize(
    ("kind", "name", "canonical"),
    [
        ("layers", "Dense", "Dense"),
        ("layers", "MaxPool2D", "MaxPooling2D"),
        ("optimizers", "adam", "Adam"),
        ("optimizers", "RMSProp", "RMSprop"),
        ("losses", "mse", "MeanSquaredError"),
        ("losses", "sparse_categorical_crossentropy", "SparseCategoricalCrossentropy"),
        ("losses", "crossentropy", "crossentropy"),
        ("metrics", "acc", "acc"),
        ("metrics", "accuracy", "accuracy"),
        ("metrics", "Accuracy", "Accuracy"),
        ("initializers", "he_normal", "HeNormal"),
        ("regularizers", "l2", "L2"),
        ("activations", "swish", "silu"),
    ],
)
def test_entry_finds_names_and_aliases(kind, name, canonical):
    assert entry(kind, name).name == canonical


@pytest.mark.parametrize(
    ("kind", "name"), [("layers", "dense"), ("losses", "MSe"), ("callbacks", ""), ("schedules", "x")]
)
def test_entry_of_an_unknown_name_is_none(kind, name):
    assert entry(kind, name) is None


def test_arguments_say_what_they_take():
    dense = entry("layers", "Dense").arguments
    assert dense["units"] == Argument("units", required=True)
    assert dense["use_bias"] == Argument("use_bias", default=True, type="bool")
    assert dense["kernel_regularizer"] == Argument("kernel_regularizer", kind="regularizers")
    assert dense["activity_regularizer"].kind == "regularizers"
    assert list(dense)[:3] == ["units", "activation", "use_bias"]
    assert entry("layers", "StackedRNNCells").arguments["cells"] == Argument(
        "cells", required=True, type="list", kind="layers"
    )
    assert entry("optimizers", "Adam").arguments["learning_rate"] == Argument(
        "learning_rate", default=0.001, type="float", kind="schedules"
    )
    assert entry("callbacks", "LearningRateScheduler").arguments["schedule"].callable


def test_arguments_that_pass_through_kwargs_are_known():
    assert {"name", "dtype", "trainable", "autocast"} <= set(entry("layers", "LSTM").arguments)
    assert "cell" not in entry("layers", "LSTM").arguments
    assert "implementation" in entry("layers", "GRU").arguments
    assert "activity_regularizer" not in entry("layers", "ActivityRegularization").arguments
    assert "factor" not in entry("layers", "RandomFlip").arguments
    assert {"clipnorm", "use_ema", "name"} <= set(entry("optimizers", "SGD").arguments)


def test_an_entry_cannot_be_changed():
    with pytest.raises(TypeError):
        entry("layers", "Dense").arguments["units"] = None


@pytest.mark.parametrize(
    ("kind", "name", "word", "hint"),
    [
        ("layers", "Dense", "activaton", " (did you mean 'activation'?)"),
        ("layers", "Dense", "input_shape", "; the input's shape comes from the data, so remove it"),
        ("layers", "LeakyReLU", "alpha", " (did you mean 'negative_slope'?)"),
        ("optimizers", "Adam", "lr", " (did you mean 'learning_rate'?)"),
        ("optimizers", "Adam", "decay", "; give 'learning_rate' a schedule instead"),
        ("layers", "Flatten", "qqq", ""),
        ("layers", "Dense", "alpha", " (did you mean 'lora_alpha'?)"),
    ],
)
def test_argument_hint(kind, name, word, hint):
    assert argument_hint(entry(kind, name), word) == hint


def test_refusal_follows_aliases():
    assert refusal("layers", "Lambda") == "it runs code that isn't part of the config"
    assert refusal("metrics", "mean_metric_wrapper") == refusal("metrics", "MeanMetricWrapper")
    assert refusal("callbacks", "EarlyStopping") == "set 'training.early_stopping' instead"
    assert refusal("layers", "Dense") is None
    assert "Lambda" not in every_name("layers")
    assert "metric" not in every_name("metrics")


def test_foreign_code_is_refused():
    assert {"Lambda", "TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer"} <= set(
        catalogue.REFUSED["layers"]
    )


def test_refused_names_are_names_of_keras():
    unknown = {
        (kind, name)
        for kind, table in catalogue.REFUSED.items()
        for name in table
        if entry(kind, name) is None
    }
    others = {(kind, name) for kind, name in unknown if "entropy" not in name.lower()}
    assert others == {
        ("losses", "LossFunctionWrapper"),  # a string that Keras takes but does not export
        ("layers", "Input"),  # a function, by which every course begins
    }


def test_what_needs_a_function_is_refused():
    for kind in catalogue.kinds():
        for name in catalogue.names(kind):
            if any(a.callable and a.required for a in entry(kind, name).arguments.values()):
                assert refusal(kind, name), f"{kind}.{name} can't be written in a config"


def test_reading_imports_nothing_heavy():
    code = (
        "import sys, nntrain.config.vocabulary.catalogue as c; c.entry('layers', 'Dense'); "
        "assert not {'numpy', 'keras', 'tensorflow'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_reading_is_quick():
    catalogue._content.cache_clear()
    start = time.perf_counter()
    entry.__wrapped__("layers", "Dense")
    assert time.perf_counter() - start < 0.1, (
        "about 0.003 s where it was written; ten times 0.01 s is allowed"
    )


def test_versions():
    assert catalogue.keras_version().startswith("3.")
    assert catalogue.installed_version().startswith("3.")
