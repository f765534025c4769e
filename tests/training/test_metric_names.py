from typing import Annotated

import keras
import numpy as np
import pytest
from pydantic import TypeAdapter

from nntrain.config.vocabulary import catalogue
from nntrain.config.vocabulary.keras_object import KerasObject, Kind
from nntrain.config.vocabulary.losses import log_name
from nntrain.run.recipe import metric

NEEDS = {
    "IoU": {"num_classes": 2, "target_class_ids": [0]},
    "OneHotIoU": {"num_classes": 2, "target_class_ids": [0]},
    "MeanIoU": {"num_classes": 2},
    "OneHotMeanIoU": {"num_classes": 2},
    "PrecisionAtRecall": {"recall": 0.5},
    "RecallAtPrecision": {"precision": 0.5},
    "SensitivityAtSpecificity": {"specificity": 0.5},
    "SpecificityAtSensitivity": {"sensitivity": 0.5},
}
FOR_OTHER_TARGETS = {"SparseCategoricalCrossentropy", "BoxIoU"}
"""Class numbers, and boxes."""


def spellings():
    for name in [*catalogue.names("metrics"), *catalogue.aliases("metrics")]:
        entry = catalogue.entry("metrics", name)
        if catalogue.refusal("metrics", name) or entry.name in FOR_OTHER_TARGETS:
            continue
        if entry.name not in NEEDS:
            yield name
        if entry.arguments:
            needed = NEEDS.get(entry.name, {})
            yield {"type": name, **(needed or {"dtype": "float32"})}
            yield {"type": name, "name": "mine", **needed}


def reported(specs):
    """What one epoch of Keras reports of metrics, on a column of 0 and 1."""
    keras.utils.clear_session(free_memory=False)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, activation="sigmoid")])
    metrics = [metric(spec, ()) for spec in specs]
    model.compile("sgd", "binary_crossentropy", metrics=metrics, run_eagerly=True)
    x = np.random.default_rng(0).normal(size=(8, 3)).astype(np.float32)
    history = model.fit(x, np.arange(8, dtype=np.float32)[:, np.newaxis] % 2, verbose=0).history
    return [name for name in history if name != "loss"]


@pytest.mark.filterwarnings("ignore:In loss categorical_crossentropy")
def test_history_names_every_metric_as_announced():
    read = TypeAdapter(Annotated[KerasObject, Kind("metrics")])
    groups = {}
    for spelling in spellings():
        spec = read.validate_python(spelling)
        groups.setdefault(log_name(spec), []).append(spec)
    rounds = max(len(group) for group in groups.values())
    assert len(groups) > 80
    several = {name: group for name, group in groups.items() if name != "mine"}
    for turn in range(min(rounds, 3)):
        specs = [group[turn] for group in several.values() if len(group) > turn]
        assert sorted(reported(specs)) == sorted(log_name(spec) for spec in specs)
    for i in (0, len(groups["mine"]) // 2, len(groups["mine"]) - 1):
        assert reported([groups["mine"][i]]) == ["mine"]
