"""What Keras takes, read from a generated file: names and arguments without importing Keras.

`python -m nntrain.model.catalogue` writes the file from the installed Keras.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from types import MappingProxyType
from typing import Any

from nntrain.errors import did_you_mean

PATH = Path(__file__).with_name("catalogue.json")


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a Keras constructor."""

    name: str
    required: bool = False
    default: Any = None
    """A JSON value; the text of the default if JSON has none for it."""
    type: str = "any"
    """`bool`, `int`, `float`, `str` or `list` as Keras' default shows it, else `any`."""
    kind: str | None = None
    """The kind of Keras object that the argument takes, `schedules` standing for a number too."""
    callable: bool = False
    """Takes a function or a Python object, which a config can't hold."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One class (or named function) of Keras."""

    name: str
    kind: str
    summary: str
    arguments: Mapping[str, Argument]
    group: str = ""
    """Of a layer: what sort of layer it is, such as `pooling`."""


@dataclass(frozen=True, slots=True)
class OwnEntry(Entry):
    """One class or function of the user's own code."""

    registered: str = ""
    """The name that Keras saves: `package>name`."""
    base: str | None = None
    """The nearest class of Keras that it derives from."""
    own: frozenset[str] = frozenset()
    """Arguments that its own code defines, so that no rule of Keras holds for their values."""
    takes_more: bool = False
    """Whether it may take arguments that can't be told from the file."""


@cache
def _content() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(PATH.read_bytes())
    return content


@cache
def entry(kind: str, name: str) -> Entry | None:
    """The entry that Keras means by a name or an alias; None if there is none.

    Args:
        kind: `layers`, `optimizers`, `schedules`, `losses`, `metrics`, `initializers`, `regularizers`,
            `constraints`, `callbacks` or `activations`.
        name: As written in a config; letter case matters but for optimizers, as in Keras.
    """
    part = _content()["kinds"][kind]
    own = name if name in part["entries"] else part["aliases"].get(name)
    if own is None and kind == "optimizers":
        own = part["aliases"].get(name.lower())
    if own is None:
        return None
    record = part["entries"][own]
    arguments = {key: _argument(key, value) for key, value in record.get("arguments", {}).items()}
    return Entry(own, kind, record["summary"], MappingProxyType(arguments), record.get("group", ""))


def _argument(name: str, record: dict[str, Any]) -> Argument:
    return Argument(
        name,
        required=record.get("required", False),
        default=record.get("default", record.get("default_text")),
        type=record.get("type", "any"),
        kind=record.get("kind"),
        callable=record.get("callable", False),
    )


def kinds() -> list[str]:
    """The kinds of Keras objects, sorted."""
    return list(_content()["kinds"])


def names(kind: str) -> list[str]:
    """The names that Keras' documentation uses, sorted."""
    return list(_content()["kinds"][kind]["entries"])


def aliases(kind: str) -> dict[str, str]:
    """Further names, such as `mse`, and the entry that each stands for."""
    return dict(_content()["kinds"][kind]["aliases"])


def every_name(kind: str) -> list[str]:
    """Names and aliases that a config may use, sorted."""
    known = [*names(kind), *aliases(kind)]
    return sorted(name for name in known if refusal(kind, name) is None)


def refusal(kind: str, name: str) -> str | None:
    """Why a config can't use a class, or None if it can."""
    found = entry(kind, name)
    return REFUSED.get(kind, {}).get(found.name if found else name)


def argument_hint(found: Entry, word: str) -> str:
    """What to add to `Dense takes no argument 'x'`: ` (did you mean 'y'?)`, an instruction, or nothing."""
    renamed = RENAMED_ARGUMENTS.get(word)
    if renamed in found.arguments:
        return f" (did you mean '{renamed}'?)"
    instead = REMOVED_ARGUMENTS.get(found.kind, {}).get(word)
    return f"; {instead}" if instead else did_you_mean(word, found.arguments)


def keras_version() -> str:
    """The Keras that the catalogue was written from."""
    version: str = _content()["keras"]
    return version


@cache
def installed_version() -> str | None:
    """The Keras that is installed, or None."""
    try:
        return metadata.version("keras")
    except metadata.PackageNotFoundError:
        return None


_ABSTRACT = "it is the base class of the others; name one of those"
_FOREIGN = "it loads or runs code that isn't part of the config"
_FUNCTION = "it needs a Python function, which a config can't hold"
_SAVED = "every run saves model.keras; with 'training.early_stopping' it holds the best weights"
_STOPS = "set 'training.early_stopping' instead"
_WHICH = "say which: sparse_categorical_crossentropy, categorical_crossentropy or binary_crossentropy"
_CLASSIFIER = "a backbone has no classifier of its own, so add a Dense layer behind it instead"
_SHAPE = "the input's shape comes from the data, so remove it"

REFUSED: dict[str, dict[str, str]] = {
    "layers": {
        "FlaxLayer": _FOREIGN,
        "Input": _SHAPE,
        "InputLayer": _SHAPE,
        "JaxLayer": _FOREIGN,
        "Lambda": "it runs code that isn't part of the config",
        "Layer": _ABSTRACT,
        "Pipeline": "list its layers one after another instead",
        "TFSMLayer": _FOREIGN,
        "TorchModuleWrapper": _FOREIGN,
        "Wrapper": _ABSTRACT,
    },
    "optimizers": {
        "MultiOptimizer": "it needs Python objects that name variables, which a config can't hold",
        "Optimizer": _ABSTRACT,
    },
    "schedules": {"LearningRateSchedule": _ABSTRACT},
    "losses": {
        "CTC": "it compares sequences, and a row has one target",
        "Circle": "it compares pairs of embeddings, and a row has one target",
        "Loss": _ABSTRACT,
        "LossFunctionWrapper": _FUNCTION,
        **dict.fromkeys(("ce", "crossentropy", "cross_entropy", "CrossEntropy", "Crossentropy"), _WHICH),
        **dict.fromkeys(("CrossEntropyLoss", "cross_entropy_loss", "crossentropy_loss"), _WHICH),
    },
    "metrics": {
        "Mean": "it averages values and compares nothing with the labels",
        "MeanMetricWrapper": _FUNCTION,
        "Metric": _ABSTRACT,
        "Sum": "it adds up values and compares nothing with the labels",
    },
    "initializers": {"Initializer": _ABSTRACT},
    "regularizers": {"Regularizer": _ABSTRACT},
    "constraints": {"Constraint": _ABSTRACT},
    "callbacks": {
        "BackupAndRestore": "a run writes to its own folder alone, and keeps the last weights there",
        "Callback": _ABSTRACT,
        "CallbackList": "list the callbacks themselves",
        "CSVLogger": "history.csv is always written",
        "EarlyStopping": _STOPS,
        "History": "history.csv is always written",
        "LambdaCallback": _FUNCTION,
        "LearningRateScheduler": "it needs a Python function; "
        "'training.optimizer.learning_rate' takes a schedule instead",
        "ModelCheckpoint": _SAVED,
        "OrbaxCheckpoint": _SAVED,
        "ProgbarLogger": "progress is always shown; '--quiet' turns it off",
        "RemoteMonitor": "a run sends nothing to other machines; history.csv is always written",
        "TensorBoard": "it writes outside the run; set 'training.tensorboard: true' instead",
        "TerminateOnNaN": "a loss that is not a finite number always ends the run",
    },
}
"""Names that Keras has and a config can't use, with a reason that follows `layers can't be 'Lambda': `."""

REMOVED_ARGUMENTS: dict[str, dict[str, str]] = {
    "layers": {
        **dict.fromkeys(("batch_input_shape", "batch_size", "input_dim", "input_shape"), _SHAPE),
        "input_length": "the data say how long a sequence is, so remove it",
    },
    "applications": {
        **dict.fromkeys(("input_shape", "input_tensor"), _SHAPE),
        **dict.fromkeys(("classes", "classifier_activation"), _CLASSIFIER),
        "include_top": "a backbone has no classifier of its own, so remove it",
    },
    "optimizers": {"decay": "give 'learning_rate' a schedule instead"},
}
"""Arguments of older versions of Keras, and what to do instead."""

RENAMED_ARGUMENTS = {"alpha": "negative_slope", "epsilon": "min_delta", "lr": "learning_rate"}
"""Arguments of older versions of Keras, and what they are called now."""
