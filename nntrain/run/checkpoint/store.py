"""The folder of a run's checkpoints: what is committed is there for good, and what is not leaves no trace.

A commit writes into a directory of another name, brings every file and the directory itself to the disk, and
renames it: before the rename there is nothing, after it everything. Older ones go only then.
"""

from __future__ import annotations

import errno
import math
import os
import shutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from nntrain.errors import MachineError, Problem
from nntrain.run.checkpoint.content import Damaged, files_of, read
from nntrain.run.checkpoint.folder import FOLDER, NEVER, Position, committed, go_on, nothing_to_go_on_from
from nntrain.run.failpoints import reached
from nntrain.run.files import synced_folder
from nntrain.training.state import Snapshot

PAUSE = 1.0
"""Seconds between two commits at least."""
SHARE = 75
"""And as many times what the last commit took: so they cost 1.3 % of the time, with the one at the end of a
training that just had its first 2.6 %."""
BYTES_A_SECOND = 120e6
"""What a commit is taken to write before there was one."""
UNFINISHED = ".tmp-"


class Store:
    """The checkpoints of one run; its lock is held."""

    def __init__(self, run: Path, *, every: float = 10, epochs: int = 1, keep: int = 2) -> None:
        """Use a run's folder.

        Args:
            run: Its directory.
            every: Minutes of a long epoch from one commit to the next.
            epochs: Epochs from one commit to the next at least.
            keep: The newest that stay, beside that of the epoch with the lowest loss.
        """
        self.run, self.folder = run, run / FOLDER
        self._every, self._epochs, self._keep = 60 * every, epochs, keep
        self._last = max(committed(run), default=Position(0))
        self._committed = time.monotonic()
        self._next = self._committed + PAUSE
        self._timed = False
        """Whether it is known how long a commit takes, rather than guessed."""

    def due(self) -> bool:
        """Whether the last commit was so long ago that the state within an epoch is wanted."""
        now = time.monotonic()
        return now >= self._next and now >= self._committed + self._every

    def offer(self, snapshot: Snapshot, for_good: bool) -> None:
        """Commit a state: that after an epoch only if no commit was made a moment ago.

        Args:
            snapshot: The state.
            for_good: Nothing comes after it, so it is not put off.

        Raises:
            MachineError: The disk is full, or can't be written; what was committed before is intact.
        """
        if not self._timed:
            guess = sum(array.nbytes for array in snapshot.numbers.values()) / BYTES_A_SECOND
            self._next = self._committed + max(PAUSE, SHARE * guess)
        far = snapshot.step > 0 or snapshot.epoch - self._last.epoch >= self._epochs
        due = far and time.monotonic() >= self._next
        if position_of(snapshot) > self._last and (due or for_good):
            began = time.monotonic()
            self.commit(snapshot)
            self._committed = ended = time.monotonic()
            self._next = ended + max(PAUSE, SHARE * (ended - began))
            self._timed = True

    def commit(self, snapshot: Snapshot) -> None:
        """Write a checkpoint, then remove older ones.

        Raises:
            MachineError: The disk is full, or can't be written; what was committed before is intact.
        """
        reached("checkpoint.begin")
        try:
            files = files_of(snapshot)
        except Damaged as error:
            raise MachineError(f"this machine's memory changed what was to be written: {error}") from None
        final = self.folder / position_of(snapshot).name
        unfinished = self.folder / f"{UNFINISHED}{final.name}-{os.getpid()}"
        try:
            self._write(files, unfinished, final)
            self._last = position_of(snapshot)
            self._remove_older(snapshot)
        except OSError as error:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise self._failed(error, final, sum(map(len, files.values()))) from error

    def _write(self, files: dict[str, bytes], unfinished: Path, final: Path) -> None:
        reached("checkpoint.mkdir")
        if not self.folder.is_dir():
            self.folder.mkdir()
            synced_folder(self.run)
        if not final.is_dir():  # else a signal came after the rename, and the state is offered again
            self._fill(unfinished, files)
            reached("checkpoint.rename")
            unfinished.rename(final)
        reached("checkpoint.renamed")
        synced_folder(self.folder)
        reached("checkpoint.committed")

    def _fill(self, unfinished: Path, files: dict[str, bytes]) -> None:
        if unfinished.is_dir():
            shutil.rmtree(unfinished)  # a signal broke off what wrote it
        unfinished.mkdir()
        for name, content in files.items():
            reached(f"checkpoint.open.{name}")
            with (unfinished / name).open("wb") as stream:
                stream.write(content[: len(content) // 2])
                reached(f"checkpoint.half.{name}")
                stream.write(content[len(content) // 2 :])
                stream.flush()
                reached(f"checkpoint.sync.{name}")
                os.fsync(stream.fileno())
        reached("checkpoint.sync-folder")
        synced_folder(unfinished)

    def _remove_older(self, snapshot: Snapshot) -> None:
        found = committed(self.run)
        whole = [position for position in found if not position.step]
        best = sorted(whole, key=lambda position: _loss(snapshot.rows[position.epoch - 1]))[:1]
        stay = {*best, *found[-self._keep :]}
        for position in found:
            if position not in stay:
                self._remove(position.name)
        reached("checkpoint.pruned")

    def _remove(self, name: str) -> None:
        """Remove a checkpoint so that at no moment a part of one looks like a whole one."""
        going = self.folder / f"{UNFINISHED}gone-{name}-{os.getpid()}"
        (self.folder / name).rename(going)
        reached("checkpoint.removing")
        shutil.rmtree(going)

    def newest(self, note: Callable[[str], None]) -> Snapshot:
        """The newest state that is whole, to go on from; nothing is changed yet.

        Args:
            note: Is told of each checkpoint that is damaged.

        Raises:
            ArtefactError: There is none.
        """
        found: list[str] = []
        for position in reversed(committed(self.run)):
            try:
                snapshot = read(self.folder / position.name)
            except Damaged as error:
                found.append(f"the checkpoint after {position} is damaged: {error}")
                continue
            for damage in found:
                note(damage)
            self._last = position
            return snapshot
        raise nothing_to_go_on_from(self.run, found[0] if found else NEVER)

    def sweep(self) -> None:
        """Remove what is newer than the state to go on from, and what was never finished.

        Raises:
            MachineError: It can't be removed.
        """
        try:
            for entry in self.folder.glob(f"{UNFINISHED}*"):
                shutil.rmtree(entry)
            for position in committed(self.run):
                if position > self._last:
                    self._remove(position.name)
        except OSError as error:
            raise self._failed(error, self.folder, 0) from error

    def _failed(self, error: OSError, file: Path, needed: int) -> MachineError:
        """What to say of a write that failed, and what to do after it is mended."""
        again = f"go on with: {go_on(self.run)}"
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            from nntrain.report.tables import size_text

            free = shutil.disk_usage(self.run).free
            message = (
                f"the disk is full: the checkpoint {file} takes {size_text(needed)}, and "
                f"{size_text(free)} are free; make room, then {again}"
            )
        else:
            message = f"the checkpoint {file} can't be written: {error.strerror}; mend that, then {again}"
        return MachineError(Problem(message, id="disk"))


def position_of(snapshot: Snapshot) -> Position:
    """How far training had come."""
    return Position(snapshot.epoch, snapshot.step)


def _loss(row: Mapping[str, float]) -> float:
    """Of the validation rows, where there are some; one that is no number is the highest."""
    loss = row.get("val_loss", row["loss"])
    return math.inf if math.isnan(loss) else loss
