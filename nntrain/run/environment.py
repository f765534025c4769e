"""What a run's record says of the machine and the code that made it."""

from __future__ import annotations

import os
import platform
import shlex
import socket
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

from nntrain.run.passwords import masked
from nntrain.run.processor import processor

PACKAGES = ("nntrain", "tensorflow", "keras", "numpy", "scikit-learn")


def environment(folder: Path) -> dict[str, Any]:
    """Versions, machine, command and git commit.

    Args:
        folder: The config's folder, whose repository is asked for its commit.
    """
    return {
        "versions": versions(),
        "machine": {
            "system": platform.platform(),
            "processor": platform.machine(),
            **processor(),
            "cores": os.cpu_count(),
            "host": socket.gethostname(),
        },
        "process": os.getpid(),
        "command": shlex.join([Path(sys.argv[0]).name, *map(masked, sys.argv[1:])]),
        "folder": str(Path.cwd()),
        "git": _git(folder),
    }


def versions() -> dict[str, str | None]:
    """Of Python and of the packages that compute."""
    return {"python": platform.python_version(), **{name: _version(name) for name in PACKAGES}}


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _git(folder: Path) -> dict[str, Any] | None:
    """Commit of the config's repository, and whether files differed from it; None outside of one."""
    commit = _output(folder, "rev-parse", "HEAD")
    if commit is None:
        return None
    return {"commit": commit, "changed": bool(_output(folder, "status", "--porcelain", "-uno"))}


def _output(folder: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments], capture_output=True, text=True, timeout=5, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def is_alive(record: dict[str, Any]) -> bool:
    """Whether the process that writes a run still exists on this machine."""
    if record.get("machine", {}).get("host") != socket.gethostname():
        return True
    try:
        os.kill(int(record["process"]), 0)
    except (ProcessLookupError, KeyError, ValueError):
        return False
    except PermissionError:
        return True
    return True
