"""`nntrain bench` whose processes are forks of its own: it is begun by the server of `tests.reliability.forks`."""

from __future__ import annotations

import os
import signal
import sys
import traceback

from nntrain.cli.main import main as as_it_is
from nntrain.run.bench import child, survey, worker


class Fork:
    """What a bench needs of a `Popen`; it does what a started process would do, without importing anything."""

    _streams: tuple = ()
    """This process' ends of all pipes, which a fork must not keep open."""

    def __init__(self, command, *, stderr, **how):
        assert command[2:4] == ["-c", child.START]
        assert how.pop("start_new_session")
        commands, to = os.pipe()
        from_there, answers = os.pipe()
        self.stdin = os.fdopen(to, "w", encoding=how["encoding"])
        self.stdout = os.fdopen(from_there, encoding=how["encoding"])
        Fork._streams += (self.stdin, self.stdout)
        self.pid = os.fork()
        if not self.pid:
            self._work(commands, answers, stderr.fileno())
        os.close(commands)
        os.close(answers)
        self._code = None

    @staticmethod
    def _work(commands, answers, noise):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        os.setsid()
        for number, stream in enumerate((commands, answers, noise)):
            os.dup2(stream, number)
        for stream in Fork._streams:
            if not stream.closed:
                os.close(stream.fileno())
        sys.stdin = open(0, closefd=False)  # noqa: SIM115
        code = 0
        try:
            worker.main()
        except SystemExit as leaving:
            code = leaving.code or 0
        except BaseException:  # noqa: BLE001 - a fork must end here, whatever it was
            traceback.print_exc()
            code = 1
        sys.stderr.flush()
        os._exit(code)

    def kill(self):
        if self._code is None:
            os.kill(self.pid, signal.SIGKILL)

    def wait(self):
        """The exit code, negative for a signal."""
        if self._code is None:
            self._code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self._code


class Forks:
    """In place of `subprocess`, as the module of a bench's processes sees it."""

    Popen, PIPE = Fork, None


def main():
    """Run the command line; matrices that are multiplied are small."""
    child.subprocess = Forks
    survey.CPU_SIZE = 256
    as_it_is()
