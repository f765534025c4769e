"""The files of a run, read and checked, as the page needs them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from nntrain.config.text.yaml_text import parse
from nntrain.config.vocabulary.scores import CHIEF, task_of
from nntrain.errors import ArtefactError, ConfigError, Location, Problem
from nntrain.report.gallery import in_order, named
from nntrain.report.page.blocks import Picture
from nntrain.run.bounded import MIB, MOST, read_bounded
from nntrain.run.directory import MODEL, WEIGHTS, RunDirectory
from nntrain.run.lock import is_going_on
from nntrain.run.manifest import read_manifest
from nntrain.run.page.course import Course, Outcome, read_curves
from nntrain.run.shelf.stored import METRICS, RESOLVED, StoredRun, read_run
from nntrain.run.trained import finished

PLOTS = "plots/"
MEDIA = {".png": "image/png", ".svg": "image/svg+xml"}
MOST_PICTURE = 16 * MIB
SMALL_SVG = MIB // 4
"""Bytes up to which a drawing is taken rather than its image."""
MOST_PICTURES = 3 * MIB
"""Bytes of pictures on one page; of more the last ones are named and left out."""
MOST_LOG = 64 * MIB
MOST_HASHED = 256 * MIB
"""Bytes of a model file that is looked at for changes; of a larger one, only its size."""
LAYER = re.compile(r"^\S+ layer (?P<name>.+) \((?P<type>[^()]+)\) (?P<shape>.+) (?P<parameters>\d+)$")
NOTE = re.compile(r"^\S+ (?:note: |(?=(?:leak|warning): ))(?P<text>.+)$")


class Layer(NamedTuple):
    """A line of the network's table."""

    name: str
    type: str
    shape: str
    parameters: int


@dataclass(frozen=True)
class Material:
    """A run, and what its files say."""

    path: Path
    """As the user wrote it."""
    run: RunDirectory
    stored: StoredRun

    @classmethod
    def of(cls, path: Path) -> Material:
        """Open a run that is not going on.

        Raises:
            ArtefactError: It is no run, of a newer release or damaged.
            ConflictError: It is still going.
        """
        run = RunDirectory.open(path)
        if run.record["status"] == "running" and is_going_on(run.path, run.record):
            finished(run, path)  # says so
        return cls(path, run, read_run(path))

    @property
    def is_finished(self) -> bool:
        """Whether there are scores."""
        return self.stored.status == "finished"

    @cached_property
    def metrics(self) -> Mapping[str, Any]:
        """`metrics.json`; empty for a run without scores.

        Raises:
            ArtefactError: It is missing, or was changed.
        """
        return self.run.read_json(METRICS) if self.is_finished else {}

    @cached_property
    def resolved(self) -> Mapping[str, Any]:
        """Every value of the config, of a parent that of its first run.

        Raises:
            ArtefactError: `resolved.yaml` is missing, or was changed.
        """
        if self.stored.parts is None:
            content = self.run.read(RESOLVED)
        elif self.stored.children:
            content = RunDirectory.open(self.stored.children[0]).read(RESOLVED)
        else:
            return {}
        try:
            value: Mapping[str, Any] = parse(content.decode(), RESOLVED).value
        except (ConfigError, UnicodeDecodeError):
            place = Location(str(self.run.path / RESOLVED))
            raise ArtefactError(Problem("is not as nntrain wrote it", location=place, id="damaged")) from None
        return value

    @property
    def training(self) -> Mapping[str, Any]:
        """The section `training` of the config."""
        found = self.resolved.get("training")
        return found if isinstance(found, dict) else {}

    @cached_property
    def course(self) -> Course:
        """How training went; without curves where no epoch ended, and for a parent."""
        record = self.run.record
        failure = record.get("failure")
        wanted, best = self.stored.wanted_epochs, record.get("best_epoch")
        return Course(
            self._curves(),
            wanted,
            best if isinstance(best, int) else None,
            record.get("stopped_early") is True,
            isinstance(failure, Mapping) and failure.get("exit") == 6,
            self.training,
        )

    def _curves(self) -> dict[str, list[float]]:
        if self.stored.parts is not None:
            return {}
        if self.is_finished:
            content = self.run.read("history.csv")
        else:  # it was never noted what it was
            try:
                content = read_bounded(self.run.path / "history.csv", MOST["history.csv"])
            except FileNotFoundError:
                return {}
        return read_curves(content.decode(errors="replace"))

    @cached_property
    def split(self) -> str | None:
        """The rows that count: `test` where there are any; None without scores."""
        splits = self.metrics.get("splits")
        known = splits if isinstance(splits, Mapping) else {}
        return next((name for name in ("test", "validation", "training") if name in known), None)

    def scores(self, split: str) -> dict[str, Mapping[str, Any]]:
        """The scores of some rows by output, `` for the only one."""
        found = self.metrics["splits"][split]
        outputs = found.get("outputs")
        return dict(outputs) if isinstance(outputs, Mapping) else {"": found}

    @cached_property
    def outcomes(self) -> list[Outcome]:
        """What each output came to; none of a parent."""
        if self.split is None or self.stored.parts is not None:
            return []
        found = []
        targets = {target["name"]: target for target in self.run.record.get("targets", [])}
        for output, scores in self.scores(self.split).items():
            target = targets.get(output) or (next(iter(targets.values()), {}) if not output else {})
            task = target.get("task") or task_of(scores)
            if task not in CHIEF:
                continue
            counts = target.get("train_counts") or target.get("train_pixels") or ()
            found.append(Outcome(output, task, scores, tuple(target.get("names", ())), tuple(counts)))
        return found

    @cached_property
    def _log(self) -> list[str]:
        """The lines of `log.txt`, of a parent those of its first run; none where it is gone.

        Raises:
            ArtefactError: It was changed after the run.
        """
        folder = self.stored.children[0] if self.stored.children else self.run.path
        path = folder / "log.txt"
        try:
            content = read_bounded(path, MOST_LOG)
        except FileNotFoundError:
            return []
        entries = (read_manifest(folder) or {}) if self.is_finished else {}
        noted = entries.get("log.txt", {}).get("sha256")
        if noted is not None and noted != hashlib.sha256(content).hexdigest():
            message = "the file was changed after the run; nntrain verify says what else was"
            raise ArtefactError(Problem(message, location=Location(str(path)), id="damaged"))
        return content.decode(errors="replace").splitlines()

    @property
    def notes(self) -> list[str]:
        """What the run said should be known, and what is wrong with its model files."""
        told = [found["text"] for line in self._log if (found := NOTE.match(line))]
        return [*dict.fromkeys(text.removeprefix("warning: ") for text in told), *self._unfit_models()]

    @property
    def layers(self) -> list[Layer]:
        """The network's layers as the log has them; those of the last time that it was built."""
        found: list[Layer] = []
        before = False
        for line in self._log:
            match = LAYER.match(line)
            if match is not None:
                found = found if before else []
                found.append(Layer(match["name"], match["type"], match["shape"], int(match["parameters"])))
            before = match is not None
        return found

    def _unfit_models(self) -> Iterator[str]:
        """A sentence on each model file that is gone or was changed; the page itself needs none."""
        known = self.run.record.get("sha256", {})
        for name in (MODEL, WEIGHTS):
            if name not in known:
                continue
            path = self.run.path / name
            if not path.is_file():
                yield f"{name} is missing from the run: its scores stand, and it can predict no more"
            elif path.stat().st_size <= MOST_HASHED and (
                hashlib.sha256(read_bounded(path, MOST_HASHED)).hexdigest() != known[name]
            ):
                yield f"{name} was changed after the run: the scores are those of the file as it was"

    def pictures(self) -> tuple[list[Picture], list[str]]:
        """The pictures in their order, and the files left out of a page that would grow too large.

        The curves are drawn anew. Of a picture in two formats the drawing is taken if it is small.

        Raises:
            ArtefactError: One is missing, or was changed.
        """
        files = [
            n for n in self.run.record.get("sha256", {}) if n.startswith(PLOTS) and Path(n).suffix in MEDIA
        ]
        known = in_order(files)
        found, left, taken, size = [], [], set[str](), 0
        for name in [*known, *(n for n in sorted(files) if n not in known)]:
            stem = name.rpartition(".")[0]
            if stem in taken or stem == f"{PLOTS}history":
                continue
            taken.add(stem)
            content, ending = self._picture(stem, files)
            size += len(content)
            if size > MOST_PICTURES:
                left.append(stem + ending)
                continue
            told = named(name)
            title, alt = (
                (told.title, told.alt) if told else (Path(name).name, f"The picture {Path(name).name}")
            )
            found.append(Picture(title, alt, content, MEDIA[ending]))
        return found, left

    def _picture(self, stem: str, files: list[str]) -> tuple[bytes, str]:
        """The content of one picture and its format: the small drawing, else the image."""
        drawing = None
        if f"{stem}.svg" in files:
            drawing = self.run.read(f"{stem}.svg", MOST_PICTURE)
            if len(drawing) <= SMALL_SVG or f"{stem}.png" not in files:
                return drawing, ".svg"
        return self.run.read(f"{stem}.png", MOST_PICTURE), ".png"
