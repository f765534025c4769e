"""What can't be exported, in whole sentences, and that nothing is left where nothing was written."""

import json
import shutil
from pathlib import Path

import pytest

from nntrain.errors import ArtefactError, ConflictError, NntrainError, UsageError
from nntrain.run.directory import RunDirectory
from nntrain.run.export import compare, needed
from nntrain.run.export.ask import Ask
from nntrain.run.export.export import export
from nntrain.run.export.place import place_for, written

MIB = "install them with: pip install 'nntrain[export]'"


def refused(run, ask, kind=NntrainError, **how):
    """The message, after which the folder holds what it held before."""
    before = sorted(Path().iterdir())
    with pytest.raises(kind) as caught:
        export(str(run), ask, **how)
    assert sorted(Path().iterdir()) == before
    return str(caught.value)


def test_a_package_that_is_missing_is_named_with_the_line_that_installs_it(finished_run, monkeypatch):
    monkeypatch.setattr(needed, "NEEDED", ("json", "no_such_a", "no_such_b"))
    assert refused(finished_run.path, Ask("onnx"), UsageError) == (
        f"--to onnx needs the Python packages no_such_a, no_such_b; {MIB}"
    )


def test_a_network_that_gives_something_else_is_not_handed_out(finished_run, monkeypatch):
    monkeypatch.setattr(compare, "_difference", lambda *_: 0.0123)
    assert refused(finished_run.path, Ask("keras"), ConflictError) == (
        "the exported network differs from the run by 1.2e-02 on 30 test rows, and 1e-05 is allowed, so nothing "
        "was written; with --prepared, preprocessing in 32-bit numbers can't be the reason"
    )
    assert "--prepared" not in refused(finished_run.path, Ask("keras", prepared=True), ConflictError)


def test_a_network_that_gives_no_numbers_is_not_handed_out(finished_run, monkeypatch):
    monkeypatch.setattr(compare, "_difference", lambda *_: float("nan"))
    assert refused(finished_run.path, Ask("keras"), ConflictError) == (
        "the exported network gives NaN or infinity on 30 test rows, so nothing was written"
    )


def test_an_operation_that_the_format_lacks_names_its_layer_and_line(resized_run):
    message = refused(resized_run, Ask("tflite"), ArtefactError)
    place, empty, told, line, caret = message.splitlines()
    assert (place, empty) == (f"{resized_run}/resolved.yaml: 1 problem", "")
    assert told.split(" ", 1)[1] == (
        "model.layers[1]: TensorFlow Lite has no operation ScaleAndTranslate, which layer 'resizing' (Resizing) "
        "computes with; export to saved_model, or train without that layer"
    )
    assert line.split("| ")[1].strip() == "- type: Resizing"
    assert line[len(caret) - 1] == "t"


def test_onnx_lacks_it_too(resized_run):
    pytest.importorskip("tf2onnx", reason="the extra 'export' is not installed")
    message = refused(resized_run, Ask("onnx"), ArtefactError)
    assert (
        "model.layers[1]: ONNX has no operation ScaleAndTranslate, which layer 'resizing' (Resizing)"
        in message
    )


def test_a_keras_file_holds_layers_of_keras_alone(finished_run, monkeypatch):
    from nntrain.run.export import keras_file

    monkeypatch.setattr(keras_file, "own_layers", lambda model: model.layers[-1:])
    assert refused(finished_run.path, Ask("keras", prepared=True), ArtefactError) == (
        "layer 'dense_1' (Dense) is none of Keras' own, and a .keras file would not open without its code; "
        "export to saved_model, onnx or tflite, which need no code"
    )


def test_numbers_of_16_bits_are_refused_where_the_format_has_no_such(finished_run, tmp_path):
    from nntrain.run.export.export import _check_precision
    from nntrain.run.trained import run_config

    config = run_config(RunDirectory.open(finished_run.path), ["training.precision=mixed_bfloat16"])
    with pytest.raises(ArtefactError) as caught:
        _check_precision(config, Ask("onnx"))
    assert str(caught.value) == (
        "the run computes in mixed_bfloat16, which onnx does not; export to saved_model or keras, or train with "
        "training.precision: float32"
    )
    _check_precision(config, Ask("keras"))


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (Ask("onnx", quantize="int8"), "--quantize goes with --to tflite, not with --to onnx"),
        (Ask("keras", "a.onnx"), "--out a.onnx: end the file's name with .keras"),
        (Ask("saved_model", "a.onnx"), "--out a.onnx: a SavedModel is a folder; name one without .onnx"),
        (Ask("keras", "there.keras"), "there.keras is there already; name another with --out, or replace it with --force"),
        (Ask("keras", "folder.keras"), "folder.keras is a folder; name a file"),
        (Ask("saved_model", "full", force=True), "full is a folder that holds files, which nntrain does not remove; name another with --out"),
    ],
)  # fmt: skip
def test_what_does_not_go_together_or_is_there_is_told_before_anything_is_read(ask, message, finished_run):
    Path("there.keras").write_text("mine")
    Path("folder.keras").mkdir()
    Path("full").mkdir()
    Path("full/mine").write_text("mine")
    assert refused(finished_run.path, ask) == message


def test_a_file_is_replaced_with_force_and_otherwise_whole_or_absent(tmp_path):
    there = tmp_path / "there.keras"
    there.write_text("old")
    path = place_for(Ask("keras", str(there), force=True), "name")

    def broken():
        with written(path) as temporary:
            temporary.write_text("half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken()
    assert [p.name for p in tmp_path.iterdir()] == ["there.keras"]
    assert there.read_text() == "old"
    with written(path) as temporary:
        temporary.write_text("new")
    assert [p.name for p in tmp_path.iterdir()] == ["there.keras"]
    assert there.read_text() == "new"


def test_a_folder_takes_the_place_of_an_empty_one_or_a_file(tmp_path):
    for before in (Path.mkdir, Path.touch):
        target = tmp_path / before.__name__
        before(target)
        path = place_for(Ask("saved_model", str(target), force=True), "name")
        with written(path) as temporary:
            temporary.mkdir()
            (temporary / "file").write_text("new")
        assert (target / "file").read_text() == "new"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"status": "failed", "failure": {"message": "no room"}}, "the run run failed, so it can't be exported: no room"),
        ({"status": "interrupted"}, "the run run was interrupted after epoch 5, so it can't be exported; go on with: nntrain resume run"),
        ({"data": {"fingerprint": "f" * 64}}, "the data are not those that run was trained on: their SHA-256 is {}..., recorded is ffffffffffff...; bring those data back: the exported network is tried on them"),
    ],
)  # fmt: skip
def test_a_run_that_can_t_be_trusted_is_not_exported(change, message, finished_run):
    shutil.copytree(finished_run.path, "run")
    record = Path("run/run.json")
    content = json.loads(record.read_text())
    fingerprint = content["data"]["fingerprint"][:12]
    record.write_text(json.dumps(content | change))
    assert refused("run", Ask("keras")) == message.format(fingerprint)


def test_what_is_no_run_is_told():
    assert refused("model.keras", Ask("onnx")) == (
        "model.keras is a bare model, which has no preprocessing and no rows to be tried on; name a run's directory"
    )
    assert refused("no", Ask("keras")) == "there is no run at no"
