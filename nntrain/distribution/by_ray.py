"""Workers on the machines of a Ray cluster: Ray places them, and says when one of them is lost.

Placement groups and actors of Ray do that. Ray Train, which is made of them, would add checkpoints and
reports of its own to those of a run.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from nntrain.distribution.local import LAST_WORD, PATIENCE, environment_of
from nntrain.distribution.restarts import LOST, Attempt
from nntrain.distribution.seat import Seat
from nntrain.errors import MachineError, Problem, UsageError
from nntrain.signals import taken_by

LOOK = 0.3
"""Seconds between two looks at the workers."""
PLACING = 300.0
"""Seconds that a cluster has to find room for all workers."""
OWN = "NNTRAIN_"
"""What the names of variables begin with that workers get from where `nntrain launch` runs."""
QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",  # a cluster of this machine alone listens on 127.0.0.1
    "RAY_worker_niceness": "0",
}
STORE = 80 << 20
"""Bytes of Ray's store of objects, on a cluster that is started here: nothing is kept in it."""


@dataclass(frozen=True)
class Needs:
    """What Ray sets apart for each worker."""

    cpus: float = 1.0
    gpus: float = 0.0

    @property
    def bundle(self) -> dict[str, float]:
        """In Ray's words."""
        return {"CPU": self.cpus, **({"GPU": self.gpus} if self.gpus else {})}


def check_installed() -> None:
    """Find out before anything is started that Ray is there.

    Raises:
        UsageError: It is not.
    """
    if find_spec("ray") is None:
        message = "--engine ray needs Ray, which is not installed; run pip install 'nntrain[ray]'"
        raise UsageError(Problem(message, id="missing-extra"))


@contextmanager
def connected(count: int, needs: Needs) -> Iterator[Any]:
    """Ray, connected to the cluster that RAY_ADDRESS or this machine knows, or to one that is started here.

    Raises:
        MachineError: The cluster can't be reached, or has no room for the workers.
    """
    known = os.environ.get("RAY_ADDRESS")
    if known is None:
        for name, value in QUIET.items():
            os.environ.setdefault(name, value)
    import ray

    quiet: Mapping[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
    try:
        try:
            ray.init(address="auto", **quiet)
        except ConnectionError:
            if known is not None:
                raise
            ray.init(include_dashboard=False, object_store_memory=STORE, **quiet)
    except BaseException as error:  # where a part of Ray does not start in time, it raises a bare Exception
        if type(error) is Exception or isinstance(error, OSError | RuntimeError | ValueError):
            where = f"the Ray cluster at {known} (RAY_ADDRESS)" if known else "a Ray cluster on this machine"
            message = f"{where} can't be reached: {_first_line(error)}"
            raise MachineError(Problem(message, id="workers")) from None
        raise
    try:
        lacking = _lacking(ray.cluster_resources(), count, needs)
        if lacking:
            raise MachineError(Problem(lacking, id="workers"))
        yield ray
    finally:
        ray.shutdown()


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0]


def _lacking(found: Mapping[str, float], count: int, needs: Needs) -> str | None:
    """Why a cluster never has room for some workers; None if it may have."""
    for name, each in needs.bundle.items():
        if count * each > found.get(name, 0.0):
            return (
                f"{count} workers need {count * each:g} {name}s, and the Ray cluster has "
                f"{found.get(name, 0.0):g}; start fewer, or ask for less with --cpus and --gpus"
            )
    return None


class OnRay:
    """Starts workers on a cluster, once or again."""

    def __init__(
        self, ray: Any, count: int, needs: Needs, say: Callable[[str], None], give: Callable[[str], None]
    ) -> None:
        """Take a connected Ray.

        Args:
            ray: The library.
            count: How many workers.
            needs: What each gets.
            say: Takes lines for people.
            give: Takes lines of the first worker's result.
        """
        self._ray, self._count, self._needs = ray, count, needs
        self._say, self._give = say, give
        self._failures: tuple[type[Exception], ...] = (ray.exceptions.RayError, OSError, RuntimeError)
        self._asked: int | None = None
        """The signal that asked for an end."""

    def start(self, arguments: Sequence[str]) -> Attempt:
        """Place workers, let them train, and wait until all have ended.

        Raises:
            MachineError: Ray finds no room for them, or a machine has not the folder of this one.
        """
        group = self._room()
        try:
            seats = self._seats(group)
            addresses = self._ask([seat.address.remote() for seat in seats])
            own = {name: value for name, value in os.environ.items() if name.startswith(OWN)}
            folder = str(Path.cwd())
            told = [{**own, **environment_of(addresses, i)} for i in range(self._count)]
            starts = [s.start.remote([*arguments], t, folder) for s, t in zip(seats, told, strict=True)]
            for address, wrong in zip(addresses, self._ask(starts), strict=True):
                if wrong is not None:
                    message = f"on the machine of the worker {address} {wrong}: let all machines share it"
                    raise MachineError(Problem(message, id="workers"))
            with taken_by(lambda number, frame: self._pass_on(number, seats)):
                return Attempt(self._follow(seats), tuple(addresses))
        finally:
            from ray.util import remove_placement_group

            with suppress(*self._failures):
                remove_placement_group(group)  # ends the seats in it, and so the workers

    def _room(self) -> Any:
        from ray.util import placement_group

        group = placement_group([self._needs.bundle] * self._count, strategy="SPREAD")
        if not group.wait(PLACING):
            message = (
                f"the Ray cluster had no room for {self._count} workers within {PLACING:g} s; others use it: "
                "wait, or start fewer"
            )
            raise MachineError(Problem(message, id="workers"))
        return group

    def _seats(self, group: Any) -> list[Any]:
        from ray.util.scheduling_strategies import PlacementGroupSchedulingStrategy as Within

        kind = self._ray.remote(Seat)
        options = {"num_cpus": self._needs.cpus, "num_gpus": self._needs.gpus, "max_restarts": 0}
        places = [Within(group, placement_group_bundle_index=i) for i in range(self._count)]
        return [kind.options(**options, scheduling_strategy=place).remote() for place in places]

    def _ask(self, calls: Sequence[Any]) -> list[Any]:
        """What each seat answers.

        Raises:
            MachineError: One is lost before its worker has begun.
        """
        try:
            return list(self._ray.get([*calls], timeout=PLACING))
        except self._failures as error:
            why = _first_line(error)
            message = f"Ray could not start a worker: {why}; nntrain has to be installed on all its machines"
            raise MachineError(Problem(message, id="workers")) from None

    def _follow(self, seats: Sequence[Any]) -> int:
        """Pass on what workers write until the first one has ended, or had time to after another one did."""
        codes: list[int | None] = [None] * len(seats)
        deadline: float | None = None
        while codes[0] is None:
            time.sleep(LOOK)
            for index, seat in enumerate(seats):
                if codes[index] is None:
                    codes[index] = self._news(index, seat)
            failed = any(code not in (None, 0) for code in codes[1:])
            if failed and deadline is None:
                deadline = time.monotonic() + PATIENCE
            if deadline is not None and time.monotonic() > deadline:
                return LOST
        self._end_others(seats, codes)
        return codes[0] if self._asked is None or codes[0] != LOST else 128 + self._asked

    def _end_others(self, seats: Sequence[Any], codes: list[int | None]) -> None:
        """Give the others a moment to end by themselves, and their last words."""
        deadline = time.monotonic() + LAST_WORD
        while None in codes and time.monotonic() < deadline:
            time.sleep(LOOK)
            for index, seat in enumerate(seats):
                if codes[index] is None:
                    codes[index] = self._news(index, seat)

    def _news(self, index: int, seat: Any) -> int | None:
        """Pass on what a worker has written; its exit code once it has ended or is lost."""
        try:
            lines, code = self._ray.get(seat.news.remote(), timeout=PLACING)
        except self._failures as error:
            self._say(f"worker {index} is lost: {type(error).__name__}")
            return LOST
        for is_result, line in lines:
            if not index:
                (self._give if is_result else self._say)(line)
            elif not is_result:
                self._say(f"worker {index}: {line}")
        return code  # type: ignore[no-any-return]

    def _pass_on(self, number: int, seats: Sequence[Any]) -> None:
        """Pass a signal on, and remember it."""
        self._asked = number
        for seat in seats:
            seat.end.remote(number)
