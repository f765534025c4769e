"""Decision thresholds, chosen on the validation rows once a model is trained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from nntrain.config.network.outputs import outputs_of
from nntrain.config.schema import Config
from nntrain.evaluation.threshold import USUAL, Chosen, choose
from nntrain.model.targets import output_kind
from nntrain.run import experiment as experiments
from nntrain.run.scoring import Decided, check_cut, decide
from nntrain.run.target import Array, Target, Threshold

if TYPE_CHECKING:
    from nntrain.data.dataset import Rows

WORDS = {"f1": "F1", "youden": "Youden's J"}
SHOWN = 8
"""Thresholds of labels that are listed in a sentence."""


def with_thresholds(
    config: Config, targets: Mapping[str, Target], model: keras.Model, rows: Rows | None
) -> dict[str, Target]:
    """The targets, each with the threshold that the config's rule chooses for it.

    Args:
        config: With a number, nothing is chosen.
        targets: What the model predicts, by name.
        model: Trained.
        rows: The validation rows.

    Raises:
        ConfigError: No target is of two classes or of labels, or there are no validation rows.
        DivergedError: The model's outputs are not finite numbers.
    """
    rule = config.evaluation.threshold
    if not isinstance(rule, str):
        return dict(targets)
    check_cut(rule, targets, rows is not None)
    assert rows is not None
    given = experiments.predictions(config, model, rows)
    found = dict(targets)
    for output in outputs_of(config):
        target = targets[output.target]
        kind, boundary = output_kind(output)
        if target.is_cut and kind != "scores":
            decided = decide(target, given[target.name], kind=kind, boundary=boundary, threshold=USUAL)
            truth = np.asarray(rows.targets[target.name])
            each = [choose(*column, rule) for column in _columns(target, truth, decided)]
            found[target.name] = replace(target, threshold=_threshold(rule, each))
    return found


def recorded_thresholds(record: Mapping[str, Any], targets: Mapping[str, Target]) -> dict[str, Target]:
    """The targets, each with the threshold that a run's record has for it."""
    recorded = {target.name: target for target in map(Target.from_json, record["targets"])}
    return {name: replace(target, threshold=recorded[name].threshold) for name, target in targets.items()}


def chosen_note(targets: Mapping[str, Target]) -> tuple[str, ...]:
    """A sentence for each target whose threshold was chosen."""
    notes = []
    for name, target in targets.items():
        if target.threshold is not None:
            of = f" of '{name}'" if len(targets) > 1 else ""
            values = [f"{value:.4g}" for value in target.threshold.values]
            if target.task == "multi_label":
                values = [f"{label} {value}" for label, value in zip(target.names, values, strict=True)]
            notes.append(
                f"threshold{of} chosen on the validation rows for {WORDS[target.threshold.rule]}: "
                f"{', '.join(values[:SHOWN])}{', ...' if len(values) > SHOWN else ''}"
            )
            notes += _kept(target)
    return tuple(notes)


def _kept(target: Target) -> list[str]:
    """A sentence on labels for which there was nothing to choose by."""
    assert target.threshold is not None
    alike = [i for i, gained in enumerate(target.threshold.gained) if gained is None]
    if not alike:
        return []
    if target.task != "multi_label":
        return ["the validation rows are all of one class, so the threshold stays at 0.5"]
    names = ", ".join(repr(target.names[i]) for i in alike)
    return [f"the same in all validation rows, so the threshold stays at 0.5: {names}"]


def _threshold(rule: str, each: list[Chosen | None]) -> Threshold:
    return Threshold(
        rule,
        tuple(USUAL if found is None else found.value for found in each),
        tuple(None if found is None else found.gained for found in each),
        tuple(None if found is None else found.usual for found in each),
    )


def _columns(target: Target, truth: Array, decided: Decided) -> list[tuple[Array, Array]]:
    """Truth and probabilities of the second class, or of each label."""
    assert decided.probabilities is not None
    if target.task == "multi_label":
        return list(zip(truth.T.astype(np.int64), decided.probabilities.T, strict=True))
    return [(truth.astype(np.int64), decided.probabilities[:, 1])]
