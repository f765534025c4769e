"""A process that writes checkpoints without TensorFlow, and is hurt while it does: many cases a second.

`python -m tests.reliability.writer NAME COUNT SEED` prints what came of it as JSON.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from nntrain.errors import ConflictError, MachineError
from nntrain.run.checkpoint.store import Store
from nntrain.run.lock import RunLock
from nntrain.training.state import Snapshot
from tests.reliability.disk import ERRORS, Disk
from tests.reliability.net import kept as committed
from tests.reliability.net import reopened

LOSSES = [3.0, 2.0, 1.0, 4.0, 5.0, 1.5, 0.5, 2.5] * 500
"""Of the epochs: the best one is not the last, so that three checkpoints stay."""
SHARED = "/dev/shm"
"""Files in memory: what a killed process leaves there is what it would leave on a disk."""
FILES = ("arrays.npz", "state.json", "manifest.json")


def snapshot(epoch, size=300):
    """The state after an epoch: every number in it is the epoch's."""
    rows = [{"epoch": i + 1, "loss": LOSSES[i]} for i in range(epoch)]
    arrays = {"weights/0000": np.full((size, 20), epoch, np.float32), "python": np.full(9, epoch, np.uint64)}
    return Snapshot(epoch, False, arrays, {"callbacks": []}, {}, rows, [0.1] * epoch)


def is_right(found):
    """Whether a state is whole: of one epoch, with a row for each."""
    same = all((array == found.epoch).all() for array in found.arrays.values())
    return same and [row["loss"] for row in found.history] == LOSSES[: found.epoch]


def in_a_child(work):
    """Do something in a fork of this process; its exit status, negative for a signal."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def refused(text):
    raise AssertionError(text)


def _commit_on(run, begin, size, told):
    """Commit epoch after epoch, and tell each when it is committed."""
    store = Store(run, keep=2)
    for epoch in range(begin + 1, len(LOSSES)):
        store.commit(snapshot(epoch, size))
        os.write(told, f"{epoch:06}".encode())


def kills(folder, count, seed):
    """T1: a child commits epoch after epoch and is killed at a random moment; the next one goes on."""
    draw, wrong, committed_by_then = random.Random(seed), [], 0
    run = folder / "run"
    run.mkdir()
    Store(run).commit(snapshot(1))
    known = 1
    for number in range(count):
        reading, writing = os.pipe()
        began, size, moment = time.monotonic(), draw.choice((3, 300, 9000)), draw.random()
        child = os.fork()
        if child == 0:
            _commit_on(run, known, size, writing)
            os._exit(0)
        for _ in range(draw.randint(1, 3)):
            began, known = time.monotonic(), int(os.read(reading, 6))
        time.sleep(moment * 1.3 * took if (took := time.monotonic() - began) < 1 else 0.1)
        os.kill(child, signal.SIGKILL)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        os.close(writing)
        while told := os.read(reading, 6):
            known = int(told)
        os.close(reading)
        found = reopened(run, refused)
        best = min(range(1, found.epoch + 1), key=lambda epoch: LOSSES[epoch - 1])
        fine = is_right(found) and found.epoch in {known, known + 1} and best in committed(run)
        if status != -signal.SIGKILL or not fine or [*(run / "checkpoint").glob(".*")]:
            wrong.append([number, status, known, found.epoch, committed(run)])
        committed_by_then += found.epoch == known + 1
        known = found.epoch
        if known > len(LOSSES) - 50:
            shutil.rmtree(run / "checkpoint")
            Store(run).commit(snapshot(1))
            known = 1
    return {"kills": count, "epochs": known, "after the commit point": committed_by_then, "wrong": wrong}


def _third_commit(folder, run):
    """A run with two checkpoints, of which the third commit removes the first one."""
    if not (base := folder / "base").exists():
        base.mkdir()
        for epoch in (1, 2):
            Store(base, keep=2).commit(snapshot(epoch, 3000))
    shutil.copytree(base, run)
    return Store(run, keep=1)


def calls_of_a_commit(folder):
    """What the third commit asks of the system."""
    run = folder / "counted"
    store = _third_commit(folder, run)
    with Disk(run) as disk:
        store.commit(snapshot(3, 3000))
    return disk.calls


def every_call(folder, count, seed):
    """T3: a child is killed before the n-th call of a commit, for every n."""
    calls, wrong = calls_of_a_commit(folder), []
    for number in range(1, len(calls) + 1):
        run = folder / f"{number}"
        store = _third_commit(folder, run)

        def die(store=store, run=run, number=number):
            with Disk(run, at=number):
                store.commit(snapshot(3, 3000))

        status = in_a_child(die)
        done = [call for call, _ in calls[: number - 1]]
        found = reopened(run, refused)
        stray = [*(run / "checkpoint").glob(".*")]
        expected = 3 if "rename" in done else 2
        if status != -signal.SIGKILL or found.epoch != expected or not is_right(found) or stray:
            wrong.append([number, *calls[number - 1], status, found.epoch])
        Store(run, keep=1).commit(snapshot(4))
        if committed(run)[-1] != 4:
            wrong.append([number, "the next commit"])
        shutil.rmtree(run)
    return {"calls": len(calls), "wrong": wrong}


def every_error(folder, count, seed):
    """T5: the n-th call of a commit fails, once or from then on, for every n and every error."""
    calls, wrong, cases = calls_of_a_commit(folder), [], 0
    for error in ERRORS:
        for lasting in (False, True):
            for number in range(1, len(calls) + 1):
                run = folder / "run"
                store = _third_commit(folder, run)
                said = None
                with Disk(run, at=number, error=error, lasting=lasting) as disk:
                    try:
                        store.commit(snapshot(3, 3000))
                    except MachineError as failure:
                        said = failure
                if disk.failed:
                    cases += 1
                    found = reopened(run, refused)
                    # Whether a folder is there can be found out though it can't be made.
                    told = said.exit_code == 7 if said else disk.calls[number - 1] == ("mkdir", "checkpoint")
                    whole = told and is_right(found) and found.epoch in {2, 3}
                    Store(run, keep=1).commit(snapshot(4))
                    if not whole or committed(run)[-1] != 4 or [*(run / "checkpoint").glob(".*")]:
                        wrong.append([error, lasting, number, *calls[number - 1], str(said)])
                shutil.rmtree(run)
    return {"cases": cases, "wrong": wrong}


def damage(folder, count, seed):
    """T7: a bit of each file is flipped, or its end is cut off, at `count` places each."""
    draw, missed, cases = random.Random(seed), [], 0
    run = folder / "run"
    run.mkdir()
    for epoch in (1, 2):
        Store(run).commit(snapshot(epoch, 30))
    newest = run / "checkpoint" / "00002"
    for name in FILES:
        whole = (newest / name).read_bytes()
        for kind in ("flip", "cut"):
            for at in sorted(draw.sample(range(len(whole)), min(count, len(whole)))):
                if kind == "flip":
                    bit = 1 << draw.randrange(8)
                    content = whole[:at] + bytes([whole[at] ^ bit]) + whole[at + 1 :]
                else:
                    content = whole[:at]
                damaged = folder / "damaged"
                shutil.copytree(run, damaged)
                (damaged / "checkpoint" / "00002" / name).write_bytes(content)
                notes = []
                found = reopened(damaged, notes.append)
                cases += 1
                if found.epoch != 1 or not is_right(found) or len(notes) != 1 or committed(damaged) != [1]:
                    missed.append([name, kind, at])
                shutil.rmtree(damaged)
    return {"cases": cases, "missed": missed}


def _contend(run, go, end, told):
    go.wait()
    try:
        lock = RunLock(run, run)
    except ConflictError:
        told.put("refused")
        return
    told.put("owner")
    end.wait()
    lock.release()


def locks(folder, count, seed):
    """T21: an owner is killed, and twenty at once want its run; as often as `count` says."""
    fork, wrong = multiprocessing.get_context("fork"), []
    for number in range(count):
        owners = []
        for _ in range(2):  # the first twenty find no owner, the second find one that was killed
            go, end, told = fork.Event(), fork.Event(), fork.Queue()
            crowd = [fork.Process(target=_contend, args=(folder, go, end, told)) for _ in range(20)]
            for one in crowd:
                one.start()
            go.set()
            said = sorted(told.get(timeout=60) for _ in crowd)
            owners.append(said.count("owner"))
            alive = [one for one in crowd if one.is_alive()]
            while len(alive) > 1:
                time.sleep(0.002)
                alive = [one for one in crowd if one.is_alive()]
            for one in alive:
                one.kill()
            for one in crowd:
                one.join()
        try:
            RunLock(folder, folder).release()
        except ConflictError:
            wrong.append([number, "the lock of the killed one is held"])
        if owners != [1, 1]:
            wrong.append([number, owners])
    return {"rounds": count, "wrong": wrong}


CASES = {
    "kills": kills,
    "every_call": every_call,
    "every_error": every_error,
    "damage": damage,
    "locks": locks,
}


def main(name, count, seed):
    with tempfile.TemporaryDirectory(dir=SHARED if os.access(SHARED, os.W_OK) else None) as folder:
        return CASES[name](Path(folder), int(count), int(seed))


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(*sys.argv[1:])))
