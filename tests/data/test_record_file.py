"""TFRecord files: what becomes of their records, and every way in which they can be wrong."""

import gzip
import json

import numpy as np
import pytest
import tensorflow as tf

from nntrain.config.data import TfrecordSource
from nntrain.data.load import is_light
from nntrain.data.load import load as load_dataset
from nntrain.data.new_rows import load_rows
from nntrain.data.record_file import load
from nntrain.errors import DataError

FEATURES = {"x": {"shape": [2]}, "y": {"dtype": "int64"}}


def source(**settings):
    given = {"path": "t.tfrecord", "features": FEATURES, "label": "y"} | settings
    return TfrecordSource(type="tfrecord", **given)


def example(**values):
    """A record; floats, integers and bytes by the kind of the first value."""
    made = {}
    for name, held in values.items():
        if isinstance(held[0], float):
            made[name] = tf.train.Feature(float_list=tf.train.FloatList(value=held))
        elif isinstance(held[0], int):
            made[name] = tf.train.Feature(int64_list=tf.train.Int64List(value=held))
        else:
            made[name] = tf.train.Feature(bytes_list=tf.train.BytesList(value=held))
    return tf.train.Example(features=tf.train.Features(feature=made)).SerializeToString()


def write(file, *records):
    with tf.io.TFRecordWriter(str(file)) as writer:
        for record in records:
            writer.write(record)


def rows(count, start=0):
    return [example(x=[float(i), i / 2], y=[i % 3]) for i in range(start, start + count)]


def refused(folder, **settings):
    with pytest.raises(DataError) as caught:
        load(source(**settings), folder)
    return str(caught.value)


def test_numbers_are_read_from_several_files(tmp_path):
    write(tmp_path / "p1.tfrecord", *rows(2))
    write(tmp_path / "p2.tfrecord", *rows(1, start=2))
    raw = load(source(path="p*.tfrecord"), tmp_path)
    assert raw.rows.features.dtype == np.float32
    assert raw.rows.features.tolist() == [[0, 0], [1, 0.5], [2, 1]]
    assert raw.rows.target.dtype == np.int64
    assert raw.rows.target.tolist() == [0, 1, 2]
    assert raw.description == "p*.tfrecord: 3 records of shape (2,)"
    assert not is_light(source())


def test_several_features_are_inputs_by_their_names(tmp_path):
    pixels = np.arange(6, dtype=np.uint8).reshape(2, 3)
    write(
        tmp_path / "t.tfrecord", example(image=[pixels.tobytes()], size=[7], kind=["é".encode()], odd=[b"?"])
    )
    kinds = {
        "image": {"shape": [2, 3], "dtype": "uint8"},
        "size": {"dtype": "int64"},
        "kind": {"dtype": "text"},
    }
    own = source(features=kinds, label="kind")
    assert own.input_names == ("image", "size")
    raw = load(own, tmp_path)
    np.testing.assert_array_equal(raw.rows.inputs["image"], [pixels])
    assert raw.rows.inputs["image"].dtype == np.uint8
    assert raw.rows.inputs["size"].tolist() == [[7]]
    assert raw.rows.target.tolist() == ["é"]
    assert raw.description == "t.tfrecord: 1 records of shapes image (2, 3), size ()"


def test_labels_may_be_several_numbers_or_none(tmp_path):
    write(tmp_path / "t.tfrecord", example(x=[1.0, 2.0], y=[0.5, 1.5]), example(x=[1.0, 2.0], y=[2.5, 3.5]))
    two = {"x": {"shape": [2]}, "y": {"shape": [2]}}
    assert load(source(features=two), tmp_path).rows.target.tolist() == [[0.5, 1.5], [2.5, 3.5]]
    rebuilt = source(features={"x": {"shape": [2]}}, label=None, task="reconstruction")
    assert load(rebuilt, tmp_path).rows.targets == {}


def test_reading_leaves_the_threads_of_tensorflow_to_be_chosen(tmp_path):
    import subprocess
    import sys

    write(tmp_path / "t.tfrecord", *rows(3))
    program = (
        "from pathlib import Path\nfrom nntrain.config.data import TfrecordSource\n"
        "from nntrain.data.record_file import load\n"
        f"s = TfrecordSource(type='tfrecord', path='t.tfrecord', features={FEATURES!r}, label='y')\n"
        f"load(s, Path({str(tmp_path)!r}))\n"
        "import tensorflow as tf\ntf.config.threading.set_inter_op_parallelism_threads(1)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "deprecated" not in done.stderr


def test_new_rows_come_from_records_or_arrays(tmp_path):
    write(tmp_path / "t.tfrecord", *rows(60))
    own = source(task="classification", preprocess={"numeric": {"scale": "standard"}})
    data = load_dataset(own, base=tmp_path, seed=0)
    np.savez(tmp_path / "t.npz", x=[[i, i / 2] for i in range(60)], y=[i % 3 for i in range(60)])
    for name in ("t.tfrecord", "t.npz"):
        state = json.loads(json.dumps(data.preprocess))
        new = load_rows(own, tmp_path / name, name, preprocess=state, targets=data.targets)
        np.testing.assert_allclose(new.x[data.test.index], data.test.x)
        np.testing.assert_array_equal(new.y[data.test.index], data.test.y)


def test_damaged_files_are_named(tmp_path):
    file = tmp_path / "t.tfrecord"
    write(file, *rows(3))
    content = file.read_bytes()
    one = len(content) // 3
    damaged = {
        content[:-7]: "the file is cut short in record 2 (from 0)",
        content[: 2 * one + 5]: "the file is cut short in record 2 (from 0)",
        content[:5]: "the file is cut short in record 0 (from 0)",
        content[: one + 20]
        + b"\xff"
        + content[one + 21 :]: "record 1 (from 0) is damaged: its checksum is wrong",
        b"a,b,c\n1,2,3\n" * 5: "this is no TFRecord file, or its start is damaged",
        b"": "the file is empty; give one with rows",
        gzip.compress(content): "the file is packed by gzip; unpack it first",
    }
    for harmed, expected in damaged.items():
        file.write_bytes(harmed)
        assert refused(tmp_path) == f"t.tfrecord: {expected}"


GOLDEN = {
    "absent": (
        example(z=[1.0, 2.0], y=[1]),
        "record 1 (from 0) has no feature 'x'; it has y, z",
    ),
    "kind": (
        example(x=[1, 2], y=[1]),
        "record 1 (from 0) holds integers in feature 'x', and data.features.x.dtype says float32",
    ),
    "size": (
        example(x=[1.0, 2.0, 3.0], y=[1]),
        "record 1 (from 0) holds 3 values in feature 'x'; shape [2] takes 2",
    ),
    "infinite": (
        example(x=[1.0, float("inf")], y=[1]),
        "record 1 (from 0) holds inf in feature 'x', which is not a finite number",
    ),
    "no example": (b"\xff\xff\xff", "record 1 (from 0) holds no tf.train.Example"),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_a_record_that_is_not_as_the_config_says_is_named(tmp_path, name):
    record, expected = GOLDEN[name]
    write(tmp_path / "t.tfrecord", *rows(1), record)
    assert refused(tmp_path) == f"t.tfrecord: {expected}"


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        ([b"a", b"b"], "record 0 (from 0) holds 2 texts in feature 'y'; it takes one"),
        ([b"\xe9"], "record 0 (from 0) holds bytes that are not UTF-8 in feature 'y'"),
    ],
)
def test_a_label_that_is_no_text_is_named(tmp_path, held, expected):
    write(tmp_path / "t.tfrecord", example(x=[1.0, 2.0], y=held))
    features = FEATURES | {"y": {"dtype": "text"}}
    assert refused(tmp_path, features=features) == f"t.tfrecord: {expected}"
