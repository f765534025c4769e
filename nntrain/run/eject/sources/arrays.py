"""Sources whose rows are arrays: scikit-learn's and Keras' sets, NumPy files and TFRecord files."""

from __future__ import annotations

from nntrain.config.data import (
    KerasSource,
    NpySource,
    NpzSource,
    RecordFeature,
    SklearnSource,
    TfrecordSource,
)
from nntrain.run.eject.code import Call, Expression, lines, literal, text
from nntrain.run.eject.draft import Draft, Source

OWN_TEST = [
    "train, test = np.arange(len(x)), len(x) + np.arange(len(x_test))",
    "x, y = np.concatenate([x, x_test]), np.concatenate([y, y_test])",
]
"""For a set that brings its own test rows."""


def sklearn(draft: Draft, data: SklearnSource) -> Source:
    """A set that scikit-learn bundles or draws."""
    if data.name.startswith("make_"):
        given = {**data.generator_arguments, "random_state": data.random_state}
        named = {key: literal(value) for key, value in given.items()}
        draft.need(f"from sklearn.datasets import {data.name}")
        return Source(lines("x, y = ", Call(data.name, (), named)), "len(x)")
    draft.need(f"from sklearn.datasets import load_{data.name}")
    both = "x = data.data" if data.task == "reconstruction" else "x, y = data.data, data.target"
    return Source([f"data = load_{data.name}()", both], "len(x)")


def keras(draft: Draft, data: KerasSource) -> Source:
    """A set of `keras.datasets`, with its own test rows behind the others."""
    limit = "" if data.num_words is None else f"num_words={data.num_words}"
    found = [f"(x, y), (x_test, y_test) = keras.datasets.{data.name}.load_data({limit})"]
    if data.name in ("imdb", "reuters"):
        (length,) = next(iter(draft.dataset.input_shapes.values()))
        found += [f"{x} = keras.utils.pad_sequences({x}, {length})" for x in ("x", "x_test")]
    found += OWN_TEST
    if data.name.startswith("cifar"):
        found.append("y = y.ravel()")
    return Source(found, "len(x)", ("test",))


def npz(draft: Draft, data: NpzSource) -> Source:
    """Arrays of one file, each input's and each target's by its name."""
    found = [f"arrays = np.load({draft.path(data.path)})"]
    names = {"x": data.x, "y": data.y if data.task != "reconstruction" else None}
    found += [f"{variable} = arrays[{text(name)}]" for variable, name in names.items() if name is not None]
    if data.sample_weight is not None:
        found.append(f'weights = arrays[{text(data.sample_weight)}].astype("float32")')
    return Source(found, "len(x)")


def npy(draft: Draft, data: NpySource) -> Source:
    """An array a file."""
    found = [f"x = np.load({draft.path(data.x)})"]
    found += [f"y = np.load({draft.path(data.y)})"] if data.y else []
    return Source(found, "len(x)")


def tfrecord(draft: Draft, data: TfrecordSource) -> Source:
    """Examples of TFRecord files, read at once."""
    draft.need("import tensorflow as tf")
    found = ["features = {"]
    found += [f"    {text(name)}: {_feature(feature)}," for name, feature in data.features.items()]
    found.append("}")
    written = draft.path(data.path)
    if any(sign in data.path for sign in "*?["):
        draft.need("from glob import glob")
        written = f"sorted(glob({written}))"
    found.append(f"records = tf.data.TFRecordDataset({written})")
    found.append("examples = tf.io.parse_example(list(records.as_numpy_iterator()), features)")
    (name,) = data.input_features
    found += _values("x", name, data.features[name])
    if data.label is not None:
        found += _values("y", data.label, data.features[data.label])
    return Source(found, "len(x)")


def _feature(feature: RecordFeature) -> str:
    kind = {"uint8": "string", "text": "string"}.get(feature.dtype, feature.dtype)
    shape = "[]" if kind == "string" else str(list(feature.shape))
    return f"tf.io.FixedLenFeature({shape}, tf.{kind})"


def _values(variable: str, name: str, feature: RecordFeature) -> list[str]:
    values = f"examples[{text(name)}].numpy()"
    if feature.dtype == "text":
        return [f"{variable} = {values}.astype(str)"]
    if feature.dtype == "uint8":
        read: Expression = f"[np.frombuffer(content, np.uint8) for content in {values}]"
        shape = ", ".join(str(size) for size in (-1, *feature.shape))
        return lines(f"{variable} = ", Call("np.stack", [read]), f".reshape({shape})")
    if variable == "x" and not feature.shape:
        return [f"{variable} = {values}.reshape(-1, 1)"]
    return [f"{variable} = {values}"]
