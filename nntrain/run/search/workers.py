"""Several processes that try values at once; each imports TensorFlow once for many trials."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from nntrain.errors import NntrainError, Problem
from nntrain.run.bench.protocol import error_of
from nntrain.run.search.study import Study
from nntrain.run.search.tune import TuneResult, Watcher, deadline_of, interrupted, result_of
from nntrain.run.signals import stop_switch
from nntrain.search.draw import wanted
from nntrain.search.trial import COUNTED, Trial, to_be_tried_again

START = (
    "import sys; root = sys.argv[1]; root in sys.path or sys.path.insert(0, root); "
    "from nntrain.run.search.worker import main; main()"
)
ROOT = Path(__file__).parents[3]
TRIALS = 50
"""Of one process, which then makes room for a fresh one: TensorFlow keeps something of every network."""
FOREVER = 1e9
PATIENCE = 30.0
"""Seconds that a process has to end its trial in order."""


@dataclass
class Process:
    """One that tries values."""

    running: subprocess.Popen[str]
    noise: IO[bytes] = field(repr=False)

    @classmethod
    def start(cls, job: dict[str, Any]) -> Process:
        """Start one, in a session of its own, so that a Ctrl-C reaches only the process that started it."""
        noise = tempfile.TemporaryFile()  # noqa: SIM115  # closed with the process
        running = subprocess.Popen(
            [sys.executable, "-P", "-c", START, str(ROOT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=noise,
            encoding="utf-8",
            start_new_session=True,
        )
        assert running.stdin is not None
        running.stdin.write(json.dumps(job) + "\n")
        running.stdin.flush()  # and stays open: its end tells the process that this one has gone
        return cls(running, noise)

    @property
    def has_ended(self) -> bool:
        """Whether it has, in whatever way."""
        return self.running.poll() is not None

    def check(self) -> None:
        """Look at how it ended, and close what led to it.

        Raises:
            NntrainError: With what would end every trial.
        """
        code = self.running.wait()
        assert self.running.stdout is not None
        said = self.running.stdout.readline()
        self.noise.seek(0)
        lines = self.noise.read().decode(errors="replace").splitlines()
        self.close()
        if said.endswith("\n"):
            raise error_of(json.loads(said)["error"])
        if code > 0 and code < 128:
            last = next((line.strip() for line in reversed(lines) if line.strip()), "")
            message = f"a process of the search ended with exit code {code}: {last[:300]}"
            raise NntrainError(Problem(message, id="search-process"))

    def close(self) -> None:
        """Close what led to it."""
        for stream in (self.running.stdin, self.running.stdout, self.noise):
            if stream is not None:
                try:
                    stream.close()
                except BrokenPipeError:
                    continue


def with_workers(
    study: Study, watcher: Watcher, device: str | None, allow_code: bool, jobs: int
) -> TuneResult:
    """Let processes try values until there are enough.

    Args:
        study: Is there.
        watcher: Is told what happens.
        device: Overrides `training.device`.
        allow_code: Whether the user's own code may be run.
        jobs: How many processes at once.

    Raises:
        NntrainError: What would end every trial.
        Interrupted: Ctrl-C or a signal.
    """
    began, end = time.perf_counter(), deadline_of(study)
    job: dict[str, Any] = {"study": str(study.path.absolute()), "device": device, "allow_code": allow_code}
    job["storage"] = study.storage
    job |= {"most": TRIALS, "deadline": min(end, time.time() + FOREVER)}
    processes: list[Process] = []
    study.ledger.find_lost()
    seen = {trial.number: trial for trial in study.ledger.trials}
    watcher.opened(study, list(seen.values()), wanted(study.search))
    try:
        with stop_switch() as stop:
            try:
                while _go_on(study, processes, job, jobs, end):
                    _tell(watcher, seen, study.ledger.trials)
                    time.sleep(study.ledger.look)
            except KeyboardInterrupt:
                _end(processes)
                raise interrupted(study, stop.cause) from None
    finally:
        _end(processes)
        _tell(watcher, seen, study.ledger.trials)
        watcher.close()
    return result_of(study, time.perf_counter() - began)


def _go_on(study: Study, processes: list[Process], job: dict[str, Any], jobs: int, end: float) -> bool:
    """Put processes in the place of those that ended, as far as there is work; whether any is there."""
    for process in [each for each in processes if each.has_ended]:
        processes.remove(process)
        process.check()
        study.ledger.find_lost()
    trials = study.ledger.trials
    left = _left(study, trials) if time.time() < end else 0
    while left > 0 and len(processes) < min(jobs, left + _running(trials)):
        processes.append(Process.start(job))
    return bool(processes)


def _left(study: Study, trials: list[Trial]) -> int:
    """How many trials nobody has taken up yet."""
    counted = sum(trial.state in COUNTED for trial in trials)
    return max(wanted(study.search) - counted, len(to_be_tried_again(trials)))


def _running(trials: list[Trial]) -> int:
    return sum(trial.state == "running" for trial in trials)


def _tell(watcher: Watcher, seen: dict[int, Trial], trials: list[Trial]) -> None:
    """Tell what has happened since the last look."""
    for trial in trials:
        before = seen.get(trial.number)
        if before is None:
            watcher.began(trial)
        if trial.state != "running" and (before is None or before.state == "running"):
            watcher.ended(trial, trials)
        seen[trial.number] = trial


def _end(processes: list[Process]) -> None:
    """End processes in order, or at once where they take too long."""
    for process in processes:
        if not process.has_ended:
            process.running.send_signal(signal.SIGINT)
    until = time.monotonic() + PATIENCE
    for process in processes:
        try:
            process.running.wait(max(until - time.monotonic(), 0.1))
        except subprocess.TimeoutExpired:
            process.running.kill()
            process.running.wait()
        process.close()
    processes.clear()
