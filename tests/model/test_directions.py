"""Whether more of a metric is better is what Keras says, for every metric that says it."""

import inspect

import keras

from nntrain.config.vocabulary import catalogue
from nntrain.config.vocabulary.losses import UPWARD

GIVEN = {"num_classes": 2, "target_class_ids": [0], "threshold": 0.5}
HALF = dict.fromkeys(("precision", "recall", "sensitivity", "specificity"), 0.5)


def directions():
    """`up` or `down` of every metric of Keras that has one."""
    for name in catalogue.names("metrics"):
        metric = getattr(keras.metrics, name, None)
        if not inspect.isclass(metric) or catalogue.refusal("metrics", name):
            continue
        needed = inspect.signature(metric).parameters
        arguments = {key: value for key, value in {**GIVEN, **HALF}.items() if key in needed}
        yield name, getattr(metric(**arguments), "_direction", None)


def test_the_direction_of_every_metric_is_that_of_keras():
    told = {name: which for name, which in directions() if which is not None}
    assert len(told) > 20
    assert {name for name in told if name in UPWARD} == {name for name in told if told[name] == "up"}


def test_upward_holds_metrics_of_keras_alone():
    assert set(catalogue.names("metrics")) >= UPWARD
