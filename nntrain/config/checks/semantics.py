"""Combinations that are well-formed and wrong: found before data are read or Keras is imported."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nntrain.config.checks.engines import check_engine
from nntrain.config.checks.expectations import check_expectations
from nntrain.config.checks.kernels import check_kernels
from nntrain.config.checks.limits import check_limits
from nntrain.config.checks.monitors import check_monitors
from nntrain.config.checks.pretraining import check_pretraining
from nntrain.config.checks.tasks import check_tasks, known_task
from nntrain.config.checks.threshold import check_threshold
from nntrain.config.data import Task
from nntrain.config.network.merging import check_inputs
from nntrain.config.network.outputs import LOSS, METRICS, NetworkOutput, outputs_of
from nntrain.config.schema import Config
from nntrain.config.vocabulary import catalogue
from nntrain.config.vocabulary.keras_object import KerasObject
from nntrain.config.vocabulary.losses import (
    EITHER_METRICS,
    INDEX_METRICS,
    Output,
    facts,
    log_name,
    takes_logits,
)
from nntrain.errors import KeyPath, Problem, did_you_mean, listing, suggestion

WEIGHTS: KeyPath = ("training", "loss_weights")


def check(config: Config) -> list[Problem]:
    """Every wrong combination that the config alone shows; each problem names its key."""
    graph, wrong = config.expanded
    found = [*_run_name(config), *wrong]
    broken = [problem for problem in wrong if problem.id != "layer-name"]
    broken = broken or [*check_inputs(graph), *_targets(config), *_keys_by_output(config)]
    if broken:
        return list(dict.fromkeys([*found, *broken]))  # the rest would be about a network that is not meant
    outputs = outputs_of(config)
    tasks: dict[str, Task | None] = {output.target: known_task(config, output) for output in outputs}
    for output in outputs:
        found += _metric_names(output)
        task = tasks[output.target]
        shares = task == "multi_label" and output.last and output.last.activation == "softmax"
        if task != "regression" and not shares:
            found += _loss_and_output(config, output)
        if task not in {"regression", "reconstruction", "segmentation"}:
            found += _metric_labels(output, one_each=task != "multi_label")
    found += check_limits(config, {})
    found += [*check_monitors(config), *check_tasks(config, tasks), *check_threshold(config, tasks)]
    found += [*check_engine(config), *check_pretraining(config), *check_kernels(config)]
    return [*found, *check_expectations(config, tasks)]


def _run_name(config: Config) -> Iterator[Problem]:
    if config.name == "latest":
        yield Problem("'latest' is the link to the newest run; choose another name", ("name",), id="name")


def _targets(config: Config) -> Iterator[Problem]:
    """Outputs without a target, and targets without an output."""
    outputs, targets = config.graph.outputs, config.data.target_names
    named = getattr(config.data, "targets", None) is not None
    if len(outputs) == 1 and len(targets) == 1:
        return
    if not named:
        message = f"the network has the outputs {listing(outputs)}, and the data one target; "
        message += "name a column or array for each in data.targets"
        yield Problem(message, ("model", "outputs"), id="targets")
        return
    if len(outputs) == 1:
        message = f"the data have the targets {listing(targets)}, and the network has one output"
        yield Problem(f"{message}; list one for each in model.outputs", ("data", "targets"), id="targets")
        return
    meant = {suggestion(target, outputs) for target in targets if target not in outputs}
    for i, output in enumerate(outputs):
        if output not in targets and output not in meant:
            message = f"the output '{output}' has no target in data.targets; name its column or array there"
            yield Problem(message, ("model", "outputs", i), id="targets")
    for target in targets:
        if target not in outputs:
            hint = did_you_mean(target, outputs) or f"; the outputs are {listing(outputs)}"
            message = f"there is no output '{target}'{hint}"
            at = ("data", "targets", target)
            yield Problem(message, at, config.key_location(at), "targets")


def _keys_by_output(config: Config) -> Iterator[Problem]:
    """Losses, metrics and weights that are given for each output: one for each, and for no other."""
    outputs, training = config.graph.outputs, config.training
    several = len(outputs) > 1
    for path, given, noun in ((LOSS, training.loss, "loss"), (METRICS, training.metrics, "metrics")):
        if isinstance(given, Mapping):
            yield from _unknown_outputs(config, given, path)
        elif several and given:
            one = "..." if path == LOSS else "[...]"
            example = ", ".join(f"{name}: {one}" for name in outputs)
            message = f"the network has the outputs {listing(outputs)}; give each its {noun}: {{{example}}}"
            yield Problem(message, path, id="outputs")
    if isinstance(training.loss, Mapping):
        meant = {suggestion(name, outputs) for name in training.loss if name not in outputs}
        for name in outputs:
            if name not in training.loss and name not in meant:
                yield Problem(f"the output '{name}' has no loss; add '{name}: ...'", LOSS, id="outputs")
    if training.loss_weights is not None:
        if not several:
            message = "weighs the losses of several outputs, and the network has one; remove it"
            yield Problem(message, WEIGHTS, id="outputs")
        else:
            yield from _unknown_outputs(config, training.loss_weights, WEIGHTS)


def _unknown_outputs(config: Config, given: Mapping[str, object], path: KeyPath) -> Iterator[Problem]:
    outputs = config.graph.outputs
    for name in given:
        if name not in outputs:
            at = (*path, name)
            hint = did_you_mean(name, [*outputs, "type"]) or f"; the outputs are {listing(outputs)}"
            yield Problem(f"there is no output '{name}'{hint}", at, config.key_location(at), "outputs")


def _loss_and_output(config: Config, made: NetworkOutput) -> Iterator[Problem]:
    loss, output = made.loss, made.last
    if output is None:
        return
    if output.activation == "softmax" and output.units == 1:
        message = "softmax over 1 unit is always 1; use sigmoid, or a unit for each class"
        yield Problem(message, output.path, id="loss-output")
        return
    wanted = facts(loss).probabilities
    if wanted is None:
        return
    if loss.name != "KLDivergence" and takes_logits(loss):
        if output.activation in {"softmax", "sigmoid"}:
            yield Problem(
                f"the last layer ({config.line_of(output.path)}) is {output.activation}, so its outputs are "
                "no logits; use from_logits: false, or remove that activation",
                (*made.loss_path, "from_logits"),
                id="loss-output",
            )
        return
    misfit = _misfit(loss, wanted, output)
    if misfit:
        yield Problem(
            misfit, made.loss_path if output.activation == "softmax" else output.path, id="loss-output"
        )


def _misfit(loss: KerasObject, wanted: str, output: Output) -> str | None:
    """Why the last activation does not give what the loss takes, and what would."""
    name, activation = loss.type, output.activation
    if activation == wanted and not (wanted == "softmax" and output.units == 1):
        return None
    if activation == "softmax":
        return (
            f"{name} scores every output by itself, and the last layer is softmax over "
            f"{output.units or 'several'} units; use sparse_categorical_crossentropy"
        )
    if output.units == 1 and wanted == "softmax":
        return f"{name} needs a softmax unit for each class; for 1 unit use sigmoid and binary_crossentropy"
    fix = f"use {wanted}"
    if loss.name != "KLDivergence" and activation == "linear":
        fix += ", or set the loss's from_logits: true"
    return f"{name} takes probabilities, and the last activation is {activation}; {fix}"


def _metric_names(made: NetworkOutput) -> Iterator[Problem]:
    seen: set[str] = set()
    for path, metric in made.metrics:
        name = log_name(metric)
        if name in seen:
            entry = catalogue.entry("metrics", metric.type)
            nameless = entry is not None and "name" not in entry.arguments
            fix = (
                f"give one of them a name: {{type: {metric.type}, name: ...}}"
                if not nameless
                else "remove one"
            )
            yield Problem(f"two metrics are called '{name}'; {fix}", path, id="metric-name")
        seen.add(name)


def _metric_labels(made: NetworkOutput, *, one_each: bool) -> Iterator[Problem]:
    """Metrics that read other labels than the loss; `one_each`: each row has one class."""
    loss, output = made.loss, made.last
    labels = facts(loss).labels
    for path, metric in made.metrics:
        if metric.registered:
            continue
        if metric.name in {"F1Score", "FBetaScore"} and metric.argument("average") is None:
            message = f"'{metric.type}' is a number for each class; choose one number"
            spelled = f"{{type: {metric.name}, average: macro, threshold: 0.5}}"
            yield Problem(f"{message}: {spelled}", path, id="metric-labels")
        elif metric.name == "Accuracy" and metric.arguments:
            message = "'Accuracy' counts outputs that equal the label exactly, which no probability does"
            yield Problem(f"{message}; use accuracy", path, id="metric-labels")
        elif one_each and labels == "index" and metric.name not in INDEX_METRICS | EITHER_METRICS:
            yield Problem(
                f"'{metric.type}' needs one-hot labels, and {loss.type} takes class numbers; "
                "use categorical_crossentropy, or remove it: evaluation has precision, recall, F1 "
                "and ROC AUC anyway",
                path,
                id="metric-labels",
            )
        elif (
            one_each
            and metric.name in INDEX_METRICS
            and (labels != "index" or (output and output.units == 1))
        ):
            yield Problem(
                f"'{metric.type}' needs class numbers, and {loss.type} does not take them; use accuracy",
                path,
                id="metric-labels",
            )
