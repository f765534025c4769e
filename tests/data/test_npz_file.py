import io
import zipfile

import numpy as np
import pytest

from nntrain.config.data import NpzSource
from nntrain.data import files, npz_arrays
from nntrain.data.npz_arrays import array_names
from nntrain.data.npz_file import load
from nntrain.errors import DataError

X = np.arange(12.0).reshape(6, 2)
Y = np.array([0, 1, 2, 0, 1, 2])


def load_arrays(folder, arrays, **settings):
    np.savez(folder / "a.npz", **arrays)
    return load(NpzSource(type="npz", path="a.npz", **settings), folder)


def test_arrays_and_own_splits_are_read(tmp_path):
    arrays = {"x": X, "y": Y, "xt": X[:2], "yt": Y[:2], "xv": X[2:], "yv": Y[2:]}
    raw = load_arrays(
        tmp_path,
        arrays,
        x_test="xt",
        y_test="yt",
        x_validation="xv",
        y_validation="yv",
        class_names=list("abc"),
    )
    np.testing.assert_array_equal(raw.rows.features, X)
    assert raw.rows.target.dtype == np.int64
    assert (len(raw.validation), len(raw.test)) == (4, 2)
    assert raw.targets["target"].classes == ("a", "b", "c")
    assert raw.description == "a.npz: 6 rows of shape (2,)"


@pytest.mark.parametrize(
    "y",
    [Y[:, None], Y.astype(">i2"), Y.astype(np.uint8)],
    ids=["column", "big-endian", "bytes"],
)
def test_targets_become_whole_numbers_of_one_axis(tmp_path, y):
    target = load_arrays(tmp_path, {"x": X, "y": y}).rows.target
    assert target.dtype == np.int64
    np.testing.assert_array_equal(target, Y)


@pytest.mark.parametrize("labels", [["u", "é"] * 3, [b"u", "é".encode()] * 3])
def test_texts_may_be_labels(tmp_path, labels):
    target = load_arrays(tmp_path, {"x": X, "y": np.array(labels)}).rows.target
    assert target.dtype == object
    assert target.tolist() == ["u", "é"] * 3


def test_one_axis_of_features_is_one_feature(tmp_path):
    assert load_arrays(tmp_path, {"x": np.arange(6, dtype=np.longdouble), "y": Y}).rows.features.shape == (
        6,
        1,
    )


def test_nan_passes_where_it_will_be_replaced(tmp_path):
    x = X.copy()
    x[1, 1] = np.nan
    preprocess = {"numeric": {"impute": "mean"}}
    assert np.isnan(load_arrays(tmp_path, {"x": x, "y": Y}, preprocess=preprocess).rows.features).sum() == 1


def spoil(array, where, value):
    array = array.astype(float)
    array[where] = value
    return array


GOLDEN = {
    "unknown array": (
        {"images": X, "y": Y},
        {"x": "image"},
        "data.x: 'a.npz' has no array 'image' (did you mean 'images'?); it holds images, y; name one of them",
    ),
    "two unknown arrays": (
        {"a": X},
        {},
        "data.x: 'a.npz' has no array 'x'; it holds a; name one of them\ndata.y: 'a.npz' has no array 'y'; it holds a; name one of them",
    ),
    "no arrays": (
        {},
        {},
        "data.x: 'a.npz' has no array 'x'; it holds none\ndata.y: 'a.npz' has no array 'y'; it holds none",
    ),
    "objects": (
        {"x": X, "y": np.array(["a", None] * 3, object)},
        {},
        "a.npz: array 'y' holds Python objects: reading them takes pickle, which can run code from "
        "the file, so "
        "it is refused; save numbers or texts of one dtype",
    ),
    "lengths": (
        {"x": X, "y": Y[:4]},
        {},
        "a.npz: arrays 'x' and 'y' differ in length: 6 and 4 rows; save as many of the one as of the other",
    ),
    "scalar": (
        {"x": X, "y": np.array(3)},
        {},
        "a.npz: array 'y' is a single value; the first axis must be the rows",
    ),
    "no rows": ({"x": X[:0], "y": Y[:0]}, {}, "a.npz: array 'x' is empty: shape (0, 2)"),
    "no columns": ({"x": X[:, :0], "y": Y}, {}, "a.npz: array 'x' is empty: shape (6, 0)"),
    "complex": ({"x": X + 1j, "y": Y}, {}, "a.npz: array 'x' must hold real numbers, not complex128"),
    "text features": (
        {"x": np.array([["a"]] * 6), "y": Y},
        {},
        "a.npz: array 'x' must hold real numbers, not <U1",
    ),
    "complex targets": (
        {"x": X, "y": Y + 1j},
        {},
        "a.npz: array 'y' must hold numbers or texts, not complex128",
    ),
    "images as targets": (
        {"x": X, "y": np.ones((6, 2, 2))},
        {},
        "a.npz: array 'y' has shape (6, 2, 2) and 'x' has (6, 2); targets are one value a row, shape (6,), "
        "or numbers of shape (6, values)",
    ),
    "masks as targets": (
        {"x": np.ones((6, 2, 2, 1)), "y": np.ones((6, 2, 2), int)},
        {},
        "a.npz: array 'y' has shape (6, 2, 2) and 'x' has (6, 2, 2, 1); targets are one value a row, shape "
        "(6,), or numbers of shape (6, values); masks of pixels are learnt from image files, by type: images "
        "and task: segmentation",
    ),
    "rows of texts": (
        {"x": X, "y": np.array([["a", "b"]] * 6)},
        {},
        "a.npz: array 'y' has shape (6, 2) of texts and 'x' has (6, 2); targets are one value a row, "
        "shape (6,), or numbers of shape (6, values)",
    ),
    "other names than columns": (
        {"x": X, "y": np.ones((6, 3), int)},
        {"class_names": ["a", "b"]},
        "data.class_names: 2 names; the targets have 3 columns",
    ),
    "nan": (
        {"x": spoil(X, ([2, 4], [1, 0]), np.nan), "y": Y},
        {},
        "a.npz: array 'x' holds nan in row 2 (from 0); values that are not finite 32-bit numbers "
        "stand in 2 of 6 "
        "rows; set data.preprocess.numeric.impute to replace NaN",
    ),
    "inf": (
        {"x": spoil(X, (5, 1), -np.inf), "y": Y},
        {"preprocess": {"numeric": {"impute": "mean"}}},
        "a.npz: array 'x' holds -inf in row 5 (from 0); values that are not finite 32-bit numbers "
        "stand in 1 of "
        "6 rows",
    ),
    "inf in 16 bits": (
        {"x": spoil(X, (4, 0), np.inf).astype(np.float16), "y": Y},
        {},
        "a.npz: array 'x' holds inf in row 4 (from 0); values that are not finite 32-bit numbers "
        "stand in 1 of 6 rows",
    ),
    "more than 32 bits": (
        {"x": X, "y": spoil(Y, 3, 1e39)},
        {},
        "a.npz: array 'y' holds 1e+39 in row 3 (from 0); values that are not finite 32-bit numbers "
        "stand in 1 of "
        "6 rows",
    ),
    "more than 63 bits": (
        {"x": X, "y": np.full(6, 2**64 - 1, np.uint64)},
        {},
        "a.npz: array 'y' holds 18446744073709551615, more than a signed 64-bit number can be",
    ),
    "nan in the test targets": (
        {"x": X, "y": Y, "xt": X, "yt": spoil(Y, 0, np.nan)},
        {"x_test": "xt", "y_test": "yt"},
        "a.npz: array 'yt' holds nan in row 0 (from 0); values that are not finite 32-bit numbers "
        "stand in 1 of "
        "6 rows",
    ),
    "bytes that are no text": (
        {"x": X, "y": np.array([b"\xff"] * 6)},
        {},
        "a.npz: array 'y' holds bytes that are not UTF-8 text",
    ),
    "row shapes": (
        {"x": X, "y": Y, "xt": X[:, :1], "yt": Y},
        {"x_test": "xt", "y_test": "yt"},
        "a.npz: rows of 'xt' have shape (1,), those of 'x' have (2,)",
    ),
    "too few names": (
        {"x": X, "y": Y},
        {"class_names": ["a", "b"]},
        "data.class_names: 2 names are for the labels 0 to 1; the targets hold 0, 1, 2",
    ),
    "labels from 1": (
        {"x": X, "y": Y + 1},
        {"class_names": ["a", "b", "c"]},
        "data.class_names: 3 names are for the labels 0 to 2; the targets hold 1, 2, 3: subtract 1 from them, "
        "or remove this, and each number names its class",
    ),
    "names for texts": (
        {"x": X, "y": np.array(["u", "v"] * 3)},
        {"class_names": ["a", "b"]},
        "data.class_names: names the labels 0, 1, 2, ...; the targets are texts, which name themselves: "
        "remove this",
    ),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_unfit_arrays_are_explained(tmp_path, name):
    arrays, settings, expected = GOLDEN[name]
    with pytest.raises(DataError) as caught:
        load_arrays(tmp_path, arrays, **settings)
    assert str(caught.value) == expected


def whole_file():
    stream = io.BytesIO()
    np.savez(stream, x=X, y=Y)
    return stream.getvalue()


def flipped():
    content = bytearray(whole_file())
    content[content.index(X.tobytes())] ^= 1
    return bytes(content)


def single_array():
    stream = io.BytesIO()
    np.save(stream, X)
    return stream.getvalue()


def with_member(content):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("x.npy", content)
        archive.writestr("y.npy", content)
    return stream.getvalue()


def header(shape):
    stream = io.BytesIO()
    np.lib.format.write_array_header_2_0(stream, {"descr": "<f8", "fortran_order": False, "shape": shape})
    return stream.getvalue()


DAMAGED = {
    "empty": (b"", "a.npz: the file is empty; give one with rows"),
    "text": (b"a,b\n1,2\n", "a.npz: this is not an .npz file; write one with np.savez(file, x=..., y=...)"),
    "npy": (
        single_array(),
        "a.npz: this is a single .npy array; put both arrays in one file with np.savez(file, x=..., y=...)",
    ),
    "cut short": (
        whole_file()[:-30],
        "a.npz: the file is cut short: its table of contents, which comes last, is missing",
    ),
    "flipped bit": (flipped(), "a.npz: the file is damaged: Bad CRC-32 for file 'x.npy'"),
    "not npy inside": (
        with_member(b"hello, world"),
        "a.npz: the file is damaged: the magic string is not correct; expected b'\\x93NUMPY', got b'hello,'",
    ),
    "impossible shape": (
        with_member(header((-4,))),
        "a.npz: the file is damaged: the header of an array declares a shape that no array has",
    ),
    "shape beyond all numbers": (
        with_member(header((10**400,))),
        "a.npz: the file is damaged: the header of an array declares a shape that no array has",
    ),
    "endless header": (
        with_member(b"\x93NUMPY\x02\x00" + (1 << 20).to_bytes(4, "little") + b"(" * (1 << 20)),
        "a.npz: the file is damaged: the header of an array can't be read",
    ),
    "less than declared": (
        with_member(header((100, 2)) + b"\0" * 8),
        "a.npz: the file is damaged: the array 'x' declares 1.6 KiB and holds 136 bytes",
    ),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_file_is_explained(tmp_path, name):
    content, expected = DAMAGED[name]
    (tmp_path / "a.npz").write_bytes(content)
    with pytest.raises(DataError) as caught:
        load(NpzSource(type="npz", path="a.npz"), tmp_path)
    assert str(caught.value) == expected


def test_the_names_of_a_damaged_file_are_not_read(tmp_path):
    (tmp_path / "a.npz").write_bytes(b"a,b")
    with pytest.raises(DataError, match=r"this is not an \.npz file"):
        array_names(tmp_path / "a.npz", "a.npz")


def test_an_array_that_unpacks_to_far_more_than_it_is_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(npz_arrays, "SMALL", 1 << 20)
    np.savez_compressed(tmp_path / "a.npz", x=np.zeros((1 << 18, 8)), y=np.zeros(4))
    with zipfile.ZipFile(tmp_path / "a.npz") as archive:
        packed = archive.getinfo("x.npy").compress_size
    with pytest.raises(DataError) as caught:
        load(NpzSource(type="npz", path="a.npz"), tmp_path)
    assert str(caught.value) == (
        f"a.npz: the array 'x' is {packed / 1024:.1f} KiB that unpack to 16.0 MiB, as in files made to fill the "
        "memory; if it is yours, save it with np.savez, which packs nothing"
    )


def test_a_header_that_claims_more_than_memory_allocates_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "available_memory", lambda: 2 << 30)
    (tmp_path / "a.npz").write_bytes(with_member(header((10**12,))))
    with pytest.raises(DataError) as caught:
        load(NpzSource(type="npz", path="a.npz"), tmp_path)
    assert str(caught.value) == (
        "a.npz: its arrays (x (1000000000000,) float64 = 7.3 TiB, y (1000000000000,) float64 = 7.3 TiB) take "
        "14.6 TiB of memory; this machine has 2.0 GiB available"
    )
