"""The numbers behind a run's pictures: kept in one file, and drawn from when a picture is wanted.

Drawing takes longer than many a small training, so that `fit` draws the first pictures alone.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nntrain.errors import ArtefactError, Location, Problem
from nntrain.report.plots import (
    Line,
    Maps,
    Node,
    Picture,
    balance_plot,
    boxes_plot,
    confusion_plot,
    errors_plot,
    forecast_plot,
    history_plot,
    labels_plot,
    latent_plot,
    maps_plot,
    masks_plot,
    mistakes_plot,
    numbers_plot,
    pictures_plot,
    precision_recall_plot,
    predicted_actual_plot,
    reliability_plot,
    residuals_plot,
    roc_plot,
    structure_plot,
    weights_plot,
)
from nntrain.run.directory import RunDirectory

NUMBERS = "pictures.npz"
MOST_BYTES = 256 * 1024 * 1024
PLAN = "plan"


class Planned(NamedTuple):
    """A picture that can be drawn."""

    kind: str
    """A key of `GALLERY`."""
    arguments: Mapping[str, Any]
    """What its function takes: arrays, texts, numbers, and sequences and mappings of them."""


Plans = Mapping[str, Planned]
"""By the name of the picture's file, without its ending."""


def _predicted_actual(names: Any = (), **arguments: Any) -> Picture:
    return numbers_plot(**arguments, names=names) if names else predicted_actual_plot(**arguments)


DRAW: Mapping[str, Callable[..., Picture]] = {
    "history": history_plot,
    "confusion": confusion_plot,
    "labels": lambda rows: labels_plot([tuple(row) for row in rows]),
    "roc": lambda lines, rows: roc_plot([Line(*line) for line in lines], rows),
    "precision_recall": lambda lines, rows: precision_recall_plot([Line(*line) for line in lines], rows),
    "reliability": reliability_plot,
    "mistakes": mistakes_plot,
    "predicted_actual": _predicted_actual,
    "residuals": residuals_plot,
    "forecast": forecast_plot,
    "masks": masks_plot,
    "boxes": boxes_plot,
    "reconstruction": pictures_plot,
    "denoised": pictures_plot,
    "errors": errors_plot,
    "latent": latent_plot,
    "class_balance": balance_plot,
    "structure": lambda nodes, edges, trainable: structure_plot(
        [Node(*node) for node in nodes], [(before, after) for before, after in edges], trainable
    ),
    "first_weights": weights_plot,
    "filters": weights_plot,
    "feature_maps": lambda image, layers, row: maps_plot(image, [Maps(*layer) for layer in layers], row),
}
"""What draws each kind of picture."""
AT_ONCE = frozenset(
    {
        "history",
        "confusion",
        "labels",
        "predicted_actual",
        "residuals",
        "masks",
        "boxes",
        "reconstruction",
        "errors",
    }
)
"""What `fit` draws."""


def draw(planned: Planned) -> Picture:
    """The picture of a plan."""
    return DRAW[planned.kind](**planned.arguments)


def write_picture(run: RunDirectory, stem: str, shown: Picture, folder: str = "plots") -> list[str]:
    """Write `<stem>.png` and `<stem>.svg` into a folder of the run; their paths in it."""
    files = {f"{folder}/{stem}.png": shown.png, f"{folder}/{stem}.svg": shown.svg}
    for name, content in files.items():
        run.write(name, content)
    return list(files)


def pack(plans: Plans) -> bytes:
    """Plans as the content of an `.npz` file: arrays, and one text that says where each belongs."""
    arrays: list[NDArray[Any]] = []

    def plain(value: Any) -> Any:
        if isinstance(value, (np.ndarray, np.generic)) and value.ndim:
            arrays.append(np.asarray(value))
            return {"array": len(arrays) - 1}
        if isinstance(value, np.generic):
            return plain(value.item())
        if isinstance(value, float):
            return {"number": repr(value)}  # also where it is not finite
        if isinstance(value, Mapping):
            return {"mapping": [[name, plain(each)] for name, each in value.items()]}
        if isinstance(value, (list, tuple)):
            return [plain(each) for each in value]
        return value

    told = {stem: [planned.kind, plain(planned.arguments)] for stem, planned in plans.items()}
    text = np.frombuffer(json.dumps(told, allow_nan=False).encode(), np.uint8)
    content = io.BytesIO()
    named: dict[str, Any] = {PLAN: text, **{str(i): array for i, array in enumerate(arrays)}}
    np.savez(content, **named)
    return content.getvalue()


def unpack(content: bytes) -> dict[str, Planned]:
    """What `pack` was given.

    Raises:
        ValueError: It is no such content.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        if any(part.compress_type != zipfile.ZIP_STORED for part in parts.infolist()):
            raise ValueError("a part is packed")
    with np.load(io.BytesIO(content), allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}

    def full(value: Any) -> Any:
        if isinstance(value, list):
            return [full(each) for each in value]
        if not isinstance(value, dict):
            return value
        ((what, held),) = value.items()
        if what == "array":
            return arrays[str(held)]
        return float(held) if what == "number" else {name: full(each) for name, each in held}

    told = json.loads(arrays[PLAN].tobytes())
    return {stem: Planned(kind, full(arguments)) for stem, (kind, arguments) in told.items()}


def read_plans(run: RunDirectory) -> dict[str, Planned]:
    """The pictures of a run that can still be drawn.

    Raises:
        ArtefactError: The file of their numbers is missing, or was changed after the run.
    """
    content = run.read(NUMBERS, MOST_BYTES)
    try:
        plans = unpack(content)
        if {planned.kind for planned in plans.values()} <= set(DRAW):
            return plans
    except (ValueError, KeyError, TypeError, OSError, EOFError, zipfile.BadZipFile, RecursionError):
        pass
    raise unfit(run)


def unfit(run: RunDirectory) -> ArtefactError:
    """The error for numbers that no run writes."""
    place = Location(str(run.path / NUMBERS))
    return ArtefactError(
        Problem("holds no numbers that pictures are drawn from", location=place, id="damaged")
    )
