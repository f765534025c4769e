"""Whether scores that are taken again are those that the run reported, or of rows that it has learnt."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from nntrain.config.schema import Config
from nntrain.evaluation import SplitScores
from nntrain.run.directory import RunDirectory
from nntrain.run.session import METRICS

TOLERANCE = 1e-4
"""Difference, of large numbers as a share of them, that another device or library makes."""


def changed_scores(run: RunDirectory, split: str, outputs: Mapping[str, SplitScores]) -> tuple[str, ...]:
    """A sentence on the scores that are not those of `metrics.json`; scores that it lacks are passed over.

    Args:
        run: Finished; one of an older nntrain has fewer scores.
        split: The rows that were scored; those of a file were never reported.
        outputs: The scores by output.

    Raises:
        ArtefactError: `metrics.json` was changed after the run.
    """
    if not (run.path / METRICS).is_file():
        return ()
    reported = json.loads(run.read(METRICS))["splits"].get(split)
    if reported is None:
        return ()
    found = []
    for name, scores in outputs.items():
        known = reported["outputs"][name] if "outputs" in reported else reported
        of = f" of '{name}'" if len(outputs) > 1 else ""
        found += [f"{title}{of} is {now:.6g} and was {was:.6g}" for title, now, was in _gaps(scores, known)]
    if not found:
        return ()
    return (f"these are not the scores that the run reported for its {split} rows: {'; '.join(found)}",)


def learnt_rows(config: Config, file: Path) -> tuple[str, ...]:
    """A sentence where the file that is scored is the one that holds the training rows.

    Args:
        config: The run's.
        file: As the user wrote it.
    """
    source = getattr(config.data, "path", None)
    if not isinstance(source, str) or (config.origin.folder / source).resolve() != file.resolve():
        return ()
    return (
        f"the network was trained on rows of {file.name}, which flatter the scores; without --data the "
        "rows that it has not seen are scored",
    )


def _gaps(scores: SplitScores, known: Mapping[str, Any]) -> Iterator[tuple[str, float, float]]:
    """Name, value now and value then of the chief scores that differ."""
    now = scores.model.numbers()
    titles = {line.key: line.title for line in scores.model.lines()}
    for key in scores.model.chief:
        value, was = now[key], known.get(key)
        if value is not None and was is not None and abs(value - was) > TOLERANCE * max(1, abs(was)):
            yield titles[key], value, was
