"""What a bench measured, and the statistics of it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean, median
from typing import Any

SHORTEST_TURN = 0.3
"""Seconds that a turn should last at least, so that it can be measured."""
LONGEST_TURN = 3.0
"""Seconds that a turn should not last longer for that."""
REFERENCE = "fit"
"""The engine that the others are compared with."""

Rounds = Sequence[Sequence[float]]
"""Seconds of each epoch, by round."""


@dataclass(frozen=True)
class Spread:
    """The median of several numbers, and how far they reach."""

    median: float
    lowest: float
    highest: float

    @classmethod
    def of(cls, numbers: Sequence[float]) -> Spread:
        """Of at least one number."""
        return cls(median(numbers), min(numbers), max(numbers))


def epoch_seconds(rounds: Rounds) -> Spread:
    """Seconds an epoch: of each round the mean, so that no work escapes between two epochs."""
    return Spread.of([fmean(turn) for turn in rounds])


def times_as_fast(reference: Rounds, rounds: Rounds) -> Spread:
    """How many epochs an engine trains in the time of one of the reference, compared round by round.

    What slows the machine for a while slows both sides of a round.
    """
    return Spread.of([fmean(a) / fmean(b) for a, b in zip(reference, rounds, strict=True)])


def epochs_a_turn(warm: Sequence[float]) -> int:
    """Epochs that each engine trains when it is its turn.

    Args:
        warm: Seconds of a warm epoch of each engine; the fastest one decides, unless the slowest one would
            take too long.
    """
    wanted = math.ceil(SHORTEST_TURN / max(min(warm), 1e-6))
    return max(1, min(wanted, int(LONGEST_TURN / max(warm))))


@dataclass(frozen=True)
class Measured:
    """One engine."""

    name: str
    title: str
    first_epoch: float
    """Seconds of the first epoch, with all that happens once: tracing, compiling, allocating."""
    rounds: tuple[tuple[float, ...], ...]
    """Seconds of each warm epoch, by round."""
    loss: float
    """Of the last epoch; of all engines after the same number of epochs."""
    memory: int | None
    """Most bytes that its process has held."""
    threads: Mapping[str, int] | None
    notes: tuple[str, ...] = ()

    @property
    def seconds(self) -> Spread:
        """Seconds of a warm epoch."""
        return epoch_seconds(self.rounds)


@dataclass(frozen=True)
class Limit:
    """What the machine could do, if a model were nothing but large matrix products."""

    operations: int
    """Floating-point operations of an epoch, in matrix products and convolutions."""
    rate: float
    """Operations a second, measured on large square matrices of float32."""
    unknown: tuple[str, ...]
    """Layers whose operations are not counted."""

    @property
    def seconds(self) -> float:
        """Of an epoch."""
        return self.operations / self.rate

    def share(self, seconds: float) -> float:
        """How much of the machine's rate an epoch of so many seconds uses, from 0 to 1."""
        return self.seconds / seconds


@dataclass(frozen=True)
class BenchResult:
    """All that was measured."""

    name: str
    data: str
    rows: int
    batch_size: int
    parameters: int
    device: str
    epochs: int
    """Epochs in a turn."""
    engines: Mapping[str, Measured]
    left_out: Mapping[str, str]
    """Peers that were not measured, by title, and why."""
    limit: Limit
    versions: Mapping[str, str | None]
    machine: Mapping[str, Any]

    @property
    def rounds(self) -> int:
        """How often each engine had its turn."""
        return len(self.engines[REFERENCE].rounds)

    @property
    def trained(self) -> int:
        """Epochs that each engine trained in all."""
        return WARM_UP + self.rounds * self.epochs

    def speed(self, name: str) -> Spread:
        """How many times as fast as plain `model.fit` an engine is."""
        return times_as_fast(self.engines[REFERENCE].rounds, self.engines[name].rounds)

    def to_json(self) -> dict[str, Any]:
        """For `--json`; seconds, bytes, operations a second."""
        return {
            "config": self.name,
            "data": self.data,
            "rows": self.rows,
            "batch_size": self.batch_size,
            "parameters": self.parameters,
            "device": self.device,
            "rounds": self.rounds,
            "epochs_per_round": self.epochs,
            "epochs_trained": self.trained,
            "engines": {name: self._engine_json(one) for name, one in self.engines.items()},
            "left_out": dict(self.left_out),
            "limit": {
                "operations_per_epoch": self.limit.operations,
                "operations_per_second": self.limit.rate,
                "seconds_per_epoch": self.limit.seconds,
                "is_lower_bound": bool(self.limit.unknown),
                "unknown_layers": list(self.limit.unknown),
            },
            "versions": dict(self.versions),
            "machine": dict(self.machine),
        }

    def _engine_json(self, one: Measured) -> dict[str, Any]:
        seconds = one.seconds
        return {
            "title": one.title,
            "seconds_per_epoch": asdict(seconds),
            "samples_per_second": self.rows / seconds.median,
            "times_as_fast": asdict(self.speed(one.name)),
            "share_of_limit": self.limit.share(seconds.median),
            "first_epoch_seconds": one.first_epoch,
            "peak_memory_bytes": one.memory,
            "loss": one.loss if math.isfinite(one.loss) else None,
            "threads": one.threads and dict(one.threads),
            "epoch_seconds": [list(turn) for turn in one.rounds],
            "notes": list(one.notes),
        }


WARM_UP = 2
"""Epochs before the first round: the first one is reported apart, the second tells how long one takes."""
