import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from nntrain.config.data import CsvSource, DataSource, NpzSource, SklearnSource
from nntrain.data.dataset import Part, Raw, Table
from nntrain.data.fingerprint import fingerprint, fingerprinting
from nntrain.data.load import LOADERS, load
from nntrain.data.npz_file import load as load_npz
from nntrain.errors import DataError


def write_csv(folder: Path, rows, name="t.csv", header="a,b,c,y"):
    lines = [",".join(map(str, row)) for row in rows]
    (folder / name).write_text("\n".join([header, *lines]) + "\n")


def made_rows(count=60):
    random = np.random.default_rng(3)
    return [
        (random.normal(), random.normal(50, 9), "uvw"[i % 3], "yes" if i % 2 else "no") for i in range(count)
    ]


def csv(folder, seed=1, **settings):
    source = CsvSource(type="csv", **({"path": "t.csv", "target": "y"} | settings))
    return load(source, base=folder, seed=seed)


def sklearn(name, seed=1, **settings):
    return load(SklearnSource(type="sklearn", name=name, **settings), base=Path(), seed=seed)


def test_every_data_source_has_a_loader():
    assert set(LOADERS) == set(get_args(get_args(DataSource)[0]))


def test_iris_is_ready_to_train_on():
    data = sklearn("iris", preprocess={"numeric": {"scale": "standard"}})
    assert data.classes == ("setosa", "versicolor", "virginica")
    assert data.inputs["features"][0] == "sepal length (cm)"
    assert data.input_shapes == {"features": (4,)}
    assert {name: len(rows) for name, rows in data.splits.items()} == {
        "train": 109,
        "validation": 19,
        "test": 22,
    }
    assert data.train.y.dtype == np.int64
    np.testing.assert_allclose(data.train.x.mean(axis=0), 0, atol=1e-6)
    assert data.preprocess["inputs"]["features"]["rows"] == 109
    assert data.description == "scikit-learn's iris: 150 rows, 4 features"


def test_digits_are_rows_of_64_numbers():
    data = sklearn("digits", preprocess={"numeric": {"scale": "rescale", "range": [0, 16]}})
    assert data.input_shapes == {"features": (64,)}
    assert (data.train.x.min(), data.train.x.max()) == (0, 1)
    assert data.inputs == {"features": ()}
    assert "3 of 64 features have one value in the training rows" in data.notes


def test_the_same_seed_gives_the_same_rows_and_another_seed_others(tmp_path):
    write_csv(tmp_path, made_rows())
    first, again, other = csv(tmp_path), csv(tmp_path), csv(tmp_path, seed=2)
    assert first.test.x.tobytes() == again.test.x.tobytes()
    assert first.test.index.tolist() == again.test.index.tolist() != other.test.index.tolist()
    assert first.fingerprint == other.fingerprint


def test_what_is_fitted_never_depends_on_held_out_rows(tmp_path):
    """Held-out rows are made absurd; the state and the training rows keep every bit."""
    rows = made_rows()
    write_csv(tmp_path, rows)
    settings = {"preprocess": {"numeric": {"scale": "standard"}, "categorical": {"unknown": "zeros"}}}
    before = csv(tmp_path, **settings)
    for held_out in (before.validation, before.test):
        for i in held_out.index:
            rows[i] = (1e9, -1e9, f"new{i}", rows[i][3])
    write_csv(tmp_path, rows)
    after = csv(tmp_path, **settings)
    assert json.dumps(after.preprocess) == json.dumps(before.preprocess)
    assert after.train.x.tobytes() == before.train.x.tobytes()
    assert after.test.x.tobytes() != before.test.x.tobytes()


def test_own_validation_and_test_rows_are_used_as_they_are(tmp_path):
    x = np.arange(40.0).reshape(20, 2)
    y = np.arange(20) % 2
    np.savez(tmp_path / "a.npz", x=x, y=y, xv=x[:4] + 0.5, yv=y[:4], xt=x[:6] + 0.25, yt=y[:6])
    source = NpzSource(
        type="npz",
        path="a.npz",
        x_validation="xv",
        y_validation="yv",
        x_test="xt",
        y_test="yt",
        task="classification",
    )
    data = load(source, base=tmp_path, seed=0)
    assert [len(rows) for rows in data.splits.values()] == [20, 4, 6]
    np.testing.assert_array_equal(data.test.x, x[:6] + 0.25)
    assert data.classes == ("0", "1")


def test_shares_of_zero_give_no_split(tmp_path):
    write_csv(tmp_path, made_rows())
    data = csv(tmp_path, split={"validation": 0, "test": 0})
    assert (data.validation, data.test) == (None, None)
    assert data.notes == ("there are no validation rows: nothing watches training for over-fitting",)


def test_rows_that_stand_in_two_splits_are_counted():
    x = np.arange(19.0)[:, None]
    own = {"xv": x[:3], "yv": x[:3, 0], "xt": x[5:6], "yt": x[5:6, 0]}
    note = load_own(x, own).notes
    why = "rows of few different values repeat by chance, and flatter the scores all the same"
    assert note == (
        "warning: 3 of 3 validation rows are identical to a training row (validation row 0 and training row "
        "0, validation row 1 and training row 1, validation row 2 and training row 2); "
        f"{why}: remove the copies, or keep them in one split",
        "warning: 1 of 1 test rows is identical to a training row (test row 0 and training row 5); "
        f"{why}: remove the copies, or keep them in one split",
    )


def load_own(x, own):
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        np.savez(Path(folder) / "a.npz", x=x, y=x[:, 0], **own)
        names = {"x_validation": "xv", "y_validation": "yv", "x_test": "xt", "y_test": "yt"}
        return load(NpzSource(type="npz", path="a.npz", **names), base=Path(folder), seed=0)


@pytest.mark.parametrize(
    ("labels", "settings", "loss", "expected"),
    [
        (["u", "v"], {}, {}, "classification"),
        ([0, 1], {}, {}, "regression"),
        ([0, 1], {}, {"target": "index"}, "classification"),
        ([0, 1], {}, {"target": "binary"}, "classification"),
        ([0, 1], {}, {"target": "any"}, "regression"),
        ([0, 1], {"task": "classification"}, {"target": "any"}, "classification"),
        ([0, 1], {"task": "regression"}, {"target": "index"}, "regression"),
    ],
)
def test_the_task_is_as_told_else_as_the_target_and_the_loss_say(tmp_path, labels, settings, loss, expected):
    write_csv(tmp_path, [(i, i, "u", labels[i % 2]) for i in range(40)])
    source = CsvSource(type="csv", path="t.csv", target="y", **settings)
    data = load(source, base=tmp_path, seed=0, labels=loss)
    assert data.task == expected
    assert data.train.y.dtype == (np.int64 if expected == "classification" else np.float32)


@pytest.mark.parametrize(("name", "task"), [("diabetes", "regression"), ("wine", "classification")])
@pytest.mark.parametrize("loss", ["index", "any"])
def test_a_known_set_knows_its_task_whatever_the_loss(name, task, loss):
    source = SklearnSource(type="sklearn", name=name)
    assert load(source, base=Path(), seed=0, labels={"target": loss}).task == task


def test_texts_are_no_numbers_to_predict(tmp_path):
    write_csv(tmp_path, made_rows())
    with pytest.raises(DataError) as caught:
        csv(tmp_path, task="regression")
    assert str(caught.value) == "data.task: 'regression' needs numbers; the target holds texts such as 'no'"


def test_numbers_with_fractions_are_no_classes():
    with pytest.raises(DataError) as caught:
        sklearn("make_regression", task="classification", n_samples=3, n_features=1)
    assert str(caught.value).startswith("data.name: 3 of 3 labels are not whole numbers: ")


def test_missing_cells_are_found_before_the_split(tmp_path):
    rows = made_rows(40)
    rows[17] = (*rows[17][:2], "NA", rows[17][3])
    write_csv(tmp_path, rows)
    with pytest.raises(DataError) as caught:
        csv(tmp_path)
    line = ",".join(map(str, rows[17]))
    column = line.index("NA") + 1
    assert str(caught.value) == (
        f"t.csv: 1 problem\n\n19:{column} column 'c': 1 of 40 rows has no value, the first here; set "
        f"data.preprocess.categorical.impute: most_frequent | a text\n  19 | {line}\n{' ' * (6 + column)}^"
    )


def test_an_unknown_text_of_a_held_out_row_is_shown_in_the_file(tmp_path):
    rows = made_rows()
    write_csv(tmp_path, rows)
    row = int(csv(tmp_path).test.index[2])
    rows[row] = (1, 2, "zz", rows[row][3])
    write_csv(tmp_path, rows)
    with pytest.raises(DataError) as caught:
        csv(tmp_path)
    line = f"1,2,zz,{rows[row][3]}"
    assert str(caught.value) == (
        f"t.csv: 1 problem\n\n{row + 2}:5 column 'c': no training row has 'zz' (1 of 9 rows have "
        f"unknown texts); "
        "known are u, v, w; set data.preprocess.categorical.unknown: zeros to let them pass\n"
        f"{row + 2:>4} | {line}\n           ^"
    )


def test_a_label_of_the_test_rows_alone_is_refused(tmp_path):
    x = np.arange(8.0)[:, None]
    np.savez(tmp_path / "a.npz", x=x, y=np.arange(8) % 2, xt=x[:2], yt=np.array([2, 0]))
    source = NpzSource(
        type="npz", path="a.npz", x_test="xt", y_test="yt", task="classification", split={"validation": 0.25}
    )
    with pytest.raises(DataError) as caught:
        load(source, base=tmp_path, seed=0)
    assert str(caught.value) == (
        "data.y: labels that stand in the test rows and in no training row can't be learnt: 2 (1); "
        "add rows of such labels, or take them out"
    )


def test_a_generators_own_words_are_kept():
    with pytest.raises(DataError) as caught:
        sklearn("make_classification", n_features=2, n_informative=2, n_redundant=0, n_classes=9)
    assert str(caught.value) == (
        "data.name: scikit-learn's make_classification refuses these arguments: n_classes(9) * "
        "n_clusters_per_class(2) must be smaller or equal 2**n_informative(2)=4"
    )


def test_a_generator_does_not_follow_the_seed_of_the_config():
    assert sklearn("make_moons", seed=1).fingerprint == sklearn("make_moons", seed=2).fingerprint
    assert sklearn("make_moons").fingerprint != sklearn("make_moons", random_state=1).fingerprint


def test_the_fingerprint_follows_values_order_and_types_but_not_the_file(tmp_path):
    def of(**arrays):
        np.savez(tmp_path / "a.npz", **arrays)
        own = {"x_test": "xt", "y_test": "yt"} if "xt" in arrays else {}
        return fingerprint(load_npz(NpzSource(type="npz", path="a.npz", **own), tmp_path))

    x, y = np.arange(6.0).reshape(3, 2), np.array([0, 1, 2])
    prints = [
        of(x=x, y=y),
        of(x=x[::-1], y=y),
        of(x=x, y=y[::-1]),
        of(x=x.astype("f4"), y=y),
        of(x=x.reshape(3, 1, 2), y=y),
        of(x=x, y=y, xt=x, yt=y),
        of(x=x, y=np.array(["a", "b", "c"])),
        of(x=x, y=np.array(["ab", "", "c"])),
    ]
    assert len(set(prints)) == len(prints)
    assert of(x=np.asfortranarray(x), y=y.astype(">i8")) == prints[0]


def test_the_fingerprint_of_a_table_sees_missing_texts_and_column_names(tmp_path):
    from nntrain.data import csv_file

    def of(text):
        (tmp_path / "t.csv").write_text(text)
        return fingerprint(csv_file.load(CsvSource(type="csv", path="t.csv", target="y"), tmp_path))

    prints = [of(t) for t in ("a,y\nu,1\nv,2\n", "a,y\nu,1\n,2\n", "b,y\nu,1\nv,2\n", "a,y\n1,1\n2,2\n")]
    assert len(set(prints)) == 4
    assert of("a,y\r\n u ,1.0\nv,2") == prints[0]


@pytest.mark.parametrize(("columns", "beside"), [(15, False), (16, True)])
def test_the_fingerprint_of_a_large_table_is_taken_in_a_thread(monkeypatch, columns, beside):
    threads = []

    def taken(raw):
        threads.append(threading.get_ident())
        return fingerprint(raw)

    monkeypatch.setattr("nntrain.data.fingerprint.fingerprint", taken)
    rows = np.arange(1 << 16)
    numbers = {f"x{i}": rows + 0.5 for i in range(columns)}
    raw = Raw(Part({"x": Table(numbers, {}, tuple(numbers), rows)}, {"target": rows}))
    assert fingerprinting(raw).result() == fingerprint(raw)
    assert (threads != [threading.get_ident()]) is beside


def test_importing_the_loader_loads_no_heavy_library():
    code = (
        "import sys, nntrain.data.load, nntrain.data.new_rows\n"
        "print([m for m in ('pyarrow', 'sklearn', 'scipy', 'keras', 'tensorflow') if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"


def test_reading_tables_and_arrays_needs_no_tensorflow(tmp_path):
    write_csv(tmp_path, made_rows())
    np.savez(tmp_path / "a.npz", x=np.arange(20.0), y=np.arange(20.0))
    (tmp_path / "s.csv").write_text("x,y\n" + "1 2,a\n3 1,b\n" * 20)
    (tmp_path / "a.csv").write_text("x,y\n" + "".join(f"{i},{i % 5}\n" for i in range(60)))
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from nntrain.config.data import CsvSource, NpzSource, SequenceSource, SeriesSource, SklearnSource\n"
        "from nntrain.config.data import TextSource\n"
        "from nntrain.data.load import is_light, load\n"
        "light = [TextSource(type='text', path='s.csv', text='x', target='y'),\n"
        "         SequenceSource(type='sequences', path='s.csv'),\n"
        "         SeriesSource(type='series', path='a.csv', target='y', window=2)]\n"
        "assert all(map(is_light, light)), 'they are read while Keras is imported'\n"
        "sources = [*light, CsvSource(type='csv', path='t.csv', target='y'), NpzSource(type='npz', path='a.npz'),\n"
        "           SklearnSource(type='sklearn', name='iris')]\n"
        "print([load(s, base=Path(sys.argv[1]), seed=0).task for s in sources],\n"
        "      [m for m in ('keras', 'tensorflow') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True, text=True)
    assert done.stdout == (
        "['classification', 'classification', 'regression', 'classification', 'regression', 'classification'] []\n"
    )
