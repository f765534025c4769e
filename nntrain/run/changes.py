"""What is not as it was when a run began, a text each: what then comes out would be another run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nntrain.config.reuse.difference import differences
from nntrain.config.reuse.facts import with_facts_of_run
from nntrain.config.schema import Config
from nntrain.config.training import Device
from nntrain.errors import ArtefactError, ConfigError, ConflictError, Problem, dotted
from nntrain.run.directory import RunDirectory
from nntrain.run.environment import versions
from nntrain.run.processor import processor

if TYPE_CHECKING:
    from nntrain.run.startup import Started
    from nntrain.run.team import Team

FREE = (
    "cluster",
    "training.epochs",
    "training.checkpoint",
    "training.tensorboard",
    "training.mlflow",
    "limits",
    "expect",
)
"""What may change without a word: where workers are, how long training goes on, when checkpoints are written,
who is told of it, what a network may be at most, and what is expected of it."""

DATA = "the data's SHA-256"
"""What the change of the data begins with."""
WORKERS = "the run was trained by"
"""What the change of the number of workers begins with."""


def changes_of_config(run: RunDirectory, own: Config, wanted: Config) -> Iterator[str]:
    """Values of the config that are others: `training.batch_size: 16 -> 32`."""
    if wanted is own:
        return
    facts: dict[str, Any] = run.record.get("facts", {})
    for difference in differences(own, with_facts_of_run(wanted, facts)):
        if not difference.key.startswith(FREE):
            yield str(difference)


def changes_of_versions(run: RunDirectory) -> Iterator[str]:
    """Packages that are other versions."""
    recorded = run.record["versions"]
    for package, version in versions().items():
        if recorded.get(package) != version:
            yield f"{package} was {recorded.get(package)} and is {version}"


def changes_of_processor(record: Mapping[str, Any]) -> Iterator[str]:
    """What a CPU that computes is, and can do, that a run's record says otherwise."""
    before, now = record["machine"], processor()
    if record["device"] != "CPU":
        return
    if before.get("cpu") not in (None, now["cpu"]):
        yield f"the CPU was {before['cpu']} and is {now['cpu']}"
    recorded, found = before.get("instructions"), now["instructions"]
    if None not in (recorded, found) and recorded != found:
        had, has = set(str(recorded).split()), set(str(found).split())
        lost, new = ", ".join(sorted(had - has)), ", ".join(sorted(has - had))
        parts = [f"lack {lost}"] * bool(lost) + [f"have {new} in addition"] * bool(new)
        yield f"the CPU's instructions {', and '.join(parts)}"


def changes_of_workers(record: Mapping[str, Any], team: Team | None) -> Iterator[str]:
    """Another number of workers, who add up the parts of a batch in another order."""
    counts = [len(record.get("workers", ())), 0 if team is None else len(team.who.workers)]
    if counts[0] != counts[1]:
        before, now = (f"{count} workers" if count else "one process" for count in counts)
        yield f"{WORKERS} {before} and would be by {now}"


def check_release(run: RunDirectory, error: ConfigError) -> None:
    """Say of a run's config that can't be read that another release wrote it, where one did.

    Raises:
        ArtefactError: It did.
    """
    recorded, now = run.record["versions"].get("nntrain"), versions()["nntrain"]
    if recorded == now:
        return
    problem = error.problems[0]
    key = f"{dotted(problem.key)}: " if problem.key else ""
    message = f"was written by nntrain {recorded}, and nntrain {now} does not read it: {key}{problem.message}"
    raise ArtefactError(Problem(message, location=problem.location, id="version")) from None


def changes_of_start(run: RunDirectory, started: Started, fingerprint: str) -> Iterator[str]:
    """Data, device, threads and kernels that are others."""
    record, now = run.record, started.to_json()
    before = record["data"]["fingerprint"]
    if before != fingerprint:
        yield f"{DATA} was {before[:12]}... and is {fingerprint[:12]}..."
    if record["device"] != now["device"]:
        yield f"the device was {record['device']} and is {now['device']}"
    pools = [f"{found['intra']} and {found['inter']}" for found in (record["threads"], now["threads"])]
    if pools[0] != pools[1]:
        yield f"TensorFlow's threads within and between operations were {pools[0]} and are {pools[1]}"
    if run.told("onednn") != now["onednn"]:
        yield f"oneDNN was {_word(record['onednn'])} and is {_word(now['onednn'])}"
    if record.get("deterministic", now["deterministic"]) != now["deterministic"]:
        states = [_word(found["deterministic"]) for found in (record, now)]
        yield f"TensorFlow's determinism was {states[0]} and is {states[1]}"


def early_end(config: Config) -> tuple[str, str]:
    """What ends a training before its last epoch, and why it does not go on from there."""
    what, anew = "early stopping", "with a larger training.early_stopping.patience"
    if config.training.early_stopping is None:
        what, anew = "a callback", "without it"
    return what, f"more epochs would not change that; train anew {anew}"


def refused(run: Path, changes: Sequence[str]) -> ConflictError:
    """What to say of a run that can't go on as it began."""
    told = "; ".join(changes)
    message = f"{run} would not go on as it began: {told}. Undo that, or add --force to go on all the same"
    return ConflictError(Problem(message, id="run-changed"))


def begun_on(device: str) -> Device:
    """The device that a record tells in words, as it is asked for: `GPU 1 (NVIDIA H200)` is `gpu:1`."""
    kind, _, rest = device.partition(" ")
    number = rest.partition(" ")[0]
    return f"gpu:{number}" if number.isdecimal() else "cpu" if kind == "CPU" else "gpu"


def _word(switch: bool | None) -> str:
    return {True: "on", False: "off", None: "left to TensorFlow"}[switch]
