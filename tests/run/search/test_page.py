"""A study's page and pictures, from its files alone."""

import json
from pathlib import Path

import pytest

from nntrain.errors import ArtefactError
from nntrain.report.search.gallery import SEARCH_GALLERY
from nntrain.run.search.page import report_study
from tests.report.page.test_render import Seen

MIXED = ["finished"] * 12 + ["pruned", "pruned", "failed", "diverged"]


def page(study):
    seen = Seen((study / "report.html").read_text(encoding="utf-8"))
    return seen, " ".join(" ".join(seen.text).split())


@pytest.fixture(autouse=True)
def _where_the_user_stands(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_a_study_has_every_picture_with_its_words_and_a_row_for_each_trial(make_study):
    study = make_study(MIXED)
    done = report_study(study)
    assert done.verdict == (
        "Trial 1 is the best of 12 that finished, with validation.accuracy 0.8946; the median is 0.8321.",
        "Of 16 trials 2 were ended early, 1 diverged, 1 failed.",
    )
    assert done.status == "finished"
    seen, text = page(study)
    pictures = seen.of("img")
    assert [one["alt"] for one in pictures] == [kind.alt for kind in SEARCH_GALLERY.values()]
    assert all(one["src"].startswith("data:image/") for one in pictures)
    assert {file.name for file in (study / "plots").iterdir()} == {
        f"{stem}.{kind}" for stem in SEARCH_GALLERY for kind in ("png", "svg")
    }
    assert "trial-1;" in text
    assert "too many <b>parameters" in text
    assert "the loss became nan" in text
    assert "log [0.0001, 0.1]" in text
    assert f"nntrain tune {study.parents[2] / 'blobs.yaml'} --best" in text
    assert "cluster_std: 0.7" in text
    rows = [attributes for name, attributes in seen.tags if name == "tr"]
    assert len(rows) >= len(MIXED)


def test_neither_the_configs_file_nor_optuna_is_needed(make_study, monkeypatch):
    study = make_study(["finished"] * 3)
    (study.parents[2] / "blobs.yaml").unlink()
    monkeypatch.setitem(__import__("sys").modules, "optuna", None)
    assert report_study(study).status == "finished"
    _, text = page(study)
    assert "Importances and contours need 8 finished trials, and there are 3." in text
    assert not (study / "plots" / "contours.png").exists()
    first = (study / "report.html").read_bytes()
    report_study(study)
    assert (study / "report.html").read_bytes() == first


@pytest.mark.parametrize(
    ("states", "wanted", "status", "verdict"),
    [
        ([], 2, "interrupted", "No trial has begun, so there is no best one."),
        (["failed", "diverged"], 2, "finished", "None of 2 trials finished, so there is no best one."),
        (["lost", "interrupted"], 2, "interrupted", "None of 2 trials finished, so there is no best one."),
    ],
)
def test_a_study_without_a_best_trial_says_so(make_study, states, wanted, status, verdict):
    study = make_study(states, wanted)
    done = report_study(study)
    assert (done.status, done.verdict[0]) == (status, verdict)
    seen, text = page(study)
    assert seen.of("img") == []
    assert "No trial has finished, so there is nothing to draw." in text


def test_a_study_that_is_not_whole_says_how_it_goes_on(make_study, monkeypatch):
    study = make_study(["finished", "finished"], 5)
    monkeypatch.chdir("/")
    assert report_study(study).verdict == (
        "Trial 1 is the best of 2 that finished, with validation.accuracy 0.8946.",
        f"2 of 5 trials are there; go on with: nntrain tune {study.parents[2] / 'blobs.yaml'} "
        f"--runs-dir {study.parents[1]}",
    )


def test_damaged_files_are_named(make_study):
    study = make_study(["finished"])
    file = study / "study.json"
    whole = json.loads(file.read_text())
    for search in (None, {**whole["search"], "space": {"a": {"log": [2, 1]}}}, {"objective": "val_loss"}):
        file.write_text(json.dumps({**whole, "search": search}))
        with pytest.raises(ArtefactError) as caught:
            report_study(study)
        assert str(caught.value) == f"{file}: is not as nntrain wrote it"
    with pytest.raises(ArtefactError) as caught:
        report_study(Path("nowhere"))
    assert (
        str(caught.value) == "nowhere is no study: it has no study.json; begin one with nntrain tune CONFIG"
    )
