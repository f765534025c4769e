"""Several inputs, several targets, and the kinds of target that are more than a class or a number."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import datasets

from nntrain.config.data import CsvSource, KerasSource, NpzSource, SklearnSource
from nntrain.data import keras_sets
from nntrain.data.load import load
from nntrain.errors import DataError

IRIS = ("sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)")
STANDARD = {"numeric": {"scale": "standard"}}


def sklearn(name, labels=None, **options):
    source = SklearnSource(type="sklearn", name=name, **options)
    return load(source, base=Path(), seed=3, labels=labels or {})


def csv(folder, content, labels=None, **options):
    (folder / "t.csv").write_text(content)
    source = CsvSource(type="csv", **({"path": "t.csv"} | options))
    return load(source, base=folder, seed=0, labels=labels or {})


def npz(folder, labels=None, options=None, **arrays):
    np.savez(folder / "a.npz", **arrays)
    return load(
        NpzSource(type="npz", path="a.npz", **(options or {})), base=folder, seed=0, labels=labels or {}
    )


def table(header, rows=40):
    """Rows of `n` (a number), `color` (a text), `kind` (a class), `width` (a number), and labels."""
    made = {
        "n": lambda i: i,
        "color": lambda i: "rgb"[i % 3],
        "kind": lambda i: ("cat", "dog")[i % 2],
        "width": lambda i: i / 4,
        "comedy": lambda i: int(i % 3 == 0),
        "crime": lambda i: int(i % 4 == 0),
    }
    names = header.split(",")
    return "\n".join([header, *(",".join(str(made[name](i)) for name in names) for i in range(rows)), ""])


def test_iris_by_two_inputs_has_the_rows_and_values_of_one():
    one = sklearn("iris", preprocess=STANDARD)
    two = sklearn("iris", preprocess=STANDARD, inputs={"sepal": list(IRIS[:2]), "petal": [IRIS[3], 2]})
    assert two.inputs == {"sepal": IRIS[:2], "petal": (IRIS[3], IRIS[2])}
    assert two.input_shapes == {"sepal": (2,), "petal": (2,)}
    for name, rows in two.splits.items():
        np.testing.assert_array_equal(rows.index, one.splits[name].index)
        np.testing.assert_array_equal(rows.inputs["sepal"], one.splits[name].x[:, :2])
        np.testing.assert_array_equal(rows.inputs["petal"], one.splits[name].x[:, [3, 2]])
        np.testing.assert_array_equal(rows.y, one.splits[name].y)
    assert list(two.preprocess["inputs"]) == ["sepal", "petal"]
    assert two.preprocess["targets"] == {"target": ["target"]}
    assert one.fingerprint != two.fingerprint
    assert one.facts == {"data.features": 4, "data.classes": 3}
    assert two.facts == {"data.features.sepal": 2, "data.features.petal": 2, "data.classes": 3}


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sets(st.sampled_from(IRIS), min_size=1), min_size=1, max_size=3), st.integers(0, 1000))
def test_the_rows_of_each_split_do_not_depend_on_how_columns_are_grouped(groups, seed):
    inputs = {f"part{i}": sorted(group) for i, group in enumerate(groups)}
    source = SklearnSource(type="sklearn", name="iris")
    whole = load(source, base=Path(), seed=seed)
    grouped = load(SklearnSource(type="sklearn", name="iris", inputs=inputs), base=Path(), seed=seed)
    for name, rows in whole.splits.items():
        np.testing.assert_array_equal(grouped.splits[name].index, rows.index)
        for port, columns in inputs.items():
            expected = rows.x[:, [IRIS.index(column) for column in columns]]
            np.testing.assert_array_equal(grouped.splits[name].inputs[port], expected)


def test_a_column_of_a_set_may_be_predicted_beside_its_target():
    labels = {"species": "index", "width": "any"}
    data = sklearn("iris", labels, targets={"species": "target", "width": IRIS[3]})
    species, width = data.targets
    assert (species.name, species.task, species.names, species.shape) == (
        "species",
        "classification",
        ("setosa", "versicolor", "virginica"),
        (),
    )
    assert (width.name, width.task, width.names, width.shape) == ("width", "regression", (), ())
    assert data.inputs == {"features": IRIS[:3]}
    bunch = datasets.load_iris()
    np.testing.assert_array_equal(data.test.targets["species"], bunch.target[data.test.index])
    np.testing.assert_array_equal(data.test.targets["width"], bunch.data[data.test.index, 3].astype("f4"))
    assert data.facts == {"data.features": 3, "data.classes": 3, "data.classes.species": 3}
    assert np.bincount(data.test.targets["species"]).tolist() in ([7, 7, 8], [7, 8, 7], [8, 7, 7])


def test_a_sets_target_is_no_feature_where_another_column_is_predicted():
    data = sklearn("iris", targets={"width": IRIS[3]})
    assert data.inputs == {"features": IRIS[:3]}
    assert sklearn("iris", inputs={"all": [*IRIS[:3], "target"]}, targets={"w": IRIS[3]}).inputs == {
        "all": (*IRIS[:3], "target")
    }


def test_columns_that_no_input_names_are_left_out_with_a_note(tmp_path):
    data = sklearn("iris", inputs={"sepal": list(IRIS[:2])})
    assert data.notes[0] == f"columns that no input names are left out: {IRIS[2]}, {IRIS[3]}"
    content = table("n,color,width,kind")
    left_out = csv(tmp_path, content, target="kind", inputs={"a": ["n"]}, drop=["width"]).notes
    assert left_out[0] == "columns that no input names are left out: color"


def test_a_file_with_two_targets_gives_each_its_own_kind(tmp_path):
    content = table("n,color,kind,width")
    data = csv(tmp_path, content, targets={"species": "kind", "size": "width"})
    assert [(t.name, t.task, t.names) for t in data.targets] == [
        ("species", "classification", ("cat", "dog")),
        ("size", "regression", ()),
    ]
    assert data.inputs == {"features": ("n", "color=b", "color=g", "color=r")}
    assert data.test.targets["species"].tolist() == [i % 2 for i in data.test.index]
    assert data.test.targets["size"].tolist() == [i / 4 for i in data.test.index]
    assert data.test.targets["size"].dtype == np.float32
    assert data.preprocess["targets"] == {"species": ["kind"], "size": ["width"]}
    assert data.description == "t.csv: 40 rows, 2 feature columns, targets 'kind', 'width'"


def test_a_column_may_be_read_by_two_inputs(tmp_path):
    content = table("n,color,kind")
    data = csv(tmp_path, content, target="kind", inputs={"a": ["n", "color"], "b": ["n"]})
    np.testing.assert_array_equal(data.train.inputs["a"][:, :1], data.train.inputs["b"])
    assert data.description == "t.csv: 40 rows, 2 feature columns, target 'kind'"


def test_several_columns_of_0_and_1_are_labels_where_the_loss_is_for_them(tmp_path):
    content = table("n,comedy,crime")
    columns = ["comedy", "crime"]
    labels = csv(tmp_path, content, {"target": "binary"}, target=columns)
    assert (labels.task, labels.target.names, labels.target.shape) == ("multi_label", tuple(columns), (2,))
    expected = [[i % 3 == 0, i % 4 == 0] for i in labels.test.index]
    np.testing.assert_array_equal(labels.test.y, np.array(expected, np.float32))
    assert labels.test.y.dtype == np.float32
    assert labels.facts == {"data.features": 1, "data.classes": 2}
    numbers = csv(tmp_path, content, {"target": "any"}, target=columns)
    assert (numbers.task, numbers.target.names, numbers.target.shape) == ("regression", tuple(columns), (2,))
    assert numbers.facts == {"data.features": 1}
    np.testing.assert_array_equal(numbers.test.index, labels.test.index)


def test_several_numbers_are_one_target(tmp_path):
    data = csv(tmp_path, table("color,n,width"), {"target": "binary"}, target=["n", "width"])
    assert (data.task, data.target.names, data.target.shape) == ("regression", ("n", "width"), (2,))
    np.testing.assert_array_equal(data.test.y, [[i, i / 4] for i in data.test.index])


def test_three_measures_of_the_body_are_predicted_from_three_exercises():
    data = sklearn("linnerud", split={"validation": 0})
    assert (data.task, data.target.names) == ("regression", ("Weight", "Waist", "Pulse"))
    assert data.inputs == {"features": ("Chins", "Situps", "Jumps")}
    np.testing.assert_array_equal(data.train.y, datasets.load_linnerud().target[data.train.index])


def test_labels_can_be_generated():
    data = sklearn("make_multilabel_classification", n_samples=60, n_features=5, n_classes=4, n_labels=2)
    assert (data.task, data.target.names, data.target.shape) == ("multi_label", ("0", "1", "2", "3"), (4,))
    x, y = datasets.make_multilabel_classification(60, 5, n_classes=4, n_labels=2, random_state=0)
    np.testing.assert_array_equal(data.train.x, x[data.train.index])
    np.testing.assert_array_equal(data.train.y, y[data.train.index])


def test_arrays_may_be_several_inputs_and_targets(tmp_path):
    random = np.random.default_rng(0)
    images, ages = random.normal(size=(30, 4, 4, 1)), random.normal(size=30)
    kinds, boxes = np.array(["cat", "dog", "cow"] * 10), random.normal(size=(30, 4))
    options = {"inputs": {"image": "im", "age": "ages"}, "targets": {"kind": "kinds", "box": "boxes"}}
    data = npz(tmp_path, None, options, im=images, ages=ages, kinds=kinds, boxes=boxes)
    assert data.input_shapes == {"image": (4, 4, 1), "age": (1,)}
    assert data.inputs == {"image": (), "age": ()}
    assert [(t.task, t.names, t.shape) for t in data.targets] == [
        ("classification", ("cat", "cow", "dog"), ()),
        ("regression", ("0", "1", "2", "3"), (4,)),
    ]
    np.testing.assert_array_equal(data.test.inputs["image"], images[data.test.index].astype("f4"))
    np.testing.assert_array_equal(data.test.targets["box"], boxes[data.test.index].astype("f4"))
    assert data.description == "a.npz: 30 rows of shapes image (4, 4, 1), age (1,)"
    assert data.facts["data.features.image"] == 16


def test_digits_are_rebuilt_from_themselves():
    rescale = {"numeric": {"scale": "rescale", "range": [0, 16]}}
    data = sklearn("digits", task="reconstruction", preprocess=rescale)
    assert (data.task, data.target.names, data.target.shape) == ("reconstruction", (), (64,))
    for rows in data.splits.values():
        assert rows.y is rows.x
    assert (data.train.x.dtype, data.train.x.max()) == (np.float32, 1)
    assert data.facts == {"data.features": 64}
    assert data.preprocess["targets"] == {}


def test_images_and_columns_are_rebuilt_without_any_label(tmp_path, monkeypatch):
    images = np.arange(20 * 4, dtype=np.uint8).reshape(20, 2, 2)
    own = {"x_test": "xt", "task": "reconstruction"}
    data = npz(tmp_path, None, own, x=images, xt=images[:3] + 100)
    assert (data.target.shape, data.test.y is data.test.x) == ((2, 2), True)
    np.testing.assert_array_equal(data.test.y, images[:3] + 100)
    columns = csv(tmp_path, table("n,color"), task="reconstruction")
    assert columns.target.shape == (4,)
    assert columns.description == "t.csv: 40 rows, 2 feature columns"
    np.savez(
        tmp_path / "mnist.npz", x_train=images, y_train=images[:, 0, 0], x_test=images, y_test=np.arange(20)
    )
    monkeypatch.setenv("NNTRAIN_DATA_HOME", str(tmp_path))
    mnist = load(KerasSource(type="keras", name="mnist", task="reconstruction"), base=Path(), seed=0)
    assert (mnist.task, mnist.test.y.shape) == ("reconstruction", (20, 2, 2))
    assert keras_sets.data_home() == tmp_path


def test_the_fingerprint_of_what_is_rebuilt_ignores_labels(tmp_path):
    x = np.arange(40.0).reshape(20, 2)
    first = npz(tmp_path, None, {"task": "reconstruction"}, x=x, y=np.zeros(20)).fingerprint
    assert npz(tmp_path, None, {"task": "reconstruction"}, x=x).fingerprint == first
    assert npz(tmp_path, None, None, x=x, y=np.zeros(20)).fingerprint != first


def test_the_first_target_with_classes_keeps_its_shares(tmp_path):
    rare = np.array([1] * 8 + [0] * 72)
    arrays = {"x": np.arange(80.0), "size": np.arange(80) / 7, "rare": rare, "other": np.arange(80) % 2}
    options = {"targets": {"size": "size", "rare": "rare", "other": "other"}, "split": {"validation": 0.25}}
    labels = {"rare": "index", "other": "index"}
    data = npz(tmp_path, labels, options | {"split": {"validation": 0.25, "test": 0.25}}, **arrays)
    assert [int(rows.targets["rare"].sum()) for rows in data.splits.values()] in ([4, 2, 2], [5, 1, 2])
    assert (
        json.dumps(data.preprocess["targets"]) == '{"size": ["size"], "rare": ["rare"], "other": ["other"]}'
    )


def test_a_missing_cell_of_a_shared_column_is_told_once(tmp_path):
    content = "a,b,y\n1,2,u\n,3,v\n"
    with pytest.raises(DataError) as caught:
        csv(tmp_path, content, target="y", inputs={"one": ["a", "b"], "two": ["a"]})
    assert str(caught.value) == (
        "t.csv: 1 problem\n\n3:1 column 'a': 1 of 2 rows has no value, the first here; set "
        "data.preprocess.numeric.impute: mean | median | most_frequent | a number\n   3 | ,3,v\n       ^"
    )


def test_rows_are_alike_only_if_all_their_inputs_are(tmp_path):
    a, b = np.arange(20.0) // 2, np.arange(20.0)
    options = {"inputs": {"a": "a", "b": "b"}, "split": {"validation": 0.25}}
    assert npz(tmp_path, None, options, a=a, b=b, y=b).notes == ()
    assert npz(tmp_path, None, options, a=a, b=a, y=b).notes != ()
