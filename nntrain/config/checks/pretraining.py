"""Which layers are pretrained, and what of `pretrain:` does not fit the network."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

from nntrain.config.network.graph import Step, chain
from nntrain.config.network.outputs import outputs_of
from nntrain.config.schema import Config
from nntrain.config.vocabulary.keras_object import KerasObject
from nntrain.config.vocabulary.losses import facts, last_output
from nntrain.errors import KeyPath, Problem, did_you_mean, listing

PRETRAIN: KeyPath = ("pretrain",)
LAYERS: KeyPath = ("pretrain", "layers")
KINDS = ("Dense", "Conv1D", "Conv2D", "Conv3D")
"""Layers that have a decoder."""
REACH = {
    "sigmoid": (0.0, 1.0),
    "hard_sigmoid": (0.0, 1.0),
    "softmax": (0.0, 1.0),
    "tanh": (-1.0, 1.0),
    "hard_tanh": (-1.0, 1.0),
    "softsign": (-1.0, 1.0),
    "relu": (0.0, inf),
    "softplus": (0.0, inf),
    "exponential": (0.0, inf),
    "relu6": (0.0, 6.0),
}
"""The least and the largest number that an activation gives; one that is not here gives any."""
KEEPING = (
    *("Flatten", "Reshape", "Permute", "Cropping1D", "Cropping2D", "SpatialDropout1D", "SpatialDropout2D"),
    *(f"{what}Pooling{n}D" for what in ("Average", "Max") for n in (1, 2, 3)),
)
"""Layers that give no number outside the range of their input, when nothing is learnt."""


def pretrained_steps(config: Config) -> list[tuple[int, Step]]:
    """The layers that are to be pretrained, each with its place in the stack.

    What the config names must be there. Without names, layers that a pattern of `model.trainable` freezes are
    still among them.
    """
    hidden = dict(_hidden(config))
    assert config.pretrain is not None
    wanted = config.pretrain.layers
    if not wanted:
        return [(place, step) for place, step in hidden.items() if _learns(step)]
    places = sorted(place for item in wanted for place in _places(config, item))
    return [(place, config.graph.steps[place]) for place in places]


def check_pretraining(config: Config) -> list[Problem]:
    """Every mistake of the section that the config alone shows."""
    return [] if config.pretrain is None else list(_check(config))


def _check(config: Config) -> Iterator[Problem]:
    section = config.pretrain
    assert section is not None
    if not config.graph.is_stack:
        message = (
            "pretrains one layer on the output of the one below, and this network is no stack in which each "
            "layer reads the one before alone; remove this"
        )
        yield Problem(message, PRETRAIN, id="pretrain")
        return
    if config.training.distribute is not None:
        message = "learns on one device, and training.distribute divides batches among several; keep one"
        yield Problem(message, PRETRAIN, id="conflict")
    if getattr(config.data, "streaming", None) is True:
        message = (
            "takes all training rows in memory, and 'streaming: true' leaves them in their file; set "
            "'streaming: false', or remove this"
        )
        yield Problem(message, PRETRAIN, id="conflict")
    wrong = [*_wrong_names(config)] if section.layers else [*_nothing_to_do(config)]
    yield from wrong
    yield from _wrong_loss(config)
    if not wrong:
        yield from _out_of_reach(config)


def _hidden(config: Config) -> Iterator[tuple[int, Step]]:
    """The layers that can be pretrained: all of these kinds but the one that makes the output."""
    output = _output(config)
    for place, step in enumerate(config.graph.steps):
        if place != output and _kind(step) in KINDS:
            yield place, step


def _output(config: Config) -> int:
    """The place of the layer that makes the output: the last one that has weights, as far as is known."""
    last = outputs_of(config)[0].last
    places = [i for i, step in enumerate(config.graph.steps) if last and step.path == last.units_path]
    kinds = [i for i, step in enumerate(config.graph.steps) if _kind(step) in KINDS]
    return (places or kinds or [-1])[-1]


def _kind(step: Step) -> str:
    layer = step.layer
    return layer.name if isinstance(layer, KerasObject) and not layer.registered else ""


def _learns(step: Step) -> bool:
    return (
        isinstance(step.layer, KerasObject)
        and step.trainable
        and step.layer.argument("trainable") is not False
    )


def _places(config: Config, item: str | int) -> list[int]:
    """Where a name or a number stands in the stack: a number of a repeated block in several places."""
    if isinstance(item, int):
        return [i for i, step in enumerate(config.graph.steps) if step.path[:3] == ("model", "layers", item)]
    return [i for i, step in enumerate(config.graph.steps) if step.label == item]


def _wrong_names(config: Config) -> Iterator[Problem]:
    hidden, seen = dict(_hidden(config)), set[int]()
    assert config.pretrain is not None
    for i, item in enumerate(config.pretrain.layers):
        at, shown = (*LAYERS, i), f"'{item}'" if isinstance(item, str) else f"layer {item}"
        places = _places(config, item)
        if not places:
            yield Problem(_no_layer(config, item), at, id="pretrain")
        for place in places:
            step = config.graph.steps[place]
            if place in seen:
                yield Problem(f"{shown} is named twice; remove one", at, id="pretrain")
            elif place == _output(config):
                message = f"{shown} makes the network's output, which learns from the targets; remove it"
                yield Problem(message, at, id="pretrain")
            elif place not in hidden:
                kind = _kind(step) or "layer of your own"
                message = f"{shown} is a {kind}, and there are decoders for {listing(KINDS)} alone"
                yield Problem(message, at, id="pretrain")
            seen.add(place)


def _no_layer(config: Config, item: str | int) -> str:
    if isinstance(item, int):
        last = len(config.model.layers) - 1
        return f"there is no layer {item}; the numbers of model.layers go from 0 to {last}"
    labels = [step.label for place, step in _hidden(config) if step.label]
    rest = f"; there are {listing(labels)}" if labels else "; give the layer a name, or write its number"
    return f"no layer is called '{item}'{did_you_mean(item, labels) or rest}"


def _nothing_to_do(config: Config) -> Iterator[Problem]:
    hidden = dict(_hidden(config))
    if not hidden:
        message = (
            "there is no hidden Dense or convolutional layer to pretrain; add one before the output, or "
            "remove this"
        )
        yield Problem(message, PRETRAIN, id="pretrain")
    elif not any(map(_learns, hidden.values())):
        message = (
            "every hidden layer has 'trainable: false'; name those that are to be pretrained all the same in "
            "pretrain.layers, or remove this"
        )
        yield Problem(message, PRETRAIN, id="pretrain")


def _wrong_loss(config: Config) -> Iterator[Problem]:
    section = config.pretrain
    assert section is not None
    labels = facts(section.loss).labels
    if labels not in ("any", "binary"):
        message = (
            f"{section.loss.type} is for classes, and a layer is pretrained to give numbers back; use "
            "mean_squared_error or mean_absolute_error"
        )
        yield Problem(message, ("pretrain", "loss"), id="loss-task")
    elif labels == "binary" and section.activation != "sigmoid":
        message = (
            f"{section.loss.type} compares numbers between 0 and 1; set pretrain.activation to sigmoid, or "
            "use mean_squared_error"
        )
        yield Problem(message, ("pretrain", "loss"), id="loss-output")


def _out_of_reach(config: Config) -> Iterator[Problem]:
    """A decoder that can't give what the layer before gives."""
    section = config.pretrain
    assert section is not None
    if section.activation not in REACH:
        return
    least, most = REACH[section.activation]
    for place, _ in pretrained_steps(config):
        below = _below(config, place)
        if below is None:
            continue
        activation, name = below
        low, high = REACH.get(activation, (-inf, inf))
        if low < least or high > most:
            message = (
                f"the decoder gives {_span(least, most)} with {section.activation}, and {name} below "
                f"{_named(config, place)} gives {_span(low, high)} with {activation}; use linear and "
                "mean_squared_error"
            )
            yield Problem(message, ("pretrain", "activation"), id="pretrain")
            return


def _below(config: Config, place: int) -> tuple[str, str] | None:
    """The activation that a layer's input comes from, and the layer that has it; None if nobody knows."""
    at = place - 1
    while at >= 0 and _kind(config.graph.steps[at]) in KEEPING:
        at -= 1
    links = chain(config.graph, config.graph.steps[at].name) if at >= 0 else ()
    found = last_output(links, per_pixel=True)
    if found is None:
        return None
    places = [i for i, step in enumerate(config.graph.steps) if step.path == found.units_path]
    return found.activation, _named(config, places[-1])


def _named(config: Config, place: int) -> str:
    """What a layer is called in a sentence."""
    step = config.graph.steps[place]
    return f"'{step.label}'" if step.label else f"layer {step.path[2]} ({_kind(step)})"


def _span(least: float, most: float) -> str:
    if (least, most) == (-inf, inf):
        return "any number"
    return f"{least:g} or more" if most == inf else f"{least:g} to {most:g}"
