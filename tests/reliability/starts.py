"""Processes that begin runs at the same moment, in one folder."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

from tests.conftest import ROOT
from tests.reliability.forks import begun

START = """\
import sys, time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from nntrain.run.directory import RunDirectory

folder, number = Path(sys.argv[1]), int(sys.argv[2])
now = datetime(2026, 1, 2, 3, 4, 5)

def begin(thread):
    run = RunDirectory.create(folder / "runs", "x", {"owner": f"{number}.{thread}"}, now)
    run.link_latest()
    return run

(folder / f"ready-{number}").touch()
with ThreadPoolExecutor(4) as pool:
    while not (folder / "go").exists():
        time.sleep(0.001)
    for run in pool.map(begin, range(4)):
        run.update({"status": "finished"})
"""


def begin_together(folder: Path, processes: int) -> None:
    """Begin four runs a process, all at once and all of one second."""
    command = [sys.executable, "-c", START, str(folder)]
    started = [
        subprocess.Popen([*command, str(number)], env={"PYTHONPATH": str(ROOT)})
        for number in range(processes)
    ]
    while len(list(folder.glob("ready-*"))) < processes:
        assert all(process.poll() is None for process in started)
    (folder / "go").touch()
    assert [process.wait() for process in started] == [0] * processes


class OneSecond(datetime):
    """A clock that stands."""

    @classmethod
    def now(cls, tz=None):
        return datetime(2026, 1, 2, 3, 4, 5)


def trained():
    """`nntrain`, begun when the others are and in the same second as they all; without pictures."""
    import tensorflow as tf

    from nntrain.cli.main import main
    from nntrain.run import artefacts, fit

    fit.datetime, artefacts.write_plots = OneSecond, lambda *_: None
    tf.config.run_functions_eagerly(True)
    while not Path("go").exists():
        time.sleep(0.001)
    main()


def train_together(folder: Path, processes: int) -> list[str]:
    """Let so many commands train at once: what those said that failed."""
    (folder / "go").unlink(missing_ok=True)
    going = [begun(["fit", "net.yaml", "-q"], folder, what=f"{__name__}:trained") for _ in range(processes)]
    (folder / "go").touch()
    return [one.stderr for one in going if one.wait()]
