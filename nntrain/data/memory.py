"""How much memory there still is: what the machine has free, and what limits leave of it to this process."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from nntrain import cgroups

resource: ModuleType | None
try:
    import resource
except ImportError:  # not on Windows
    resource = None


@dataclass(frozen=True)
class _Limits:
    """What the files of a version of control groups are called."""

    most: str
    taken: str
    files: tuple[str, str]
    """Lines of `memory.stat`: pages of files, of a group together with those below it."""


UNIFIED = _Limits("memory.max", "memory.current", ("active_file", "inactive_file"))
LEGACY = _Limits(
    "memory.limit_in_bytes", "memory.usage_in_bytes", ("total_active_file", "total_inactive_file")
)


def available_memory(root: Path = Path("/")) -> int | None:
    """Bytes that can still be allocated, limits included; None where the system won't say.

    Args:
        root: Where the files of the system begin.
    """
    return min([*_of_machine(root), *_of_groups(root), *_of_process(root)], default=None)


def _of_machine(root: Path) -> Iterator[int]:
    for line in cgroups.read(root / "proc/meminfo").splitlines():
        if line.startswith("MemAvailable:"):
            yield int(line.split()[1]) * 1024


def _of_groups(root: Path) -> Iterator[int]:
    """What the process' control group may still take, and each of those above it.

    Pages of files count as taken there, and are given up when they are wanted.
    """
    known = ((UNIFIED, cgroups.unified(root)), (LEGACY, cgroups.legacy(root, "memory")))
    for limits, folder in ((limits, folder) for limits, folders in known for folder in folders):
        most, taken = (cgroups.read(folder / name).strip() for name in (limits.most, limits.taken))
        if most.isdigit() and taken.isdigit():
            told = dict(line.split() for line in cgroups.read(folder / "memory.stat").splitlines())
            files = sum(int(told.get(name, 0)) for name in limits.files)
            yield max(0, int(most) - max(0, int(taken) - files))


def _of_process(root: Path) -> Iterator[int]:
    """What `ulimit -v` leaves."""
    pages = cgroups.read(root / "proc/self/statm").split()
    most = resource.getrlimit(resource.RLIMIT_AS)[0] if resource and pages else -1
    if resource and most >= 0:  # else there is no limit
        yield max(0, most - int(pages[0]) * resource.getpagesize())
