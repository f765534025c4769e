import gzip
import os
import pickle
import urllib.error
from pathlib import Path

import numpy as np
import pytest

from nntrain.config.data import KerasSource
from nntrain.data import keras_sets
from nntrain.data.keras_builtin import READERS
from nntrain.data.keras_builtin import load as load_raw
from nntrain.data.keras_text import pad
from nntrain.data.load import load
from nntrain.data.new_rows import load_rows
from nntrain.errors import DataError

RANDOM = np.random.default_rng(0)


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An empty data folder and an empty Keras cache."""
    for name, folder in (("NNTRAIN_DATA_HOME", "home"), ("KERAS_HOME", "keras")):
        (tmp_path / folder).mkdir()
        monkeypatch.setenv(name, str(tmp_path / folder))
    monkeypatch.setattr(keras_sets.tempfile, "gettempdir", lambda: str(tmp_path / "tmp"))
    return tmp_path / "home"


@pytest.fixture
def offline(home, monkeypatch):
    """Keras as on a machine without network, with its cache at `KERAS_HOME`."""
    from keras.src.backend import config
    from keras.src.utils import file_utils

    def refuse(*_):
        raise urllib.error.URLError("no route to host")

    monkeypatch.setattr(config, "_KERAS_DIR", os.environ["KERAS_HOME"])
    monkeypatch.setattr(file_utils, "urlretrieve", refuse)
    return home


def source(name, **settings):
    return KerasSource(type="keras", name=name, **settings)


def raw_of(name, **settings):
    return load_raw(source(name, **settings), Path())


def write_mnist(folder, rows=30):
    folder.mkdir(parents=True, exist_ok=True)
    x = RANDOM.integers(0, 256, (rows, 28, 28), np.uint8)
    y = (np.arange(rows) % 10).astype(np.uint8)
    np.savez(folder / "mnist.npz", x_train=x, y_train=y, x_test=x[:10], y_test=y[:10])
    return x


def write_idx(file, array):
    file.parent.mkdir(parents=True, exist_ok=True)
    sizes = np.array(array.shape, ">u4").tobytes()
    file.write_bytes(gzip.compress(b"\0\0\x08" + bytes([array.ndim]) + sizes + array.tobytes()))


def write_fashion(folder):
    x, y = RANDOM.integers(0, 256, (20, 28, 28), np.uint8), np.arange(20, dtype=np.uint8) % 10
    for part in ("train", "t10k"):
        write_idx(folder / "fashion-mnist" / f"{part}-images-idx3-ubyte.gz", x)
        write_idx(folder / "fashion-mnist" / f"{part}-labels-idx1-ubyte.gz", y)
    return x


def texts(rows):
    lists = np.empty(rows, object)
    lists[:] = [RANDOM.integers(1, 50, RANDOM.integers(1, 9)).tolist() for _ in range(rows)]
    return lists


def write_texts(folder, rows=20):
    y = np.arange(rows) % 2
    np.savez(folder / "imdb.npz", x_train=texts(rows), y_train=y, x_test=texts(rows), y_test=y)
    np.savez(folder / "reuters.npz", x=texts(rows), y=np.arange(rows) % 46)


def write_cifar(folder, label_keys, files, rows=4):
    folder.mkdir(parents=True)
    for i, file in enumerate(files):
        data = np.full((rows, 3072), i, np.uint8)
        data[:, :1024] = 200 + i
        labels = {key: [(i + j) % 10 for j in range(rows)] for key in label_keys}
        (folder / file).write_bytes(pickle.dumps({b"data": data, **labels}, 4))


def test_every_set_has_a_reader_and_files():
    assert set(READERS) == set(keras_sets.FILES) == set(KerasSource.model_fields["name"].annotation.__args__)


@pytest.mark.parametrize("place", ["home", "home/datasets", "keras/datasets", "tmp/.keras/datasets"])
def test_mnist_is_found_where_it_lies(home, place):
    x = write_mnist(home.parent / place)
    raw = raw_of("mnist")
    np.testing.assert_array_equal(raw.rows.features, x)
    assert raw.rows.features.dtype == np.uint8
    assert raw.rows.target.dtype == np.int64
    assert (len(raw.test), raw.targets["target"].classes) == (10, tuple("0123456789"))
    assert raw.description == "mnist: 30 training and 10 test rows of shape (28, 28)"


def test_reading_mnist_does_not_wait_for_keras(home):
    import subprocess
    import sys

    write_mnist(home)
    code = (
        "import sys\nfrom pathlib import Path\nfrom nntrain.config.data import KerasSource\n"
        "from nntrain.data.keras_builtin import load\nload(KerasSource(type='keras', name='mnist'), Path())\n"
        "print([m for m in ('keras', 'tensorflow') if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"


def test_its_own_test_rows_are_the_test_split(home):
    x = write_mnist(home)
    settings = {
        "split": {"validation": 0.4},
        "preprocess": {"numeric": {"scale": "rescale", "range": [0, 255]}},
    }
    data = load(source("mnist", **settings), base=Path(), seed=0)
    assert [len(rows) for rows in data.splits.values()] == [18, 12, 10]
    np.testing.assert_array_equal(data.test.x, x[:10].astype("float32") / 255)


def test_fashion_mnist_is_read_from_idx_files(home):
    x = write_fashion(home)
    raw = raw_of("fashion_mnist")
    np.testing.assert_array_equal(raw.test.features, x)
    assert raw.targets["target"].classes[9] == "Ankle boot"


@pytest.mark.parametrize("name", ["boston_housing", "california_housing"])
def test_housing_has_the_rows_that_keras_draws(home, monkeypatch, name):
    import keras

    x = RANDOM.normal(size=(41, 3))
    np.savez(home / f"{name}.npz", x=x, y=x[:, 0])
    raw = raw_of(name)
    module = getattr(keras.datasets, name)
    monkeypatch.setattr(f"keras.src.datasets.{name}.get_file", lambda *_, **__: home / f"{name}.npz")
    (x_train, y_train), (x_test, y_test) = module.load_data()
    for part, features, target in ((raw.rows, x_train, y_train), (raw.test, x_test, y_test)):
        np.testing.assert_array_equal(part.features, features)
        np.testing.assert_array_equal(part.target, target)
    assert load(source(name), base=Path(), seed=0, labels={"target": "index"}).task == "regression"


@pytest.mark.parametrize("name", ["imdb", "reuters"])
def test_texts_are_those_of_keras_padded_in_front(home, monkeypatch, name):
    import keras

    write_texts(home)
    raw = raw_of(name, num_words=40, maxlen=6)
    monkeypatch.setattr(f"keras.src.datasets.{name}.get_file", lambda *_, **__: home / f"{name}.npz")
    loaded = getattr(keras.datasets, name).load_data(num_words=40)
    for part, (features, target) in zip((raw.rows, raw.test), loaded, strict=True):
        np.testing.assert_array_equal(part.features, keras.utils.pad_sequences(features, 6))
        np.testing.assert_array_equal(part.target, target)
        assert part.features.dtype == np.int32
    assert raw.tokens
    assert len(raw.targets["target"].classes) == (2 if name == "imdb" else 46)


def test_without_maxlen_the_longest_training_text_counts(home):
    write_texts(home)
    data = load(source("imdb", split={"stratify": False}), base=Path(), seed=0)
    assert data.train.x.dtype == np.int32
    width = data.input_shapes["features"][0]
    assert (data.train.x[:, 0] > 0).any() or (data.validation.x[:, 0] > 0).any()
    note = f"every text has {width} words, as the longest of the training rows; data.maxlen sets fewer"
    assert data.notes[0] == note
    assert data.facts["data.vocabulary"] == 1 + max(split.x.max() for split in data.splits.values())
    assert data.classes == ("negative", "positive")
    assert data.description == f"imdb: 20 training and 20 test rows of {width} words"


def test_new_texts_must_be_word_numbers(home, tmp_path):
    write_texts(home)
    settings = source("imdb", maxlen=6)
    data = load(settings, base=Path(), seed=0)
    known = {"preprocess": data.preprocess, "targets": data.targets}
    np.savez(tmp_path / "new.npz", x=np.ones((2, 6), np.int64), y=np.array([1, 0]))
    rows = load_rows(settings, tmp_path / "new.npz", "new.npz", **known)
    assert (rows.x.dtype, rows.y.tolist()) == (np.int32, [1, 0])
    np.savez(tmp_path / "new.npz", x=np.ones((2, 6)), y=np.array([1, 0]))
    with pytest.raises(DataError) as caught:
        load_rows(settings, tmp_path / "new.npz", "new.npz", **known)
    assert str(caught.value) == (
        "new.npz: the run was trained on word numbers, which are integers; these rows are float64"
    )


def test_padding_keeps_the_end_and_marks_the_beginning():
    rows = pad([[5, 6], [1, 2, 3], [1, 2, 3, 90], []], 4, num_words=20)
    assert rows.tolist() == [[0, 1, 8, 9], [1, 4, 5, 6], [4, 5, 6, 2], [0, 0, 0, 1]]


@pytest.mark.parametrize("folder", ["", "datasets/", "cifar-10-batches-py-target/"])
def test_cifar10_is_read_from_its_batches(home, folder):
    names = [Path(file).name for file in keras_sets.FILES["cifar10"]]
    write_cifar(home / folder / "cifar-10-batches-py", [b"labels"], names)
    raw = raw_of("cifar10")
    assert raw.rows.features.shape == (20, 32, 32, 3)
    assert raw.rows.features[4, 0, 0].tolist() == [201, 1, 1]
    assert raw.test.target.tolist() == [5, 6, 7, 8]
    assert raw.targets["target"].classes[:2] == ("airplane", "automobile")


def test_cifar100_has_two_kinds_of_label(home):
    folder = home / "cifar-100-python"
    write_cifar(folder, [b"fine_labels", b"coarse_labels"], ["train", "test"])
    meta = {b"fine_label_names": [b"f%d" % i for i in range(100)], b"coarse_label_names": [b"c0", b"c1"]}
    (folder / "meta").write_bytes(pickle.dumps(meta, 4))
    assert raw_of("cifar100").targets["target"].classes[99] == "f99"
    assert raw_of("cifar100", label_mode="coarse").targets["target"].classes == ("c0", "c1")


def test_what_is_missing_is_downloaded_by_keras(offline, monkeypatch, capsys):
    """The download is played by a copy; Keras' words go to stderr."""
    from keras.src.utils import file_utils

    x = write_fashion(offline.parent / "server")

    def copy(origin, target, *_):
        server = offline.parent / "server" / "fashion-mnist"
        Path(target).write_bytes((server / Path(origin).name).read_bytes())

    monkeypatch.setattr(file_utils, "urlretrieve", copy)
    np.testing.assert_array_equal(raw_of("fashion_mnist").rows.features, x)
    assert capsys.readouterr().out == ""


STORE = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"


@pytest.mark.parametrize(
    ("name", "wanted", "origin"),
    [
        ("mnist", "mnist.npz", STORE + "mnist.npz"),
        (
            "fashion_mnist",
            "the folder fashion-mnist (with train-images-idx3-ubyte.gz, train-labels-idx1-ubyte.gz, "
            "t10k-images-idx3-ubyte.gz, t10k-labels-idx1-ubyte.gz)",
            STORE,
        ),
        (
            "cifar100",
            "the folder cifar-100-python (with train, test, meta)",
            "https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz",
        ),
    ],
)
def test_without_network_the_error_says_which_file_to_put_where(offline, name, wanted, origin):
    with pytest.raises(DataError) as caught:
        raw_of(name)
    assert str(caught.value) == (
        f"data.name: {name} is not on this machine and can't be downloaded (<urlopen error no route "
        f"to host>); "
        f"put {wanted} in $NNTRAIN_DATA_HOME ({offline}) or in {offline.parent}/keras/datasets; "
        f"it comes from {origin}"
    )


def test_without_a_data_folder_the_error_names_the_variable(offline, monkeypatch):
    monkeypatch.delenv("NNTRAIN_DATA_HOME")
    with pytest.raises(DataError, match=r"put imdb\.npz in a folder that NNTRAIN_DATA_HOME names or in "):
        raw_of("imdb")


def test_a_download_with_another_hash_is_refused(offline, monkeypatch):
    from keras.src.utils import file_utils

    monkeypatch.setattr(file_utils, "urlretrieve", lambda _, target, *__: Path(target).write_bytes(b"other"))
    with pytest.raises(
        DataError, match=r"can't be downloaded \(what came does not have the hash that Keras expects\)"
    ):
        raw_of("mnist")


def test_a_download_that_leaves_nothing_is_told(home, monkeypatch):
    monkeypatch.setattr(keras_sets, "_download", lambda _: None)
    with pytest.raises(DataError, match=r"can't be downloaded \(Keras' download left no such file\)"):
        raw_of("mnist")


def test_a_mistake_of_ours_is_not_taken_for_a_failed_download(home, monkeypatch):
    def broken(_):
        raise ZeroDivisionError

    monkeypatch.setattr(keras_sets, "_download", broken)
    with pytest.raises(ZeroDivisionError):
        raw_of("mnist")


class Evil:
    def __reduce__(self):
        return (os.system, ("exit 1",))


def refused(file, reason):
    return f"{file}: the file is damaged ({reason}); remove it to have it downloaded again"


def test_damaged_files_are_told(home):
    folder = home / "fashion-mnist"
    write_fashion(home)
    images = folder / "train-images-idx3-ubyte.gz"
    for content, reason in (
        (b"x", "Not a gzipped file (b'x')"),
        (gzip.compress(b"\0\0\x09\3"), "it does not start as an IDX file of bytes"),
        (gzip.compress(b"\0\0\x08\1\0\0\0\5abc"), "it declares 5 bytes and holds 3"),
        (gzip.compress(b"\0\0\x08\3\0\0"), "its header is cut short"),
    ):
        images.write_bytes(content)
        with pytest.raises(DataError) as caught:
            raw_of("fashion_mnist")
        assert str(caught.value) == refused(images, reason)


def test_pickles_may_hold_arrays_and_nothing_else(home):
    folder = home / "cifar-10-batches-py"
    names = [Path(file).name for file in keras_sets.FILES["cifar10"]]
    write_cifar(folder, [b"labels"], names)
    batch = folder / "data_batch_1"
    evil = (
        f"Refusing to deserialize `{os.system.__module__}.system` while loading a Keras dataset. "
        "The file may be corrupted or malicious"
    )
    for content, reason in (
        (pickle.dumps(Evil()), evil),
        (pickle.dumps({b"data": 1}), "it has no 'data' and 'labels'"),
        (pickle.dumps({b"data": [[1]], b"labels": [1]}), "images of shape (1, 1) and 1 labels don't fit"),
        (batch.read_bytes()[:50], "pickle data was truncated"),
    ):
        batch.write_bytes(content)
        with pytest.raises(DataError) as caught:
            raw_of("cifar10")
        assert str(caught.value) == refused(batch, reason)
    np.savez(home / "imdb.npz", x_train=np.array([Evil()], object))
    with pytest.raises(DataError) as caught:
        raw_of("imdb")
    assert str(caught.value) == refused(home / "imdb.npz", evil)
    np.savez(home / "imdb.npz", x_train=texts(2))
    with pytest.raises(DataError) as caught:
        raw_of("imdb")
    assert str(caught.value) == refused(home / "imdb.npz", "it has no array 'y_train'")


def test_cifar100_without_names_is_damaged(home):
    folder = home / "cifar-100-python"
    write_cifar(folder, [b"fine_labels"], ["train", "test"])
    (folder / "meta").write_bytes(pickle.dumps({}, 4))
    with pytest.raises(DataError) as caught:
        raw_of("cifar100")
    assert str(caught.value) == refused(folder / "meta", "it has no 'fine_label_names'")


@pytest.mark.parametrize(("option", "value"), [("maxlen", 9), ("num_words", 9)])
def test_images_take_no_words(home, option, value):
    with pytest.raises(DataError) as caught:
        raw_of("mnist", **{option: value})
    assert str(caught.value) == f"data.{option}: is for texts (imdb, reuters); mnist has none: remove it"


@pytest.mark.skipif(
    not (Path(os.environ.get("NNTRAIN_DATA_HOME", "/nowhere")) / "mnist.npz").is_file(),
    reason="set NNTRAIN_DATA_HOME to a folder with mnist.npz",
)
def test_the_real_mnist_has_its_known_sizes_and_mean():
    raw = raw_of("mnist")
    assert (raw.rows.features.shape, raw.test.features.shape) == ((60000, 28, 28), (10000, 28, 28))
    assert round(float(raw.rows.features.mean()) / 255, 4) == 0.1307
    assert np.bincount(raw.rows.target).tolist()[:3] == [5923, 6742, 5958]


@pytest.mark.skipif(
    not (Path(os.environ.get("NNTRAIN_DATA_HOME", "/nowhere")) / "pima-indians-diabetes.csv").is_file(),
    reason="set NNTRAIN_DATA_HOME to a folder with pima-indians-diabetes.csv",
)
def test_the_real_pima_file_has_768_rows_of_8_features():
    from nntrain.config.data import CsvSource

    settings = CsvSource(
        type="csv", path="pima-indians-diabetes.csv", header=False, target=-1, task="classification"
    )
    data = load(settings, base=Path(os.environ["NNTRAIN_DATA_HOME"]), seed=0)
    assert (data.input_shapes["features"], data.classes) == ((8,), ("0", "1"))
    assert sum(len(rows) for rows in data.splits.values()) == 768
