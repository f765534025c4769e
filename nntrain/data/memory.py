"""How much memory there still is: what the machine has free, and what limits leave of it to this process."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

resource: ModuleType | None
try:
    import resource
except ImportError:  # not on Windows
    resource = None

PROC = Path("/proc")
CGROUPS = Path("/sys/fs/cgroup")


@dataclass(frozen=True)
class _Limits:
    """Where a version of Linux' control groups says what a group may take, and takes."""

    folder: str
    most: str
    taken: str
    before: str
    """What its names begin with of what a group takes together with those below it."""


UNIFIED = _Limits(".", "memory.max", "memory.current", "")
LEGACY = _Limits("memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_")


def available_memory() -> int | None:
    """Bytes that can still be allocated, limits included; None where the system won't say."""
    return min([*_of_machine(), *_of_groups(), *_of_process()], default=None)


def _of_machine() -> Iterator[int]:
    for line in _text(PROC / "meminfo").splitlines():
        if line.startswith("MemAvailable:"):
            yield int(line.split()[1]) * 1024


def _of_groups() -> Iterator[int]:
    """What this process' control group may still take, and each of those that it is part of.

    In a container the group's path may be that of the machine outside, where only the topmost is seen.
    """
    for line in _text(PROC / "self/cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers and "memory" not in controllers.split(","):
            continue
        limits = LEGACY if controllers else UNIFIED
        folder = CGROUPS / limits.folder
        names = [name for name in path.split("/") if name not in ("", "..")]
        for depth in range(len(names) + 1):
            yield from _left(folder.joinpath(*names[:depth]), limits)


def _left(group: Path, limits: _Limits) -> Iterator[int]:
    """What a group may still take: pages of files count as taken, and are given up when they are wanted."""
    most, taken = _text(group / limits.most).strip(), _text(group / limits.taken).strip()
    if most.isdigit() and taken.isdigit():
        told = dict(line.split() for line in _text(group / "memory.stat").splitlines())
        files = sum(int(told.get(f"{limits.before}{kind}_file", 0)) for kind in ("active", "inactive"))
        yield max(0, int(most) - max(0, int(taken) - files))


def _of_process() -> Iterator[int]:
    """What `ulimit -v` leaves."""
    pages = _text(PROC / "self/statm").split()
    most = resource.getrlimit(resource.RLIMIT_AS)[0] if resource and pages else -1
    if resource and most >= 0:  # else there is no limit
        yield max(0, most - int(pages[0]) * resource.getpagesize())


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
