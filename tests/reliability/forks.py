"""Commands that begin as forks of a process which has imported all that they need, and has done nothing with it.

Importing Keras takes seconds, and a fork of a process that has it begins at once. The process that is forked
has one thread, and TensorFlow has computed nothing in it, so that a fork is what a process of its own is once it has
imported the same: it ends by `kill -9` as any does, and `test_forks.py` compares the bits that both come to.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import pkgutil
import signal
import subprocess
import sys
import tempfile
import traceback
from functools import cache
from importlib import import_module
from pathlib import Path

from tests.conftest import ROOT

BESIDES = (
    "sklearn.datasets",
    "sklearn.model_selection",
    "matplotlib.backends.backend_agg",
    "matplotlib.figure",
)
"""What a training imports after Keras, besides this package's own modules."""

ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "JE_ARROW_MALLOC_CONF": "background_thread:false"}
"""What libraries are asked for that would begin threads when they are imported."""


class Command:
    """One that goes on, or has ended; it can be asked what a `Popen` can."""

    def __init__(self, server, pid, told):
        self._server, self.pid, self._told = server, pid, told
        self.returncode = None

    def poll(self):
        """The exit code, negative for a signal; None while it goes on."""
        if self.returncode is None:
            self.returncode = self._server.ask(poll=self.pid)
        return self.returncode

    def wait(self):
        """The exit code, once it has ended."""
        if self.returncode is None:
            self.returncode = self._server.ask(wait=self.pid)
        return self.returncode

    def seconds(self):
        """How long it has computed, as long as nobody has been told that it ended."""
        times = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[11:13]
        return sum(map(int, times)) / os.sysconf("SC_CLK_TCK")

    def send_signal(self, number):
        os.kill(self.pid, number)

    def kill(self):
        """End it as `kill -9` does, if it has not ended before."""
        if self.poll() is None:
            os.kill(self.pid, 9)

    @property
    def stdout(self):
        """What it has printed until now."""
        return Path(f"{self._told}.out").read_text()

    @property
    def stderr(self):
        return Path(f"{self._told}.err").read_text()


class Server:
    """The process that is forked. It ends with the one that made it."""

    def __init__(self):
        self._told = tempfile.TemporaryDirectory()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.reliability.forks"],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
            env={**os.environ, "PYTHONPATH": str(ROOT), **ONE_THREAD},
        )  # fmt: skip
        self._started = 0
        self.threads = self.ask(threads=True)

    def ask(self, **what):
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def start(self, arguments, folder, what="tests.reliability.eager:main", **environment):
        """Begin a command in a folder.

        Args:
            arguments: Texts or paths.
            folder: Where the command is started.
            what: The module and the function of it that is the command.
            environment: What it finds in its environment, and failpoints too.
        """
        asked = {"arguments": [*map(str, arguments)], "folder": str(folder), "what": what}
        self._started += 1
        told = f"{self._told.name}/{self._started}"
        for name in ("out", "err"):
            Path(f"{told}.{name}").touch()
        return Command(self, self.ask(**asked, environment=environment, told=told), told)

    def close(self):
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()
        self._told.cleanup()


@cache
def server():
    """The one of this process, which is made when it is first needed."""
    made = Server()
    atexit.register(made.close)
    return made


def begun(arguments, folder, **how):
    """Begin `nntrain`, with a checkpoint after every epoch, or another command."""
    return server().start(arguments, folder, **how)


def _become(arguments, folder, what, environment, told):
    """What a fork does: the command, as if a process had been started for it."""
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for number, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(f"{told}.{name}", os.O_WRONLY), number)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # what runs in the background ignores it
    sys.stdin = open(0, closefd=False)  # noqa: SIM115 - what the server had read ahead is not the fork's
    os.chdir(folder)
    os.environ.update(environment)
    sys.argv = ["nntrain", *arguments]
    try:
        from nntrain.run import failpoints

        if environment.get(failpoints.VARIABLE):  # it is looked at when the module is imported
            failpoints._ARMED = failpoints._Armed(environment[failpoints.VARIABLE])
        module, _, function = what.partition(":")
        getattr(import_module(module), function)()
        code = 0
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else leaving.code is not None
    except BaseException:  # noqa: BLE001 - a fork must end here, whatever it was
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _ended(pid, how):
    """The exit code of a fork, None if it goes on and that is not waited for."""
    found, status = os.waitpid(pid, how)
    return os.waitstatus_to_exitcode(status) if found else None


def serve():
    """Import everything, then fork for each line of the standard input that asks for it."""
    import nntrain
    from nntrain.run.keras_import import imported

    imported()
    for name in [module.name for module in pkgutil.walk_packages(nntrain.__path__, "nntrain.")]:
        if not name.endswith("__main__"):
            import_module(name)
    for name in BESIDES:
        import_module(name)
    gc.collect()
    gc.freeze()
    for line in sys.stdin:
        asked = json.loads(line)
        if "wait" in asked:
            answer = _ended(asked["wait"], 0)
        elif "poll" in asked:
            answer = _ended(asked["poll"], os.WNOHANG)
        elif "threads" in asked:
            answer = len([*Path("/proc/self/task").iterdir()])
        else:
            answer = os.fork()
            if not answer:
                _become(**asked)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    serve()
