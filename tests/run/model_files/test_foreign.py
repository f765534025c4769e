"""Numbers of a stranger's HDF5 file are read by a process of its own, or refused by it."""

import json
import subprocess
import sys

import h5py
import numpy as np
import pytest

from nntrain.run.model_files.tensors import read
from tests.run.model_files.numbers import BIAS, CORPUS, KERNEL, WANTED, good

JUDGE = """\
import json, resource, sys
from pathlib import Path
from nntrain.errors import ArtefactError
from nntrain.run.model_files.foreign import read_elsewhere
wanted = json.loads(sys.argv[1])
told, seconds = {}, {}
for file in map(Path, sys.argv[2:]):
    began = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    try:
        read_elsewhere(file, file.with_suffix(".numbers"), wanted, "m.keras")
        told[file.stem] = None
    except ArtefactError as error:
        told[file.stem] = str(error)
    seconds[file.stem] = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - began
memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
print(json.dumps({"told": told, "seconds": seconds, "memory": memory}))
"""


def judge(folder):
    """What is said of each .h5 file in a folder, and what that cost."""
    files = sorted(map(str, folder.glob("*.h5")))
    command = [sys.executable, "-c", JUDGE, json.dumps(WANTED), *files]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    folder = tmp_path_factory.mktemp("numbers")
    for name, (make, _) in {**CORPUS, "good": (good, None)}.items():
        with h5py.File(folder / f"{name}.h5", "w") as file:
            make(file)
    return {**judge(folder), "folder": folder}


@pytest.mark.parametrize("name", CORPUS)
def test_a_file_that_is_not_what_it_should_be_is_refused(judged, name):
    assert judged["told"][name] == f"m.keras: {CORPUS[name][1]}"


def test_each_is_judged_quickly_and_with_little_memory(judged):
    start = judged["seconds"]["good"]
    assert max(judged["seconds"].values()) < start + 2
    assert judged["memory"] < 500 << 20


def test_a_good_file_gives_its_numbers_and_not_the_optimizers(judged):
    assert judged["told"]["good"] is None
    with (judged["folder"] / "good.numbers").open("rb") as stream:
        found = read(stream, "x")
    assert list(found) == [KERNEL, BIAS]
    with h5py.File(judged["folder"] / "good.h5") as file:
        np.testing.assert_array_equal(found[KERNEL], file[KERNEL][()])


def test_damaged_files_give_their_numbers_or_a_refusal(tmp_path):
    with h5py.File(tmp_path / "whole.hdf5", "w") as file:
        good(file)
    content = (tmp_path / "whole.hdf5").read_bytes()
    for tenth in range(1, 10):
        (tmp_path / f"cut_{tenth}.h5").write_bytes(content[: len(content) * tenth // 10])
    for n, at in enumerate(np.random.default_rng(0).integers(0, 4000, 12)):
        broken = bytearray(content)
        broken[at] ^= 0xFF
        (tmp_path / f"flipped_{n}.h5").write_bytes(broken)
    told = judge(tmp_path)["told"]
    assert {told[name] for name in told if name.startswith("cut")} == {
        "m.keras: is damaged: its numbers can't be read"
    }
    assert all(said is None or said.startswith("m.keras: ") for said in told.values())
