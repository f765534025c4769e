""".npy files: what is refused, whether their rows stay in them or not."""

import numpy as np
import pytest

from nntrain.config.data import NpySource
from nntrain.data.load import load
from nntrain.errors import DataError


def write(folder, x=None, y=None):
    np.save(folder / "x.npy", np.zeros((20, 3)) if x is None else x)
    np.save(folder / "y.npy", np.arange(20.0) if y is None else y)


def refused(folder, streaming, **settings):
    with pytest.raises(DataError) as caught:
        load(
            NpySource(type="npy", x="x.npy", y="y.npy", streaming=streaming, **settings), base=folder, seed=0
        )
    return str(caught.value)


both = pytest.mark.parametrize("streaming", [True, False])


@both
def test_arrays_of_other_lengths(streaming, tmp_path):
    write(tmp_path, y=np.arange(19.0))
    assert (
        refused(tmp_path, streaming)
        == "x.npy: arrays 'x' and 'y' differ in length: 20 and 19 rows; save as many of the one as of the other"
    )


@both
def test_a_single_target(streaming, tmp_path):
    write(tmp_path, y=np.array(1.0))
    told = "array 'y' is a single value; the first axis must be the rows"
    assert refused(tmp_path, streaming) == f"x.npy: {told}"


@both
def test_python_objects_are_not_unpickled(streaming, tmp_path):
    np.save(tmp_path / "x.npy", np.array([{}] * 20, object), allow_pickle=True)
    np.save(tmp_path / "y.npy", np.arange(20.0))
    assert refused(tmp_path, streaming) == (
        "x.npy: the array holds Python objects: reading them takes pickle, which can run code from the file, "
        "so it is refused; save numbers or texts of one dtype"
    )


@both
def test_a_file_of_something_else(streaming, tmp_path):
    write(tmp_path)
    (tmp_path / "x.npy").write_bytes(b"PK\3\4 and so on")
    told = "this is not an .npy file; write one with np.save(file, array)"
    assert refused(tmp_path, streaming) == f"x.npy: {told}"


@both
def test_a_file_that_is_cut_short(streaming, tmp_path):
    write(tmp_path)
    content = (tmp_path / "x.npy").read_bytes()
    (tmp_path / "x.npy").write_bytes(content[:-8])
    assert refused(tmp_path, streaming) == (
        "x.npy: the file is cut short: it declares 480 bytes and holds 472 bytes"
    )


@both
def test_an_array_that_lies_column_by_column(streaming, tmp_path):
    write(tmp_path, x=np.asfortranarray(np.zeros((20, 3))))
    told = "the array lies column by column; save it row by row: np.save(file, np.ascontiguousarray(x))"
    assert refused(tmp_path, streaming) == f"x.npy: {told}"


@both
def test_a_number_that_is_missing_is_located(streaming, tmp_path):
    x = np.zeros((20, 3))
    x[7, 1] = x[9, 0] = np.nan
    write(tmp_path, x=x)
    assert refused(tmp_path, streaming) == (
        "x.npy: array 'x' holds nan in row 7 (from 0); values that are not finite 32-bit numbers stand in 2 "
        "of 20 rows; set data.preprocess.numeric.impute to replace NaN"
    )


def test_features_that_are_texts_or_empty_do_not_stay_in_their_file(tmp_path):
    write(tmp_path, x=np.array(["a"] * 20))
    assert refused(tmp_path, True) == "x.npy: array 'x' must hold real numbers of at most 64 bits, not <U1"
    write(tmp_path, x=np.zeros((20, 0)))
    assert refused(tmp_path, True) == "x.npy: array 'x' is empty or a single value: shape (20, 0)"


def test_a_missing_file_is_named_with_its_key(tmp_path):
    write(tmp_path)
    (tmp_path / "y.npy").unlink()
    assert refused(tmp_path, True).startswith("data.y: there is no file 'y.npy'")


def test_names_of_classes_are_those_of_the_labels(tmp_path):
    write(tmp_path, y=np.arange(20) % 2)
    assert refused(tmp_path, True, class_names=("a", "b", "c"), task="classification") == (
        "data.class_names: 3 names are for the labels 0 to 2; the targets hold 0, 1"
    )
