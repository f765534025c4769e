"""Each line that keeps a run safe, taken away in a copy of the package: a test that is named here notices.

`python -m tests.reliability.mutants [NAME ...]` prints what noticed each of them, as JSON; all by default.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CALLS = "reliability/test_order_of_calls.py"
STORE = "run/test_checkpoint_store.py"
SNAPSHOT = "training/test_snapshot.py::test_training_goes_on_from_any_epoch_to_the_same_bits"
NOISE = f"{SNAPSHOT}[noise, plateau-compiled]"
STOPPING = f"{SNAPSHOT}[recurrent, early stopping-compiled]"
RESUME = "run/test_resume.py"


@dataclass(frozen=True)
class Mutant:
    """A line of the package, what stands in its place, and the test that must fail."""

    file: str
    line: str
    instead: str
    test: str
    every_time: bool = False
    """Whether it is tried in every run of the tests."""


ALWAYS = True
NOTHING = "nothing is changed"
"""The last one that is tried, of which no test may fail."""
MUTANTS = {
    "files of a checkpoint are not brought to the disk": Mutant(
        "run/checkpoint/store.py", "os.fsync(stream.fileno())", "pass",
        f"{CALLS}::test_every_file_of_a_checkpoint_is_on_the_disk_before_it_has_its_name", ALWAYS,
    ),
    "the folder of a checkpoint is not brought to the disk": Mutant(
        "run/checkpoint/store.py", "synced_folder(unfinished)", "pass",
        f"{CALLS}::test_the_folder_of_a_checkpoint_is_on_the_disk_before_it_has_its_name", ALWAYS,
    ),
    "the new name of a checkpoint is not brought to the disk": Mutant(
        "run/checkpoint/store.py", "synced_folder(self.folder)", "pass",
        f"{CALLS}::test_the_name_of_a_checkpoint_is_on_the_disk_before_an_older_one_goes",
    ),
    "the folder of checkpoints is not brought to the disk": Mutant(
        "run/checkpoint/store.py", "synced_folder(self.run)", "pass",
        f"{CALLS}::test_the_folder_of_checkpoints_is_on_the_disk_before_there_is_one_in_it",
    ),
    "a checkpoint is written in place": Mutant(
        "run/checkpoint/store.py",
        'unfinished = self.folder / f"{UNFINISHED}{final.name}-{os.getpid()}"', "unfinished = final",
        "reliability/test_writer.py::"
        "test_a_kill_before_any_call_of_a_commit_leaves_the_old_state_or_the_new_one", ALWAYS,
    ),
    "older checkpoints go before the new one is there": Mutant(
        "run/checkpoint/store.py", "            self._write(files, unfinished, final)\n",
        "            for old in committed(self.run):\n                self._remove(old.name)\n"
        "            self._write(files, unfinished, final)\n",
        f"{STORE}::test_a_write_that_fails_leaves_the_checkpoint_before", ALWAYS,
    ),
    "an older checkpoint is removed under its name": Mutant(
        "run/checkpoint/store.py", "shutil.rmtree(going)",
        "going.rename(self.folder / name)\n        shutil.rmtree(self.folder / name)",
        f"{CALLS}::test_nothing_is_written_under_the_name_of_a_checkpoint",
    ),
    "what failed to be written stays": Mutant(
        "run/checkpoint/store.py", "            shutil.rmtree(unfinished, ignore_errors=True)\n", "",
        f"{STORE}::test_a_write_that_fails_leaves_the_checkpoint_before",
    ),
    "what was never finished stays": Mutant(
        "run/checkpoint/store.py", "shutil.rmtree(entry)", "pass",
        f"{STORE}::test_what_was_never_finished_is_removed",
    ),
    "a damaged checkpoint stays in the way": Mutant(
        "run/checkpoint/store.py", "if position > self._last:", "if False:",
        f"{STORE}::test_every_damage_is_noticed_and_the_checkpoint_before_is_taken",
    ),
    "the checkpoint before a damaged one is not looked for": Mutant(
        "run/checkpoint/store.py", "reversed(committed(self.run))", "committed(self.run)[-1:]",
        f"{STORE}::test_every_damage_is_noticed_and_the_checkpoint_before_is_taken",
    ),
    "the checkpoint of the lowest loss goes": Mutant(
        "run/checkpoint/store.py", "stay = {*best, *found", "stay = {*found",
        f"{STORE}::test_the_newest_stay_and_that_of_the_lowest_loss",
    ),
    "the last epoch is put off": Mutant(
        "run/checkpoint/store.py", "(due or for_good)", "due",
        f"{STORE}::test_epochs_are_committed_once_a_second_and_the_last_one_always",
    ),
    "the digest of a file is not looked at": Mutant(
        "run/checkpoint/content.py", 'if found != told["sha256"]:', "if False:",
        f"{STORE}::test_every_damage_is_noticed_and_the_checkpoint_before_is_taken", ALWAYS,
    ),
    "the epoch of a checkpoint is not looked at": Mutant(
        "run/checkpoint/content.py",
        "if {position.name for position in told} != {folder.name}:", "if False:",
        f"{STORE}::test_what_is_wrong_with_a_checkpoint_is_said",
    ),
    "what is to be written is not read back": Mutant(
        "run/checkpoint/content.py", "if array.tobytes() != snapshot.numbers[name].tobytes():", "if False:",
        f"{CALLS}::test_what_is_to_be_written_is_read_back_first", ALWAYS,
    ),
    "a file is not brought to the disk": Mutant(
        "run/files.py", "os.fsync(stream.fileno())", "pass",
        f"{CALLS}::test_a_file_is_on_the_disk_before_it_has_its_name_and_its_name_after",
    ),
    "the new name of a file is not brought to the disk": Mutant(
        "run/files.py", "synced_folder(path.parent)", "pass",
        f"{CALLS}::test_a_file_is_on_the_disk_before_it_has_its_name_and_its_name_after",
    ),
    "a file is written in place": Mutant(
        "run/files.py", 'temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")', "temporary = path",
        "run/test_files.py::test_a_full_disk_leaves_the_old_file_and_no_temporary_one", ALWAYS,
    ),
    "a row of the history is not brought to the disk": Mutant(
        "run/directory.py", "os.fsync(stream.fileno())", "pass",
        f"{CALLS}::test_a_row_of_the_history_is_on_the_disk_before_the_next_epoch",
    ),
    "the history of a run is not brought into its folder": Mutant(
        "run/directory.py", "synced_folder(self.path)", "pass",
        f"{CALLS}::test_a_row_of_the_history_is_on_the_disk_before_the_next_epoch",
    ),
    "the directory of a run is not brought to the disk": Mutant(
        "run/directory.py", "synced_folder(folder)", "pass",
        f"{CALLS}::test_the_directory_of_a_run_is_on_the_disk_before_it_is_trained",
    ),
    "several may hold the lock": Mutant(
        "run/lock.py", "fcntl.LOCK_EX | fcntl.LOCK_NB", "fcntl.LOCK_SH | fcntl.LOCK_NB",
        "run/test_lock.py::test_a_second_owner_is_told_who_is_the_first", ALWAYS,
    ),
    "a resume does not take the lock": Mutant(
        "run/resume.py", "None if helps else RunLock(shown, shown)", "RunLock(shown.parent, shown)",
        f"{RESUME}::test_a_run_that_is_going_on_is_left_alone",
    ),
    "changes are not refused": Mutant(
        "run/resumption.py", "if changes and not self.force:", "if False:",
        f"{RESUME}::test_what_changed_is_named_and_refused_or_forced_and_recorded",
    ),
    "the history goes on where it broke off": Mutant(
        "run/resumption.py", "run.restore_history(begin.history if begin else ())", "pass",
        f"{RESUME}::test_a_damaged_checkpoint_is_passed_over_with_a_word",
    ),
    "a changed file of the run is read": Mutant(
        "run/directory.py", "if expected != found:", "if False:",
        f"{RESUME}::test_other_data_files_of_the_run_are_refused_if_changed",
    ),
    "the states of seed generators are not kept": Mutant(
        "training/snapshot.py",
        '"seeds": _seeds(model)', '"seeds": []',
        NOISE, ALWAYS,
    ),
    "the state of the optimizer is not kept": Mutant(
        "training/snapshot.py", '"optimizer": list(model.optimizer.variables)', '"optimizer": []', NOISE,
    ),
    "early stopping begins anew": Mutant(
        "training/snapshot.py", "        unpack_callback(callback, one, snapshot.numbers)",
        "        if one['class'] != 'EarlyStopping':\n"
        "            unpack_callback(callback, one, snapshot.numbers)",
        STOPPING, ALWAYS,
    ),
    "ReduceLROnPlateau begins anew": Mutant(
        "training/snapshot.py", "        unpack_callback(callback, one, snapshot.numbers)",
        "        if one['class'] != 'ReduceLROnPlateau':\n"
        "            unpack_callback(callback, one, snapshot.numbers)",
        NOISE, ALWAYS,
    ),
    "the best weights are forgotten": Mutant(
        "training/packing.py", '    for key, value in packed["state"].items():',
        '    for key, value in packed["state"].items():\n        if key == "best_weights":\n            continue',
        STOPPING, ALWAYS,
    ),
    "draws of the user's code begin anew": Mutant(
        "training/snapshot.py", "    _draw_on(snapshot)\n", "",
        "training/test_snapshot.py::test_what_the_users_code_draws_goes_on",
    ),
    "a training that was stopped goes on": Mutant(
        "training/keeper.py", "self._epochs if self._begin.stopped else self._begin.epoch",
        "self._begin.epoch", STOPPING,
    ),
    "the history in memory begins anew": Mutant(
        "training/keeper.py", "self.watch.history += self._begin.history", "pass", NOISE,
    ),
    "what broke off is not kept for good": Mutant(
        "training/keeper.py", "self._offer(kept, for_good=True)", "pass",
        "training/test_snapshot.py::test_a_stop_keeps_what_training_has_come_to_for_good[compiled]",
    ),
    "the state is kept before the other callbacks have theirs": Mutant(
        "training/loop.py", "[watch, *recipe.all_callbacks, keeper]", "[watch, keeper, *recipe.all_callbacks]",
        NOISE,
    ),
    "the order of epochs begins anew": Mutant(
        "training/loop.py", "epochs.epoch(number, done)", "epochs.epoch(number - keeper.first, done)", NOISE, ALWAYS,
    ),
    "the order of epochs of Keras' loop begins anew": Mutant(
        "training/train.py", "batches.dataset(keeper.first, keeper.done)", "batches.dataset(0, keeper.done)",
        f"{SNAPSHOT}[noise, plateau-keras]",
    ),
    "every epoch has the same order": Mutant(
        "training/rows.py", "tf.constant(seed, tf.int64), epoch]",
        "tf.constant(seed, tf.int64), tf.zeros_like(epoch)]",
        "training/test_batches.py::test_every_epoch_has_another_order", ALWAYS,
    ),
}  # fmt: skip


class _Failures:
    """What pytest tells of tests that fail."""

    def __init__(self):
        self.found = []

    def pytest_runtest_logreport(self, report):
        if report.failed and report.when == "call":
            self.found.append(report.nodeid)


def without(line, instead, text):
    """A file's text with one line changed, which must be there once."""
    if text.count(line) != 1:
        raise ValueError(f"{line!r} is there {text.count(line)} times")
    return text.replace(line, instead)


def try_all(names):
    """By mutant, the test that failed; None where it passed."""
    sys.dont_write_bytecode = True
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in ("nntrain", "tests"):
            shutil.copytree(ROOT / name, Path(folder, name), ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "pyproject.toml", folder)
        os.chdir(folder)
        sys.path.insert(0, folder)
        os.environ["PYTHONPATH"] = folder
        for name in names:
            mutant = MUTANTS[name]
            file = Path("nntrain", mutant.file)
            whole = file.read_text()
            file.write_text(without(mutant.line, mutant.instead, whole))
            found[name] = _noticed(mutant.test)
            file.write_text(whole)
        found[NOTHING] = _noticed(*sorted({MUTANTS[name].test for name in names}))
    return found


def _noticed(*tests):
    """The first of the tests that fails."""
    for module in [name for name in sys.modules if name.split(".")[0] in {"nntrain", "tests"}]:
        del sys.modules[module]
    failures = _Failures()
    quiet = ["-qq", "-x", "--no-header", "--no-summary", "-p", "no:cacheprovider"]
    code = pytest.main([*quiet, *(f"tests/{test}" for test in tests)], plugins=[failures])
    if code != bool(failures.found):
        raise RuntimeError(f"{tests} could not be run")
    return failures.found[0] if failures.found else None


if __name__ == "__main__":
    stdout, sys.stdout = sys.stdout, sys.stderr
    json.dump(try_all(sys.argv[1:] or list(MUTANTS)), stdout, indent=2)
