"""Images whose pixels stay in the cache's file."""

import numpy as np
import pytest
from PIL import Image

from nntrain.arrays import Scaled, Stored
from nntrain.config.data import ImagesSource
from nntrain.data.findings.find import thorough
from nntrain.data.images import cache, read
from nntrain.data.load import load
from nntrain.data.new_rows import load_rows
from nntrain.data.streaming import decide, features
from nntrain.errors import DataError, MachineError
from tests.data.streaming.test_streaming import assert_alike

RESCALED = {"numeric": {"scale": "rescale", "range": [0, 255]}}


@pytest.fixture(autouse=True)
def own_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("NNTRAIN_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(features, "CHUNK_ROWS", 16)
    monkeypatch.setattr(cache, "LEAST_FILES", 10)


@pytest.fixture
def folder(tmp_path):
    """Sixty images of two classes, the last of which has colours."""
    draw = np.random.default_rng(0)
    for i in range(60):
        where = tmp_path / "images" / "ab"[i % 2]
        where.mkdir(parents=True, exist_ok=True)
        shape = (6, 5, 3) if i == 59 else (6, 5)
        Image.fromarray(draw.integers(0, 256, shape, np.uint8)).save(where / f"{i:02}.png")
    return tmp_path / "images"


def source(**settings):
    return ImagesSource(type="images", path="images", **({"preprocess": RESCALED} | settings))


def both(given, base, **more):
    return [
        load(given.model_copy(update={"streaming": how}), base=base, seed=3, **more) for how in (True, False)
    ]


@pytest.mark.parametrize("steps", [RESCALED, {"numeric": {"scale": "standard"}}])
def test_images_become_what_they_become_in_memory(steps, folder, tmp_path):
    given = source(preprocess=steps, cache=True)
    streamed, held = both(given, tmp_path, look=thorough)
    assert_alike(streamed, held)
    assert isinstance(streamed.train.x, Stored)
    assert isinstance(streamed.train.x[:3], Scaled) is (steps is RESCALED)
    assert streamed.description == held.description
    assert streamed.findings == held.findings


def test_images_that_bring_their_own_test_set(folder, tmp_path):
    for name in ("train", "test"):
        (folder / name).mkdir()
    for letter in "ab":
        (folder / "test" / letter).mkdir()
        files = sorted((folder / letter).iterdir())
        for file in files[:7]:
            file.rename(folder / "test" / letter / file.name)
        (folder / letter).rename(folder / "train" / letter)
    streamed, held = both(source(), tmp_path)
    assert_alike(streamed, held)
    assert len(streamed.test) == 14


def test_files_that_are_left_out(folder, tmp_path):
    (folder / "a" / "04.png").write_bytes(b"no image")
    with pytest.raises(DataError, match="1 of 60"):
        load(source(streaming=True), base=tmp_path, seed=3)
    assert_alike(*both(source(skip_bad=True), tmp_path))


def test_pixels_are_decoded_once_and_checked(folder, tmp_path, monkeypatch):
    first = load(source(streaming=True), base=tmp_path, seed=3)
    monkeypatch.setattr(read, "_decoded", None)
    again, held = both(source(), tmp_path)
    assert_alike(again, held)
    assert again.fingerprint == first.fingerprint
    monkeypatch.undo()
    monkeypatch.setenv("NNTRAIN_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(cache, "LEAST_FILES", 10)
    (entry,) = (tmp_path / "cache" / "images").glob("*.npy")
    content = bytearray(entry.read_bytes())
    content[-1] ^= 1
    entry.write_bytes(content)
    assert load(source(streaming=True), base=tmp_path, seed=3).fingerprint == first.fingerprint


def test_auto_decides_by_the_size_of_the_pixels(folder, tmp_path, monkeypatch):
    needed = 60 * 6 * 5
    for free, streamed in ((20 * needed, False), (needed, True)):
        monkeypatch.setattr(decide, "available_memory", lambda: free)  # noqa: B023
        found = load(source(), base=tmp_path, seed=3)
        assert isinstance(found.train.x, Stored) is streamed
        assert any("the rows stay in their file" in note for note in found.notes) is streamed


def test_a_disk_without_room_leaves_nothing_behind(folder, tmp_path, monkeypatch):
    def full(*given):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.posix_fallocate", full)
    with pytest.raises(MachineError) as caught:
        load(source(streaming=True), base=tmp_path, seed=3)
    where = tmp_path / "cache" / "images"
    assert str(caught.value) == (
        f"data.streaming: the decoded pixels can't be kept in {where}: No space left on device; make room "
        "there, or name another folder with NNTRAIN_CACHE_HOME"
    )
    assert not list(where.iterdir())


def test_no_readable_image_at_all(folder, tmp_path):
    for file in folder.glob("*/*.png"):
        file.write_bytes(b"no image")
    with pytest.raises(DataError, match="60 of 60"):
        load(source(streaming=True, skip_bad=True), base=tmp_path, seed=3)
    assert not list((tmp_path / "cache" / "images").iterdir())


def test_new_images_of_a_run_stay_there_too(folder, tmp_path):
    given = source(preprocess={"numeric": {"scale": "standard"}})
    trained = load(given, base=tmp_path, seed=3)
    streamed, held = (
        load_rows(
            given.model_copy(update={"streaming": how}),
            folder,
            "new",
            preprocess=trained.preprocess,
            targets=trained.targets,
        )
        for how in (True, False)
    )
    assert isinstance(streamed.x, Stored)
    np.testing.assert_array_equal(np.asarray(streamed.x), held.x)
    np.testing.assert_array_equal(streamed.y, held.y)
    assert streamed.notes[-1] == "the rows stay in their file and are read in chunks (streaming: true)"


def test_new_images_of_another_size_are_refused(folder, tmp_path):
    trained = load(source(), base=tmp_path, seed=3)
    for i in range(12):
        (tmp_path / "new" / "ab"[i % 2]).mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.zeros((4, 5, 3), np.uint8)).save(tmp_path / "new" / "ab"[i % 2] / f"{i}.png")
    for how in (True, False):
        with pytest.raises(
            DataError, match=r"rows of shape .4, 5, 3. where the run was trained on .6, 5, 3."
        ):
            load_rows(
                source(streaming=how),
                tmp_path / "new",
                "new",
                preprocess=trained.preprocess,
                targets=trained.targets,
            )
