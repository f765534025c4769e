"""Images are never made floats while they are read, split and prepared, and mean the same numbers."""

import tracemalloc

import numpy as np
import pytest

from nntrain.arrays import LARGEST, Scaled
from nntrain.config.data import NpzSource, Preprocess
from nntrain.data.load import load
from nntrain.data.new_rows import load_rows
from nntrain.data.prepare.preparation import fit

RESCALED = {"scale": "rescale", "range": [0, 255]}
IMAGES = np.random.default_rng(0).integers(3, 250, (40, 4, 3), np.uint8)
LABELS = np.arange(40) % 2


def prepared(x, numeric):
    return fit(x, Preprocess(numeric=numeric, categorical={})).apply(x)


@pytest.fixture
def read(tmp_path):
    def read(x=IMAGES, numeric=RESCALED, target=LABELS, **settings):
        np.savez(tmp_path / "t.npz", x=x, y=target, **settings.pop("more", {}))
        settings = {"split": {"validation": 0.25, "test": 0.25}, **settings}
        source = NpzSource(type="npz", path="t.npz", preprocess={"numeric": numeric}, **settings)
        return load(source, base=tmp_path, seed=1)

    return read


@pytest.mark.parametrize(
    ("numeric", "shift", "divisor"),
    [
        (RESCALED, 0, 255),
        ({"scale": "rescale", "range": [-10, 17]}, -10, 27),
        ({}, 0, 1),
        ({"scale": "min_max"}, 3, 246),
        ({"impute": 0.0, **RESCALED}, 0, 255),
    ],
)
def test_bytes_stay_bytes_where_whole_numbers_scale_them(numeric, shift, divisor):
    found = prepared(IMAGES, numeric)
    assert isinstance(found, Scaled)
    assert (found.shift, found.divisor) == (shift, divisor)
    assert found.values is IMAGES
    expected = prepared(IMAGES.astype(np.float64), numeric)
    assert isinstance(expected, np.ndarray)
    assert np.asarray(found).tobytes() == expected.tobytes()


@pytest.mark.parametrize(
    ("x", "numeric"),
    [
        (IMAGES, {"scale": "standard"}),
        (IMAGES, {"scale": "rescale", "range": [0, 0.5]}),
        (IMAGES, {"scale": "rescale", "range": [0.5, 10.5]}),
        (IMAGES, {"scale": "rescale", "range": [0, LARGEST + 1]}),
        (IMAGES, {"scale": "rescale", "range": [-LARGEST - 1, 0]}),
        (np.array([[0, 1], [3, 200]], np.uint8), {"scale": "min_max"}),
        (IMAGES.astype(np.int16), RESCALED),
        (IMAGES.astype(np.float32), RESCALED),
    ],
)
def test_what_whole_numbers_do_not_scale_becomes_floats(x, numeric):
    found = prepared(x, numeric)
    assert isinstance(found, np.ndarray)
    assert found.dtype == np.float32


def test_columns_that_share_one_scale_stay_bytes():
    x = np.array([[3, 3], [13, 13], [5, 9]], np.uint8)
    found = prepared(x, {"scale": "min_max"})
    assert isinstance(found, Scaled)
    assert (found.shift, found.divisor) == (3, 10)


def test_every_split_holds_the_bytes_of_its_rows(read):
    data = read()
    assert list(data.splits) == ["train", "validation", "test"]
    for rows in data.splits.values():
        assert isinstance(rows.x, Scaled)
        np.testing.assert_array_equal(rows.x.values, IMAGES[rows.index])
    assert data.input_shapes == {"features": (4, 3)}
    assert data.facts["data.features"] == 12


def test_rows_that_are_their_own_targets_are_the_very_same(read):
    for rows in read(task="reconstruction", y=None).splits.values():
        assert isinstance(rows.x, Scaled)
        assert rows.y is rows.x


def test_new_rows_are_prepared_the_same_way(read, tmp_path):
    data = read()
    source = NpzSource(type="npz", path="t.npz", preprocess={"numeric": RESCALED})
    file = tmp_path / "new.npz"
    for x in (IMAGES[:5], IMAGES[:5].astype(np.float64)):
        np.savez(file, x=x, y=LABELS[:5])
        rows = load_rows(source, file, "new.npz", preprocess=data.preprocess, targets=data.targets)
        assert isinstance(rows.x, Scaled) == (x.dtype == np.uint8)
        np.testing.assert_array_equal(np.asarray(rows.x), IMAGES[:5].astype(np.float32) / 255)


@pytest.mark.parametrize("kind", [np.uint8, np.float64])
@pytest.mark.parametrize("numeric", [RESCALED, {}])
def test_repeated_rows_are_found_among_bytes_and_floats(read, kind, numeric):
    repeated = IMAGES[[0, 1, 1]].astype(kind)
    repeated[2] += 1
    data = read(
        numeric=numeric,
        split={"validation": 0.0},
        x_test="other",
        y_test="others",
        more={"other": repeated, "others": [0, 1, 0]},
    )
    assert isinstance(data.test.x, Scaled) == (kind == np.uint8)
    assert data.notes[-1:] == (
        "leak: 2 of 3 test rows are identical to a training row (test row 0 and training row 0, test row 1 "
        "and training row 1); the network is scored on what it has learnt by heart: remove the copies, or "
        "keep them in one split",
    )


@pytest.mark.parametrize(("kind", "most"), [(np.uint8, 2.6), (np.float32, 2.4)])
def test_reading_takes_the_bytes_of_the_file_and_of_the_splits(read, tmp_path, kind, most):
    x = np.random.default_rng(0).integers(0, 256, (20_000, 28, 28), np.uint8).astype(kind)
    source = NpzSource(type="npz", path="t.npz", preprocess={"numeric": RESCALED})
    read(x, target=np.arange(20_000) % 2)
    tracemalloc.start()
    data = load(source, base=tmp_path, seed=1)
    held, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(data.splits) == 3
    assert held < 1.1 * x.nbytes, held / x.nbytes
    assert peak < most * x.nbytes, peak / x.nbytes


def test_rows_that_are_not_split_are_not_copied(read, monkeypatch):
    from nntrain.data import npz_file

    given = []
    make_part = npz_file.make_part
    monkeypatch.setattr(npz_file, "make_part", lambda *a, **k: given.append(make_part(*a, **k)) or given[-1])
    data = read(split={"validation": 0.0, "test": None})
    assert data.train.x.values is given[0].features
