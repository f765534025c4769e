"""Configs that are damaged at random: as text, and as one wrong value in a good one."""

from __future__ import annotations

import copy
import json
import random
from collections import Counter

from nntrain.config import load_config
from nntrain.config.dump import to_yaml
from nntrain.config.guide.json_schema import json_schema
from nntrain.errors import ConfigError, NntrainError, dotted
from tests.config.mutants import damaged_text, places
from tests.config.quick_schema import quick_validator
from tests.config.test_fuzz import ORIGINALS, place_bases
from tests.config.test_typos import SOURCES

SHORT = [content for content in ORIGINALS if len(content) < 760]
"""Originals of a few lines: what is damaged in them is not told from a longer one's, and read sooner."""
OF_THE_FILE = {"encoding", "empty-config", "config-size", "missing-key"}
"""What is said of a whole file, by its id."""


def explained(file):
    """What is wrong with a config, None if nothing is; anything else that is raised is a bug."""
    try:
        load_config(file)
    except NntrainError as error:
        return error
    except BaseException as error:
        error.add_note(repr(file.read_bytes()))
        raise
    return None


def damaged_texts(count, seed, folder):
    """How many of some damaged configs load and how many are explained; anything else that is raised passes through."""
    rng = random.Random(seed)
    file = place_bases(folder) / "mutant.yaml"
    counts = Counter()
    for _ in range(count):
        content = damaged_text(rng.choice(SHORT), rng)
        file.write_bytes(content)
        found = explained(file)
        counts["loads" if found is None else "explained"] += 1
        for problem in () if found is None else found.problems:
            place = problem.location
            assert problem.message
            located = place and place.source and place.line and place.column
            assert located or (place and problem.id.replace("_", "-") in OF_THE_FILE), content
    return counts


ACTIVATIONS = ["relu", "tanh", "gelu", "selu", "swish", None]
BETWEEN = [
    lambda rng: {"type": "Dropout", "rate": round(rng.random() * 0.9, 3)},
    lambda rng: {"type": "GaussianNoise", "stddev": round(rng.random(), 3)},
    lambda rng: "BatchNormalization",
    lambda rng: {"type": "LayerNormalization", "epsilon": 10.0 ** -rng.randint(2, 7)},
    lambda rng: {"type": "Activation", "activation": rng.choice(ACTIVATIONS[:-1])},
    lambda rng: {"type": "UnitNormalization"},
    lambda rng: {"repeat": rng.randint(1, 4), "layers": [dense(rng), {"type": "LeakyReLU"}]},
]
OPTIMIZERS = ["Adam", "AdamW", "SGD", "RMSprop", "Nadam", "Adamax", "Adagrad", "Lion"]
CALLBACKS = [
    {"type": "ReduceLROnPlateau", "monitor": "loss", "patience": 2, "factor": 0.5},
    {"type": "ReduceLROnPlateau", "monitor": "loss", "cooldown": 1, "min_lr": 1e-6},
]


def dense(rng):
    made = {"type": "Dense", "units": rng.randint(1, 64), "activation": rng.choice(ACTIVATIONS)}
    if rng.random() < 0.3:
        made["kernel_regularizer"] = {"type": "L2", "l2": 10.0 ** -rng.randint(1, 6)}
    if rng.random() < 0.3:
        made["kernel_initializer"] = rng.choice(["he_normal", "glorot_uniform", "zeros"])
    return {key: value for key, value in made.items() if value is not None}


def valid(rng):
    """A good config that nobody wrote: iris or blobs, and what may stand in a stack of layers."""
    layers = []
    for _ in range(rng.randint(0, 4)):
        layers.append(dense(rng) if rng.random() < 0.6 else rng.choice(BETWEEN)(rng))
    validation, test = rng.choice([(0, 0.2), (0.2, 0.2), (0.1, 0)])
    data = {"type": "sklearn", "name": "iris", "split": {"validation": validation, "test": test}}
    if rng.random() < 0.5:
        data = {**data, "name": "make_blobs", "n_samples": rng.randint(60, 300), "centers": 3}
    if rng.random() < 0.5:
        scale = rng.choice(["standard", "min_max", "robust"])
        data["preprocess"] = {"numeric": {"scale": scale}}
    training = {
        "loss": "sparse_categorical_crossentropy",
        "optimizer": {"type": rng.choice(OPTIMIZERS), "learning_rate": 10.0 ** -rng.randint(1, 5)},
        "metrics": rng.sample(
            ["accuracy", {"type": "SparseTopKCategoricalAccuracy", "k": 2}], rng.randint(0, 2)
        ),
        "epochs": rng.randint(1, 500),
        "batch_size": rng.randint(1, 512),
        "shuffle": rng.random() < 0.5,
    }
    if rng.random() < 0.4:
        monitor = "val_loss" if validation else "loss"
        training["early_stopping"] = {"monitor": monitor, "patience": rng.randint(0, 9)}
    if rng.random() < 0.3:
        training["callbacks"] = [rng.choice(CALLBACKS)]
    if rng.random() < 0.3:
        training["class_weight"] = "balanced"
    last = {"type": "Dense", "units": 3, "activation": "softmax"}
    return {"seed": rng.randint(0, 2**31), "data": data, "model": {"layers": [*layers, last]}, "training": training}  # fmt: skip


def of_a_source(rng):
    """A good config of a source that reads files, which are not looked at."""
    source = rng.choice(sorted(SOURCES))
    return {**valid(rng), "data": copy.deepcopy(SOURCES[source])}


WRONG = ["many", "", -1, 0, 2.5, 1e300, True, None, [], {}, [[1]], {"a": 1}, "no_such_name", float("nan")]


def one_mutation(config, rng):
    """A config with one value or key that is another, and where."""
    config = copy.deepcopy(config)
    path = rng.choice([path for path in places(config) if path])
    parent = config
    for part in path[:-1]:
        parent = parent[part]
    key = path[-1]
    if isinstance(parent, dict) and rng.random() < 0.3:
        name = f"zz_{key}"
        parent[name] = 1
        return config, (*path[:-1], name)
    parent[key] = copy.deepcopy(rng.choice(WRONG))
    return config, path


def valid_values(count, seed, folder, build=None):
    """Make good configs: each fits the JSON Schema, loads to itself again, and builds where that is asked for."""
    rng = random.Random(seed)
    validator = quick_validator(json_schema())
    file = folder / "valid.yaml"
    for _ in range(count):
        content = valid(rng)
        file.write_text(json.dumps(content))
        assert validator.is_valid(content), content
        config = load_config(file)
        file.write_text(to_yaml(config))
        assert load_config(file).plain() == config.plain()
        if build is not None:
            build(config)


def names(problem, path):
    """Whether a problem is about a place: at it, in it, or at what it stands in where that is not a section."""
    key = problem.key
    return key[: len(path)] == path or (len(key) > 1 and key == path[: len(key)])


def wrong_values(count, seed, folder):
    """How many configs with one wrong value are refused where it stands, of those that a JSON Schema refuses."""
    rng = random.Random(seed)
    validator = quick_validator(json_schema())
    file = folder / "wrong.yaml"
    refused = 0
    while refused < count:
        config, path = one_mutation(valid(rng) if rng.random() < 0.7 else of_a_source(rng), rng)
        if validator.is_valid(config):
            continue
        file.write_text(json.dumps(config).replace("NaN", ".nan"))
        found = explained(file)
        assert isinstance(found, ConfigError), (dotted(path), file.read_text())
        assert any(names(problem, path) for problem in found.problems), (dotted(path), str(found))
        assert all(problem.location and problem.location.line for problem in found.problems)
        refused += 1
    return refused
