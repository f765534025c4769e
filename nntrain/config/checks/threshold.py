"""A decision threshold that is to be chosen: is there something to choose it on, and for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nntrain.config.data import Task
from nntrain.config.network.outputs import NetworkOutput, has_validation, outputs_of
from nntrain.config.schema import Config
from nntrain.config.vocabulary.losses import facts, takes_logits
from nntrain.errors import KeyPath, Problem

THRESHOLD: KeyPath = ("evaluation", "threshold")
OTHER_TASKS: Mapping[Task, str] = {
    "regression": "the target is a number; remove this",
    "reconstruction": "the target is the input itself; remove this",
    "segmentation": "masks are cut at a number; write one, such as 0.5",
}


def check_threshold(config: Config, tasks: Mapping[str, Task | None]) -> Iterator[Problem]:
    """What does not fit a rule that chooses the threshold; a number fits everything.

    Args:
        config: A valid config.
        tasks: What each target is, by its name; None where only the data can tell.
    """
    rule = config.evaluation.threshold
    if not isinstance(rule, str):
        return
    if not has_validation(config):
        message = f"'{rule}' is chosen on validation rows, and there are none; "
        message += "set data.split.validation above 0, or write a number"
        yield Problem(message, THRESHOLD, id="threshold")
        return
    wrong = [_unfit(output, tasks.get(output.target)) for output in outputs_of(config)]
    if all(wrong) and wrong[0]:
        yield Problem(f"'{rule}' chooses a threshold, and {wrong[0]}", THRESHOLD, id="threshold")


def _unfit(output: NetworkOutput, task: Task | None) -> str | None:
    """Why one output has no threshold to choose; None where it has, or may have."""
    if task is not None and task in OTHER_TASKS:
        return OTHER_TASKS[task]
    last = output.last
    if task == "classification" and last and last.units is not None and last.units > 2:
        return f"the largest of {last.units} outputs decides; remove this"
    known = takes_logits(output.loss) or (last.activation if last else None) in {"softmax", "sigmoid"}
    if not known and (last or facts(output.loss).probabilities is None):
        return "the outputs are no probabilities; end with sigmoid, or remove this"
    return None
