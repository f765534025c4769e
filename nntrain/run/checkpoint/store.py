"""The folder of a run's checkpoints: what is committed is there for good, and what is not leaves no trace.

A commit writes into a directory of another name, brings every file and the directory itself to the disk, and
renames it: before the rename there is nothing, after it everything. Older ones go only then.
"""

from __future__ import annotations

import errno
import os
import shutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from nntrain.errors import MachineError, Problem
from nntrain.run.checkpoint.content import Damaged, files_of, read
from nntrain.run.checkpoint.folder import FOLDER, NEVER, committed, go_on, nothing_to_go_on_from
from nntrain.run.failpoints import reached
from nntrain.run.files import synced_folder
from nntrain.training.state import Snapshot

PAUSE = 1.0
"""Seconds between two commits at least."""
SHARE = 50
"""And as many times what the last commit took: so they cost 2 % of the time at most."""
UNFINISHED = ".tmp-"


class Store:
    """The checkpoints of one run; its lock is held."""

    def __init__(self, run: Path, *, every: int = 1, keep: int = 2) -> None:
        """Use a run's folder.

        Args:
            run: Its directory.
            every: Epochs from one commit to the next at least.
            keep: The newest that stay, beside that of the epoch with the lowest loss.
        """
        self.run, self.folder = run, run / FOLDER
        self._every, self._keep = every, keep
        self._last_epoch = max(committed(run), default=0)
        self._next = time.monotonic() + PAUSE

    def offer(self, snapshot: Snapshot, for_good: bool) -> None:
        """Commit the state after an epoch, unless a commit was made a moment ago.

        Args:
            snapshot: The state.
            for_good: Nothing comes after it, so it is not put off.

        Raises:
            MachineError: The disk is full, or can't be written; what was committed before is intact.
        """
        due = snapshot.epoch - self._last_epoch >= self._every and time.monotonic() >= self._next
        if snapshot.epoch > self._last_epoch and (due or for_good):
            began = time.monotonic()
            self.commit(snapshot)
            ended = time.monotonic()
            self._next = ended + max(PAUSE, SHARE * (ended - began))

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
        final = self.folder / f"{snapshot.epoch:05}"
        unfinished = self.folder / f"{UNFINISHED}{final.name}-{os.getpid()}"
        try:
            self._write(files, unfinished, final)
            self._last_epoch = snapshot.epoch
            self._remove_older(snapshot)
        except OSError as error:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise self._failed(error, final, sum(map(len, files.values()))) from error

    def _write(self, files: dict[str, bytes], unfinished: Path, final: Path) -> None:
        reached("checkpoint.mkdir")
        if not self.folder.is_dir():
            self.folder.mkdir()
            synced_folder(self.run)
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
        reached("checkpoint.rename")
        unfinished.rename(final)
        reached("checkpoint.renamed")
        synced_folder(self.folder)
        reached("checkpoint.committed")

    def _remove_older(self, snapshot: Snapshot) -> None:
        epochs = committed(self.run)
        best = min(epochs, key=lambda epoch: _loss(snapshot.rows[epoch - 1]))
        stay = {best, *epochs[-self._keep :]}
        for epoch in epochs:
            if epoch not in stay:
                self._remove(f"{epoch:05}")
        reached("checkpoint.pruned")

    def _remove(self, name: str) -> None:
        """Remove a checkpoint so that at no moment a part of one looks like a whole one."""
        going = self.folder / f"{UNFINISHED}gone-{name}-{os.getpid()}"
        (self.folder / name).rename(going)
        reached("checkpoint.removing")
        shutil.rmtree(going)

    def newest(self, note: Callable[[str], None]) -> Snapshot:
        """The newest state that is whole; what is newer than it, and what was never finished, is removed.

        Args:
            note: Is told of each checkpoint that is damaged.

        Raises:
            ArtefactError: There is none.
            MachineError: What is damaged can't be removed.
        """
        found: list[str] = []
        for epoch in reversed(committed(self.run)):
            name = f"{epoch:05}"
            try:
                snapshot = read(self.folder / name)
            except Damaged as error:
                found.append(f"the checkpoint after epoch {epoch} is damaged: {error}")
                continue
            for damage in found:
                note(damage)
            self._sweep(epoch)
            self._last_epoch = epoch
            return snapshot
        raise nothing_to_go_on_from(self.run, found[0] if found else NEVER)

    def _sweep(self, newest: int) -> None:
        try:
            for entry in self.folder.glob(f"{UNFINISHED}*"):
                shutil.rmtree(entry)
            for epoch in committed(self.run):
                if epoch > newest:
                    self._remove(f"{epoch:05}")
        except OSError as error:
            raise self._failed(error, self.folder, 0) from error

    def _failed(self, error: OSError, file: Path, needed: int) -> MachineError:
        """What to say of a write that failed, and what to do after it is mended."""
        again = f"go on with: {go_on(self.run)}"
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            free = shutil.disk_usage(self.run).free
            message = (
                f"the disk is full: the checkpoint {file} takes {needed / 1e6:,.1f} MB, and "
                f"{free / 1e6:,.1f} MB are free; make room, then {again}"
            )
        else:
            message = f"the checkpoint {file} can't be written: {error.strerror}; mend that, then {again}"
        return MachineError(Problem(message, id="disk"))


def _loss(row: Mapping[str, float]) -> float:
    """Of the validation rows, where there are some."""
    return row.get("val_loss", row["loss"])
