"""The main function of a search's processes: try values until none are left, or a fresh process is due."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from nntrain.errors import NntrainError
from nntrain.run.bench.protocol import error_message
from nntrain.run.signals import Interrupted


class Unwatched:
    """Shows nothing: the process that started this one reads the study's file."""

    def opened(self, *_: Any) -> None:
        """Ignore it."""

    def began(self, *_: Any) -> None:
        """Ignore it."""

    def ended(self, *_: Any) -> None:
        """Ignore it."""

    def close(self) -> None:
        """Nothing is open."""


def main() -> None:
    """Work; a mistake that ends all trials is told to the process that started this one."""
    job = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_the_other, daemon=True).start()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from nntrain.run.search.study import join_study
    from nntrain.run.search.tune import work

    code = 0
    try:
        work(
            join_study(Path(job["study"]), job["storage"]),
            Unwatched(),
            job["device"],
            job["allow_code"],
            threads=1,
            most=job["most"],
            deadline=job["deadline"],
        )
    except NntrainError as error:
        sys.stdout.write(json.dumps(error_message(error), allow_nan=False) + "\n")
        code = error.exit_code
    except Interrupted as stopped:
        code = 128 + stopped.signum
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _end_with_the_other() -> None:
    """Stop as by a signal once the process that started this one has gone, however that happened."""
    while sys.stdin.readline():
        continue
    os.kill(os.getpid(), signal.SIGTERM)
