"""`show`: one run on one screen."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from nntrain.config.dump import to_flow
from nntrain.config.vocabulary.scores import chief
from nntrain.errors import NntrainError
from nntrain.run.bounded import MOST, read_bounded
from nntrain.run.checkpoint.folder import can_go_on, go_on
from nntrain.run.directory import RunDirectory
from nntrain.run.manifest import files_of
from nntrain.run.shelf.listing import RunRow
from nntrain.run.shelf.stored import RESOLVED, StoredRun, read_run

MOST_LAYERS = 12
"""Layers of a longer network are counted, not named."""


class Bounds(NamedTuple):
    """A score's 95 % interval."""

    low: float
    high: float


class Line(NamedTuple):
    """One score."""

    title: str
    value: float | None
    references: tuple[float | None]
    """The baseline's value; of a parent the deviation."""
    interval: Bounds | None = None


@dataclass(frozen=True)
class Shown:
    """What is told of a run."""

    run: StoredRun
    facts: Mapping[str, str]
    """In words, by what they are about."""
    scores: Mapping[str, Mapping[str, Sequence[Line]]]
    """By output (`` for the only one) and split."""
    files: Mapping[str, int]
    """Bytes of each file, by its path in the run."""
    further: str | None
    """The command that goes on with the run."""

    def to_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "run": {"dir": str(self.run.path), "status": self.run.status, "name": self.run.name},
            "row": RunRow.of(self.run).to_json(),
            "record": dict(self.run.record),
            "metrics": dict(self.run.metrics),
            "files": dict(self.files),
            "further": self.further,
        }


def show(path: str | Path) -> Shown:
    """Look at a run, whatever has become of it.

    Args:
        path: Its directory.

    Raises:
        ArtefactError: It is no run, or its record can't be read.
    """
    RunDirectory.open(Path(path))  # says what is wrong, if it can't be
    run = read_run(Path(path))
    return Shown(run, dict(_facts(run)), _tables(run), _files(run.path), _further(run))


def _facts(run: StoredRun) -> Iterator[tuple[str, str]]:
    """What is worth a line, in the order in which it is read."""
    record, own = run.record, run.own
    if run.started is not None:
        total = run.record.get("timings", {}).get("total")
        took = f", {total:,.1f} s in all" if isinstance(total, (int, float)) else ""
        yield "began", f"{run.started:%Y-%m-%d %H:%M:%S}{took}"
    failure = record.get("failure")
    if isinstance(failure, Mapping):
        yield "failed", " ".join(str(failure.get("message")).split())
    config = own.get("config", {})
    if run.config_file is not None:
        given = [text for text in config.get("overrides") or () if isinstance(text, str)]
        if run.parts is not None:  # what its runs do not share
            given = [text for text in given if not text.startswith(("data.split.fold=", "seed="))]
        yield "config", " ".join([run.config_file, *map(shlex.quote, given)])
    data = own.get("data", {})
    if isinstance(data.get("source"), str):
        yield "data", "; ".join([data["source"], *_rows(data.get("rows"))])
    resolved = _resolved(run)
    yield from _network(run, resolved)
    yield from _training(run, resolved)
    if run.parts is not None:
        done = ", ".join(child.name for child in run.children)
        yield run.parts, f"{run.epochs} of {run.count} finished" + (f": {done}" if done else "")
        if isinstance(record.get("median"), str):
            yield "median", f"{run.path / record['median']}"
    elif run.epochs is not None:
        yield "epochs", _epochs(run)


def _rows(rows: Any) -> list[str]:
    if not isinstance(rows, Mapping) or not rows:
        return []
    words = [f"{count:,} {'training' if name == 'train' else name}" for name, count in rows.items()]
    return [f"{', '.join(words)} rows"]


def _network(run: StoredRun, resolved: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    model = resolved.get("model")
    layers = model.get("layers") if isinstance(model, Mapping) else None
    parts = [] if run.parameters is None else [f"{run.parameters:,} parameters"]
    if isinstance(layers, list):
        names = [_layer(layer) for layer in layers]
        short = names if len(names) <= MOST_LAYERS else [f"{len(names)} layers"]
        parts.insert(0, " > ".join(short))
    if parts:
        yield "model", "; ".join(parts)


def _layer(layer: Any) -> str:
    """`Dense 16 relu`: a layer's type with what makes it this one."""
    if not isinstance(layer, Mapping):
        return str(layer)
    if "repeat" in layer:
        inner = layer.get("layers")
        return f"{layer['repeat']} x ({' > '.join(map(_layer, inner if isinstance(inner, list) else []))})"
    told = [layer.get(key) for key in ("units", "filters", "rate", "activation")]
    return " ".join(
        str(part) for part in (layer.get("type", "block"), *told) if isinstance(part, (str, int, float))
    )


def _training(run: StoredRun, resolved: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    how = resolved.get("training")
    if isinstance(how, Mapping):
        wanted = [to_flow(how.get(key)) for key in ("optimizer", "loss") if how.get(key) is not None]
        parts = [*wanted, f"batches of {how.get('batch_size')}", f"seed {run.seed}"]
        stopping = how.get("early_stopping")
        if isinstance(stopping, Mapping):
            parts.append(
                f"stops after {stopping.get('patience')} epochs without a better {stopping.get('monitor')}"
            )
        yield "training", "; ".join(parts)
    if isinstance(run.own.get("device"), str):
        yield "device", f"{run.own['device']}, {run.own.get('precision', 'float32')}"


def _epochs(run: StoredRun) -> str:
    of = run.wanted_epochs
    text = f"{run.epochs:,}" + ("" if of is None else f" of {of:,}")
    if isinstance(run.record.get("best_epoch"), int):
        text += f", the weights are those of epoch {run.record['best_epoch']:,}"
    if run.record.get("stopped_early") is True:
        text += ", stopped early"
    seconds = run.seconds
    return text + ("" if seconds is None else f"; {seconds:,.1f} s of training")


def _resolved(run: StoredRun) -> Mapping[str, Any]:
    """What `resolved.yaml` says, of a parent that of its first run; empty if that can't be read."""
    folder = run.children[0] if run.parts is not None and run.children else run.path
    try:
        found = yaml.safe_load(read_bounded(folder / RESOLVED, MOST[RESOLVED]).decode())
    except (OSError, ValueError, RecursionError, yaml.YAMLError, NntrainError):
        return {}
    return found if isinstance(found, Mapping) else {}


def _tables(run: StoredRun) -> dict[str, dict[str, list[Line]]]:
    """The scores with those of the baseline, by output and split."""
    found: dict[str, dict[str, list[Line]]] = {}
    splits = run.metrics.get("splits")
    for split, scores in splits.items() if isinstance(splits, Mapping) else ():
        if not isinstance(scores, Mapping):
            continue
        outputs = scores.get("outputs")
        each = outputs.items() if isinstance(outputs, Mapping) else [("", scores)]
        for output, numbers in each:
            if isinstance(numbers, Mapping):
                found.setdefault(output, {})[split] = list(_lines(run, split, output, numbers))
    return found


def _lines(run: StoredRun, split: str, output: str, numbers: Mapping[str, Any]) -> Iterator[Line]:
    baseline = numbers.get("baseline")
    prefix = f"{split}.{output}." if output else f"{split}."
    for key, title in chief(numbers):
        score = run.scores.get(prefix + key)
        if score is None:
            continue
        if run.parts is not None:
            yield Line(title, score.value, (score.std,))
        else:
            reference = baseline.get(key) if isinstance(baseline, Mapping) else None
            between = _bounds(numbers.get("intervals"), key)
            yield Line(title, score.value, (reference if isinstance(reference, float) else None,), between)


def _bounds(intervals: object, key: str) -> Bounds | None:
    """The interval of a score, where it was recorded and has a width."""
    found = intervals.get(key) if isinstance(intervals, Mapping) else None
    if not isinstance(found, Mapping) or found.get("low") == found.get("high"):
        return None
    low, high = found.get("low"), found.get("high")
    return Bounds(low, high) if isinstance(low, float) and isinstance(high, float) else None


def _files(path: Path) -> dict[str, int]:
    sizes = {}
    for name in files_of(path):
        try:
            sizes[name] = (path / name).stat().st_size
        except OSError:
            continue  # a link that leads nowhere
    return sizes


def _further(run: StoredRun) -> str | None:
    """The command that goes on with the run, or trains a finished one longer; None where neither can be."""
    if run.parts is not None and run.status in {"interrupted", "failed"}:
        return go_on(run.path)
    if run.parts is not None or run.status == "running" or not can_go_on(run.path, run.record):
        return None
    if run.status != "finished":
        return go_on(run.path)
    of = run.wanted_epochs
    return None if of is None or run.record.get("stopped_early") else f"{go_on(run.path)} --epochs {2 * of}"
