"""`pictures`: draw every picture of a finished run from the numbers that it keeps."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nntrain.errors import ArtefactError, Problem, UsageError
from nntrain.report.gallery import FORMATS, in_order, named
from nntrain.run.directory import RunDirectory
from nntrain.run.drawing import NUMBERS, Plans, draw, read_plans, unfit, write_picture
from nntrain.run.evaluate_folds import holds_several, is_parent, one_of
from nntrain.run.manifest import amend, entry
from nntrain.run.trained import finished

BAD_NUMBERS = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError)
"""What drawing raises over numbers that no run writes."""


@dataclass(frozen=True)
class Shown:
    """One picture of a run."""

    files: tuple[str, ...]
    """Its paths in the run, the PNG first."""
    kind: str
    """What it shows, as `GALLERY` calls it."""
    title: str
    alt: str
    """What it shows in a sentence."""


@dataclass(frozen=True)
class PicturesResult:
    """The pictures of a run."""

    path: Path
    """The run, as the user wrote it."""
    pictures: tuple[Shown, ...]
    """In the order in which they are looked at."""
    drawn: int
    """How many were not there before."""

    def to_json(self) -> dict[str, Any]:
        """For `--json`."""
        shown = [{**vars(one), "files": list(one.files)} for one in self.pictures]
        return {"run": str(self.path), "pictures": shown, "drawn": self.drawn}


def pictures(path: str | Path) -> PicturesResult:
    """Draw what `fit` has left undrawn into the run's `plots/`, as PNG and SVG; what is there stays.

    Neither the data nor TensorFlow are needed.

    Args:
        path: A run's directory.

    Raises:
        ArtefactError: There is no such run, it is not finished, its numbers were changed after the run, or
            it is of an older nntrain that kept none.
        UsageError: The run holds several runs.
        MachineError: A picture can't be written.
    """
    path = Path(path)
    run = RunDirectory.open(path)
    if is_parent(run):
        raise UsageError(f"{holds_several(run, path)}; draw the pictures of one, such as {one_of(run, path)}")
    finished(run, path, "it has no pictures")
    if NUMBERS not in run.record["sha256"]:
        message = (
            f"the run {path} is of an older nntrain, which kept nothing to draw from; train it again with "
            "nntrain fit"
        )
        raise ArtefactError(Problem(message, id="older-run"))
    drawn = _draw(run, read_plans(run))
    return PicturesResult(path, of_run(run), drawn)


def of_run(run: RunDirectory) -> tuple[Shown, ...]:
    """The pictures that a run's record knows, in the order in which they are looked at."""
    files = [name for name in run.record.get("sha256", {}) if name.startswith("plots/")]
    found = []
    for png in in_order(name for name in files if name.endswith(".png")):
        svg = png.removesuffix("png") + "svg"
        of = named(png)
        assert of is not None  # in_order leaves out what has no name
        found.append(Shown((png, *([svg] if svg in files else [])), of.kind, of.title, of.alt))
    return tuple(found)


def _draw(run: RunDirectory, plans: Plans) -> int:
    """Draw what is missing or was changed; how many pictures that were."""
    added: list[str] = []
    for stem, planned in plans.items():
        files = [f"plots/{stem}.{kind}" for kind in FORMATS]
        if named(files[0]) is None or "/" in stem:
            raise unfit(run)
        if all(_is_whole(run, name) for name in files):
            continue
        try:
            shown = draw(planned)
            added += write_picture(run, stem, shown)
        except BAD_NUMBERS as error:
            raise unfit(run) from error
    if added:
        amend(run, added)
    return len(added) // len(FORMATS)


def _is_whole(run: RunDirectory, name: str) -> bool:
    """Whether a file is in the run as it was written."""
    known = run.record["sha256"].get(name)
    return known is not None and entry(run.path / name)["sha256"] == known
