"""The `cluster:` section and `TF_CONFIG`: which processes train one network, and which this one is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import Field, Strict, model_validator

from nntrain.config.section import Fault, Section, faults
from nntrain.errors import ConfigError, Problem, listing

if TYPE_CHECKING:
    from nntrain.config.schema import Config

VARIABLE = "TF_CONFIG"
LOOPBACK = ("127.", "localhost")
"""What the name of this machine for itself begins with."""
EXAMPLE = (
    '{"cluster": {"worker": ["10.0.0.1:5000", "10.0.0.2:5000"]}, "task": {"type": "worker", "index": 0}}'
)
KEY = ("training", "distribute")


class Cluster(Section):
    """The processes that train one network together with `training.distribute: workers`."""

    workers: Annotated[tuple[str, ...], Strict(False)] = ()
    """`host:port` of each, where the others reach it; the first one writes the run. Without it the
    environment variable TF_CONFIG says so."""
    index: int | None = Field(default=None, ge=0)
    """Which of them this process is, from 0, such as `${env:SLURM_PROCID}`."""
    timeout: float = Field(default=300.0, ge=1)
    """Seconds after which a worker that does not come, or does not answer any more (15 at least), ends the
    training of all. One whose process has ended is noticed at once."""

    @model_validator(mode="after")
    def _addresses(self) -> Self:
        found: list[Fault] = [
            (message, ("workers", i), "cluster") for i, message in _wrong_addresses(self.workers)
        ]
        count = len(self.workers)
        if count == 1:
            found.append(("has one worker, which trains alone; remove 'cluster'", ("workers",), "cluster"))
        if count and self.index is not None and self.index >= count:
            message = f"there are {count} workers, so the last one is {count - 1}; got {self.index}"
            found.append((message, ("index",), "cluster"))
        if self.index is not None and not count:
            found.append(("says which of cluster.workers this one is; list them", ("index",), "cluster"))
        if found:
            raise faults(*found)
        return self


@dataclass(frozen=True)
class Membership:
    """All workers, and which of them this process is."""

    workers: tuple[str, ...]
    """`host:port` of each."""
    index: int
    timeout: float
    """Seconds that another one is waited for."""

    @property
    def leads(self) -> bool:
        """Whether this is the first one, which writes the run."""
        return self.index == 0

    @property
    def on_this_machine(self) -> int:
        """How many of them share this machine's cores, as far as names of hosts tell."""
        own, _ = self.place(self.index)
        if own.startswith(LOOPBACK):
            return sum(worker.startswith(LOOPBACK) for worker in self.workers)
        return sum(self.place(index)[0] == own for index in range(len(self.workers)))

    def place(self, index: int) -> tuple[str, int]:
        """Host and port of a worker."""
        host, _, port = self.workers[index].rpartition(":")
        return host, int(port)

    def name(self, index: int) -> str:
        """A worker in words."""
        return f"worker {index} ({self.workers[index]})"


def membership(config: Config, environment: Mapping[str, str]) -> Membership | None:
    """Where a process stands among those that train with it; None where it trains alone.

    Args:
        config: From `load_config`.
        environment: Variables, of which TF_CONFIG counts.

    Raises:
        ConfigError: Nothing says who the others are, it can't be understood, or a batch can't be divided
            among them.
    """
    if config.training.distribute != "workers":
        return None
    given = environment.get(VARIABLE)
    cluster = config.cluster or Cluster()
    told = None if given is None else _told(given)
    if cluster.workers and told is not None and told[0] != cluster.workers:
        message = f"lists {listing(cluster.workers)}, and {VARIABLE} lists {listing(told[0])}"
        raise _refused(config, f"{message}; remove one of them", ("cluster", "workers"))
    if told is not None:
        if cluster.index is not None and cluster.index != told[1]:
            message = f"is {cluster.index}, and {VARIABLE} says {told[1]}; remove one of them"
            raise _refused(config, message, ("cluster", "index"))
        workers, index = told
    elif cluster.workers:
        if cluster.index is None:
            message = (
                "nothing says which of them this process is; give each its number, from 0: cluster.index=0"
            )
            raise _refused(config, message, ("cluster", "workers"))
        workers, index = cluster.workers, cluster.index
    else:
        message = (
            "nothing says which workers there are; start them all with nntrain launch --workers N CONFIG, or "
            f"give each of them cluster.workers and cluster.index, or the environment variable {VARIABLE}"
        )
        raise _refused(config, message, KEY)
    problem = undivided(config, len(workers))
    if problem is not None:
        raise ConfigError(problem).located(config.origin.location)
    return Membership(workers, index, cluster.timeout)


def undivided(config: Config, workers: int) -> Problem | None:
    """What is wrong if each of some workers is to learn from the same number of rows of a batch."""
    size = config.training.batch_size
    if size % workers == 0:
        return None
    near = max(size // workers, 1) * workers
    message = f"is {size}, which {workers} workers can't share evenly; use {near} or {near + workers}"
    return Problem(message, ("training", "batch_size"), id="cluster")


def _refused(config: Config, message: str, key: tuple[str, ...]) -> ConfigError:
    error = ConfigError(Problem(message, key, id="cluster")).located(config.origin.location)
    assert isinstance(error, ConfigError)
    return error


def _told(text: str) -> tuple[tuple[str, ...], int]:
    """The workers that TF_CONFIG lists, a chief first, and the number of this one."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _unfit(f"is no JSON: {error}") from None
    cluster = value.get("cluster") if isinstance(value, dict) else None
    task = value.get("task") if isinstance(value, dict) else None
    if not isinstance(cluster, dict) or not isinstance(task, dict):
        raise _unfit("has no cluster and task")
    others = sorted(set(cluster) - {"chief", "worker"})
    if others:
        raise _unfit(f"has tasks of the kind '{others[0]}', and there are chief and worker alone")
    listed = {kind: _addresses_of(kind, found) for kind, found in cluster.items()}
    kind, index = task.get("type"), task.get("index")
    own = listed.get(kind) if isinstance(kind, str) else None
    if own is None or type(index) is not int or not 0 <= index < len(own):
        raise _unfit(f"says that this process is {kind} {index!r}, which is not in its cluster")
    chiefs, workers = listed.get("chief", ()), listed.get("worker", ())
    for i, message in _wrong_addresses((*chiefs, *workers)):
        raise _unfit(f"has a wrong address, number {i}: {message}")
    if len(chiefs) + len(workers) < 2:
        raise _unfit("has one worker, which trains alone: set training.distribute: null")
    return (*chiefs, *workers), index + (len(chiefs) if kind == "worker" else 0)


def _addresses_of(kind: str, found: Any) -> tuple[str, ...]:
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise _unfit(f"has no list of addresses under '{kind}'")
    return tuple(found)


def _unfit(message: str) -> ConfigError:
    return ConfigError(
        Problem(f"the environment variable {VARIABLE} {message}; it looks like {EXAMPLE}", id="cluster")
    )


def _wrong_addresses(workers: Sequence[str]) -> Iterator[tuple[int, str]]:
    seen: dict[str, int] = {}
    for i, worker in enumerate(workers):
        match = re.fullmatch(r"[^\s:/]+:(\d{1,5})", worker)
        if not match or not 1 <= int(match[1]) <= 65535:
            yield i, f"must be host:port with a port from 1 to 65535, got '{worker}'"
        elif worker in seen:
            yield i, f"'{worker}' is worker {seen[worker]} already; give each worker a port of its own"
        seen.setdefault(worker, i)
