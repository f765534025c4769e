"""`--json`: every command prints one object on stdout, and the object is as `nntrain schema --result` says."""

import ast
import json
import math
import shutil
from pathlib import Path

import pytest
import typer
from jsonschema import Draft202012Validator

from nntrain.cli import main
from nntrain.cli.contract import RESULTS, result_schema
from nntrain.cli.error_ids import EXITS, IDS
from nntrain.cli.output import Speaker, result_json
from nntrain.config import load_config
from nntrain.errors import NntrainError, Problem
from tests.config.test_errors_in_files import BAD, NAMES
from tests.conftest import BLOBS, CONFIGS, ROOT

SOURCES = sorted((ROOT / "nntrain").rglob("*.py"))
XOR = CONFIGS / "course/perceptron/xor.yaml"
TINY = ["training.epochs=1", "-q"]


@pytest.fixture(scope="module")
def schema():
    return Draft202012Validator(result_schema())


@pytest.fixture
def told(schema, monkeypatch, capsys, tmp_path):
    """Run a command in this process; its exit code, and its object if that is as the schema says."""

    def run(*arguments):
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr("sys.argv", ["nntrain", *map(str, arguments), "--json"])
        monkeypatch.setattr(Speaker, "command", None)
        code = 0
        try:
            main._run()
        except SystemExit as leaving:
            code = leaving.code
        (line,) = capsys.readouterr().out.splitlines()
        content = json.loads(line, parse_constant=pytest.fail)
        assert [f"{e.json_path}: {e.message[:300]}" for e in schema.iter_errors(content)] == []
        assert content["exit"] == code
        return content

    return run


def reports():
    """The commands that know `--json`."""
    group = typer.main.get_command(main.app)
    return sorted(name for name, one in group.commands.items() if any("--json" in p.opts for p in one.params))


def test_the_schema_is_one():
    Draft202012Validator.check_schema(result_schema())


def test_every_command_that_knows_json_is_in_the_schema():
    assert sorted(RESULTS) == reports()


def test_the_command_prints_the_schema(nntrain):
    done = nntrain("schema", "--result")
    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out) == json.loads(json.dumps(result_schema()))


@pytest.mark.parametrize("command", reports())
def test_a_wrong_command_line_is_one_object_too(command, told):
    content = told(command, "--no-such-option")
    assert (content["command"], content["exit"], content["error"]["id"]) == (command, 2, "usage")


def test_a_command_that_is_not_there_is_one_object_too(told):
    content = told("fti")
    assert (content["command"], content["exit"]) == (None, 2)


def test_fit_and_evaluate(told, tmp_path):
    content = told("fit", XOR, *TINY)
    assert (content["command"], content["epochs"]) == ("fit", 1)
    run = content["run"]["dir"]
    assert told("evaluate", run, "--show", "1", "-q")["split"] == "training"
    assert told("pictures", run)["drawn"] > 0
    assert told("report", run)["to"].endswith("report.html")
    assert told("verify", run)["files"]["run.json"] == "ok"
    assert told("reproduce", run, "-q")["outcome"] == "identical"
    (tmp_path / run / "log.txt").unlink()
    assert told("verify", run)["exit"] == 5
    (tmp_path / run / "weights.safetensors").unlink()
    assert told("evaluate", run)["error"]["id"] == "missing-file"


def test_fit_and_evaluate_by_folds(told, tmp_path):
    (tmp_path / "blobs.yaml").write_text(BLOBS)
    content = told("fit", "blobs.yaml", "--folds", "2", *TINY)
    assert len(content["folds"]) == 2
    assert told("evaluate", content["run"]["dir"], "-q")["folds"] == 2
    assert told("verify", content["run"]["dir"])["ok"] is True


def test_fit_and_evaluate_by_seeds(told, tmp_path):
    (tmp_path / "blobs.yaml").write_text(BLOBS)
    content = told("fit", "blobs.yaml", "--seeds", "2", *TINY)
    run = content["run"]["dir"]
    assert (len(content["seeds"]), content["median"].startswith(run)) == (2, True)
    assert told("evaluate", run, "-q")["seeds"] == 2
    assert told("show", run)["row"]["holds"] == "seeds"
    assert [row["holds"] for row in told("runs", "--all")["runs"]] == ["seeds", None, None]
    pair = [f"{run}/seed-1", f"{run}/seed-2"]
    (other,) = told("compare", *pair, "--plot", "p.png")["against_first"]
    assert (other["not_tested"], other["tests"][0]["score"]) == (None, "accuracy")
    assert told("compare", run, pair[0])["against_first"][0]["tests"] == []
    assert told("resume", run, "--epochs", "2", "-q")["seeds"][1]["epochs"] == 2
    assert told("runs", "prune", "--keep", "0", "--yes")["kept"] == {run: "'latest' leads to it"}
    (tmp_path / "runs/blobs/latest").unlink()
    (tmp_path / "runs/latest").unlink()
    assert told("runs", "prune", "--keep", "0", "--dry-run")["removed"][0]["status"] == "finished"
    assert told("runs", "prune", "--keep", "0")["exit"] == 2
    assert told("runs", "prune", "--keep", "0", "--yes")["removed"][0]["run"] == run
    assert told("runs")["runs"] == []


def test_smoke_that_passes_and_fails(told):
    assert told("fit", XOR, "--smoke", "-q")["smoke"]["rows"] == 4
    content = told("fit", XOR, "--smoke", "-q", "training.optimizer.learning_rate=1e-30")
    assert (content["exit"], content["error"]["id"]) == (10, "smoke")


@pytest.mark.parametrize(
    "options", [[], ["--resolved"], ["--why"], ["--build"], ["--data"], ["--data", "--strict"]]
)
def test_check(options, told):
    assert told("check", CONFIGS / "rents_mixed.yaml", *options)["ok"] is True


def test_check_of_several_files_some_of_which_are_wrong(told):
    content = told("check", XOR, BAD / "several_sorted.yaml", BAD / "yaml_empty.yaml", "no.yaml")
    assert [file["exit"] for file in content["files"]] == [0, 3, 3, 2]


def test_check_of_data_that_are_refused(told, tmp_path):
    (tmp_path / "rows.csv").write_text("a,y\n1,0\n,1\n2,0\n3,1\n4,0\n5,1\n6,1\n7,0\n")
    text = BLOBS.partition("data:")[0] + "data: {type: csv, path: rows.csv, target: y}\n"
    (tmp_path / "c.yaml").write_text(text + BLOBS[BLOBS.index("model:") :].replace("units: 3", "units: 2"))
    content = told("check", "c.yaml", "--data")
    assert (content["exit"], content["files"][0]["problems"][0]["id"]) == (4, "missing-value")


@pytest.mark.parametrize(
    "arguments",
    [
        ["data", CONFIGS / "rents_mixed.yaml"],
        ["data", CONFIGS / "rents_mixed.yaml", "--plot", "p.png"],
        ["diff", CONFIGS / "digits_mlp.yaml", CONFIGS / "digits_cnn.yaml"],
        ["init"],
        ["init", "mlp"],
        ["init", "mlp", "--output", "-"],
        ["layers", "Dense"],
        *([name] for name in main.discover.NAMES),
    ],
    ids=lambda arguments: " ".join(Path(str(a)).name for a in arguments),
)
def test_what_reads_and_prints(arguments, told):
    content = told(*arguments)
    assert (content["ok"], content["command"]) == (True, arguments[0])


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["fit", "no.yaml"], 2),
        (["fit", BAD / "softmax_binary.yaml"], 3),
        (["fit", XOR, "--smoke", "--folds", "3"], 2),
        (["fit", XOR, "data.path=no.csv"], 4),
        (["data", XOR, "data.path=no.csv"], 4),
        (["data", XOR, "--plot", "p.jpg"], 2),
        (["evaluate", "no"], 5),
        (["evaluate", "no.keras"], 2),
        (["verify", "no"], 5),
        (["reproduce", "no"], 5),
        (["show", "no"], 5),
        (["compare", "no"], 2),
        (["compare", "no", "nor"], 5),
        (["runs", "no"], 5),
        (["runs", "--filter", "no"], 2),
        (["diff", XOR, "no.yaml"], 2),
        (["diff", XOR, BAD / "yaml_empty.yaml"], 3),
        (["bench", BAD / "yaml_empty.yaml"], 3),
        (["init", "no"], 2),
        (["init", "mlp", "--output", "no/c.yaml"], 7),
        (["layers", "Dens"], 2),
        (["datasets", "no"], 2),
        (["fit", XOR, "--runs-dir", XOR], 7),
    ],
    ids=lambda value: " ".join(Path(str(a)).name for a in value) if isinstance(value, list) else str(value),
)
def test_what_fails(arguments, code, told):
    content = told(*arguments)
    assert (content["ok"], content["exit"]) == (False, code)


def test_a_run_that_diverges(told):
    steep = ["training.optimizer={type: SGD, learning_rate: 1e30}", "training.loss=mse"]
    content = told("fit", CONFIGS / "diabetes_regression.yaml", "training.metrics=[]", *steep, *TINY)
    assert (content["exit"], content["error"]["id"]) == (6, "diverged")


def test_a_conflict_has_9(told, finished_run, tmp_path):
    shutil.copytree(finished_run.path, tmp_path / "run")
    record = json.loads((tmp_path / "run/run.json").read_text())
    record["data"]["fingerprint"] = "0" * 64
    (tmp_path / "run/run.json").write_text(json.dumps(record))
    assert told("evaluate", "run", "-q")["exit"] == 9


def test_a_bug_is_one_object_and_keeps_its_traceback(told, monkeypatch, schema, capsys):
    def broken(*_):
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr("nntrain.cli.discover._items", broken)
    with pytest.raises(ZeroDivisionError):
        told("layers")
    content = json.loads(capsys.readouterr().out)
    assert schema.is_valid(content)
    assert content["error"]["message"] == "ZeroDivisionError: by zero"
    assert (content["exit"], content["error"]["id"]) == (1, "bug")


def test_memory_that_runs_out_is_one_object(told, monkeypatch):
    def full(*_):
        raise MemoryError

    monkeypatch.setattr("nntrain.cli.discover._items", full)
    content = told("layers")
    assert (content["exit"], content["error"]["id"]) == (8, "memory")


def test_numbers_that_json_lacks_are_null_and_named(capsys):
    result_json({"a": {"b": [1.5, math.nan]}, "c": -math.inf, "d": 0.0})
    content = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert content["a"] == {"b": [1.5, None]}
    assert (content["c"], content["d"], content["nonfinite"]) == (None, 0.0, ["a.b[1]", "c"])


def test_the_schema_refuses_what_no_command_prints(schema):
    good = {"schema": "nntrain.result/1", "command": "diff", "ok": True, "exit": 0}
    good |= {"a": "x", "b": "y", "differences": []}
    assert schema.is_valid(good)
    wrong = [{"ok": False}, {"exit": 3}, {"more": 1}, {"command": "fit"}, {"schema": "x"}, {"a": None}]
    assert [change for change in wrong if schema.is_valid(good | change)] == []


FORWARD = {"error", "_unread", "note", "unknown", "_refused"}
"""Functions that are given an id as their last text and make a problem of it."""


def words_given_as_ids():
    for file in SOURCES:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                called = getattr(node.func, "id", getattr(node.func, "attr", ""))
                if called == "_element":
                    continue  # whose id is an attribute of XML
                given = [k.value for k in node.keywords if k.arg == "id"]
                given += node.args[3:4] if called == "Problem" else []
                given += node.args[-1:] if called in FORWARD and len(node.args) > 1 else []
                yield from ((file.name, g.value) for g in given if isinstance(g, ast.Constant) and g.value)


def test_every_id_of_the_source_is_explained():
    given = list(words_given_as_ids())
    assert len(given) > 150
    assert [(file, word) for file, word in given if word.replace("_", "-") not in IDS] == []


def test_every_id_of_a_bad_config_is_explained(monkeypatch):
    monkeypatch.chdir(BAD)
    found = set()
    for name in NAMES:
        with pytest.raises(NntrainError) as caught:
            load_config(f"{name}.yaml")
        found |= {problem.as_json()["id"] for problem in caught.value.problems}
    assert found - set(IDS) == set()
    assert len(found) > 30


def test_every_id_that_is_explained_is_used():
    source = "".join(file.read_text(encoding="utf-8") for file in SOURCES if file.name != "error_ids.py")
    made = {"engine-engine", "engine-distribute", "engine-split-batch", "sample-weight"}  # of a key's name
    unused = {w for w in IDS if f'"{w}"' not in source and f'"{w.replace("-", "_")}"' not in source}
    assert unused - made == set()


def test_ids_are_words_joined_by_hyphens():
    assert Problem("no", id="two_words").as_json()["id"] == "two-words"
    assert [
        word for word in IDS if not all(part.isalpha() and part.islower() for part in word.split("-"))
    ] == []


def test_the_exit_codes_are_those_of_the_errors():
    kinds = NntrainError.__subclasses__()
    assert {kind.exit_code for kind in kinds} <= set(EXITS)
    assert len({kind.exit_code for kind in kinds}) == len(kinds)
