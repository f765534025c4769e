import copy
import inspect

import keras
import numpy as np
import pytest

from nntrain.config.vocabulary import catalogue as reader
from nntrain.config.vocabulary.bounds import problem_with
from nntrain.model import catalogue as generator
from nntrain.model.own import ALIASES, OWN

pytestmark = pytest.mark.filterwarnings("ignore")  # Keras warns about odd but allowed arguments

same_keras = pytest.mark.skipif(
    keras.__version__ != reader.keras_version(),
    reason=f"the catalogue is of Keras {reader.keras_version()} and {keras.__version__} is installed; "
    f"install that one or run python -m nntrain.model.catalogue",
)

REQUIRED = {
    "Activation": {"activation": "relu"},
    "Bidirectional": {"layer": lambda: keras.layers.LSTM(2)},
    "Dot": {"axes": 1},
    "EinsumDense": {"equation": "ab,bc->ac", "output_shape": 4},
    "Permute": {"dims": [2, 1]},
    "RNN": {"cell": lambda: keras.layers.LSTMCell(2)},
    "RandomPosterization": {"factor": 2},
    "Reshape": {"target_shape": [2, 2]},
    "SpectralNormalization": {"layer": lambda: keras.layers.Dense(2)},
    "StackedRNNCells": {"cells": lambda: [keras.layers.LSTMCell(2)]},
    "TimeDistributed": {"layer": lambda: keras.layers.Dense(2)},
    "Wrapper": {"layer": lambda: keras.layers.Dense(2)},
    "LossScaleOptimizer": {"inner_optimizer": lambda: keras.optimizers.SGD()},
    "IoU": {"num_classes": 2, "target_class_ids": [0]},
    "OneHotIoU": {"num_classes": 2, "target_class_ids": [0]},
    "Lambda": {"function": lambda: abs},
    "LearningRateScheduler": {"schedule": lambda: abs},
    "MeanMetricWrapper": {"fn": lambda: abs},
    "PiecewiseConstantDecay": {"boundaries": [5], "values": [0.1, 0.01]},
    "TextVectorization": {},
}
"""Values for required arguments; any other required argument takes one of `PLAIN`."""
PLAIN = {"rate": 0.5, "stddev": 0.1, "scale": 2.0, "learning_rate": 0.1, "decay_rate": 0.9}
PLAIN |= dict.fromkeys(("initial_learning_rate", "precision", "recall", "sensitivity", "specificity"), 0.5)
PLAIN |= dict.fromkeys(("factor", "height_factor", "width_factor"), 0.1)
PLAIN |= dict.fromkeys(("backup_dir", "directory", "filename"), "somewhere") | {"filepath": "best.keras"}
NEED_MORE = {
    "FlaxLayer", "JaxLayer", "TFSMLayer", "TorchModuleWrapper", "Layer", "InputLayer", "Pipeline",
    "MultiOptimizer", "Optimizer", "LearningRateSchedule", "OrbaxCheckpoint", "Discretization",
}  # fmt: skip
"""Refused classes that need more than plain arguments, and those whose defaults don't fit together."""


def classes():
    for kind in generator.BASES:
        for name in reader.names(kind):
            if name not in NEED_MORE and inspect.isclass(getattr(generator.module_of(kind), name, None)):
                yield kind, name


def plain_arguments(kind, name):
    given = dict(REQUIRED.get(name, {}))
    for argument in reader.entry(kind, name).arguments.values():
        if argument.required and argument.name not in given:
            given[argument.name] = PLAIN.get(argument.name, 2)
    return {key: value() if callable(value) else copy.deepcopy(value) for key, value in given.items()}


def build(kind, name, /, **arguments):
    return getattr(generator.module_of(kind), name)(**{**plain_arguments(kind, name), **arguments})


@same_keras
def test_catalogue_is_what_the_installed_keras_takes():
    fresh = generator.as_text(generator.catalogue())
    assert reader.PATH.read_text(encoding="utf-8") == fresh, "run python -m nntrain.model.catalogue"


@same_keras
def test_check_says_that_the_catalogue_is_current(capsys):
    assert generator.main(["--check"]) == 0
    assert capsys.readouterr().out == f"{reader.PATH} is current for Keras {keras.__version__}\n"


@same_keras
def test_check_notices_a_stale_catalogue_and_a_run_mends_it(capsys, tmp_path, monkeypatch):
    path = tmp_path / "catalogue.json"
    path.write_text("{}")
    monkeypatch.setattr(generator, "PATH", path)
    assert generator.main(["--check"]) == 1
    assert path.read_text() == "{}"
    assert generator.main([]) == 0
    assert path.read_text() == reader.PATH.read_text()
    words = f"{path} is not what Keras {keras.__version__} takes; run without --check\n"
    assert capsys.readouterr().out == f"{words}wrote {path} for Keras {keras.__version__}\n"


@pytest.mark.parametrize("kind", generator.BASES)
def test_every_public_class_has_an_entry(kind):
    for name, thing in vars(generator.module_of(kind)).items():
        if not name.startswith("_") and inspect.isclass(thing) and issubclass(thing, generator.BASES[kind]):
            found = reader.entry(kind, name)
            assert found, f"{kind} lacks {name}"
            assert getattr(generator.module_of(kind), found.name) is thing
            assert found.summary


@pytest.mark.parametrize("kind", generator.BASES)
def test_base_classes_are_refused(kind):
    assert reader.refusal(kind, generator.BASES[kind].__name__)


@pytest.mark.parametrize("kind", generator.TABLES)
def test_every_string_that_keras_takes_resolves_in_keras(kind):
    by_shape = {"losses": {"crossentropy", "ce"}, "metrics": {"accuracy", "acc"}}.get(kind, set())
    public = vars(generator.module_of(kind))
    for name in [*reader.names(kind), *reader.aliases(kind)]:
        found = reader.entry(kind, name)
        needs_more = found.name in NEED_MORE or any(a.required for a in found.arguments.values())
        ours = found.name in OWN.get(kind, {}) or name in ALIASES.get(kind, {})
        if (
            name in by_shape or needs_more or ours or name.lower() == "constant"
        ):  # which fails in Keras: KeyError
            continue
        try:
            made = generator.module_of(kind).get(name)
        except ValueError:
            assert name in public, f"neither keras.{kind}.get nor keras.{kind} knows {name}"
            continue
        by_name = public[found.name]
        if inspect.isclass(by_name) and not inspect.isfunction(made):
            assert isinstance(made, by_name)
        elif inspect.isclass(by_name):
            assert kind == "losses"
            assert by_name().fn is made, f"{name} is not {found.name}"
        else:
            assert made is by_name


def test_every_string_of_keras_tables_is_known():
    losses = set(keras.src.losses.ALL_OBJECTS_DICT) - {"LossFunctionWrapper"}
    metrics = set(keras.src.metrics.ALL_OBJECTS_DICT)
    initializers = set(keras.src.initializers.ALL_OBJECTS_DICT)
    for kind, words in (("losses", losses), ("metrics", metrics), ("initializers", initializers)):
        assert {word for word in words if reader.entry(kind, word) is None} == set()


@pytest.mark.parametrize("word", ["crossentropy", "ce"])
def test_words_by_shape_are_what_compile_takes(word):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, activation="sigmoid")])
    model.compile(loss=word, metrics=["accuracy", "acc"])
    assert np.isfinite(model.evaluate(np.ones((2, 2)), np.ones((2, 1)), verbose=0)).all()


@pytest.mark.parametrize(("kind", "name"), list(classes()))
def test_keras_takes_every_argument_of_the_catalogue(kind, name):
    """One at a time, each with the default that the catalogue gives."""
    for argument in reader.entry(kind, name).arguments.values():
        if not argument.required:
            build(kind, name, **{argument.name: copy.deepcopy(argument.default)})


@pytest.mark.parametrize(("kind", "name"), list(classes()))
def test_keras_refuses_an_object_without_its_required_arguments(kind, name):
    given = plain_arguments(kind, name)
    cls = getattr(generator.module_of(kind), name)
    cls(**given)
    for argument in reader.entry(kind, name).arguments.values():
        if argument.required:
            rest = {key: value for key, value in given.items() if key != argument.name}
            with pytest.raises((TypeError, ValueError), match=argument.name):
                cls(**rest)


SWALLOWING = {"LambdaCallback", "CallbackList", "ReduceLROnPlateau", "MeanMetricWrapper", "HashedCrossing"}
"""Classes that take any argument in silence: here the catalogue is stricter than Keras."""


@pytest.mark.parametrize(("kind", "name"), [each for each in classes() if each[1] not in SWALLOWING])
def test_keras_refuses_an_argument_that_the_catalogue_lacks(kind, name):
    with pytest.raises((TypeError, ValueError)):
        build(kind, name, not_an_argument=1)


ACCEPTED = [
    ("layers", "Conv2D", "kernel_size", [3, 5]),
    ("layers", "Conv2D", "padding", "SAME"),
    ("layers", "Conv1D", "padding", "causal"),
    ("layers", "MaxPooling2D", "strides", None),
    ("layers", "Cropping2D", "cropping", 1),
    ("layers", "Cropping2D", "cropping", [[1, 0], [2, 2]]),
    ("layers", "ZeroPadding2D", "padding", [[0, 0], [2, 2]]),
    ("layers", "Reshape", "target_shape", [-1, 8]),
    ("layers", "Reshape", "target_shape", [None, 8]),
    ("layers", "BatchNormalization", "momentum", 1.0),
    ("layers", "LayerNormalization", "axis", [1, 2]),
    ("layers", "GroupNormalization", "groups", -1),
    ("layers", "Normalization", "axis", None),
    ("layers", "Rescaling", "scale", [1.0, 2.0]),
    ("layers", "Rescaling", "scale", 1),
    ("layers", "RandomRotation", "factor", [-0.1, 0.2]),
    ("layers", "RandomTranslation", "height_factor", -0.1),
    ("layers", "Bidirectional", "merge_mode", None),
    ("layers", "LSTM", "activation", None),
    ("layers", "LSTM", "use_cudnn", True),
    ("layers", "Dense", "dtype", "float16"),
    ("layers", "TextVectorization", "standardize", None),
    ("layers", "TextVectorization", "ngrams", 2),
    ("layers", "Dropout", "noise_shape", [None, 1]),
    ("layers", "Dropout", "seed", -1),
    ("optimizers", "Adam", "learning_rate", 1.0),
    ("optimizers", "SGD", "gradient_accumulation_steps", 2),
    ("optimizers", "Adam", "epsilon", 0),
    ("optimizers", "Adam", "clipnorm", 1),
    ("schedules", "ExponentialDecay", "decay_steps", 1e3),
    ("schedules", "CosineDecay", "initial_learning_rate", 0.0),
    ("losses", "CategoricalFocalCrossentropy", "alpha", [0.25, 0.5]),
    ("losses", "MeanSquaredError", "reduction", None),
    ("losses", "MeanSquaredError", "reduction", "none"),
    ("losses", "Dice", "axis", [1, 2]),
    ("metrics", "Precision", "thresholds", [0.2, 0.5]),
    ("metrics", "AUC", "curve", "pr"),
    ("metrics", "AUC", "name", None),
    ("metrics", "BinaryAccuracy", "threshold", 0),
    ("initializers", "RandomNormal", "seed", -3),
    ("initializers", "VarianceScaling", "distribution", "Uniform"),
    ("initializers", "Constant", "value", [1.0, 2.0]),
    ("regularizers", "L2", "l2", None),
    ("constraints", "MaxNorm", "axis", [0, 1]),
    ("callbacks", "ReduceLROnPlateau", "patience", 0),
]


@pytest.mark.parametrize(("kind", "name", "argument", "value"), ACCEPTED)
def test_values_that_keras_takes_have_no_problem(kind, name, argument, value):
    build(kind, name, **{argument: value})
    assert problem_with(kind, name, reader.entry(kind, name).arguments[argument], value) is None


KERAS_RAISES = [
    ("layers", "Dense", "units", 0),
    ("layers", "Dense", "units", 2.5),
    ("layers", "Conv2D", "filters", 0),
    ("layers", "Conv2D", "strides", 0),
    ("layers", "Conv2D", "padding", "smae"),
    ("layers", "SeparableConv1D", "padding", "causal"),
    ("layers", "Dropout", "rate", 1.5),
    ("layers", "GaussianNoise", "stddev", 2.0),
    ("layers", "LeakyReLU", "negative_slope", -0.1),
    ("layers", "Reshape", "target_shape", 784),
    ("layers", "Reshape", "target_shape", [-1, -1]),
    ("layers", "Bidirectional", "merge_mode", "add"),
    ("layers", "RandomRotation", "fill_mode", "mirror"),
    ("optimizers", "Adam", "learning_rate", "0.1"),
    ("optimizers", "SGD", "momentum", 1.1),
    ("optimizers", "SGD", "gradient_accumulation_steps", 1),
    ("optimizers", "Ftrl", "learning_rate_power", 0.5),
    ("schedules", "ExponentialDecay", "decay_steps", 0),
    ("losses", "MeanSquaredError", "reduction", "average"),
    ("losses", "CategoricalGeneralizedCrossEntropy", "q", 1),
    ("metrics", "AUC", "num_thresholds", 1),
    ("metrics", "Precision", "thresholds", 1.5),
    ("metrics", "F1Score", "threshold", 0.0),
    ("initializers", "VarianceScaling", "scale", 0.0),
    ("regularizers", "L2", "l2", -1.0),
    ("callbacks", "ReduceLROnPlateau", "factor", 1.0),
]
KERAS_IS_SILENT = [
    ("layers", "Dense", "units", True, "one unit"),
    ("layers", "Dropout", "rate", 1.0, "drops everything, so nothing is learnt"),
    ("layers", "LSTM", "dropout", 1.5, "keeps everything negated and rescaled"),
    ("layers", "BatchNormalization", "momentum", 2.0, "statistics that run away"),
    ("layers", "BatchNormalization", "epsilon", 0, "divides by 0 on a constant feature"),
    ("layers", "RandomFlip", "mode", "both", "flips nothing"),
    ("layers", "RandomBrightness", "value_range", [255, 0], "clips every image to one value"),
    ("optimizers", "Adam", "learning_rate", 0.0, "learns nothing"),
    ("optimizers", "Adam", "learning_rate", -1.0, "climbs"),
    ("optimizers", "Adam", "beta_1", 1.0, "a mean that never moves"),
    ("optimizers", "SGD", "clipnorm", 0, "ignored"),
    ("losses", "CategoricalCrossentropy", "label_smoothing", 1.5, "negative probabilities"),
    ("losses", "Huber", "delta", 0.0, "a loss of 0"),
    ("initializers", "RandomNormal", "stddev", 0.0, "units that stay equal"),
    ("constraints", "MaxNorm", "max_value", 0, "weights of 0"),
    ("callbacks", "ReduceLROnPlateau", "mode", "mini", "a warning, then auto"),
]


@pytest.mark.parametrize(("kind", "name", "argument", "value"), KERAS_RAISES)
def test_values_that_keras_refuses_have_a_problem(kind, name, argument, value):
    with pytest.raises((ValueError, TypeError, NotImplementedError)):
        build(kind, name, **{argument: value})
    assert problem_with(kind, name, reader.entry(kind, name).arguments[argument], value)


@pytest.mark.parametrize(("kind", "name", "argument", "value", "effect"), KERAS_IS_SILENT)
def test_nonsense_that_keras_takes_in_silence_has_a_problem(kind, name, argument, value, effect):
    build(kind, name, **{argument: value})
    assert problem_with(kind, name, reader.entry(kind, name).arguments[argument], value), effect
