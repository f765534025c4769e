"""scikit-learn's multi-layer perceptron as a peer: for stacks of Dense layers of one activation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from nntrain.run.bench.protocol import Channel, Job, Message, Turns

ACTIVATIONS = {"linear": "identity", "sigmoid": "logistic", "tanh": "tanh", "relu": "relu"}
OUTPUTS = {
    ("softmax", "sparse_categorical_crossentropy"): "classes",
    ("softmax", "categorical_crossentropy"): "classes",
    ("sigmoid", "binary_crossentropy"): "classes",
    ("linear", "mean_squared_error"): "numbers",
}
"""Last activations and losses that it has, and what they predict."""


def plan(stack: Message) -> Message:
    """The arguments of the estimator.

    Returns:
        `predicts`, `arguments`, and `notes` on what it does otherwise.

    Raises:
        CannotExpressError: It has no such layer, or no such loss.
    """
    from nntrain.run.bench.stack import CannotExpressError

    dense, notes = _dense_layers(stack["stages"])
    *hidden, last = [layer["activation"] for layer in dense]
    predicts = OUTPUTS.get((last, stack["loss"]))
    if predicts is None or stack["logits"] or (last == "sigmoid" and dense[-1]["units"] > 1):
        raise CannotExpressError(f"it has no {stack['loss']} of {dense[-1]['units']} {last} outputs")
    if len(set(hidden)) > 1 or not set(hidden) <= set(ACTIVATIONS):
        raise CannotExpressError(f"it has no hidden layers of {' and '.join(dict.fromkeys(hidden))}")
    arguments, word = _solver(stack["optimizer"])
    return {
        "predicts": predicts,
        "arguments": {
            "hidden_layer_sizes": [layer["units"] for layer in dense[:-1]],
            "activation": ACTIVATIONS[hidden[0]] if hidden else "identity",
            "batch_size": stack["batch_size"],
            "shuffle": stack["shuffle"],
            "alpha": 0.0,
            **arguments,
        },
        "seed": stack["seed"],
        "notes": notes + word,
    }


def _dense_layers(stages: list[Message]) -> tuple[list[Message], list[str]]:
    """The Dense layers, each with the activation that follows it, and what is left out."""
    from nntrain.run.bench.stack import CannotExpressError

    dense: list[Message] = []
    notes: list[str] = []
    for stage in stages:
        if stage["kind"] == "dense" and stage["bias"]:
            dense.append(dict(stage))
        elif stage["kind"] == "activation" and dense and dense[-1]["activation"] == "linear":
            dense[-1]["activation"] = stage["activation"]
        elif stage["kind"] == "dropout":
            notes = ["without the dropout, which it does not have"]
        elif stage["kind"] == "dense":
            raise CannotExpressError("it has no Dense without bias")
        elif stage["kind"] != "flatten" or dense:
            raise CannotExpressError(f"it has no {stage['kind']}")
    if not dense:
        raise CannotExpressError("the network has no Dense layer")
    return dense, notes


def _solver(optimizer: Message) -> tuple[Message, list[str]]:
    rate = {"learning_rate_init": optimizer["learning_rate"]}
    if optimizer["type"] == "SGD":
        momentum, nesterov = optimizer["momentum"], optimizer["nesterov"]
        return {"solver": "sgd", "momentum": momentum, "nesterovs_momentum": nesterov, **rate}, []
    if optimizer["type"] == "Adam":
        betas = {name: optimizer[name] for name in ("beta_1", "beta_2", "epsilon")}
        return {"solver": "adam", **betas, **rate}, []
    return {"solver": "adam", **rate}, [f"by Adam: it has no {optimizer['type']}"]


def train(job: Job, channel: Channel) -> None:
    """Call `partial_fit`, which is one epoch, for every epoch."""
    from nntrain.run.bench.survey import ROWS

    with np.load(Path(str(job.folder)) / ROWS, allow_pickle=False) as arrays:
        features, targets = arrays["features"], arrays["targets"]
    if len(features.shape) > 2:
        features = features.reshape(len(features), -1)
    estimator, classes = _estimator(job.plan or {}, len(features)), {}
    factor = 2.0  # its squared error is halved
    if (job.plan or {})["predicts"] == "classes":
        one_hot = targets.ndim > 1 and targets.shape[1] > 1
        targets = targets.argmax(axis=1) if one_hot else targets.ravel().astype(np.int64)
        classes, factor = {"classes": np.unique(targets)}, 1.0
    elif targets.ndim > 1 and targets.shape[1] == 1:
        targets = targets.ravel()
    turns = Turns(channel)
    turns.notes += (job.plan or {})["notes"]
    turns.begin(threads=None)
    while True:
        estimator.partial_fit(features, targets, **classes)
        turns.epoch_ended(factor * float(estimator.loss_))


def _estimator(plan: Message, rows: int) -> Any:
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    kind = MLPClassifier if plan["predicts"] == "classes" else MLPRegressor
    arguments = {**plan["arguments"], "batch_size": min(plan["arguments"]["batch_size"], rows)}
    return kind(**arguments, random_state=np.random.RandomState(plan["seed"]))  # it takes no other
