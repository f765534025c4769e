"""The control groups of Linux that this process is in: what a container or a service manager grants it.

A group is a folder of files, and may take no more than each of those above it. Inside a container its path
may be that of the machine outside, where only the topmost folders are seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

MOUNT = "sys/fs/cgroup"


def unified(root: Path) -> Iterator[Path]:
    """The folders of the process' group and of those above it, in version 2; some may not be there.

    Args:
        root: Where the files of the system begin.
    """
    for controllers, group in _groups(root):
        if not controllers:
            yield from _upwards(root / MOUNT, group)


def legacy(root: Path, controller: str) -> Iterator[Path]:
    """The same in version 1, of a controller such as `cpu` or `memory`."""
    for controllers, group in _groups(root):
        if controller in controllers:
            for mount in dict.fromkeys((",".join(controllers), controller)):
                yield from _upwards(root / MOUNT / mount, group)


def read(file: Path) -> str:
    """What a file of the system says; nothing where it is not there or may not be read."""
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _groups(root: Path) -> Iterator[tuple[list[str], str]]:
    """The controllers of each hierarchy (none in version 2), and the process' group in it."""
    for line in read(root / "proc/self/cgroup").splitlines():
        _, controllers, group = [*line.split(":", 2), "", ""][:3]
        yield [name for name in controllers.split(",") if name], group


def _upwards(mount: Path, group: str) -> Iterator[Path]:
    parts = [part for part in group.split("/") if part not in ("", "..")]
    for count in range(len(parts), -1, -1):
        yield mount.joinpath(*parts[:count])
