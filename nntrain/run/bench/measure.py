"""`bench`: start a process for each engine and let them train in turn, round after round."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from typing import Any

from nntrain.config.schema import Config
from nntrain.config.training import Device
from nntrain.errors import NntrainError, UsageError, listing
from nntrain.run.bench.child import Child
from nntrain.run.bench.protocol import Job, Message
from nntrain.run.bench.results import WARM_UP, BenchResult, Limit, Measured, epochs_a_turn
from nntrain.run.environment import environment
from nntrain.run.signals import Interrupted, stop_switch

ENGINES = {"fit": "model.fit", "tf_data": "tf.data", "nntrain": "nntrain"}
PEERS = {"sklearn": "scikit-learn", "torch": "PyTorch"}
TITLES = {**ENGINES, **PEERS}
PACKAGES = {"sklearn": "scikit-learn", "torch": "torch"}
"""What to install for a peer."""

Tell = Callable[[str], None]


@dataclass
class _Contender:
    """An engine while it is measured."""

    name: str
    child: Child
    threads: Any = None
    first_epoch: float = 0.0
    rounds: list[tuple[float, ...]] = field(default_factory=list)
    last: Message = field(default_factory=dict)

    def turn(self, epochs: int) -> list[float]:
        """Train so many epochs; their seconds."""
        self.last = self.child.ask({"epochs": epochs})
        seconds: list[float] = self.last["seconds"]
        return seconds

    def measured(self) -> Measured:
        """What came of it."""
        last = self.last
        return Measured(
            self.name,
            TITLES[self.name],
            self.first_epoch,
            tuple(self.rounds),
            last["loss"],
            last["memory"],
            self.threads,
            tuple(last["notes"]),
        )


def bench(
    config: Config,
    *,
    rounds: int = 5,
    epochs: int | None = None,
    peers: bool = False,
    device: Device | None = None,
    allow_code: bool = False,
    tell: Tell | None = None,
) -> BenchResult:
    """Measure how fast a config trains: by plain `model.fit`, by `tf.data`, by nntrain's engine.

    Each engine trains the same network from the same weights on the same rows, without validation,
    callbacks and early stopping, in a process of its own that waits while the others have their turn.
    Nothing is written.

    Args:
        config: From `load_config`.
        rounds: How often each engine has its turn.
        epochs: Epochs in a turn; as many as take a third of a second by default.
        peers: Whether to measure scikit-learn and PyTorch too, where they are installed.
        device: Overrides `training.device`.
        allow_code: Whether the file that the config's `code` names may be run.
        tell: Is given a line for people about what happens; nobody is told by default.

    Raises:
        UsageError: No rounds, or no epochs.
        DataError: The data are missing or unfit.
        ConfigError: The network does not fit the data, or the config's code may not be run or fails.
        DivergedError: The loss became NaN or infinite.
        MachineError: The device is not there.
        MemoryLimitError: A process was killed.
        NntrainError: A process failed in another way.
        Interrupted: Ctrl-C or a signal.
    """
    _check(rounds, epochs)
    tell = tell or (lambda text: None)
    origin = config.origin
    job = Job("survey", origin.source.name, tuple(origin.overrides.values()), device, allow_code)
    with stop_switch() as stop:
        try:
            with ExitStack() as kept:
                if peers:
                    job = replace(job, folder=kept.enter_context(tempfile.TemporaryDirectory()))
                return _measured(config, job, rounds, epochs, tell, kept)
        except KeyboardInterrupt as error:
            raise Interrupted("stopped; a bench writes nothing", stop.cause) from error


def _check(rounds: int, epochs: int | None) -> None:
    for option, number in (("--rounds", rounds), ("--epochs", epochs)):
        if number is not None and number < 1:
            raise UsageError(f"{option} must be at least 1, got {number}")


def _measured(
    config: Config, job: Job, rounds: int, epochs: int | None, tell: Tell, kept: ExitStack
) -> BenchResult:
    tell("reading the data, building the network")
    facts = _answer("the survey", job)
    gpu = str(facts["device"]).startswith("GPU")
    products = kept.enter_context(Child("matrix products", replace(job, what="rate", plan={"gpu": gpu})))
    rates = [products.receive()["rate"]]
    tell(f"starting {listing(TITLES[name] for name in ENGINES)}")
    contenders = _started(job, ENGINES, kept)
    left_out: dict[str, str] = {}
    for name, plan in _plans(job, facts["plans"], left_out):
        try:
            with_plan = replace(job, plan={**plan, "gpu": gpu})
            contenders += _started(with_plan, [name], kept)
        except NntrainError as error:
            left_out[PEERS[name]] = str(error)
    chosen = _warmed_up(contenders, epochs, left_out, tell)
    for number in range(rounds):
        tell(f"round {number + 1}/{rounds}: {_one_round(contenders, number, chosen, left_out)}")
        rates.append(products.ask({})["rate"])
    machine = environment(config.origin.folder)
    return BenchResult(
        name=config.name,
        data=facts["data"],
        rows=facts["rows"],
        batch_size=facts["batch_size"],
        parameters=facts["parameters"],
        device=facts["device"],
        epochs=chosen,
        engines={one.name: one.measured() for one in contenders},
        left_out=left_out,
        limit=Limit(facts["operations"] * facts["rows"], max(rates), tuple(facts["unknown"])),
        versions=machine["versions"],
        machine={**machine["machine"], "usable_cores": _usable_cores()},
    )


def _answer(title: str, job: Job) -> Message:
    """The one answer of a process."""
    with Child(title, job) as child:
        return child.receive()


def _plans(job: Job, plans: dict[str, Message], left_out: dict[str, str]) -> Iterator[tuple[str, Message]]:
    """The peers that can be measured; why another can't is noted."""
    for name, title in PEERS.items():
        if job.folder is None:
            continue
        if find_spec(name) is None:
            left_out[title] = f"it is not installed; pip install {PACKAGES[name]} brings it"
        elif "reason" in plans[name]:
            left_out[title] = plans[name]["reason"]
        else:
            yield name, plans[name]


def _started(job: Job, names: Sequence[str] | dict[str, str], kept: ExitStack) -> list[_Contender]:
    """Processes that are ready to train; they start at the same time."""
    found = [
        _Contender(name, kept.enter_context(Child(TITLES[name], replace(job, what=name)))) for name in names
    ]
    for one in found:
        one.threads = one.child.receive()["ready"]["threads"]
    return found


def _warmed_up(contenders: list[_Contender], epochs: int | None, left_out: dict[str, str], tell: Tell) -> int:
    """Let each train its first two epochs; a peer that fails is taken off the list.

    Returns:
        Epochs in a turn.
    """
    warm = []
    for one in list(contenders):
        seconds = _turn(one, WARM_UP, contenders, left_out)
        if seconds:
            one.first_epoch, second = seconds
            warm.append(second)
            tell(f"{TITLES[one.name]}: first epoch {one.first_epoch:.3g} s, second {second:.3g} s")
    return epochs or epochs_a_turn(warm)


def _turn(
    one: _Contender, epochs: int, contenders: list[_Contender], left_out: dict[str, str]
) -> list[float] | None:
    """The seconds of one's epochs; None if it is a peer that fails, which is taken off the list."""
    try:
        return one.turn(epochs)
    except NntrainError as error:
        if one.name in ENGINES:
            raise
        left_out[PEERS[one.name]] = str(error)
        contenders.remove(one)
        return None


def _one_round(contenders: list[_Contender], number: int, epochs: int, left_out: dict[str, str]) -> str:
    """Each has its turn, in every round another one first; the seconds in words."""
    first = number % len(contenders)
    for one in contenders[first:] + contenders[:first]:
        seconds = _turn(one, epochs, contenders, left_out)
        if seconds:
            one.rounds.append(tuple(seconds))
    return ", ".join(f"{TITLES[one.name]} {sum(one.rounds[-1]) / epochs:.3g} s" for one in contenders)


def _usable_cores() -> int | None:
    """Cores that this process may run on."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count()
