"""Links that lead to a run: `latest`, and the `median` of several seeds."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterable
from pathlib import Path

NO_LINKS = {errno.EPERM, errno.ENOSYS, errno.ENOTSUP}
"""What a file system says that knows no links."""


def where_to(path: Path) -> Path:
    """Where a link leads, from where its own path begins; a path that is no link as it stands."""
    return path.parent / path.readlink() if path.is_symlink() else path


def link_to(link: Path, target: Path) -> str | None:
    """Point a link at a run, unless something else has that name or the file system has no links.

    Args:
        link: The link.
        target: The run, from the link's folder.

    Returns:
        Why the disk refuses it; the link, if there was one, still leads to where it did.
    """
    temporary = link.with_name(f".{link.name}.{os.getpid()}.tmp")
    try:
        if link.is_symlink():
            if link.readlink() == target:
                return None
        elif link.exists():
            return None
        temporary.unlink(missing_ok=True)
        temporary.symlink_to(target, target_is_directory=True)
    except OSError as error:
        return None if error.errno in NO_LINKS and not link.is_symlink() else error.strerror
    try:
        temporary.replace(link)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        return error.strerror
    return None


def link_all(links: Iterable[Path], run: Path) -> tuple[str, ...]:
    """Point links at a run.

    Args:
        links: In the run's folder or in one above it.
        run: The run's directory.

    Returns:
        A note, where the disk refuses some of them.
    """
    found = {link: link_to(link, run.relative_to(link.parent)) for link in links}
    refused = {link: reason for link, reason in found.items() if reason is not None}
    if not refused:
        return ()
    names, reasons = " and ".join(map(str, refused)), ", ".join(dict.fromkeys(refused.values()))
    return (f"{names} can't be made to lead to {run}: {reasons}; the run is whole, give its own name",)
