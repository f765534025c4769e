"""`nntrain check --data` and `nntrain data`: what is printed, what a program reads, what is refused."""

import json

import numpy as np
import pytest
from PIL import Image

from tests.conftest import CONFIGS

NAMES = "abcdefghijklmnopqrstuvwxyz"
CONFIG = """\
data:
  type: csv
  path: boats.csv
  target: survived
  split: {validation: 0.2, test: 0.2}
  preprocess: {categorical: {unknown: zeros}}
model:
  layers: [{type: Dense, units: 1, activation: sigmoid}]
training: {loss: binary_crossentropy, optimizer: adam, epochs: 1}
"""
FOUND = """\
boats.yaml: boats.csv: 60 rows, 3 feature columns, target 'survived'; 38 training, 10 validation and 12 test rows
leak     column 'boat' is another spelling of the target: in all 38 training
         rows the one follows from the other (boats.csv:5, boats.csv:6,
         boats.csv:7); it is hardly known before the target is, so leave it out
         with data.drop: [boat]
warning  column 'id' names the rows: each of the 38 training rows has a number
         of its own (boats.csv:5, boats.csv:6, boats.csv:7); new rows have other
         ones, so that nothing useful is learnt from it: leave it out with
         data.drop: [id]
boats.yaml: 1 leak, 1 warning
"""
SHOWN = """\
boats.yaml: boats.csv: 60 rows, 3 feature columns, target 'survived'; 38 training, 10 validation and 12 test rows

Class     training          validation          test
────────────────────────────────────────────────────────────
no              19  50.0 %           5  50.0 %     6  50.0 %
yes             19  50.0 %           5  50.0 %     6  50.0 %

all rows        38                  10            12

Number  missing  distinct      mean  deviation     min    max
─────────────────────────────────────────────────────────────
id            0        38     30.55      16.72       4     59
fare          0        38  -0.01167      1.076  -2.828  3.323

Text  missing  distinct  commonest
─────────────────────────────────────────────────
boat        0         2  lifeboat (19), none (19)

Features: the training rows alone.
"""


@pytest.fixture
def boats(write_config, tmp_path):
    """A config whose data give the target away."""
    fares = np.random.default_rng(3).normal(size=60)
    rows = [
        f"{i + 1},{fares[i]:.4f},{'lifeboat' if i % 2 else 'none'},{'yes' if i % 2 else 'no'}"
        for i in range(60)
    ]
    (tmp_path / "boats.csv").write_text("\n".join(["id,fare,boat,survived", *rows]) + "\n")
    return write_config(CONFIG, "boats.yaml")


PHOTOS = """\
data: {type: images, path: photos, skip_bad: true}
model: {layers: [{type: Flatten}, {type: Dense, units: 1, activation: sigmoid}]}
training: {loss: binary_crossentropy, epochs: 1}
"""


def lines(text):
    return [line.rstrip() for line in text.splitlines()]


def test_findings_are_wrapped_and_counted(nntrain, boats, tmp_path):
    done = nntrain("check", "--data", "boats.yaml", cwd=tmp_path, COLUMNS="80")
    assert (done.code, done.err) == (0, "")
    assert done.out == FOUND


def test_findings_take_the_width_of_the_terminal(nntrain, boats, tmp_path):
    done = nntrain("check", "--data", "boats.yaml", cwd=tmp_path, COLUMNS="100")
    _, *found, _ = done.out.splitlines()
    assert max(map(len, found)) in range(91, 101)
    assert len(found) < FOUND.count("\n") - 2


def test_a_leak_fails_a_strict_check(nntrain, boats, tmp_path):
    done = nntrain("check", "--data", "--strict", "boats.yaml", cwd=tmp_path, COLUMNS="80")
    assert (done.code, done.out, done.err) == (4, FOUND, "")
    clean = nntrain("check", "--data", "--strict", "boats.yaml", "data.drop=[id, boat]", cwd=tmp_path)
    assert (clean.code, clean.out.splitlines()[-1]) == (0, "boats.yaml: nothing found")


def test_a_program_reads_what_was_found(nntrain, boats, tmp_path):
    done = nntrain("check", "--data", "--strict", "--json", "boats.yaml", cwd=tmp_path)
    told = json.loads(done.out)
    (report,) = told["files"]
    assert (done.code, told["exit"], told["ok"], report["exit"], report["ok"]) == (4, 4, False, 4, False)
    assert [(p["id"], p["key"]) for p in report["problems"]] == [("target-code", None)]
    data = report["data"]
    assert data["rows"] == {"train": 38, "validation": 10, "test": 12}
    assert data["counts"] == {"leak": 1, "warning": 1, "note": 0}
    leak, warning = data["findings"]
    assert (leak["severity"], leak["columns"], leak["figures"]) == ("leak", ["boat"], {"rows": 38})
    assert leak["rows"][1] == {"split": "train", "row": 4, "file": "boats.csv", "line": 6}
    assert (warning["id"], warning["figures"]) == ("identifier_column", {"distinct": 38, "rows": 38})
    lax = json.loads(nntrain("check", "--data", "--json", "boats.yaml", cwd=tmp_path).out)
    assert (lax["exit"], lax["files"][0]["problems"], lax["files"][0]["data"]) == (0, [], data)


def test_rows_that_can_not_be_prepared_do_not_hide_what_was_found(nntrain, boats, tmp_path):
    text = (tmp_path / "boats.csv").read_text().replace("\n7,", "\n,")
    (tmp_path / "boats.csv").write_text(text)
    done = nntrain("check", "--data", "boats.yaml", cwd=tmp_path, COLUMNS="80")
    assert done.code == 4
    assert done.out.splitlines()[1].startswith("leak     column 'boat' is another spelling")
    assert done.err.splitlines()[:2] == ["boats.csv: 1 problem", ""]
    assert "column 'id'" in done.err
    report = json.loads(nntrain("check", "--data", "--json", "boats.yaml", cwd=tmp_path).out)["files"][0]
    assert (report["ok"], report["exit"], report["problems"][0]["line"]) == (False, 4, 8)
    assert report["data"]["counts"]["leak"] == 1


def test_nothing_is_said_to_be_found_in_rows_that_can_not_be_prepared(nntrain, boats, tmp_path):
    fares = np.random.default_rng(0).normal(size=60)
    rows = "".join(f"{x:.6f},{'uvw'[i % 3]},{['no', 'yes'][i % 2]}\n" for i, x in enumerate(fares))
    (tmp_path / "boats.csv").write_text("fare,deck,survived\n" + rows)
    (tmp_path / "later.csv").write_text("fare,deck,survived\n0.5,u,yes\n0.6,x,no\n")
    more = [
        "data.preprocess.categorical.unknown=error",
        "data.validation_path=later.csv",
        "~data.split.validation",
    ]
    done = nntrain("check", "--data", "boats.yaml", *more, cwd=tmp_path)
    assert (done.code, len(done.out.splitlines())) == (4, 1)
    assert done.err.startswith("later.csv: 1 problem\n\n3:5 column 'deck': no training row has 'x'")


def test_training_begins_with_what_was_found(nntrain, boats, tmp_path):
    done = nntrain("fit", "boats.yaml", "--progress", "lines", cwd=tmp_path)
    assert done.code == 0
    notes = [line for line in done.err.splitlines() if line.startswith(("leak: ", "warning: "))]
    assert notes[0] == (
        "leak: column 'boat' is another spelling of the target: in all 38 training rows the one "
        "follows from the other (training rows 3, 4, 5); it is hardly known before the target is, so leave it "
        "out with data.drop: [boat]"
    )
    assert notes[1].startswith("warning: column 'id' names the rows: ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["check", "--strict"], "--strict is about what --data finds; add --data"),
        (
            ["check", "--data", "--build"],
            "--data prints what is found in the data, and --build something else; choose one",
        ),
        (
            ["check", "--data", "--why"],
            "--data prints what is found in the data, and --why something else; choose one",
        ),
        (
            ["data", "--plot", "page.pdf"],
            "--plot writes a PNG: name a file that ends in .png, not 'page.pdf'",
        ),
    ],
)
def test_what_does_not_go_together_is_refused(nntrain, boats, tmp_path, arguments, message):
    done = nntrain(*arguments, "boats.yaml", cwd=tmp_path)
    assert (done.code, done.out, done.err) == (2, "", message + "\n")


def test_rows_classes_and_columns_are_shown(nntrain, boats, tmp_path):
    done = nntrain("data", "boats.yaml", cwd=tmp_path, COLUMNS="80")
    assert (done.code, done.err) == (0, "")
    assert lines(done.out) == SHOWN.splitlines()


def test_the_page_is_written_and_the_object_names_it(nntrain, boats, tmp_path):
    done = nntrain("data", "boats.yaml", "--plot", "page.png", cwd=tmp_path)
    assert (done.code, done.err) == (0, "wrote page.png\n")
    assert (tmp_path / "page.png").read_bytes().startswith(b"\x89PNG")
    told = json.loads(nntrain("data", "boats.yaml", "--json", "--plot", "p.png", cwd=tmp_path).out)
    assert (told["ok"], told["plot"], told["data"]["rows"]["train"]) == (True, "p.png", 38)
    assert told["data"]["columns"][2]["commonest"] == [["lifeboat", 19], ["none", 19]]
    assert told["data"]["targets"][0]["classes"][0] == ["no", {"train": 19, "validation": 5, "test": 6}]


def test_a_page_that_has_no_place_is_refused(nntrain, boats, tmp_path):
    done = nntrain("data", "boats.yaml", "--plot", "nowhere/page.png", cwd=tmp_path)
    assert (done.code, done.out) == (7, "")
    assert done.err == "nowhere/page.png can't be written: No such file or directory\n"


@pytest.mark.parametrize("arguments", [["check", "--data"], ["data"]])
def test_neither_keras_nor_tensorflow_is_imported(arguments, boats, nntrain, tmp_path):
    import subprocess
    import sys

    program = (
        "import sys; sys.argv = ['nntrain', *sys.argv[1:]]\n"
        "from nntrain.cli.main import app\n"
        "try: app()\n"
        "except SystemExit: pass\n"
        "print(sorted({'keras', 'tensorflow', 'sklearn', 'matplotlib', 'scipy'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments, str(boats)], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_arrays_and_several_targets_are_shown(nntrain):
    digits = lines(nntrain("data", CONFIGS / "digits_cnn.yaml", COLUMNS="80").out)
    assert "features           (64,)  float64        0  4.89      6.024    0   16" in digits
    assert not any(line.startswith("feature 0") for line in digits)
    iris = lines(nntrain("data", CONFIGS / "iris_two_outputs.yaml", COLUMNS="80").out)
    assert any(line.startswith("Class of species ") for line in iris)
    assert any(line.startswith("Target width ") for line in iris)


def test_what_is_told_when_rows_are_read_is_told_by_every_command(nntrain, tmp_path, write_config):
    for i in range(12):
        (tmp_path / "photos" / "ab"[i % 2]).mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(i).integers(0, 256, (8, 8), np.uint8)
        Image.fromarray(pixels).save(tmp_path / "photos" / "ab"[i % 2] / f"{i}.png")
    (tmp_path / "photos" / "a" / "empty.png").write_bytes(b"")
    write_config(PHOTOS, "photos.yaml")
    said = "1 of 13 files were left out: 'a/empty.png' is empty"
    for command in (["check", "--data"], ["data"]):
        done = nntrain(*command, "photos.yaml", cwd=tmp_path)
        assert (done.code, done.err) == (0, f"photos.yaml: note: {said}\n")
    told = json.loads(nntrain("check", "--data", "--json", "photos.yaml", cwd=tmp_path).out)
    assert told["files"][0]["data"]["notes"] == [said]
    assert json.loads(nntrain("data", "--json", "photos.yaml", cwd=tmp_path).out)["data"]["notes"] == [said]
