"""How results are laid out for programs, with one output and with several."""

import json
from pathlib import Path

from nntrain.run.results import EvaluateResult, FitResult, metrics_json, scores_stem
from tests.run.outputs import TARGETS, scored


def scores(*names):
    return {name: found.scores for name, found in scored(*names).items()}


def targets(*names):
    return {name: TARGETS[name] for name in names}


def test_one_output_is_not_named():
    one = scores("kind")
    assert metrics_json(targets("kind"), {"test": one}) == {
        "schema": "nntrain.metrics/1",
        "task": "classification",
        "classes": ["ant", "bee", "wasp"],
        "splits": {"test": one["kind"].to_json()},
    }


def test_several_outputs_are_named_and_described():
    several = scores(*TARGETS)
    written = metrics_json(TARGETS, {"validation": several, "test": several})
    assert list(written) == ["schema", "outputs", "splits"]
    assert written["outputs"] == {
        "kind": {"task": "classification", "classes": ["ant", "bee", "wasp"]},
        "width": {"task": "regression", "classes": []},
        "size": {"task": "regression", "classes": [], "numbers": ["long", "wide"]},
        "topics": {"task": "multi_label", "classes": [], "labels": ["news", "sport"]},
        "copy": {"task": "reconstruction", "classes": []},
    }
    assert list(written["splits"]) == ["validation", "test"]
    assert list(written["splits"]["test"]) == ["outputs"]
    assert written["splits"]["test"]["outputs"]["width"] == several["width"].to_json()
    json.dumps(written, allow_nan=False)


def test_a_fit_gives_the_first_outputs_scores_by_split_and_all_of_them_by_output():
    found = scores("kind", "width")
    outputs = {name: {"validation": of, "test": of} for name, of in found.items()}
    done = FitResult(Path("runs/x"), "x", outputs, ({"epoch": 1, "loss": 1.0},), None, 1.0)
    assert done.scores["test"].model.accuracy == 0.75
    assert done.to_json()["metrics"] == {
        split: {"outputs": {name: of.to_json() for name, of in found.items()}}
        for split in ("validation", "test")
    }
    one = FitResult(Path("runs/x"), "x", {"kind": outputs["kind"]}, (), None, 1.0)
    assert one.to_json()["metrics"]["test"] == found["kind"].to_json()


def test_an_evaluation_gives_the_first_outputs_scores_and_all_of_them_by_output():
    found = scores("kind", "width")
    done = EvaluateResult(Path("runs/x"), "test", found, None)
    assert done.scores is found["kind"]
    assert done.to_json()["metrics"]["test"]["outputs"]["width"] == found["width"].to_json()
    one = EvaluateResult(Path("runs/x"), "test", scores("width"), None)
    assert one.to_json()["metrics"]["test"] == found["width"].to_json()


def test_scores_of_a_file_are_called_after_it():
    names = {"new.csv": "new", "a.b.csv": "a.b", "test.csv": "test.csv", "rows": "rows", ".csv": ".csv"}
    assert {name: scores_stem(Path("data") / name) for name in names} == names
    assert scores_stem(Path("data/training")) == "training_folder"


def test_long_names_are_cut_and_stay_apart():
    long = [scores_stem(Path(f"{'é' * 120}{end}.csv")) for end in "ab"]
    assert long[0] != long[1]
    for name in long:
        assert name.startswith("é" * 75 + "-")
        assert len(name.encode()) == 159
