"""Room in the cache folder, which other processes use at the same time."""

import os
import time
from pathlib import Path

from nntrain.data import own_cache

DAY = 24 * 3600


def entry(folder, name, age, size=10):
    for file in (folder / f"{name}.npy", folder / f"{name}.json"):
        file.write_bytes(b"x" * size)
        os.utime(file, (time.time() - age,) * 2)


def names(folder):
    return sorted(file.name for file in folder.iterdir())


def test_the_entries_not_used_for_longest_go(tmp_path):
    for age, name in enumerate(("new", "old", "oldest")):
        entry(tmp_path, name, 100 * age)
    own_cache.make_room(tmp_path, ".npy", 5, 25)
    assert names(tmp_path) == ["new.json", "new.npy", "old.json", "old.npy"]


def test_what_a_killed_process_was_writing_goes_a_day_later(tmp_path):
    for name, age in ((".tmp-now", 60), (".tmp-lately", DAY - 60), (".tmp-old", DAY + 60), (".own", 9 * DAY)):
        (tmp_path / name).write_bytes(b"half")
        os.utime(tmp_path / name, (time.time() - age,) * 2)
    own_cache.make_room(tmp_path, ".npy", 1, 100)
    assert names(tmp_path) == [".own", ".tmp-lately", ".tmp-now"]


def test_an_entry_that_another_process_removes_meanwhile_is_no_mistake(tmp_path, monkeypatch):
    for name in ("gone", "old", "new"):
        entry(tmp_path, name, 100 if name == "old" else 0)
    real = Path.stat

    def removed(path, **given):
        if path.name == "gone.npy":
            path.unlink(missing_ok=True)
        return real(path, **given)

    monkeypatch.setattr(Path, "stat", removed)
    own_cache.make_room(tmp_path, ".npy", 15, 25)
    assert names(tmp_path) == ["gone.json", "new.json", "new.npy"]
