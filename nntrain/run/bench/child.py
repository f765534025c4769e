"""A process of a bench, as the one that started it sees it."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType

from nntrain.errors import MemoryLimitError, NntrainError, Problem
from nntrain.run import finite
from nntrain.run.bench.protocol import Job, Message, error_of

START = (
    "import sys; root = sys.argv[1]; root in sys.path or sys.path.insert(0, root); "
    "from nntrain.run.bench.worker import main; main()"
)
"""Runs the same nntrain as this process, wherever it was imported from."""
ROOT = Path(__file__).parents[3]


class Child:
    """A process that works when it is asked to; leaving the block ends it.

    It stands in a session of its own, so that a Ctrl-C reaches only the process that started it.
    """

    def __init__(self, title: str, job: Job) -> None:
        """Start the process.

        Args:
            title: For messages.
            job: What it is for.
        """
        self.title = title
        self._noise = tempfile.TemporaryFile()  # noqa: SIM115  # closed with the child
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", START, str(ROOT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._noise,
            encoding="utf-8",
            start_new_session=True,
        )
        self.send(job.to_json())

    def __enter__(self) -> Child:
        """Take it into a block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None
    ) -> None:
        """End the process: it writes no files, so nothing is lost."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._noise):
            if stream is not None:
                try:
                    stream.close()
                except BrokenPipeError:
                    continue  # what it was sent last

    def send(self, message: Message) -> None:
        """Ask for something; that the process has gone is seen when it should answer."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(finite.dumps(message) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            return

    def receive(self) -> Message:
        """The next answer.

        Raises:
            NntrainError: What the process told in place of an answer, or that it has ended.
        """
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line.endswith("\n"):
            raise self._ended()
        answer: Message = finite.loads(line)
        if "error" in answer:
            raise error_of(answer["error"])
        return answer

    def ask(self, message: Message) -> Message:
        """Send and receive."""
        self.send(message)
        return self.receive()

    def _ended(self) -> NntrainError:
        code = self._process.wait()
        if code == -signal.SIGKILL:
            return MemoryLimitError(
                Problem(
                    f"the process of {self.title} was killed, as the system does when memory runs out; "
                    "use fewer rows or a smaller training.batch_size",
                    id="memory",
                )
            )
        how = f"by signal {-code}" if code < 0 else f"with exit code {code}"
        said = self._last_words()
        because = f": {said}" if said else ""
        return NntrainError(Problem(f"the process of {self.title} ended {how}{because}", id="bench-process"))

    def _last_words(self) -> str:
        """The last line of the error stream, where Python names the exception."""
        self._noise.seek(0)
        lines = self._noise.read().decode(errors="replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "")[:300]
