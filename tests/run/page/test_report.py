"""A run's page: what it holds, of whatever became of the run."""

import json
import re
import shutil

import pytest

from nntrain.errors import ArtefactError
from nntrain.run.directory import RunDirectory
from nntrain.run.page.material import NOTE, Material
from nntrain.run.page.report import report
from nntrain.run.verify import verify
from tests.report.page.test_render import Seen
from tests.run.shelf.conftest import change

SECTIONS = {
    "diagnosis",
    "scores",
    "curves",
    "pictures",
    "examples",
    "model",
    "data",
    "config",
    "environment",
}


@pytest.fixture
def trained(finished_run, tmp_path):
    """A copy of a run that was trained."""
    path = tmp_path / "runs" / "blobs" / finished_run.path.name
    shutil.copytree(finished_run.path, path)
    return path


def page(path):
    return Seen((path / "report.html").read_text(encoding="utf-8"))


def test_a_finished_run_has_every_part(trained):
    done = report(trained)
    assert (done.to, done.status) == (trained / "report.html", "finished")
    found = page(trained)
    assert {a["id"] for a in found.of("section")} >= SECTIONS
    text = " ".join(" ".join(found.text).split())
    for told in (
        "blobs",
        done.verdict[0],
        "F1 (macro)",
        "95 % interval",
        "Confusion matrix",
        "dense_1",
        "scikit-learn's make_blobs",
        "cluster_std: 0.7",
        "blobs.yaml:",
        "tensorflow",
        ["precision", "float32"][1],
    ):
        assert told in text
    assert done.size == (trained / "report.html").stat().st_size < 1_000_000


def test_the_page_belongs_to_the_run_and_is_replaced(trained):
    report(trained)
    first = (trained / "report.html").read_bytes()
    report(trained)
    assert (trained / "report.html").read_bytes() == first
    done = verify(trained)
    assert (done.problems, done.extra) == ((), ())
    assert "report.html" in done.files


def test_where_each_value_came_from_is_told(trained):
    record = json.loads((trained / "run.json").read_text())
    why = record["config"]["why"]
    assert why["training.epochs"].endswith("blobs.yaml:20")
    assert "training.shuffle" not in why
    report(trained)
    text = "|".join(page(trained).text)
    assert f"training.epochs|5|{why['training.epochs']}" in text
    assert "training.shuffle|true" in text


def test_a_record_of_before_has_the_lines_of_its_own_file(trained):
    record = json.loads((trained / "run.json").read_text())
    del record["config"]["why"]
    record["config"]["overrides"] = ["training.batch_size=16"]
    (trained / "run.json").write_text(json.dumps(record))
    report(trained)
    text = "|".join(page(trained).text)
    assert "training.epochs|5|config.yaml:20" in text
    assert "training.batch_size|16|command line" in text


def test_pictures_stand_in_their_order_and_unknown_ones_come_last(trained):
    run = RunDirectory.open(trained)
    run.write("plots/zebra.png", b"\x89PNG zebra")
    run.write("plots/roc_test.png", b"\x89PNG roc")
    run.write("plots/roc_test.svg", b"<svg/>")
    run.update({})
    pictures, left = Material.of(trained).pictures()
    assert [(p.title, p.media) for p in pictures] == [
        ("Confusion matrix", "image/svg+xml"),
        ("ROC curves", "image/svg+xml"),
        ("zebra.png", "image/png"),
    ]
    assert (pictures[2].alt, left) == ("The picture zebra.png", [])


def test_a_run_without_the_pictures_that_take_longer_names_the_command(trained):
    report(trained)
    hint = f"More are drawn by: nntrain pictures {trained}"
    assert hint in page(trained).text
    run = RunDirectory.open(trained)
    run.write("plots/structure.png", b"\x89PNG")
    run.update({})
    report(trained)
    assert hint not in page(trained).text


def test_pictures_that_would_make_the_page_too_large_are_named(trained, monkeypatch):
    monkeypatch.setattr("nntrain.run.page.material.MOST_PICTURES", 10)
    report(trained)
    assert "Left out to keep the page small: plots/confusion_test.svg." in page(trained).text


def test_an_expectation_that_is_missed_is_bad_news(make_run):
    expected = [
        {"name": "test.accuracy", "expected": ">= 0.9", "value": 0.75, "met": False, "difference": -0.15},
        {"name": "params", "expected": "< 50k", "value": 15, "met": True, "difference": -49985},
    ]
    folder = make_run(expectations=expected)
    assert report(folder).verdict[1] == "It misses what the config expects of test.accuracy."
    assert "test.accuracy|>= 0.9|0.75|missed|params|< 50k|15|ok" in "|".join(page(folder).text)


def test_a_failed_run_says_how_far_it_came_and_what_to_change(make_run):
    folder = make_run(status="failed", failure={"exit": 6, "message": "the loss became nan in epoch 3"})
    done = report(folder)
    assert done.verdict == (
        "This run failed after 2 of 20 epochs, so it has no scores: the loss became nan in epoch 3.",
    )
    assert [found.id for found in done.findings] == ["diverged"]
    assert not {"scores", "examples"} & {a["id"] for a in page(folder).of("section")}
    assert "sha256" not in json.loads((folder / "run.json").read_text()) or (
        "report.html" not in json.loads((folder / "run.json").read_text())["sha256"]
    )


def test_a_failed_run_without_an_epoch_has_nothing_to_judge(make_run):
    folder = make_run(status="failed", failure={"exit": 8, "message": "no memory"})
    (folder / "history.csv").unlink()
    done = report(folder)
    assert done.verdict == ("This run failed before the first epoch, so it has no scores: no memory.",)
    assert "No epoch ended, so there is nothing to judge." in page(folder).text


def test_an_interrupted_run_says_how_to_go_on(make_run):
    folder = make_run(status="interrupted")
    (folder / "checkpoint" / "00002").mkdir(parents=True)
    assert report(folder).verdict == (
        f"This run was interrupted after 2 of 20 epochs, so it has no scores. Go on with: nntrain resume {folder}",
    )


def test_a_parent_shows_its_runs(make_run):
    def spread(mean):
        return {"mean": mean, "std": 0.1, "folds": [mean, mean]}

    scores = {"test": {"accuracy": spread(0.8), "average": "macro", "baseline": {"accuracy": spread(0.5)}}}
    folder = make_run(folds=2, runs=["fold-1", "fold-2"], scores=scores)
    for number in (1, 2):
        make_run(f"small/2026-11-20_10-00-00/fold-{number}")
    assert report(folder).verdict == (
        "Over 2 folds the accuracy on the test rows is 0.8000 on average, with a standard deviation of 0.1000; the "
        "baseline has 0.5000.",
    )
    text = page(folder).text
    assert {"fold-1", "fold-2", "test.accuracy 0.7500"} <= set(text)


@pytest.mark.parametrize("name", ["metrics.json", "history.csv", "resolved.yaml", "predictions.csv"])
def test_a_file_that_was_changed_is_refused(make_run, name):
    folder = make_run()
    (folder / name).write_bytes(b"x")
    with pytest.raises(ArtefactError, match=r"the file was changed after the run: its SHA-256 is") as error:
        report(folder)
    assert error.value.problems[0].location.source.endswith(name)
    assert not (folder / "report.html").exists()


def test_a_log_that_was_changed_is_refused(trained):
    (trained / "log.txt").write_text("x\n")
    with pytest.raises(ArtefactError) as error:
        report(trained)
    assert str(error.value) == (
        f"{trained / 'log.txt'}: the file was changed after the run; nntrain verify says what else was"
    )


def test_a_model_file_that_is_gone_or_changed_is_a_warning(trained):
    (trained / "model.keras").unlink()
    weights = trained / "weights.safetensors"
    weights.write_bytes(weights.read_bytes() + b" ")
    assert Material.of(trained).notes[-2:] == [
        "model.keras is missing from the run: its scores stand, and it can predict no more",
        "weights.safetensors was changed after the run: the scores are those of the file as it was",
    ]
    report(trained)
    assert "warnings" in {a["id"] for a in page(trained).of("section")}


def test_what_a_log_tells_is_known_with_its_word_and_as_older_runs_wrote_it():
    lines = [
        "note: a",
        "note: leak: b",
        "leak: b",
        "note: warning: c",
        "warning: c",
        "training ended: note: d",
    ]
    found = [NOTE.match(f"2026-11-22T10:00:00+00:00 {line}") for line in lines]
    told = ["a", "leak: b", "leak: b", "warning: c", "warning: c", None]
    assert [match and match["text"] for match in found] == told


def test_a_config_that_is_gone_is_missed(make_run):
    folder = make_run()
    (folder / "resolved.yaml").unlink()
    with pytest.raises(ArtefactError) as error:
        report(folder)
    assert (
        str(error.value) == f"runs/small/{folder.name}/resolved.yaml: the file is missing from the run; "
        "bring back what was written, or train again"
    )


def test_a_run_whose_record_has_no_targets_is_told_by_its_scores(make_run):
    assert report(make_run(targets=[])).verdict == (
        "The class is right for 75.0 % of the 4 test rows, which the network has not seen.",
    )


def test_a_name_that_looks_like_markup_stays_a_name(make_run):
    target = {"name": "t", "task": "classification", "names": ["<script>", "b"], "shape": []}
    folder = make_run(
        targets=[{**target, "train_counts": [4, 4]}],
        rows=[(0, "<script>", "b"), (1, "b", "b")],
        name="<i>small</i>",
    )
    change(folder, data={"source": "<b>", "fingerprint": "f", "rows": {"<u>": 3}})
    report(folder)
    text = (folder / "report.html").read_text()
    assert not re.search("<script|<i>small|<b>|<u>", text)
    assert "&lt;script&gt;" in text
