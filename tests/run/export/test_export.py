"""What is exported, opened by its own runtime alone: raw rows in, what the run says out."""

import csv
import json
import warnings
import zipfile

import numpy as np
import pytest

from nntrain.run.export.ask import Ask
from nntrain.run.export.export import export

FORMATS = ["saved_model", "onnx", "tflite", "keras"]
CLASSES = ["0", "1", "2"]


@pytest.fixture(autouse=True)
def packages():
    pytest.importorskip("tf2onnx", reason="the extra 'export' is not installed")


def opened(path):
    """What a user without nntrain writes to run a file: a function from inputs by name to outputs by name."""
    if path.suffix == ".onnx":
        import onnxruntime

        session = onnxruntime.InferenceSession(str(path))
        return lambda **feeds: dict(
            zip([o.name for o in session.get_outputs()], session.run(None, feeds), strict=True)
        )
    if path.suffix == ".tflite":
        import tensorflow as tf

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            interpreter = tf.lite.Interpreter(str(path))
        return interpreter.get_signature_runner()
    if path.suffix == ".keras":
        import keras

        model = keras.models.load_model(path)

        def call(**feeds):
            given = (
                next(iter(feeds.values())) if len(feeds) == 1 else {k: _tensor(v) for k, v in feeds.items()}
            )
            return {"output": np.asarray(model(given))}

        return call
    import tensorflow as tf

    loaded = tf.saved_model.load(str(path))

    def serve(**feeds):
        assert loaded
        given = loaded.signatures["serving_default"](**{name: _tensor(v) for name, v in feeds.items()})
        return {name: values.numpy() for name, values in given.items()}

    return serve


def _tensor(values):
    import tensorflow as tf

    return tf.constant(values)


def about(path):
    """What is told with a network, and the names of what lies beside it."""
    if path.suffix == ".onnx":
        import onnx

        found = {prop.key: prop.value for prop in onnx.load(path).metadata_props}
        assert json.loads(found["output.names"]) == json.loads(found["nntrain"])["outputs"][0]["names"]
        return json.loads(found["nntrain"]), {"preprocess.json"} & {f"{key}.json" for key in found}
    if path.is_dir():
        extra = path / "assets.extra"
        return json.loads((extra / "nntrain.json").read_text()), {p.name for p in extra.iterdir()} - {
            "nntrain.json"
        }
    with zipfile.ZipFile(path) as archive:
        names = {"preprocess.json"} & {*archive.namelist()}
        return json.loads(archive.read("nntrain.json")), names


def reported(run):
    """The numbers of a run's test rows, and what it said of them."""
    with (run / "predictions.csv").open() as file:
        rows = list(csv.DictReader(file))
    index = [int(row["row"]) for row in rows]
    return index, np.array([[float(v) for k, v in row.items() if k[:2] == "p("] for row in rows])


def blobs():
    from sklearn.datasets import make_blobs

    return make_blobs(n_samples=120, centers=3, cluster_std=0.7, random_state=0)[0].astype(np.float32)


@pytest.mark.parametrize("format", FORMATS)
def test_raw_rows_go_in_and_the_runs_probabilities_come_out(format, finished_run):
    done = export(str(finished_run.path), Ask(format))
    assert done.path.name == {"saved_model": "blobs_saved_model"}.get(format, f"blobs.{format}")
    index, expected = reported(finished_run.path)
    found = opened(done.path)(features=blobs()[index])["output"]
    np.testing.assert_allclose(found, expected, atol=2e-6)
    assert done.compared.rows == 30
    assert 0 <= done.compared.difference < 1e-6
    told, beside = about(done.path)
    assert (told["name"], told["inputs"][0]["raw"], beside) == ("blobs", True, set())
    assert told["outputs"] == [
        {
            "name": "output",
            "shape": [None, 3],
            "dtype": "float32",
            "holds": "probabilities",
            "names": CLASSES,
            "task": "classification",
        }
    ]
    assert done.notes == ()


@pytest.mark.parametrize("format", ["saved_model", "keras"])
def test_columns_of_texts_go_in_one_by_one_gaps_and_unknown_texts_among_them(format, mixed_run, tmp_path):
    from nntrain.run.prediction.ask import Ask as Rows
    from nntrain.run.prediction.predict import predict

    rows = tmp_path / "new.csv"
    rows.write_text(
        "size,year,far-off,colour,grade\n80,1950,0,red,A\n,,,,\n400,1999,7,lilac,Z\n20.5,2001,0.5,blue,C\n"
    )
    predict(str(mixed_run.path), Rows((str(rows),), str(tmp_path / "out.csv")), None)
    expected = [float(line.split(",")[1]) for line in (tmp_path / "out.csv").read_text().splitlines()[1:]]
    done = export(str(mixed_run.path), Ask(format))
    nan = np.nan
    found = opened(done.path)(
        size=np.array([[80], [nan], [400], [20.5]], np.float32),
        year=np.array([[1950], [nan], [1999], [2001]], np.float32),
        far_off=np.array([[0], [nan], [7], [0.5]], np.float32),
        colour=np.array([["red"], [""], ["lilac"], ["blue"]]),
        grade=np.array([["A"], [""], ["Z"], ["C"]]),
    )
    np.testing.assert_allclose(found["output"][:, 0], expected, rtol=1e-5)
    assert [port.names for port in done.inputs][2] == ("far-off",)


@pytest.mark.parametrize("format", ["onnx", "tflite"])
def test_what_can_carry_no_texts_takes_prepared_rows_and_says_so(format, mixed_run):
    done = export(str(mixed_run.path), Ask(format))
    assert done.notes == (
        "the model takes prepared rows for 'features': column 'colour' holds texts; the steps are in its "
        "preprocess.json",
    )
    told, beside = about(done.path)
    assert beside == {"preprocess.json"}
    (taken,) = told["inputs"]
    assert (taken["raw"], taken["names"][:2], taken["shape"]) == (False, ["size", "size missing"], [None, 12])


@pytest.mark.parametrize("format", ["tflite", "keras"])
def test_loops_over_time_are_carried_and_augmentation_is_left_out(format, deep_run):
    done = export(str(deep_run), Ask(format))
    assert done.compared.difference < 1e-6
    if format == "keras":
        import keras

        layers = keras.models.load_model(done.path).layers
        names = {type(layer).__name__ for one in layers for layer in getattr(one, "layers", [one])}
        assert "SimpleRNN" in names
        assert not names & {"RandomBrightness", "ElasticDeformation"}


def test_fewer_bits_are_told_with_the_change_in_scores(finished_run):
    half = export(str(finished_run.path), Ask("tflite", quantize="float16"))
    assert 0 < half.compared.difference < 1e-2
    (title, (before, after)), *_ = half.compared.scores.items()
    assert (title, before) == ("accuracy", finished_run.result.scores["test"].headline()[0][1])
    assert abs(before - after) < 0.1
    small = export(str(finished_run.path), Ask("tflite", "small.tflite", quantize="int8"))
    assert small.notes == (
        "the model takes prepared rows for 'features': int8 has one scale for all numbers of a row, which "
        "columns of many scales do not share; the steps are in its preprocess.json",
    )
    assert 0 < small.compared.difference < 0.2


def test_loops_over_time_have_weights_of_fewer_bits(deep_run):
    done = export(str(deep_run), Ask("tflite", "few.tflite", quantize="int8"))
    assert done.notes == ("int8 is for the weights alone, because loops over time compute with float32",)
    assert done.compared.difference < 0.1


def test_preprocessing_stays_outside_when_that_is_asked_for(finished_run):
    done = export(str(finished_run.path), Ask("keras", prepared=True))
    assert done.notes == (
        "the model takes prepared rows for 'features': --prepared asks for that; the steps are in its "
        "preprocess.json",
    )
    assert done.compared.difference == 0
