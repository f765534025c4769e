"""Every source that reads files, given every sort of bad file: a message that says what is wrong, and exit 4."""

import gzip
import io
import os
import pickle
import re
import zipfile

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet
from pydantic import TypeAdapter

from nntrain.config.data import DataSource
from nntrain.data.load import load
from nntrain.errors import DataError

ROWS = 40
TABLE = "x,y\n" + "".join(f"{i},{i % 3}\n" for i in range(ROWS))


def as_parquet(file):
    parquet.write_table(pa.table({"x": np.arange(ROWS) * 1.0, "y": np.arange(ROWS) % 3}), file)


def as_npz(file):
    np.savez(file, x=np.arange(ROWS * 2.0).reshape(ROWS, 2), y=np.arange(ROWS) % 3)


def as_sequences(file):
    np.savez(file, x=np.arange(ROWS * 2), lengths=np.full(ROWS, 2), y=np.arange(ROWS) % 2)


def as_tfrecord(file):
    import tensorflow as tf

    with tf.io.TFRecordWriter(str(file)) as writer:
        for i in range(ROWS):
            feature = {
                "x": tf.train.Feature(float_list=tf.train.FloatList(value=[i])),
                "y": tf.train.Feature(int64_list=tf.train.Int64List(value=[i % 3])),
            }
            writer.write(tf.train.Example(features=tf.train.Features(feature=feature)).SerializeToString())


SOURCES = {
    "csv": ("d.csv", lambda f: f.write_text(TABLE), {"type": "csv", "target": "y"}),
    "tsv.gz": (
        "d.tsv.gz",
        lambda f: f.write_bytes(gzip.compress(TABLE.replace(",", "\t").encode(), mtime=0)),
        {"type": "csv", "target": "y"},
    ),
    "parquet": ("d.parquet", as_parquet, {"type": "parquet", "target": "y"}),
    "npz": ("d.npz", as_npz, {"type": "npz"}),
    "npy": ("d.npy", lambda f: np.save(f, np.arange(ROWS * 2.0).reshape(ROWS, 2)), {"type": "npy"}),
    "tfrecord": (
        "d.tfrecord",
        as_tfrecord,
        {"type": "tfrecord", "label": "y", "features": {"x": {"shape": [1]}, "y": {"dtype": "int64"}}},
    ),
    "series": (
        "d.csv",
        lambda f: f.write_text(TABLE),
        {"type": "series", "target": "x", "features": ["x"], "window": 4},
    ),
    "text": (
        "d.csv",
        lambda f: f.write_text("t,y\n" + "good food,a\nbad food,b\n" * 20),
        {"type": "text", "text": "t", "target": "y"},
    ),
    "sequences": ("d.npz", as_sequences, {"type": "sequences"}),
}
CUT = {
    "tsv.gz": "the packed file is damaged: it ends too early",
    "parquet": "the Parquet file is cut short: it ends with b'.*', and whole ones with b'PAR1'; copy or write it again",
    "npz": "the file is cut short: its table of contents, which comes last, is missing",
    "npy": "the file is cut short: it declares 640 bytes and holds 384 bytes",
    "tfrecord": r"the file is cut short in record 26 \(from 0\)",
    "sequences": "the file is cut short: its table of contents, which comes last, is missing",
}
NO_NPZ = "this is not an .npz file; write one with np.savez(file, x=..., y=...)"
NO_TEXT = "not UTF-8 at byte 0 (0x89); save the file as UTF-8"
OTHER = {
    "csv": NO_TEXT,
    "tsv.gz": "the file is called .gz and does not begin as gzip's files do; if it is not packed, rename it",
    "parquet": "this is no Parquet file: it begins with b'\\x89PNG', and Parquet files with b'PAR1'; write it again as Parquet",
    "npz": NO_NPZ,
    "npy": "this is not an .npy file; write one with np.save(file, array)",
    "tfrecord": "this is no TFRecord file, or its start is damaged",
    "series": NO_TEXT,
    "text": NO_TEXT,
    "sequences": NO_NPZ,
}
LOOP = "'{}' can't be opened: Too many levels of symbolic links"


def read(kind, folder, name):
    given = dict(SOURCES[kind][2])
    if kind == "npy":
        np.save(folder / "y.npy", np.arange(ROWS) % 3)
        given |= {"x": name, "y": "y.npy"}
    else:
        given["path"] = name
    return load(TypeAdapter(DataSource).validate_python(given), base=folder, seed=0)


def refused(kind, folder, name):
    with pytest.raises(DataError) as caught:
        read(kind, folder, name)
    assert caught.value.exit_code == 4
    (problem,) = caught.value.problems
    place = problem.location.source if problem.location else ".".join(map(str, problem.key))
    return f"{place}: {problem.message}"


def name_of(kind, stem="d"):
    return stem + SOURCES[kind][0].removeprefix("d")


@pytest.mark.parametrize("kind", SOURCES)
@pytest.mark.parametrize("stem", ["with  spaces", "größe 数据 🙂", "100%{0} [a]"])
def test_a_file_may_be_called_anything(kind, stem, tmp_path):
    if "[" in stem and kind in {"csv", "tsv.gz", "parquet", "tfrecord"}:
        pytest.skip("brackets are a pattern there")
    SOURCES[kind][1](tmp_path / name_of(kind, stem))
    assert len(read(kind, tmp_path, name_of(kind, stem)).train) > 10


@pytest.mark.parametrize("kind", SOURCES)
def test_a_link_that_leads_to_itself_is_refused(kind, tmp_path):
    name = name_of(kind)
    (tmp_path / name).symlink_to(tmp_path / name)
    said = refused(kind, tmp_path, name)
    assert said == f"data.{'x' if kind == 'npy' else 'path'}: {LOOP.format(name)}"


@pytest.mark.parametrize("kind", SOURCES)
def test_a_file_of_0_bytes_is_refused(kind, tmp_path):
    (tmp_path / name_of(kind)).write_bytes(b"")
    assert refused(kind, tmp_path, name_of(kind)) == f"{name_of(kind)}: the file is empty; give one with rows"


@pytest.mark.parametrize("kind", SOURCES)
def test_a_folder_in_the_place_of_a_file_is_refused(kind, tmp_path):
    (tmp_path / name_of(kind)).mkdir()
    more = ", or remove data.text and data.target" if kind == "text" else ""
    assert refused(kind, tmp_path, name_of(kind)) == (
        f"data.{'x' if kind == 'npy' else 'path'}: '{name_of(kind)}' is a folder; name a file in it{more}"
    )


@pytest.mark.parametrize("kind", CUT)
def test_a_file_that_is_cut_short_is_refused(kind, tmp_path):
    file = tmp_path / name_of(kind)
    SOURCES[kind][1](file)
    file.write_bytes(file.read_bytes()[: file.stat().st_size * 2 // 3])
    assert re.fullmatch(f"{file.name}: {CUT[kind]}", refused(kind, tmp_path, file.name))


@pytest.mark.parametrize("kind", SOURCES)
def test_bytes_of_something_else_are_refused(kind, tmp_path):
    (tmp_path / name_of(kind)).write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4)
    assert refused(kind, tmp_path, name_of(kind)) == f"{name_of(kind)}: {OTHER[kind]}"


@pytest.mark.parametrize("kind", ["npz", "npy", "sequences"])
def test_python_objects_are_refused_and_not_unpickled(kind, tmp_path):
    class Boom:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "ran"),)

    file = tmp_path / name_of(kind)
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(stream, {"descr": "|O", "fortran_order": False, "shape": (2,)})
    content = stream.getvalue() + pickle.dumps(Boom())
    if kind == "npy":
        file.write_bytes(content)
    else:
        with zipfile.ZipFile(file, "w") as archive:
            for name in ("x", "y", "lengths"):
                archive.writestr(f"{name}.npy", content)
    which = "the array" if kind == "npy" else "array 'x'"
    assert refused(kind, tmp_path, file.name) == (
        f"{file.name}: {which} holds Python objects: reading them takes pickle, which can run code from the file, so it is refused; save numbers or texts of one dtype"
    )
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("kind", ["npz", "sequences"])
def test_a_small_file_that_unpacks_to_more_than_memory_is_refused(kind, tmp_path):
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        stream, {"descr": "<f8", "fortran_order": False, "shape": (1 << 45,)}
    )
    file = tmp_path / name_of(kind)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("x", "y", "lengths"):
            archive.writestr(f"{name}.npy", stream.getvalue() + bytes(1 << 20))
    said = refused(kind, tmp_path, file.name)
    assert said.startswith(f"{file.name}: its arrays (x (35184372088832,) float64 = 256.0 TiB, ")
    assert re.search(r"TiB\) take (512|768)\.0 TiB of memory; this machine has .* available$", said)


def test_more_columns_than_can_be_looked_at_are_refused_at_once(tmp_path):
    (tmp_path / "d.csv").write_text(",".join(f"c{i}" for i in range(100_000)) + ",y\n")
    assert refused("csv", tmp_path, "d.csv") == (
        "d.csv: the file has 100,001 columns, and at most 100,000 are read; keep so many numbers as one array "
        "in a .npz file, and name it with data.type: npz"
    )
