"""The larger forms of the crash tests: more kills, more places, every cell.

`python -m tests.reliability.larger T1 1000` prints a row of a table: the test, what was done, and what was not
as it should be. Without a number a test does what its release form asks for. `--seed 8` draws other moments.

- T1: random kills of a process that writes checkpoints.
- T3: a kill before every call of a commit; T3run: before every call and failpoint of a whole run.
- T5: every error at every call of a commit, once and lasting; T5run: at calls of a whole run.
- T6: a whole run in a file system of so many KiB, which `unshare` must be allowed to mount.
- T7: flipped bits and lost ends of every file of a checkpoint.
- T9: resumed cells of networks, layers, rules and epochs, of which there are 81.
- T21: rounds of twenty that want one lock, and of twenty after a kill.
- T26: every mutant.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

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


def whole_run(count, folder):
    """Copies of one run, at every moment or at each `count`-th."""
    from tests.reliability.net import CONFIG
    from tests.reliability.test_same_bits import all_go_on

    text = CONFIG.replace("epochs: 4", "epochs: 3")
    moments, states, wrong = all_go_on(folder, text, lambda number, call, path: number % (count or 1) == 0)
    return f"{moments} moments, {states} states", wrong


def cells(count, folder):
    """Cells of the matrix: one straight run each, resumed after each of its first three epochs."""
    from tests.reliability import trainings

    done, wrong = 0, []
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
    return done, wrong


def errors_of_a_run(count, folder):
    """Errors at calls of whole runs, spread over them; one kind after another."""
    from tests.reliability.disk import ERRORS
    from tests.reliability.test_failing_disk import hurt, is_kept

    calls = hurt(folder / "whole")[0].calls
    wrong, count = [], count or 8 * len(calls)
    for case in range(count):
        at, kind, lasting = 1 + case * len(calls) // count, ERRORS[case % 4], case // 4 % 2 == 0
        place = folder / f"{case}"
        disk, said = hurt(place, at=at, error=kind, lasting=lasting)
        told = said is not None and said.exit_code == 7
        if disk.failed and not (told and is_kept(place)):
            wrong.append([at, *calls[at - 1], kind, lasting])
    return count, wrong


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
    asked.add_argument("test", choices=[*WRITER, "T3run", "T5run", "T6", "T9", "T26"])
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
        else:
            larger = {"T3run": whole_run, "T5run": errors_of_a_run, "T6": no_room, "T9": cells}[given.test]
            done, wrong = larger(given.count, folder)
    seconds = time.monotonic() - began
    sys.stdout.write(f"| {given.test} | {done} | {len(wrong)} wrong | {seconds:.0f} s |\n")
    for one in wrong:
        sys.stdout.write(f"  {one}\n")
    raise SystemExit(bool(wrong))


if __name__ == "__main__":
    main()
