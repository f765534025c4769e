"""The larger forms of the crash tests: more kills, more places, every cell.

`python -m tests.reliability.larger T1 1000` prints a row of a table: the test, what was done, and what was not
as it should be. Without a number a test does what its release form asks for. `--seed 8` draws other moments.

- T1: random kills of a process that writes checkpoints.
- T3: a kill before every call of a commit; T3run: before every call and failpoint of a whole run.
- T4: commands that are killed at random, a run up to ten times, within epochs too, and resumed.
- T5: every error at every call of a commit, once and lasting; T5run: at every call of a whole run, in turn.
- T6: a disk that is full from a call of one file of a run on; T6room: a whole run in a file system of so many KiB,
  which `unshare` must be allowed to mount.
- T7: flipped bits and lost ends of every file of a checkpoint.
- T8: cells trained straight by three processes each; of 27 the first.
- T9: resumed cells of networks, layers, rules and epochs, of which there are 81.
- T11: signals, once and twice, at calls that are spread over a run.
- T21: rounds of twenty that want one lock, and of twenty after a kill.
- T26: every mutant.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

from tests.reliability import trainings
from tests.reliability.forks import begun

WRITER = {"T1": ("kills", 1000), "T3": ("every_call", 0), "T5": ("every_error", 0), "T7": ("damage", 334), "T21": ("locks", 50)}  # fmt: skip
ROOM = """\
mount -t tmpfs -o size={size}k none {folder} && cd {folder} && cp {config} net.yaml &&
{python} -m tests.reliability.eager fit net.yaml -q; code=$?; ls -A {folder}/runs/net/*/checkpoint; exit $code
"""


def writer(test, count, seed, folder):
    """Many cases of one process without TensorFlow."""
    from tests.reliability.writer import CASES

    name, usual = WRITER[test]
    found = CASES[name](folder, count or usual, seed)
    done = next(found[key] for key in ("kills", "calls", "cases", "rounds") if key in found)
    return done, found.get("wrong", found.get("missed"))


def random_kills(count, folder, seed):
    """Commands that are killed; with a checkpoint at every look at the clock, so that many go on within an epoch."""
    from tests.reliability.net import CONFIG, only_run, record
    from tests.reliability.test_kill import KILLED, LONG, kept_something, killed_at_random, killed_early

    text = CONFIG.replace("epochs: 4", f"epochs: {LONG}\n  checkpoint: {{every: 1e-9}}")
    text = text.replace("patience: 3", f"patience: {LONG}")
    draw, runs, wrong, expected = random.Random(seed), 0, [], {}
    kills, within = Counter(), 0
    while kills.total() < count or not runs:
        ended = None
        place = folder / f"{runs}"
        place.mkdir()
        (place / "net.yaml").write_text(text)
        arguments = ["fit", "net.yaml", "-q"]
        for _ in range(10 if runs else 0):  # the first run is the one that was never killed
            early = draw.random() < 0.15
            ended, trained = (killed_early if early else killed_at_random)(place, draw, arguments)
            if ended != KILLED:  # it came to its end before it was to be killed
                break
            kills["in training" if trained else "before or after it"] += 1
            if kept_something(place):
                arguments = ["resume", only_run(place).relative_to(place)]
            elif (place / "runs").exists():
                shutil.rmtree(place / "runs")
        code, said = 0, ""
        if ended != 0:
            done = begun(arguments, place)
            code, said = done.wait(), done.stderr
            code = 0 if "has finished its" in said else code  # it was killed when it had just finished
        found = trainings.digest(only_run(place)) if not code else {}
        expected = expected or found
        within += sum(leg["after_step"] > 0 for leg in record(only_run(place)).get("resumed", ()))
        if found != expected:
            wrong.append([runs, code, said[-300:]])
            print(*wrong[-1], sorted(expected.items() ^ found.items()), flush=True)
        shutil.rmtree(place)
        runs += 1
        print(
            f"{runs - 1} runs, {dict(kills)}, {within} went on within an epoch, {len(wrong)} wrong",
            flush=True,
        )
    return f"{kills.total()} kills of {runs - 1} runs, {dict(kills)}, {within} went on within an epoch", wrong


def straight_again(count, folder):
    """Cells, each trained by three processes."""
    count = count or 12
    cells = [",".join(cell) for cell in trainings.CELLS[:: 27 // count][:count]]
    found = []
    for _ in range(3):
        done = subprocess.run(
            [sys.executable, "-m", "tests.reliability.trainings", *cells],
            capture_output=True,
            text=True,
            check=True,
        )
        found.append(json.loads(done.stdout))
    return f"{len(cells)} networks, 3 processes", [
        cell for cell in cells if len({str(one[cell]) for one in found}) > 1
    ]


def signals(count, folder):
    """Signals at calls of a run, the four kinds in turn."""
    from tests.reliability import test_signals as base

    with base.eager(), base.Disk(folder / "whole" / "runs" / "net") as disk:
        expected = base.digest(
            base.fit(base.written(folder / "whole", base.SHORT), folder / "whole" / "runs").path
        )
    wrong, slowest, count = [], 0.0, count or 40
    for case in range(count):
        kind, at, place = base.KINDS[case % 4], 3 + (len(disk.calls) - 6) * case // count, folder / f"{case}"
        number, message, seconds = base.signalled(place, at, kind)
        slowest = max(slowest, seconds)
        nothing = not [*(place / "runs" / "net").iterdir()]
        if number != kind[0] or seconds >= 5 or not (nothing or base.went_on(place, expected)):
            wrong.append([case, at, number, seconds, message])
    return f"{count} signals, the slowest took {slowest:.1f} s", wrong


def whole_run(count, folder):
    """Copies of one run, at every moment or at each `count`-th."""
    from tests.reliability.net import CONFIG
    from tests.reliability.test_same_bits import all_go_on

    text = CONFIG.replace("epochs: 4", "epochs: 3")
    moments, states, wrong = all_go_on(folder, text, lambda number, call, path: number % (count or 1) == 0)
    return f"{moments} moments, {states} states", wrong


def cells(count, folder):
    """Cells of the matrix: one straight run each, resumed after each of its first three epochs."""
    done, wrong = 0, []
    gc.freeze()
    for cell in trainings.CELLS[: -(-(count or 81) // 3)]:
        run, moments = trainings.photographed(
            folder.joinpath(*cell),
            trainings.text_of(*cell),
            lambda _, call, path: call == "checkpoint.committed",
        )
        expected = trainings.digest(run)
        for _, _, copy in list(moments.values())[:3]:
            done += 1
            if trainings.gone_on(copy) != expected:
                wrong.append([*cell, str(copy)])
        print(f"{done} resumed, {len(wrong)} wrong", flush=True)
    return done, wrong


@contextmanager
def quickly():
    """Trainings that TensorFlow makes no graphs of: what is asked of the disk is the same."""
    import tensorflow as tf

    gc.freeze()
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


def errors_of_a_run(count, folder):
    """Errors at calls of whole runs, at all of them by default, once and lasting in turn."""
    from tests.reliability.disk import ERRORS
    from tests.reliability.test_failing_disk import hurt, is_kept

    done, wrong = 0, []
    with quickly():
        for kind in ERRORS:
            calls = hurt(folder / f"whole-{kind}", error=kind)[0].calls
            for at in range(1, len(calls) + 1, max(1, 4 * len(calls) // (count or 4 * len(calls)))):
                place = folder / "run"
                disk, said = hurt(place, at=at, error=kind, lasting=at % 2 == 0)
                call, path = calls[at - 1]
                if ".latest." in path:  # no run fails for a link that can't be made: it has finished before
                    fine = said is None and not (at % 2 and list(place.rglob(".latest.*")))
                else:
                    fine = said is not None and said.exit_code == 7 and is_kept(place)
                if not (disk.failed and fine):
                    wrong.append([at, call, path, kind, at % 2 == 0, str(said)])
                shutil.rmtree(place)
                done += 1
            print(f"{kind}: {len(calls)} calls, {len(wrong)} wrong", flush=True)
    return f"{done} errors", wrong


def full_disk(count, folder):
    """A disk that is full, or a quota that is, from the first or a later call of one file of a run on."""
    from tests.reliability.test_failing_disk import PLACES, hurt, is_kept

    done, wrong = 0, []
    with quickly():
        for at, kind, lasting in ((1, "ENOSPC", True), (2, "ENOSPC", True), (1, "EDQUOT", True), (2, "EDQUOT", False), (3, "ENOSPC", False)):  # fmt: skip
            for place in PLACES:
                there = folder / "run"
                disk, said = hurt(
                    there, plots=place == "plots/", at=at, error=kind, lasting=lasting, only=place
                )
                told = said is not None and said.exit_code == 7 and "the disk is full" in str(said)
                if disk.failed and not (told and is_kept(there)):
                    wrong.append([place, at, kind, lasting, str(said)])
                done += bool(disk.failed)
                shutil.rmtree(there)
    return f"{done} cases", wrong


def no_room(count, folder):
    """A whole run of the command line in a file system that is too small for it."""
    from tests.reliability.net import CONFIG

    (folder / "net.yaml").write_text(CONFIG)
    (folder / "mounted").mkdir()
    script = ROOM.format(
        size=count or 60, folder=folder / "mounted", config=folder / "net.yaml", python=sys.executable
    )
    done = subprocess.run(
        ["unshare", "-Ur", "--mount", "sh", "-c", script], capture_output=True, text=True, check=False
    )
    fine = done.returncode == 7 and "the disk is full" in done.stderr
    return f"exit {done.returncode}", [] if fine else [done.stderr[-300:]]


def mutants(names):
    """Mutants, all by default."""
    from tests.reliability.mutants import MUTANTS, NOTHING, try_all

    found = try_all(names or list(MUTANTS))
    wrong = ["the tests fail by themselves"] if found.pop(NOTHING) else []
    return len(found), wrong + [name for name, failed in found.items() if failed is None]


def main() -> None:
    """Do one test and print its row."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument(
        "test", choices=[*WRITER, "T3run", "T4", "T5run", "T6", "T6room", "T8", "T9", "T11", "T26"]
    )
    asked.add_argument("count", type=int, nargs="?", default=0)
    asked.add_argument("--seed", type=int, default=7)
    given = asked.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as name:
        folder = Path(name)
        if given.test in WRITER:
            done, wrong = writer(given.test, given.count, given.seed, folder)
        elif given.test == "T26":
            done, wrong = mutants([])
        elif given.test == "T4":
            done, wrong = random_kills(given.count or 300, folder, given.seed)
        else:
            larger = {
                "T3run": whole_run,
                "T5run": errors_of_a_run,
                "T6": full_disk,
                "T6room": no_room,
                "T8": straight_again,
                "T9": cells,
                "T11": signals,
            }[given.test]
            done, wrong = larger(given.count, folder)
    seconds = time.monotonic() - began
    sys.stdout.write(f"| {given.test} | {done} | {len(wrong)} wrong | {seconds:.0f} s |\n")
    for one in wrong:
        sys.stdout.write(f"  {one}\n")
    raise SystemExit(bool(wrong))


if __name__ == "__main__":
    main()
