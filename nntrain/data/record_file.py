"""TFRecord files as arrays: TensorFlow reads the records and checks their sums, protobuf takes them apart.

Nothing here computes with TensorFlow, because threads and devices are chosen after the rows are read. That is
why its old iterator reads the records: a `tf.data.TFRecordDataset` would already start the runtime.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from nntrain.config.data import INPUT, TARGET, RecordFeature, TfrecordSource
from nntrain.data.dataset import Array, Part, Raw, TargetOrigin
from nntrain.data.files import check_memory
from nntrain.data.tables.files import SourceFile, find_files, refuse_name
from nntrain.data.tables.unpack import MAGIC
from nntrain.errors import DataError, Location, Problem, did_you_mean, listing

FRAME = 16
"""Bytes around each record: its length, and the sums of both."""
KINDS = {"float32": "float_list", "int64": "int64_list", "uint8": "bytes_list", "text": "bytes_list"}
"""Where an example holds values of a dtype."""
HELD = {"float_list": "floats", "int64_list": "integers", "bytes_list": "bytes", None: "nothing"}
LOOK_AGAIN = 10_000
"""Records after which memory is asked for."""


def load(source: TfrecordSource, base: Path) -> Raw:
    """Read the files that a config in the folder `base` names.

    Raises:
        DataError: A file is missing or damaged, or its records are not what the config says.
        MachineError: It may not be read.
    """
    part = read_records(source, find_files(source.path, base, ("data", "path")))
    origins = {} if source.label is None else {TARGET: TargetOrigin(("data", "label"), (source.label,))}
    shapes = ", ".join(
        f"{name} {source.features[name].shape}" if len(source.input_features) > 1 else str(values.shape[1:])
        for name, values in zip(source.input_features, part.inputs.values(), strict=True)
        if isinstance(values, np.ndarray)
    )
    word = "shapes" if len(source.input_features) > 1 else "shape"
    return Raw(part, targets=origins, description=f"{source.path}: {len(part):,} records of {word} {shapes}")


def read_records(source: TfrecordSource, files: Sequence[SourceFile]) -> Part:
    """The features and labels of all records.

    Args:
        source: Says what a record holds.
        files: At least one; they can be opened.

    Returns:
        Arrays `(records, *shape)` by input; a label of shape `(records,)` or `(records, values)`.

    Raises:
        DataError: A file is empty or damaged, a record lacks a feature, or it holds other values.
    """
    wanted = source.features
    found: dict[str, list[Array | str]] = {name: [] for name in wanted}
    width = sum(feature.size * 8 for feature in wanted.values())
    for file in files:
        for number, record in enumerate(_records(file)):
            held = _features(record, file, number)
            for name, feature in wanted.items():
                found[name].append(_values(held, name, feature, file, number))
            if number % LOOK_AGAIN == LOOK_AGAIN - 1:
                check_memory((number + 1) * width, f"{number + 1:,} records take", file.shown)
    arrays = {name: _stacked(values, wanted[name]) for name, values in found.items()}
    names = source.input_features
    inputs = {name if len(names) > 1 else INPUT: arrays[name] for name in names}
    inputs = {port: values[:, None] if values.ndim == 1 else values for port, values in inputs.items()}
    return Part(dict(inputs), {} if source.label is None else {TARGET: _label(arrays[source.label])})


def _records(file: SourceFile) -> Iterator[bytes]:
    """The records of a file, whole and with the right sums."""
    import tensorflow as tf

    refuse_name(file)
    size = file.path.stat().st_size
    with file.path.open("rb") as stream:
        if stream.read(len(MAGIC)) == MAGIC:
            raise _error(file, "the file is packed by gzip; unpack it first")
    tf.get_logger().setLevel("ERROR")  # it tells of an iterator that does start the runtime
    count = taken = 0
    try:
        for record in tf.compat.v1.io.tf_record_iterator(str(file.path)):
            yield record
            count, taken = count + 1, taken + len(record) + FRAME
    except tf.errors.DataLossError as error:
        if "truncated" not in str(error):
            what = f"record {count} (from 0) is damaged: its checksum is wrong"
            start = "this is no TFRecord file, or its start is damaged"
            raise _error(file, what if count else start) from None
        size = -1
    if taken != size:
        raise _error(file, f"the file is cut short in record {count} (from 0)")
    if not count:
        raise _error(file, "the file is empty; give one with rows")


def _features(record: bytes, file: SourceFile, number: int) -> Mapping[str, Any]:
    """What a record holds, by name."""
    import tensorflow as tf
    from google.protobuf.message import DecodeError

    try:
        held: Mapping[str, Any] = tf.train.Example.FromString(record).features.feature
    except DecodeError:
        raise _error(file, f"record {number} (from 0) holds no tf.train.Example") from None
    return held


def _values(
    held: Mapping[str, Any], name: str, feature: RecordFeature, file: SourceFile, number: int
) -> Array | str:
    """One feature of one record, of the feature's shape."""
    place = f"record {number} (from 0)"
    if name not in held:
        has = f"it has {listing(sorted(held))}"
        raise _error(file, f"{place} has no feature '{name}'{did_you_mean(name, held)}; {has}")
    kind = held[name].WhichOneof("kind")
    if kind != KINDS[feature.dtype]:
        told = f"and data.features.{name}.dtype says {feature.dtype}"
        raise _error(file, f"{place} holds {HELD[kind]} in feature '{name}', {told}")
    values = getattr(held[name], kind).value
    if feature.dtype in ("uint8", "text"):
        if len(values) != 1:
            raise _error(file, f"{place} holds {len(values)} texts in feature '{name}'; it takes one")
        if feature.dtype == "text":
            try:
                return str(values[0], "utf-8")
            except UnicodeDecodeError:
                raise _error(file, f"{place} holds bytes that are not UTF-8 in feature '{name}'") from None
        array: Array = np.frombuffer(values[0], np.uint8)
    else:
        array = np.array(values, feature.dtype)
    if array.size != feature.size:
        told = f"shape {list(feature.shape)} takes {feature.size}"
        raise _error(file, f"{place} holds {array.size} values in feature '{name}'; {told}")
    if feature.dtype == "float32" and not np.isfinite(array).all():
        bad = array[~np.isfinite(array)][0]
        raise _error(file, f"{place} holds {bad:g} in feature '{name}', which is not a finite number")
    return array.reshape(feature.shape)


def _stacked(values: Sequence[Array | str], feature: RecordFeature) -> Array:
    if feature.dtype == "text":
        return np.array(values, object)
    return np.stack([np.asarray(value) for value in values])


def _label(values: Array) -> Array:
    """A target as every source delivers it: texts, int64, float64, or numbers `(rows, values)`."""
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    return values.astype(np.float64) if values.dtype == np.float32 else values


def _error(file: SourceFile, message: str) -> DataError:
    return DataError(Problem(message, location=Location(file.shown), id="tfrecord"))
