"""A file of arrays gives back what was written, and is refused when it claims what it does not hold."""

import io
import json

import numpy as np
import pytest

from nntrain.errors import ArtefactError
from nntrain.run.model_files.tensors import read, to_bytes


def file(header, data=b"", length=None):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return (len(text) if length is None else length).to_bytes(8, "little") + text + data


def entry(dtype="F32", shape=(2,), offsets=(0, 8)):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets)}


def refusal(content):
    with pytest.raises(ArtefactError) as raised:
        read(io.BytesIO(content), "w")
    return str(raised.value)


def test_what_was_written_comes_back_in_its_order():
    import ml_dtypes

    arrays = {
        "b/kernel": np.arange(6, dtype="float32").reshape(2, 3),
        "a": np.array(7, "int64"),
        "half": np.ones(3, ml_dtypes.bfloat16),
        "none": np.zeros((0, 4), "float16"),
        "yes": np.array([True, False]),
        "big": np.arange(3, dtype=">f8"),
    }
    found = read(io.BytesIO(to_bytes(arrays)), "w")
    assert list(found) == list(arrays)
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name], array)
        assert found[name].dtype == array.dtype.newbyteorder("=")


def test_texts_are_no_weights():
    with pytest.raises(TypeError, match="object can't be kept in a file of weights"):
        to_bytes({"x": np.array(["a"], dtype=object)})


CUT = "w: is not a file of weights, or was cut off"
UNREADABLE = "w: is damaged: its header can't be read"
NONSENSE = "w: is damaged: what it says of 'a' makes no sense"
DAMAGED = {
    "empty": (b"", CUT),
    "zeros": (bytes(1000), CUT),
    "endless header": (file({"a": entry()}, bytes(8), length=2**63), CUT),
    "no json": (file(b"{" * 50), UNREADABLE),
    "deep": (file(b"[" * 100_000), UNREADABLE),
    "name twice": (file(b'{"a": 1, "a": 2}'), UNREADABLE),
    "a list": (file([1, 2, 3]), "w: is damaged: its header is no list of arrays"),
    "no mapping": (file({"a": 1}), NONSENSE),
    "type": (file({"a": entry("OBJECT")}, bytes(8)), NONSENSE),
    "negative": (file({"a": entry(shape=(-2,))}, bytes(8)), NONSENSE),
    "truth": (file({"a": entry(shape=(True, 2))}, bytes(8)), NONSENSE),
    "huge": (file({"a": entry(shape=(2**47, 2**47))}, bytes(8)), NONSENSE),
    "axes": (file({"a": entry(shape=(1,) * 50 + (2,))}, bytes(8)), NONSENSE),
    "overlap": (
        file({"a": entry(), "b": entry(offsets=(4, 12))}, bytes(12)),
        "w: is damaged: 'b' overlaps another array, or leaves a hole",
    ),
    "more than held": (
        file({"a": entry(shape=(2**40,), offsets=(0, 2**42))}, bytes(8)),
        "w: holds 8 bytes of arrays and declares 4,398,046,511,104",
    ),
    "less than held": (file({"a": entry()}, bytes(9)), "w: holds 9 bytes of arrays and declares 8"),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_file_is_refused(name):
    content, expected = DAMAGED[name]
    assert refusal(content) == expected


def test_a_file_that_is_cut_anywhere_is_refused():
    content = to_bytes({"a": np.ones((3, 4), "float32"), "b": np.ones(5)})
    for length in range(len(content)):
        assert refusal(content[:length])
