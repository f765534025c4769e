"""The exported network beside the run's own, on rows that neither learnt from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from nntrain.config.network.outputs import outputs_of
from nntrain.config.schema import Config
from nntrain.data.dataset import Rows
from nntrain.errors import ConflictError, Problem
from nntrain.evaluation import decode_pixels
from nntrain.model.targets import output_kind
from nntrain.run import scoring
from nntrain.run.directory import RunDirectory
from nntrain.run.experiment import Array, at_least_single, one_or_all
from nntrain.run.export.ask import TOLERANCE, Ask, Compared
from nntrain.run.export.formats import runtime
from nntrain.run.export.network import Made, Runner
from nntrain.run.export.rows import Tried
from nntrain.run.target import Target
from nntrain.training.forward import predict
from nntrain.training.recipe import EVALUATION_BATCH

Outputs = Mapping[str, Array]


def compare(
    run: RunDirectory, config: Config, network: Any, tried: Tried, made: Made, runner: Runner, ask: Ask
) -> Compared:
    """Run both on the same rows.

    Args:
        run: Finished.
        config: Its config.
        network: Its own network, with its weights.
        tried: The rows.
        made: What was written.
        runner: Runs that.
        ask: What the user asks for.

    Raises:
        ConflictError: They differ by more than rounding, or where numbers are rounded on purpose, one gives
            what is no number.
    """
    rows = tried.held_out.rows
    own = predict(network, one_or_all(rows.inputs))
    names = [port.name for port in made.outputs]
    expected = own if isinstance(own, Mapping) else {names[0]: own}
    expected = {name: at_least_single(expected[name]) for name in names}
    found = _given(tried, made, runner, 1 if ask.format == "tflite" and made.rows else EVALUATION_BATCH)
    difference = max(_difference(found[name], expected[name]) for name in names)
    words = f"{len(rows.index):,} {tried.split} rows"
    if not np.isfinite(difference):
        message = f"the exported network gives NaN or infinity on {words}, so nothing was written"
        raise ConflictError(Problem(message, id="export-differs"))
    if ask.quantize is None and difference > TOLERANCE:
        message = (
            f"the exported network differs from the run by {difference:.1e} on {words}, and {TOLERANCE:.0e} "
            "is allowed, so nothing was written"
        )
        if any(one.graph is not None for one in made.insides.values()):
            message += "; with --prepared, preprocessing in 32-bit numbers can't be the reason"
        raise ConflictError(Problem(message, id="export-differs"))
    scores = {}
    if ask.quantize is not None:
        scores = _scores(run, config, rows, expected, found, names)
    return Compared(runtime(ask.format), tried.split, len(rows.index), difference, scores)


def _given(tried: Tried, made: Made, runner: Runner, batch: int) -> Outputs:
    """What the exported network gives."""
    feeds: dict[str, Array] = {}
    for name, one in made.insides.items():
        prepared = np.asarray(tried.held_out.rows.inputs[name])
        feeds |= one.feed(tried.held_out.raw[name], prepared)
    parts = []
    for start in range(0, len(tried.held_out.rows.index), batch):
        parts.append(runner({name: values[start : start + batch] for name, values in feeds.items()}))
    return {port.name: np.concatenate([part[port.name] for part in parts]) for port in made.outputs}


def _difference(found: Array, expected: Array) -> float:
    away = np.abs(found.astype(np.float64) - expected)
    return float((away / np.maximum(1.0, np.abs(expected))).max())


def _scores(
    run: RunDirectory, config: Config, rows: Rows, expected: Outputs, found: Outputs, names: list[str]
) -> dict[str, tuple[float | None, float | None]]:
    """The first score of each output, of the run and of the exported network."""
    targets = {target.name: target for target in map(Target.from_json, run.told("targets"))}
    scores = {}
    for name, output in zip(names, outputs_of(config), strict=True):
        both = []
        for outputs in (expected, found):
            scored = _scored(config, targets[output.target], output, rows, outputs[name])
            title, value = scored.scores.model.headline()[0]
            both.append(value)
        scores[title if len(names) == 1 else f"{title} of '{output.target}'"] = (both[0], both[1])
    return scores


def _scored(config: Config, target: Target, output: Any, rows: Rows, outputs: Array) -> scoring.Scored:
    kind, boundary = output_kind(output)
    truth, evaluation, index = np.asarray(rows.targets[output.target]), config.evaluation, rows.index
    if target.task == "segmentation":
        assert isinstance(evaluation.threshold, float)
        labels = decode_pixels(outputs, kind=kind, threshold=evaluation.threshold, boundary=boundary)
        sums = outputs.reshape(len(outputs), -1).sum(axis=1, dtype=np.float64)
        return scoring.score_masks(target, truth, labels, sums, index, evaluation.average)
    return scoring.score(
        target,
        truth,
        outputs,
        index,
        kind=kind,
        boundary=boundary,
        evaluation=evaluation,
        last=rows.last,
    )
