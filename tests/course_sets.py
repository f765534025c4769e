"""Small drawn stand-ins for the sets that the course's configs read and this repository lacks.

Each has the files, shapes, types and classes of the real set, and few rows.
"""

import gzip
import pickle

import numpy as np

ROWS = 400
TEST_ROWS = 100
WORDS = 20_000


def write_sets(folder):
    """Write all of them into a folder that NNTRAIN_DATA_HOME names."""
    draw = np.random.default_rng(0)
    np.savez(folder / "mnist.npz", **_images(draw))
    _fashion(folder / "fashion-mnist", _images(draw))
    _cifar(folder / "cifar-10-batches-py", draw)
    np.savez(folder / "imdb.npz", **_texts(draw))
    np.savez(folder / "reuters.npz", **_news(draw))
    np.savez(folder / "boston_housing.npz", **_houses(draw, 13, 22.5, 9.0))
    np.savez(folder / "california_housing.npz", **_houses(draw, 8, 207_000.0, 115_000.0))
    _pima(folder / "pima-indians-diabetes.csv", draw)


def _images(draw):
    """Digits of 28 x 28 bytes: each class is bright in a place of its own."""
    found = {}
    for part, rows in (("train", ROWS), ("test", TEST_ROWS)):
        kinds = (np.arange(rows) % 10).astype(np.uint8)
        images = draw.integers(0, 60, (rows, 28, 28), np.uint8)
        for image, kind in zip(images, kinds, strict=True):
            image[4 + 2 * kind : 6 + 2 * kind, 6:22] = 250
        found |= {f"x_{part}": images, f"y_{part}": kinds}
    return found


def _fashion(folder, arrays):
    folder.mkdir()
    for part, name in (("train", "train"), ("test", "t10k")):
        for array, kind in ((arrays[f"x_{part}"], "images-idx3"), (arrays[f"y_{part}"], "labels-idx1")):
            sizes = np.array(array.shape, ">u4").tobytes()
            head = b"\0\0\x08" + bytes([array.ndim]) + sizes
            (folder / f"{name}-{kind}-ubyte.gz").write_bytes(gzip.compress(head + array.tobytes()))


def _cifar(folder, draw):
    folder.mkdir()
    for name in [*(f"data_batch_{number}" for number in range(1, 6)), "test_batch"]:
        kinds = [row % 10 for row in range(100)]
        pixels = draw.integers(0, 60, (100, 3072), np.uint8)
        for row, kind in zip(pixels, kinds, strict=True):
            row[300 * kind : 300 * kind + 300] = 250
        (folder / name).write_bytes(pickle.dumps({b"data": pixels, b"labels": kinds}, 4))


def _reviews(draw, rows):
    """Lists of word numbers from 1, the common ones small, as the files of Keras have them."""
    lists = np.empty(rows, object)
    lists[:] = [
        np.minimum(draw.zipf(1.3, draw.integers(20, 200)), WORDS - 1).astype(int).tolist()
        for _ in range(rows)
    ]
    return lists


def _texts(draw):
    found = {}
    for part in ("train", "test"):
        found |= {f"x_{part}": _reviews(draw, 200), f"y_{part}": np.arange(200) % 2}
    return found


def _news(draw):
    return {"x": _reviews(draw, 460), "y": np.arange(460) % 46}


def _houses(draw, columns, mean, deviation):
    x = draw.normal(size=(ROWS, columns)) * 10.0 ** np.arange(-2, columns - 2).clip(max=3)
    price = x[:, 0] / x[:, 0].std() + 0.3 * draw.normal(size=ROWS)
    return {"x": x, "y": mean + deviation * price}


def _pima(file, draw):
    """Eight numbers and 0 or 1, without a header."""
    numbers = draw.normal([3.8, 121, 69, 20, 80, 32, 0.47, 33], [3.4, 32, 19, 16, 115, 8, 0.33, 12], (200, 8))
    kinds = (numbers[:, 1] + draw.normal(0, 20, 200) > 125).astype(int)
    lines = (
        ",".join([*(f"{abs(number):.3f}" for number in row), str(kind)])
        for row, kind in zip(numbers, kinds, strict=True)
    )
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
