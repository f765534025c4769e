"""Decoded pixels are kept, found again, and never believed where they are damaged or old."""

import json
import os

import numpy as np
import pytest

from nntrain.data.images import cache, decode

WHOLE = {"split": {"validation": 0, "test": None}}


@pytest.fixture(autouse=True)
def small_sets_too(monkeypatch):
    monkeypatch.setattr(cache, "LEAST_FILES", 2)


@pytest.fixture
def decoded(monkeypatch):
    """The files that were decoded."""
    seen = []
    real = decode.read_pixels

    def counted(path, *others):
        seen.append(path)
        return real(path, *others)

    monkeypatch.setattr(decode, "read_pixels", counted)
    return seen


def kept(folder):
    return sorted(file.suffix for file in folder.iterdir())


def test_a_set_is_decoded_once(read, classes, decoded, own_cache):
    first = read(**WHOLE)
    assert len(decoded) == 10
    assert f"the decoded pixels (240 bytes) are kept in {own_cache} for the next time" in first.notes
    second = read(**WHOLE)
    assert len(decoded) == 10
    assert second.fingerprint == first.fingerprint
    np.testing.assert_array_equal(second.train.x, first.train.x)
    assert not any("are kept in" in note for note in second.notes)
    assert kept(own_cache) == [".json", ".npy"]


def test_what_is_told_of_files_is_told_again(read, classes, draw, tmp_path, decoded):
    draw("set/cat/c.png", mode="RGBA")
    (tmp_path / "set/dog/x.png").write_bytes(b"x")
    first = read(**WHOLE, skip_bad=True)
    count = len(decoded)
    again = read(**WHOLE, skip_bad=True)
    assert len(decoded) == count
    assert [note for note in first.notes if "are kept in" not in note] == list(again.notes)
    assert again.train.y.tolist() == first.train.y.tolist()
    with pytest.raises(Exception, match=r"1 of 12 files is no readable image: 'dog/x\.png' is no PNG"):
        read(**WHOLE)


def change_content(folder, file):
    before = file.stat()
    file.write_bytes(file.read_bytes() + b"\0")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


CHANGES = {
    "time": lambda folder, file: os.utime(file, ns=(1, 1)),
    "size": change_content,
    "name": lambda folder, file: file.rename(file.with_name("z.png")),
    "one more": lambda folder, file: (folder / "set/cat/n.png").write_bytes(file.read_bytes()),
    "one less": lambda folder, file: file.unlink(),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_set_is_decoded_anew(read, classes, decoded, tmp_path, name):
    read(**WHOLE)
    decoded.clear()
    CHANGES[name](tmp_path, tmp_path / "set/dog/3.png")
    read(**WHOLE)
    assert len(decoded) in {9, 10, 11}


def test_other_steps_are_another_entry(read, classes, decoded):
    shapes = [
        read(**WHOLE, preprocess={"image": steps}).train.x.shape
        for steps in ({}, {"resize": [2, 3]}, {"resize": 2}, {"crop": [2, 2]}, {"color": "rgb"}, {})
    ]
    assert shapes == [
        (10, 4, 6, 1),
        (10, 2, 3, 1),
        (10, 2, 3, 1),
        (10, 2, 2, 1),
        (10, 4, 6, 3),
        (10, 4, 6, 1),
    ]
    assert len(decoded) == 50


def cut(file):
    file.write_bytes(file.read_bytes()[:-5])


def flip(file):
    content = bytearray(file.read_bytes())
    content[-7] ^= 1
    file.write_bytes(content)


def pickled(file):
    np.save(file.with_suffix(""), np.array([{}], object), allow_pickle=True)
    file.with_suffix("").with_suffix(".npy").touch()


def lie(file):
    facts = json.loads(file.read_text())
    file.write_text(json.dumps({**facts, "shape": [10**9, 10**9, 4, 4]}))


DAMAGE = {
    "pixels cut": (".npy", cut),
    "a bit flipped": (".npy", flip),
    "pixels gone": (".npy", lambda file: file.unlink()),
    "pickle": (".npy", pickled),
    "other pixels": (".npy", lambda file: np.save(file, np.zeros((10, 4, 6, 1), np.uint8))),
    "text": (".npy", lambda file: file.write_text("x" * 400)),
    "facts cut": (".json", cut),
    "facts gone": (".json", lambda file: file.unlink()),
    "facts are a list": (".json", lambda file: file.write_text("[1]")),
    "facts without a key": (".json", lambda file: file.write_text('{"shape": [10, 4, 6, 1]}')),
    "an impossible shape": (".json", lie),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_entry_is_made_anew(read, classes, decoded, own_cache, name):
    suffix, damage = DAMAGE[name]
    first = read(**WHOLE)
    (file,) = own_cache.glob(f"*{suffix}")
    damage(file)
    again = read(**WHOLE)
    assert len(decoded) == 20
    np.testing.assert_array_equal(again.train.x, first.train.x)
    read(**WHOLE)
    assert len(decoded) == 20
    assert kept(own_cache) == [".json", ".npy"]


def test_nothing_is_kept_where_that_is_asked_for(read, classes, own_cache):
    read(**WHOLE, cache=False)
    assert not own_cache.exists()


def test_nothing_is_kept_of_small_sets(read, classes, own_cache, monkeypatch):
    monkeypatch.setattr(cache, "LEAST_FILES", 11)
    read(**WHOLE)
    assert not own_cache.exists()


def test_a_cache_that_can_not_be_written_is_no_mistake(read, classes, own_cache):
    own_cache.parent.mkdir(exist_ok=True)
    own_cache.write_text("a file")
    assert (
        f"the decoded pixels can't be kept in {own_cache}: File exists; data.cache: false asks for none"
        in read(**WHOLE).notes
    )


def test_a_full_disk_leaves_nothing_behind(read, classes, own_cache, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "save", full)
    notes = read(**WHOLE).notes
    assert any(
        note.startswith(f"the decoded pixels can't be kept in {own_cache}: No space left") for note in notes
    )
    assert kept(own_cache) == []


def test_entries_not_used_for_longest_make_room(read, classes, own_cache, monkeypatch):
    monkeypatch.setattr(cache, "LARGEST", 800)
    read(**WHOLE)
    (oldest,) = own_cache.glob("*.npy")
    os.utime(oldest, (1, 1))
    read(**WHOLE, preprocess={"image": {"crop": [3, 6]}})
    assert oldest.exists()
    read(**WHOLE, preprocess={"image": {"crop": [4, 5]}})
    assert not oldest.exists()
    assert kept(own_cache) == [".json", ".json", ".npy", ".npy"]


def test_an_entry_must_fit_into_memory_too(read, classes, monkeypatch):
    read(**WHOLE)
    monkeypatch.setattr("nntrain.data.files.available_memory", lambda: 100)
    with pytest.raises(
        Exception, match="the pixels of 10 images take 240 bytes of memory; this machine has 100"
    ):
        read(**WHOLE)


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"NNTRAIN_CACHE_HOME": "/a", "XDG_CACHE_HOME": "/b"}, "/a/images"),
        ({"XDG_CACHE_HOME": "/b"}, "/b/nntrain/images"),
        ({"HOME": "/h"}, "/h/.cache/nntrain/images"),
    ],
)
def test_the_cache_lies_where_the_user_says(monkeypatch, variables, expected):
    for name in ("NNTRAIN_CACHE_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert str(cache.folder()) == expected
