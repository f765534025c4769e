"""`reproduce`: train a run again from its record, and say how near the second comes to the first."""

from __future__ import annotations

import csv
import io
import json
import math
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from nntrain.config.training import Device
from nntrain.errors import ArtefactError, ConflictError, Problem, UsageError
from nntrain.run.directory import MODEL, RunDirectory
from nntrain.run.evaluate_folds import holds_several, is_parent, one_of
from nntrain.run.fit import check_writable, fit_session
from nntrain.run.links import where_to
from nntrain.run.log import LoggedObserver
from nntrain.run.model_files.admission import model_limit
from nntrain.run.observer import Observer, Silent
from nntrain.run.session import METRICS, Session
from nntrain.run.signals import stop_switch
from nntrain.run.team import refuse_workers
from nntrain.run.trained import finished, run_config

Outcome = Literal["identical", "within tolerance", "different"]
TOLERANCE = 1e-3
"""How far losses and scores may lie apart where the machine or its threads are others."""
COMPARED_FACTS = (
    *("seed", "device", "threads", "onednn", "deterministic", "precision", "engine"),
    *("versions", "machine", "code"),
)
"""What of two records can make two trainings differ, beside the data."""
OF_NO_WEIGHT = {"machine.host"}
NOT_ALWAYS_RECORDED = {"deterministic", "machine.cpu", "machine.instructions"}
"""What the records of older runs don't say, which is no change."""


@dataclass(frozen=True)
class Compared:
    """How near one kind of numbers came."""

    outcome: Outcome
    count: int
    """Numbers that were compared."""
    difference: float | None
    """The largest one between two numbers; None if there are not as many or not the same ones."""

    def to_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {"outcome": self.outcome, "compared": self.count, "difference": self.difference}


@dataclass(frozen=True)
class ReproduceResult:
    """A run, and what training it again gave."""

    original: Path
    """The run, as the user wrote it, or where the link leads that the user wrote."""
    path: Path
    """The new run."""
    name: str
    compared: Mapping[str, Compared]
    """`weights`, `history` and `scores`."""
    changed: tuple[tuple[str, Any, Any], ...]
    """What is another than it was, as recorded and now."""

    @property
    def outcome(self) -> Outcome:
        """The word for all of it; weights may differ where losses and scores are within the tolerance."""
        outcomes = {name: one.outcome for name, one in self.compared.items()}
        if set(outcomes.values()) == {"identical"}:
            return "identical"
        near = {outcomes["history"], outcomes["scores"]} <= {"identical", "within tolerance"}
        return "within tolerance" if near and self.compared["weights"].difference is not None else "different"

    @property
    def error(self) -> ConflictError | None:
        """What to end with; None if the run was reproduced."""
        if self.outcome != "different":
            return None
        apart = [name for name, one in self.compared.items() if one.outcome == "different"]
        what = f"{', '.join(apart[:-1])} and {apart[-1]}" if len(apart) > 1 else apart[0]
        why = f"; changed since: {', '.join(name for name, _, _ in self.changed)}" if self.changed else ""
        message = f"{self.original} was not reproduced: {self.path} has other {what}{why}"
        return ConflictError(Problem(message, id="not-reproduced"))

    def to_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "run": {"dir": str(self.path), "name": self.name, "status": "finished"},
            "reproduces": str(self.original),
            "outcome": self.outcome,
            "tolerance": TOLERANCE,
            "compared": {name: one.to_json() for name, one in self.compared.items()},
            "changed": [{"what": what, "recorded": old, "now": new} for what, old, new in self.changed],
        }


def reproduce(
    path: str | Path,
    runs_dir: str | Path = "runs",
    *,
    device: Device | None = None,
    allow_code: bool = False,
    observer: Observer | None = None,
) -> ReproduceResult:
    """Train a run again, from the config that it keeps, and compare weights, history and scores.

    Args:
        path: A finished run's directory.
        runs_dir: The folder of all runs, in which the new one is written.
        device: Where to train; by default on a CPU if the run was trained on one, and as its config says
            otherwise.
        allow_code: Whether the run's copy of the user's own code may be run.
        observer: Is told what happens; nobody by default.

    Raises:
        ArtefactError: There is no such run, it is not finished, or one of its files was changed.
        UsageError: It is the parent of a run for each fold.
        NntrainError: What `fit` raises.
    """
    path = where_to(Path(path))  # 'latest' leads to the new run afterwards
    run = RunDirectory.open(path)
    if is_parent(run):
        raise UsageError(f"{holds_several(run, path)}; reproduce one, such as {one_of(run, path)}")
    finished(run, path)
    kept = _compared_files(run)
    if device is None and run.record.get("device") == "CPU":
        device = "cpu"
    log, origin = LoggedObserver(observer or Silent()), {"reproduces": str(run.path)}
    config = run_config(run)
    refuse_workers(config, "reproduce trains in one process")
    session = Session(config, Path(runs_dir), log, origin=origin)
    check_writable(session.runs)
    with stop_switch() as stop:
        done = fit_session(session, device, allow_code, stop)
    again = RunDirectory.open(done.path)
    new = _compared_files(again)
    compared = {
        "weights": _weights(kept[MODEL], new[MODEL]),
        "history": _numbers(_history(kept["history.csv"]), _history(new["history.csv"])),
        "scores": _known_numbers(_scores(kept[METRICS]), _scores(new[METRICS])),
    }
    return ReproduceResult(path, done.path, done.name, compared, tuple(_changed(run.record, again.record)))


def _known_numbers(old: Mapping[str, str], new: Mapping[str, str]) -> Compared:
    """Compare the scores that the run has; one of an older nntrain has fewer than are taken now."""
    return _numbers(old, {name: value for name, value in new.items() if name in old})


def _compared_files(run: RunDirectory) -> dict[str, bytes]:
    limits = {MODEL: model_limit(run), "history.csv": None, METRICS: None}
    return {name: run.read(name, most) for name, most in limits.items()}


def _weights(old: bytes, new: bytes) -> Compared:
    """Compare all arrays of two models, those of the optimizer among them, bit for bit."""
    import numpy as np

    one, other = _arrays(old), _arrays(new)
    count = sum(array.size for array in one.values())
    if {n: (a.shape, a.dtype) for n, a in one.items()} != {n: (a.shape, a.dtype) for n, a in other.items()}:
        return Compared("different", count, None)
    if all(array.tobytes() == other[name].tobytes() for name, array in one.items()):
        return Compared("identical", count, 0.0)
    gaps = [
        float(np.abs(array.astype("float64") - other[name].astype("float64")).max())
        for name, array in one.items()
        if array.size
    ]
    return Compared("within tolerance" if max(gaps) <= TOLERANCE else "different", count, max(gaps))


def _arrays(content: bytes) -> dict[str, Any]:
    """The arrays of a `.keras` file, by their paths in it.

    Raises:
        ArtefactError: It is no such file.
    """
    import h5py

    found: dict[str, Any] = {}

    def note(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset):
            found[name] = item[()]

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            weights = parts.read("model.weights.h5")
        with h5py.File(io.BytesIO(weights), "r") as file:
            file.visititems(note)
    except (zipfile.BadZipFile, KeyError, OSError) as error:
        raise ArtefactError(f"the model's weights can't be read: {error}") from error
    return found


def _history(content: bytes) -> dict[str, str]:
    """Every cell of the history but the epoch's number, by row and column."""
    rows = enumerate(csv.DictReader(io.StringIO(content.decode())))
    return {f"{i}.{name}": cell for i, row in rows for name, cell in row.items() if name != "epoch"}


def _scores(content: bytes) -> dict[str, str]:
    """Every number of the scores, by its way in the document."""
    return dict(_leaves(json.loads(content)["splits"], ""))


def _leaves(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}/{key}")
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            yield from _leaves(inner, f"{path}/{i}")
    else:
        yield path, json.dumps(value)


def _numbers(old: Mapping[str, str], new: Mapping[str, str]) -> Compared:
    """Compare numbers that are written as text; other texts must be the same."""
    if old.keys() != new.keys():
        return Compared("different", len(old), None)
    gaps = [_gap(old[name], new[name]) for name in old]
    known = [gap for gap in gaps if gap is not None]
    if len(known) < len(gaps):
        return Compared("different", len(old), None)
    widest = max(known, default=0.0)
    if dict(old) == dict(new):
        return Compared("identical", len(old), 0.0)
    return Compared("within tolerance" if widest <= TOLERANCE else "different", len(old), widest)


def _gap(old: str, new: str) -> float | None:
    """How far two numbers lie apart, for large ones as a share of them; None for texts that differ."""
    if old == new:
        return 0.0
    try:
        one, other = float(old), float(new)
    except ValueError:
        return None
    gap = abs(one - other) / max(1.0, abs(one))
    return gap if math.isfinite(gap) else None


def _changed(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """What two records say of data, versions, machine and threads where they disagree."""
    facts: Sequence[tuple[str, Any, Any]] = [
        ("data", old["data"].get("fingerprint"), new["data"].get("fingerprint")),
        *((name, old.get(name), new.get(name)) for name in (*COMPARED_FACTS, "pretrained")),
    ]
    for name, was, is_now in facts:
        if isinstance(was, dict) and isinstance(is_now, dict):
            pairs = [(f"{name}.{k}", was.get(k), is_now.get(k)) for k in dict.fromkeys((*was, *is_now))]
        else:
            pairs = [(name, was, is_now)]
        told = [pair for pair in pairs if pair[1] is not None or pair[0] not in NOT_ALWAYS_RECORDED]
        yield from ((n, a, b) for n, a, b in told if a != b and n not in {*OF_NO_WEIGHT, "code.file"})
