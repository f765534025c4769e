"""An example of every Keras object, as a config holds it: what is required, and what is usual."""

from __future__ import annotations

from typing import Any

from nntrain.config.dump import on_one_line
from nntrain.config.vocabulary.catalogue import Entry

REQUIRED: dict[str, Any] = {
    "activation": "relu",
    "axes": 1,
    "boundaries": [1000, 5000],
    "cell": {"type": "LSTMCell", "units": 32},
    "cells": [{"type": "LSTMCell", "units": 32}, {"type": "LSTMCell", "units": 16}],
    "decay_rate": 0.9,
    "decay_steps": 1000,
    "dims": [2, 1],
    "equation": "ab,bc->ac",
    "factor": 0.2,
    "filters": 32,
    "first_decay_steps": 1000,
    "head_dim": 16,
    "height": 32,
    "height_factor": 0.1,
    "initial_learning_rate": 0.001,
    "inner_optimizer": {"type": "Adam", "learning_rate": 0.001},
    "input_dim": 10000,
    "kernel_size": 3,
    "kernels": ["sobel_x", "sobel_y"],
    "key_dim": 16,
    "layer": {"type": "Dense", "units": 16},
    "max_number": 10,
    "n": 4,
    "num_bins": 16,
    "num_classes": 2,
    "num_heads": 4,
    "num_key_value_heads": 2,
    "num_query_heads": 4,
    "num_tokens": 10,
    "output_dim": 64,
    "output_shape": 16,
    "output_size": 4,
    "pool_size": 2,
    "precision": 0.9,
    "rate": 0.2,
    "recall": 0.9,
    "scale": 0.1,
    "sensitivity": 0.9,
    "specificity": 0.9,
    "stddev": 0.1,
    "target_class_ids": [1],
    "target_shape": [8, -1],
    "units": 32,
    "values": [0.01, 0.001, 0.0001],
    "width": 32,
    "width_factor": 0.1,
}
"""A sensible value of each argument that some type requires."""

USUAL: dict[str, dict[str, Any]] = {
    "Adam": {"learning_rate": 0.001},
    "AdamW": {"learning_rate": 0.001, "weight_decay": 0.004},
    "BatchNormalization": {"momentum": 0.9},
    "Bidirectional": {"layer": {"type": "LSTM", "units": 32}},
    "Constant": {"value": 0.1},
    "ConvLSTM2D": {"padding": "same"},
    "Conv1D": {"padding": "causal", "activation": "relu"},
    "Conv2D": {"padding": "same", "activation": "relu"},
    "Dense": {"activation": "relu"},
    "Discretization": {"bin_boundaries": [0.0, 1.0, 2.0]},
    "Huber": {"delta": 1.0},
    "IntegerLookup": {"vocabulary": [10, 20, 30]},
    "L1": {"l1": 0.0001},
    "L1L2": {"l1": 0.0001, "l2": 0.0001},
    "L2": {"l2": 0.0001},
    "MaxNorm": {"max_value": 3},
    "RandomFlip": {"mode": "horizontal"},
    "RandomPosterization": {"factor": 4},
    "ReduceLROnPlateau": {"monitor": "val_loss", "factor": 0.5, "patience": 3},
    "SGD": {"learning_rate": 0.01, "momentum": 0.9},
    "SparseTopKCategoricalAccuracy": {"k": 3},
    "StringLookup": {"vocabulary": ["red", "green", "blue"]},
    "TextVectorization": {"vocabulary": ["good", "bad"], "output_sequence_length": 100},
    "TopKCategoricalAccuracy": {"k": 3},
}
"""By type: arguments that most people set, or without which it does little."""

GROUPED_INPUTS = {"merging": ["left", "right"]}
"""What feeds the layers of a group that need several inputs."""

PLACES = {
    "activations": ("layer", "activation"),
    "constraints": ("layer", "kernel_constraint"),
    "initializers": ("layer", "kernel_initializer"),
    "regularizers": ("layer", "kernel_regularizer"),
}
"""The argument of a layer in which a kind usually stands."""

HOLDERS: dict[str, dict[str, Any]] = {
    "ImageKernel": {"type": "Conv2D", "filters": 2, "kernel_size": 3, "trainable": False}
}
"""The layer that holds what no Dense layer can."""


def example(entry: Entry) -> Any:
    """An object of this type as it stands in a config: a name alone, or a mapping."""
    arguments = {a.name: REQUIRED[a.name] for a in entry.arguments.values() if a.required}
    arguments |= USUAL.get(entry.name, {})
    return {"type": entry.name, **arguments} if arguments else entry.name


def as_config(entry: Entry) -> dict[str, Any]:
    """The smallest part of a config that holds the example where it belongs."""
    value = example(entry)
    if entry.kind in PLACES:
        value = {**HOLDERS.get(entry.name, {"type": "Dense", "units": 32}), PLACES[entry.kind][1]: value}
    elif entry.group in GROUPED_INPUTS:
        given = value if isinstance(value, dict) else {"type": value}
        value = {**given, "inputs": GROUPED_INPUTS[entry.group]}
    if entry.kind == "losses":
        return {"training": {"loss": value}}
    if entry.kind == "optimizers":
        return {"training": {"optimizer": value}}
    if entry.kind == "schedules":
        return {"training": {"optimizer": {"type": "Adam", "learning_rate": value}}}
    if entry.kind in {"metrics", "callbacks"}:
        return {"training": {entry.kind: [value]}}
    return {"model": {"layers": [value]}}


def as_yaml(value: dict[str, Any]) -> str:
    """Part of a config as a person would write it: sections as blocks, each object on one line."""
    return "\n".join(_lines(value, 0))


def _lines(value: dict[str, Any], depth: int) -> list[str]:
    lines: list[str] = []
    for key, item in value.items():
        head = f"{'  ' * depth}{key}:"
        if isinstance(item, dict) and "type" not in item and depth < 1:
            lines += [head, *_lines(item, depth + 1)]
        elif isinstance(item, list) and depth:
            lines += [head, *(f"{'  ' * (depth + 1)}- {on_one_line(part)}" for part in item)]
        else:
            lines.append(f"{head} {on_one_line(item)}")
    return lines
