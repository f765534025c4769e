"""`fit --smoke`: a few steps on a few rows, to learn whether a config would train at all."""

from __future__ import annotations

import math
import tempfile
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from nntrain.config.schema import Config
from nntrain.config.training import Device
from nntrain.errors import ArtefactError, ExpectationError, Problem, listing
from nntrain.run.endings import interrupted
from nntrain.run.fit import prepare_session
from nntrain.run.lesson import lesson_of
from nntrain.run.log import LoggedObserver
from nntrain.run.observer import Observer, Silent
from nntrain.run.session import Session
from nntrain.run.signals import StopSwitch, stop_switch

if TYPE_CHECKING:
    from nntrain.run.experiment import Experiment
    from nntrain.training.probe import Batch, Fate, LayerOutput
    from nntrain.training.recipe import Recipe

STEPS = 30
"""Steps on one batch in which the loss has to fall, if only a little."""
LOOK_EVERY = 5
CLEAR_FALL = 0.1
"""Share of the loss: two looks running that lie this far below the beginning need no more steps."""
BATCH = 32
"""Rows in a batch at most."""
LEAST_FALL = 1e-6
"""Share of the loss that it has to fall by; less is rounding."""
FOUND_HERE = ("Gradients do not exist for variables", "The model does not have any trainable weights")
"""Warnings of Keras that say what a check says."""


@dataclass(frozen=True)
class Check:
    """One check and what came of it."""

    name: str
    status: Literal["ok", "FAILED", "skipped"]
    text: str
    layer: str | None = None
    """The layer at fault, where it is known."""

    def to_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {"name": self.name, "status": self.status.lower(), "text": self.text, "layer": self.layer}


@dataclass(frozen=True)
class SmokeResult:
    """What a smoke test found."""

    checks: tuple[Check, ...]
    rows: int
    """Training rows that were used."""

    @property
    def error(self) -> ExpectationError | None:
        """Which checks failed; None if none did."""
        failed = [check.name for check in self.checks if check.status == "FAILED"]
        if not failed:
            return None
        count = f"{len(failed)} of {len(self.checks)} checks failed"
        return ExpectationError(Problem(f"{count}: {listing(failed)}", id="smoke"))

    def to_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {"rows": self.rows, "checks": [check.to_json() for check in self.checks]}


def smoke(
    config: Config,
    *,
    device: Device | None = None,
    allow_code: bool = False,
    observer: Observer | None = None,
) -> SmokeResult:
    """Train two steps on a few rows, and check what every training needs; no run is written.

    What the config expects is not looked at: a few steps tell nothing of what a whole training reaches.

    Args:
        config: From `load_config`.
        device: Overrides `training.device`.
        allow_code: Whether the file that the config's `code` names may be run.
        observer: Is told what happens before training.

    Raises:
        DataError: The data are missing or unfit.
        ConfigError: The network does not fit the data, or the config's code may not be run or fails.
        MachineError: The device is not there.
        Interrupted: Ctrl-C or a signal.
    """
    with tempfile.TemporaryDirectory() as folder, stop_switch() as stop:
        session = Session(config, Path(folder), LoggedObserver(observer or Silent()))
        try:
            experiment = prepare_session(session, device, allow_code)
            from nntrain.model.user_code import blamed_on_code

            with blamed_on_code(), warnings.catch_warnings():
                for said in FOUND_HERE:
                    warnings.filterwarnings("ignore", said)
                return _Smoke(session, experiment, stop).result()
        except KeyboardInterrupt as error:
            raise interrupted(session, stop) from error


class _Smoke:
    """The checks, one after another on one model."""

    def __init__(self, session: Session, experiment: Experiment, stop: StopSwitch) -> None:
        from nntrain.training.probe import few_rows, part
        from nntrain.training.rows import row_count
        from nntrain.training.train import compile_model

        lesson = lesson_of(session, experiment)
        size = min(BATCH, lesson.recipe.batch_size)
        self.experiment, self.stop = experiment, stop
        self.rows = few_rows(lesson.rows, 2 * size)
        self.count = row_count(self.rows)
        self.watched = None if lesson.watched is None else few_rows(lesson.watched, size)
        self.recipe: Recipe = replace(lesson.recipe, epochs=1, batch_size=max(1, self.count // 2))
        self.batch: Batch = part(self.rows, slice(0, self.recipe.batch_size))
        self.model = experiment.model
        self.initial = self.model.get_weights()
        compile_model(self.model, self.recipe)

    def result(self) -> SmokeResult:
        """Every check, also after one that failed where it still says something."""
        before = self.fates()
        finite = self.finite_loss()
        checks = [finite]
        if finite.status == "FAILED":
            self.model.set_weights(self.initial)
        checks.append(self.gradients(before))
        checks.append(self.loss_falls() if finite.status == "ok" else _skipped("loss falls"))
        checks.append(self.save_and_load())
        return SmokeResult(tuple(checks), self.count)

    def finite_loss(self) -> Check:
        """Two steps as `fit` takes them, callbacks included."""
        from nntrain.training.train import Halted, train
        from nntrain.training.watch import Diverged

        seen = _Losses()
        try:
            train(self.model, self.rows, self.watched, self.recipe, seen, _ignore, self.stop)
        except Halted as halt:
            if not isinstance(halt.cause, Diverged):
                raise halt.cause from None
            return self.diverged(halt.cause)
        losses = [seen.means[0], *(2 * b - a for a, b in zip(seen.means, seen.means[1:], strict=False))]
        return Check("finite loss", "ok", ", ".join(map(_short, losses)))

    def diverged(self, cause: Any) -> Check:
        """Where the number that is none came from."""
        said = f"the loss is {cause.loss:g} in step {cause.step}"
        if cause.step > 1:
            hint = f"a step at learning rate {cause.learning_rate:g} goes too far"
            return Check("finite loss", "FAILED", f"{said}: {hint}; lower training.optimizer.learning_rate")
        self.model.set_weights(self.initial)
        for output in self.outputs(self.model):
            if not output.is_finite:
                text = f"{said}: the outputs of {output.layer} are not finite"
                return Check("finite loss", "FAILED", text, output.layer)
        text = f"{said}, though every layer's outputs are finite: training.loss does not take them"
        return Check("finite loss", "FAILED", text)

    def outputs(self, model: Any) -> list[LayerOutput]:
        """What each layer gives for the first batch."""
        from nntrain.training.probe import layer_outputs, tensors

        return layer_outputs(model, tensors(self.batch)[0])

    def fates(self) -> dict[str, Fate]:
        """What becomes of each trainable weight, as the weights are now."""
        from nntrain.training.probe import fates

        return fates(self.model, self.batch)

    def gradients(self, before: Mapping[str, Fate]) -> Check:
        """A gradient for each trainable weight, before the two steps or after them."""
        found = dict(before)
        if "zero" in before.values():
            after = self.fates()  # a gate that begins at zero has opened by now
            found = {path: after[path] if fate == "zero" else fate for path, fate in before.items()}
        wrong = {path: fate for path, fate in found.items() if fate != "fine"}
        total = len(found)
        if not total:
            return Check("gradients", "skipped", "nothing is trainable")
        if not wrong:
            return Check("gradients", "ok", f"{total} of {total} trainable weights")
        said = [self.lost(fate, [path for path in wrong if wrong[path] == fate]) for fate in REASONS]
        text = "; ".join(words for words, _ in said if words)
        return Check("gradients", "FAILED", text, next(layer for words, layer in said if words))

    def lost(self, fate: Fate, paths: list[str]) -> tuple[str, str]:
        """What to say of the weights that share a fate, and the layer to look at; "" if there are none."""
        if not paths:
            return "", ""
        layer, reason = self.layer_of(paths[-1]), REASONS[fate]
        if fate == "zero":
            silent = [output.layer for output in self.outputs(self.model) if output.is_zero]
            layer, reason = (silent[0], SILENT) if silent else (layer, reason)
        verb, them = ("gets", "it") if len(paths) == 1 else ("get", "them")
        names = listing((path.removeprefix(str(self.model.name) + "/") for path in paths), 4)
        return f"{names} {reason.format(verb=verb, them=them, layer=layer)}", layer

    def layer_of(self, path: str) -> str:
        """The layer that holds a weight."""
        holding = (str(la.name) for la in self.model.layers if any(w.path == path for w in la.weights))
        return next(holding, str(self.model.name))

    def loss_falls(self) -> Check:
        """The loss of a batch that is shown again and again."""
        from nntrain.training.probe import FixedLoss, repeat

        if not self.model.trainable_variables:
            return Check("loss falls", "skipped", "nothing is trainable")
        self.model.set_weights(self.initial)
        loss = FixedLoss(self.model, self.batch)
        seen = repeat(self.model, self.batch, STEPS, loss, LOOK_EVERY, CLEAR_FALL)
        first, last = seen[0], seen[-1]
        steps = (len(seen) - 1) * LOOK_EVERY
        lowest = min(seen[-2:]) if math.isfinite(last) else last
        if first - lowest > LEAST_FALL * abs(first) or first == 0 == lowest:
            text = f"{_short(first)} -> {_short(lowest)} in {steps} steps on one batch"
            return Check("loss falls", "ok", text)
        if not math.isfinite(last) or last - first > LEAST_FALL * abs(first):
            said, fix = f"{_short(first)} -> {_short(last)}", "lower"
        else:
            said, fix = f"{_short(first)} stays as it is", "raise"
        text = f"{said} in {steps} steps on one batch: {fix} training.optimizer.learning_rate"
        return Check("loss falls", "FAILED", text)

    def save_and_load(self) -> Check:
        """The model as it comes back from its file."""
        import numpy as np
        import tensorflow as tf

        from nntrain.run.model_files.weights import load_numbers, weights_bytes
        from nntrain.training.forward import predict

        name, inputs = "save and load", self.batch[0]
        expected = predict(self.model, inputs)
        restored = self.experiment.fresh_model()
        try:
            load_numbers(restored, weights_bytes(self.model), "the saved model")
        except ArtefactError as error:
            return Check(name, "FAILED", error.problems[0].message)
        found = predict(restored, inputs)
        pairs = list(zip(tf.nest.flatten(expected), tf.nest.flatten(found), strict=True))
        if all(np.array_equal(a, b, equal_nan=True) for a, b in pairs):
            return Check(name, "ok", f"outputs equal on {self.recipe.batch_size} rows")
        gap = max(float(np.abs(a - b).max()) for a, b in pairs)
        both = zip(self.outputs(self.model), self.outputs(restored), strict=True)
        layer = next((a.layer for a, b in both if not a.equals(b)), None)
        which = f"{layer} keeps" if layer else "a layer keeps"
        return Check(
            name, "FAILED", f"outputs differ by up to {gap:g}: {which} state that is not saved", layer
        )


REASONS: dict[Fate, str] = {
    "none": "{verb} no gradient: nothing of {them} reaches the loss; look at what follows {layer}",
    "zero": "{verb} a gradient of exactly zero: {layer} is saturated or cut off from the loss",
    "not finite": "{verb} a gradient that is not finite: look at {layer} and what follows it",
}
"""What is said of the weights that share a fate."""
SILENT = "{verb} a gradient of exactly zero: the outputs of {layer} are all zero"


class _Losses(Silent):
    """Keeps the mean loss that Keras reports after each step."""

    def __init__(self) -> None:
        self.means: list[float] = []

    def step(self, epoch: int, step: int, loss: float) -> None:
        """Keep it."""
        self.means.append(loss)


def _ignore(row: Mapping[str, float]) -> None:
    """Keep no history."""


def _short(loss: float) -> str:
    """Four digits that matter."""
    return f"{loss:.4f}" if 0.001 <= abs(loss) < 10_000 or loss == 0 else f"{loss:.4g}"


def _skipped(name: str) -> Check:
    return Check(name, "skipped", "the loss is not finite")
