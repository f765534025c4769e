import json
import shutil
from types import SimpleNamespace

import numpy as np
import pytest

from nntrain.errors import ArtefactError, ConflictError, DataError, UsageError
from nntrain.run.prediction.answers import Output
from nntrain.run.prediction.ask import Ask
from nntrain.run.target import Target, Threshold
from tests.run.prediction.own_rows import check_own_rows, predicted, table


@pytest.fixture
def copied(table_run, tmp_path, monkeypatch):
    """A copy of a run that a test may damage, and its own rows as a file, in the folder that the test is in."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "runs" / "blobs" / "one"
    shutil.copytree(table_run, path)
    shutil.copy(table_run.parents[2] / "rows.csv", tmp_path)
    return SimpleNamespace(path=path, shown="runs/blobs/one", file="rows.csv")


def change_record(path, **changes):
    file = path / "run.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))


def message_of(error, run, *inputs, **asked):
    with pytest.raises(error) as raised:
        predicted(run, *inputs, **asked)
    return str(raised.value)


NAMES = ["predicted", "p(a)", "p(b)", "p(c)"]


def test_the_test_rows_get_what_the_run_says_of_them(copied):
    x = np.loadtxt(copied.file, delimiter=",", skiprows=1, usecols=(0, 1))
    np.savez("rows.npz", x=x)
    for file in (copied.file, "rows.npz"):
        assert check_own_rows(copied.path, file, classes=True) == NAMES


def test_arrays_get_what_the_run_says_of_them(finished_run, tmp_path):
    from sklearn.datasets import make_blobs

    x, _ = make_blobs(n_samples=120, centers=3, cluster_std=0.7, random_state=0)
    np.save(tmp_path / "x.npy", x)
    assert check_own_rows(finished_run.path, tmp_path / "x.npy", classes=True) == [
        "predicted", "p(0)", "p(1)", "p(2)",
    ]  # fmt: skip


def test_what_was_done_is_told(copied):
    columns, done = predicted(copied.shown, copied.file, top=2)
    assert list(columns) == ["row", "predicted", "probability", "top1", "p(top1)", "top2", "p(top2)"]
    told = done.to_json()
    assert (told["run"], told["inputs"], told["to"]) == ("runs/blobs/one", ["rows.csv"], None)
    assert (told["rows"], told["skipped"], told["problems"], told["notes"]) == (120, 0, [], [])
    assert told["schema_sha256"] == json.loads((copied.path / "preprocess.json").read_text())["schema_sha256"]
    assert told["seconds"] > 0


def test_a_file_holds_what_standard_output_would(copied, tmp_path):
    columns, _ = predicted(copied.shown, copied.file)
    predicted(copied.shown, copied.file, to="out.csv")
    assert table((tmp_path / "out.csv").read_text()) == columns
    predicted(copied.shown, copied.file, to="out.npz", probabilities=True)
    with np.load("out.npz") as found:
        assert found["predicted"].tolist() == list(columns["predicted"])
        assert found["p"].shape == (120, 3)


def test_rows_that_are_left_out_keep_the_numbers_of_others_right(copied, tmp_path):
    lines = (tmp_path / copied.file).read_text().splitlines()
    whole, _ = predicted(copied.shown, copied.file)
    (tmp_path / "bad.csv").write_text("\n".join([lines[0], lines[1], "a,b,a", "1", lines[4]]))
    found, done = predicted(copied.shown, "bad.csv", skip_bad=True)
    assert found["row"] == ("0", "3")
    assert found["probability"] == (whole["probability"][0], whole["probability"][3])
    assert (done.rows, done.skipped) == (2, 2)
    assert [problem.location.line for problem in done.problems] == [3, 4]


def test_nothing_is_written_where_a_row_is_bad(copied, tmp_path):
    (tmp_path / "bad.csv").write_text("x0,x1\n1,2\n3,\n")
    assert message_of(DataError, copied.shown, "bad.csv", to="out.csv") == (
        "bad.csv: 1 problem\n\n3:3 column 'x1': the value is missing, and the run has none to fill in; write "
        "one, or train with data.preprocess.numeric.impute; --skip-bad leaves such rows out\n   3 | 3,\n"
        "         ^"
    )
    assert message_of(DataError, copied.shown, "bad.csv", to="out.csv", skip_bad=False)
    assert not (tmp_path / "out.csv").exists()


def test_rows_of_which_none_is_left_are_an_error(copied, tmp_path):
    (tmp_path / "bad.csv").write_text("x0,x1\n,2\n3,\n")
    assert message_of(DataError, copied.shown, "bad.csv", to="out.csv", skip_bad=True) == (
        "bad.csv: 1 problem\n\n2:1 none of 2 rows can be used; the first: column 'x0': the value is missing, "
        "and the run has none to fill in; write one, or train with data.preprocess.numeric.impute\n   2 | ,2\n"
        "       ^"
    )
    assert not (tmp_path / "out.csv").exists()


def test_rows_of_nothing_known_name_the_columns_that_are_missing(copied, tmp_path):
    (tmp_path / "new.csv").write_text("petal,sepal\n1,2\n")
    assert message_of(DataError, copied.shown, "new.csv") == (
        "new.csv: the run's feature columns 'x0', 'x1' are not in the file; the file has petal, sepal"
    )


def test_rows_of_another_run_name_that_run(copied, tmp_path):
    other = tmp_path / "runs" / "flowers" / "two"
    other.mkdir(parents=True)
    columns = [{"name": "petal", "kind": "numeric"}]
    (other / "preprocess.json").write_text(
        json.dumps({"inputs": {"features": {"kind": "table", "columns": columns}}})
    )
    (tmp_path / "new.csv").write_text("petal,x1\n1,2\n")
    own = json.loads((copied.path / "preprocess.json").read_text())["schema_sha256"]
    assert message_of(DataError, copied.shown, "new.csv") == (
        "new.csv: the run's feature column 'x0' is not in the file; the file has petal, x1; these are columns "
        f"of the run runs/flowers/two, whose schema is d137ed76... and not {own[:8]}...: predict with that one"
    )


NOT_A_RUN = {
    "failed": (
        {"status": "failed", "failure": {"message": "the loss is NaN"}},
        "the run runs/blobs/one failed, so it can't predict: the loss is NaN",
    ),
    "interrupted": (
        {"status": "interrupted"},
        "the run runs/blobs/one was interrupted after epoch 3, so it can't predict; go on with: nntrain "
        "resume runs/blobs/one",
    ),
}


@pytest.mark.parametrize("case", NOT_A_RUN)
def test_a_run_that_has_not_finished_is_refused(case, copied):
    changes, text = NOT_A_RUN[case]
    change_record(copied.path, **changes)
    assert message_of(ArtefactError, copied.shown, copied.file) == text


def test_a_run_that_goes_on_is_refused(copied, monkeypatch):
    change_record(copied.path, status="running")
    monkeypatch.setattr("nntrain.run.trained.is_going_on", lambda *_: True)
    assert message_of(ConflictError, copied.shown, copied.file) == (
        "the run runs/blobs/one is still going; wait until it has finished"
    )


@pytest.mark.parametrize("name", ["weights.safetensors", "preprocess.json", "resolved.yaml"])
def test_a_file_of_the_run_that_was_changed_or_deleted_is_refused(name, copied):
    file = copied.path / name
    file.write_bytes(file.read_bytes() + b" ")
    text = message_of(ArtefactError, copied.shown, copied.file)
    assert text.startswith(f"{copied.shown}/{name}: the file was changed after the run: its SHA-256 is ")
    file.unlink()
    assert (
        message_of(ArtefactError, copied.shown, copied.file)
        == f"{copied.shown}/{name}: the file is missing from the run; bring back what was written, or train again"
    )


def test_what_is_no_run_is_refused(copied):
    assert message_of(ArtefactError, "runs/blobs/on", copied.file) == (
        "there is no run at runs/blobs/on (did you mean 'one'?)"
    )
    assert message_of(UsageError, "runs/blobs/one/model.keras", copied.file) == (
        "runs/blobs/one/model.keras is a bare model, which has no preprocessing of its own; name a run's "
        "directory"
    )
    change_record(copied.path, seeds=3, median="seed-2")
    assert message_of(UsageError, copied.shown, copied.file) == (
        "runs/blobs/one holds a run for each seed; name one of them, such as runs/blobs/one/seed-2"
    )
    change_record(copied.path, folds=2, median=None)
    assert message_of(UsageError, copied.shown, copied.file) == (
        "runs/blobs/one holds a run for each fold; name one of them, such as runs/blobs/one/fold-1"
    )


def test_an_output_that_is_there_is_found_before_anything_is_read(copied, tmp_path):
    (tmp_path / "out.csv").write_text("before")
    assert message_of(ConflictError, copied.shown, "no such file", to="out.csv") == (
        "out.csv is there already; name another, or replace it with --force"
    )
    predicted(copied.shown, copied.file, to="out.csv", force=True)
    assert (tmp_path / "out.csv").read_text().startswith("row,predicted")


def test_more_classes_than_there_are_is_refused(copied):
    assert message_of(UsageError, copied.shown, copied.file, top=4) == (
        "--top 4 asks for more classes than there are: 3"
    )


def test_how_far_it_is_is_told(copied):
    import io

    from nntrain.run.prediction.predict import predict

    told = []
    predict(copied.shown, Ask((copied.file,)), io.BytesIO(), moved=lambda *facts: told.append(facts))
    size = (copied.path.parents[2] / copied.file).stat().st_size
    assert told[-1] == (size, size, 120)


def test_a_threshold_that_was_chosen_for_the_scores_is_used():
    def predicted(chosen, of_config):
        target = Target("target", "classification", ("no", "yes"), (), np.array([1, 1]), threshold=chosen)
        output = Output(target, "sigmoid", 0.5, of_config)
        return next(output.answers(np.array([[0.2], [0.6], [0.9]]), None)).values.tolist()

    chosen = Threshold("f1", (0.7,), (0.9,), (0.8,))
    assert predicted(None, 0.5) == ["no", "yes", "yes"]
    assert predicted(None, 0.1) == ["yes", "yes", "yes"]
    assert predicted(chosen, "f1") == ["no", "no", "yes"]
