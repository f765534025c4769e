"""A training loop in PyTorch as one writes it by hand: tensors in memory, indexed by a permutation.

The network starts from the same weights as Keras', with the axes in PyTorch's order. Metrics are left out.
"""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np

from nntrain.run.bench.protocol import Channel, Job, Message, Turns

MODULES = {
    "relu": "ReLU",
    "sigmoid": "Sigmoid",
    "tanh": "Tanh",
    "elu": "ELU",
    "selu": "SELU",
    "softplus": "Softplus",
    "silu": "SiLU",
    "gelu": "GELU",
}
"""Activations of PyTorch with the same defaults."""
LOSSES = {
    ("softmax", "sparse_categorical_crossentropy"): "CrossEntropyLoss",
    ("softmax", "categorical_crossentropy"): "CrossEntropyLoss",
    ("sigmoid", "binary_crossentropy"): "BCEWithLogitsLoss",
    (None, "mean_squared_error"): "MSELoss",
    (None, "mean_absolute_error"): "L1Loss",
}
"""The loss by the activation that it contains, and Keras' loss."""


def plan(stack: Message) -> Message:
    """The stack, with the last activation moved into the loss.

    Raises:
        CannotExpressError: A layer, an activation or a loss has no counterpart.
    """
    from nntrain.run.bench.stack import CannotExpressError

    stages = [dict(stage) for stage in stack["stages"]]
    loss = LOSSES.get((None, stack["loss"]))
    if loss is None:
        within = "sigmoid" if stack["loss"] == "binary_crossentropy" else "softmax"
        if stages[-1].get("activation") != ("linear" if stack["logits"] else within):
            raise CannotExpressError(f"{stack['loss']} of other outputs than {within} is not translated")
        loss = LOSSES[within, stack["loss"]]
        stages[-1]["activation"] = "linear"
    for stage in stages:
        if stage.get("activation", "linear") not in {"linear", *MODULES}:
            raise CannotExpressError(f"{stage['activation']} within the network is not translated")
    kinds = [stage["kind"] for stage in stages]
    inside = kinds[len(_for_data(stages)) :]
    for kind in ("reshape", "rescale"):
        if kind in inside:
            raise CannotExpressError(f"{kind} within the network is not translated")
    if len(stages[-1]["output"]) != 1 or "dense" not in inside:
        raise CannotExpressError("outputs that are no row of numbers are not translated")
    return {**stack, "stages": stages, "loss": loss, "whole": stack["loss"].startswith("sparse")}


def _for_data(stages: list[Message]) -> list[Message]:
    """The first stages, as far as a script does their work on the data before it trains."""
    return list(itertools.takewhile(lambda stage: stage["kind"] in {"reshape", "rescale"}, stages))


def train(job: Job, channel: Channel) -> None:
    """Train epoch after epoch."""
    import torch

    from nntrain.run.bench.survey import ROWS

    plan = job.plan or {}
    with np.load(Path(str(job.folder)) / ROWS, allow_pickle=False) as stored:
        arrays = dict(stored)
    torch.manual_seed(plan["seed"])
    device = "cuda" if plan["gpu"] and torch.cuda.is_available() else "cpu"
    network = network_of(plan["stages"], arrays).to(device)
    x = torch.from_numpy(features_of(plan["stages"], arrays.pop("features"))).to(device)
    y = torch.from_numpy(targets_of(plan, arrays["targets"])).to(device)
    optimizer = optimizer_of(plan["optimizer"], network.parameters())
    loss_of = getattr(torch.nn, plan["loss"])()
    turns = Turns(channel)
    turns.begin(threads={"intra_op": torch.get_num_threads(), "inter_op": torch.get_num_interop_threads()})
    while True:
        turns.epoch_ended(epoch(network, x, y, loss_of, optimizer, plan["batch_size"], plan["shuffle"]))


def epoch(
    network: Any, x: Any, y: Any, loss_of: Any, optimizer: Any, batch_size: int, shuffle: bool
) -> float:
    """One pass over the rows; the mean loss."""
    import torch

    rows = len(x)
    order = torch.randperm(rows, device=x.device) if shuffle else torch.arange(rows, device=x.device)
    total = torch.zeros((), device=x.device)
    for start in range(0, rows, batch_size):
        some = order[start : start + batch_size]
        optimizer.zero_grad(set_to_none=True)
        loss = loss_of(network(x[some]), y[some])
        loss.backward()
        optimizer.step()
        total += loss.detach() * len(some)
    return float(total) / rows


def features_of(stages: list[Message], features: Any) -> Any:
    """The features as the first module takes them: in shape, and images with their channels first."""
    for stage in _for_data(stages):
        if stage["kind"] == "reshape":
            features = features.reshape(len(features), *stage["output"])
        else:
            features = (features * stage["scale"] + stage["offset"]).astype(np.float32)
    if _has_maps(stages):
        features = np.moveaxis(features, -1, 1)
    return np.ascontiguousarray(features)


def targets_of(plan: Message, targets: Any) -> Any:
    """Whole numbers `(n,)`, or numbers `(n, outputs)`."""
    if plan["whole"]:
        return targets.ravel().astype(np.int64)
    return targets.astype(np.float32).reshape(len(targets), -1)


def _has_maps(stages: list[Message]) -> bool:
    return any(stage["kind"] in {"convolution", "pool"} for stage in stages)


def network_of(stages: list[Message], arrays: dict[str, Any]) -> Any:
    """The modules with Keras' weights.

    Args:
        stages: From `plan`.
        arrays: The weights `w0`, `w1`, ...
    """
    from torch import nn

    modules: list[Any] = []
    maps = shape = None
    kernel: Any
    for stage in stages[len(_for_data(stages)) :]:
        kind, kernel = stage["kind"], arrays.get(f"w{stage['weight']}")
        if kind == "dense":
            if maps is not None:  # Keras' rows of the kernel go through the channels first
                kernel = _channels_first(kernel, maps)
            module = nn.Linear(stage["inputs"], stage["units"], bias=stage["bias"])
            modules.append(_with_weights(module, stage, np.transpose(kernel), arrays))
            maps = None
        elif kind == "convolution":
            modules.append(
                _with_weights(_convolution(stage), stage, np.transpose(kernel, (3, 2, 0, 1)), arrays)
            )
        elif kind == "pool":
            modules.append(nn.MaxPool2d(tuple(stage["size"]), tuple(stage["strides"])))
        elif kind == "dropout":
            modules.append(nn.Dropout(stage["rate"]))
        elif kind == "flatten":
            modules.append(nn.Flatten())
            maps = maps or (shape if _has_maps(stages) else None)
        shape = stage["output"]
        if stage.get("activation", "linear") != "linear":
            modules.append(getattr(nn, MODULES[stage["activation"]])())
    return nn.Sequential(*modules)


def _channels_first(kernel: Any, maps: list[int]) -> Any:
    return kernel.reshape(*maps, -1).transpose(2, 0, 1, 3).reshape(kernel.shape)


def _convolution(stage: Message) -> Any:
    from torch import nn

    return nn.Conv2d(
        stage["inputs"],
        stage["filters"],
        tuple(stage["size"]),
        stride=tuple(stage["strides"]),
        padding=stage["padding"],
        dilation=tuple(stage["dilation"]),
        groups=stage["groups"],
        bias=stage["bias"],
    )


def _with_weights(module: Any, stage: Message, kernel: Any, arrays: dict[str, Any]) -> Any:
    import torch

    with torch.no_grad():
        module.weight.copy_(torch.from_numpy(np.ascontiguousarray(kernel)))
        if stage["bias"]:
            module.bias.copy_(torch.from_numpy(arrays[f"w{stage['weight'] + 1}"]))
    return module


def optimizer_of(settings: Message, parameters: Any) -> Any:
    """PyTorch's optimizer of the same name; where epsilon is added differs from Keras by a hair."""
    import torch

    s, rate = settings, settings["learning_rate"]
    if s["type"] == "SGD":
        return torch.optim.SGD(parameters, rate, momentum=s["momentum"], nesterov=s["nesterov"])
    if s["type"] == "RMSprop":
        return torch.optim.RMSprop(
            parameters, rate, alpha=s["rho"], eps=s["epsilon"], momentum=s["momentum"], centered=s["centered"]
        )
    betas = (s["beta_1"], s["beta_2"])
    return torch.optim.Adam(parameters, rate, betas=betas, eps=s["epsilon"], amsgrad=s["amsgrad"])
