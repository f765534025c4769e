"""`nntrain runs`, `show` and `compare` as a user runs them."""

import csv
import io
import sys
import time
from functools import partial

import pytest

from tests.cli.in_process import run_command
from tests.test_cold_start import run as cold

FIRST, SECOND = "small/2026-11-20_10-00-00", "small/2026-11-21_10-00-00"


@pytest.fixture
def told(monkeypatch, capsys, runs):
    """Run a command in this process, in the folder that holds the runs."""

    return partial(run_command, monkeypatch, capsys)


def test_runs_stand_in_a_table_and_problems_below_it(make_run, told):
    make_run(FIRST)
    (make_run(SECOND) / "run.json").write_text("{")
    done = told("runs")
    assert done.code == 0
    assert done.out == (
        "Run                             Status    Epochs  test.accuracy  Train s  Parameters\n"
        "────────────────────────────────────────────────────────────────────────────────────\n"
        "runs/small/2026-11-20_10-00-00  finished   20/20  0.7500            1.50          15\n"
        "runs/small/2026-11-21_10-00-00  damaged        -  -                    -           -\n"
    )
    assert done.err == "note: runs/small/2026-11-21_10-00-00: run.json is damaged\n"


def test_a_narrow_terminal_gets_fewer_columns(make_run, told):
    make_run(FIRST)
    assert told("runs", columns=75).out.splitlines()[0].split() == [
        "Run",
        "Status",
        "Epochs",
        "test.accuracy",
        "Train",
        "s",
    ]
    assert told("runs", columns=60).out.splitlines()[0].split() == [
        "Run",
        "Status",
        "Epochs",
        "test.accuracy",
    ]


def test_runs_of_several_tasks_name_their_scores(make_run, told):
    make_run(FIRST)
    make_run(SECOND, scores={"validation": {"mae": 2.0, "mape": 1.0}})
    lines = told("runs").out.splitlines()
    assert lines[0].split() == ["Run", "Status", "Epochs", "Score", "Train", "s", "Parameters"]
    assert "test.accuracy 0.7500" in lines[2]
    assert "validation.mae 2.0000" in lines[3]


def test_the_last_lines_alone(make_run, told):
    make_run(FIRST)
    make_run(SECOND)
    assert told("runs", "--last", 1).out.splitlines()[2].startswith(f"runs/{SECOND}")


def test_without_runs_that_is_said(make_run, told):
    assert told("runs").out == "no runs in runs\n"
    make_run(FIRST)
    assert told("runs", "--filter", "status=failed").out == "none of the 1 runs is one of those\n"


def test_csv_has_a_column_for_every_score(make_run, told):
    make_run(FIRST)
    make_run(SECOND, folds=2, runs=[], scores={"test": {"accuracy": {"mean": 0.5, "std": 0.25, "folds": []}}})
    rows = list(csv.DictReader(io.StringIO(told("runs", "--csv").out)))
    assert [row["test.accuracy"] for row in rows] == ["0.75", "0.5"]
    assert [row["test.accuracy std"] for row in rows] == ["", "0.25"]
    assert [row["test.f1"] for row in rows] == ["0.5", ""]
    assert [row["holds"] for row in rows] == ["", "folds"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--csv", "--json"], None),
        (["--keep", "3"], "--keep goes with prune: nntrain runs prune --keep 5"),
        (
            ["prune", "--keep", "3", "--sort", "name"],
            "--sort lists runs, and prune removes them; leave it out",
        ),
        (["prune"], "say how many finished runs of each name stay: nntrain runs prune --keep 5"),
        (["small", "other"], "name one folder or name, not 2: small other"),
    ],
)
def test_options_that_do_not_go_together_are_refused(told, arguments, message):
    done = told("runs", *arguments)
    assert done.code == 2
    if message is not None:
        assert done.err == f"{message}\n"


def test_prune_removes_nothing_unasked(make_run, told, runs):
    make_run(FIRST)
    make_run(SECOND)
    listed = told("runs", "prune", "--keep", 1, "--dry-run")
    first, last = listed.out.splitlines()
    assert first.startswith(f"runs/{FIRST}  finished  ")
    assert last.startswith("would remove 1 run, ")
    refused = told("runs", "prune", "--keep", 1)
    assert (refused.code, refused.out) == (2, "")
    assert refused.err == (
        "nobody is there to be asked: add --yes to remove runs, or --dry-run to list them\n"
    )
    assert (runs / FIRST).exists()


@pytest.mark.parametrize(("answer", "left"), [("n\n", True), ("y\n", False)])
def test_prune_asks_on_a_terminal(make_run, told, runs, monkeypatch, answer, left):
    make_run(FIRST)
    make_run(SECOND)
    terminal = io.StringIO(answer)
    terminal.isatty = lambda: True
    monkeypatch.setattr(sys, "stdin", terminal)
    done = told("runs", "prune", "--keep", 1)
    assert done.code == 0
    assert done.err.startswith("remove 1 run, ")
    assert (runs / FIRST).exists() is left


def test_prune_with_yes_says_what_is_gone(make_run, told, runs):
    make_run(FIRST)
    make_run(SECOND)
    assert told("runs", "prune", "--keep", 1, "--yes").out.splitlines()[-1].startswith("removed 1 run, ")
    assert not (runs / FIRST).exists()
    assert told("runs", "prune", "--keep", 1, "--yes").out == "no run is to be removed\n"


def test_show_stands_on_one_screen(make_run, told):
    make_run(FIRST)
    lines = told("show", f"runs/{FIRST}").out.splitlines()
    assert lines[0] == f"runs/{FIRST}: finished"
    assert [line[:10].strip() for line in lines[1:7]] == [
        "began",
        "config",
        "data",
        "model",
        "training",
        "device",
    ]
    assert any(line.split()[:2] == ["accuracy", "0.7500"] for line in lines)
    assert len(lines) < 24


def test_compare_says_whether_it_is_noise(make_run, told):
    make_run(FIRST)
    make_run(SECOND, seed=4)
    lines = told("compare", f"runs/{FIRST}", f"runs/{SECOND}").out.splitlines()
    assert lines[:2] == [f"A  runs/{FIRST}", f"B  runs/{SECOND}"]
    assert lines[3:5] == ["Config, A -> B:", "  the same in effect"]
    assert lines[-1] == (
        "B against A, accuracy on 4 rows: 0.0000 (0.0000..0.0000); within noise (B alone is right on 0, A alone on "
        "0; McNemar p = 1.000)"
    )


def test_compare_draws_curves(make_run, told, tmp_path):
    make_run(FIRST)
    make_run(SECOND)
    done = told("compare", f"runs/{FIRST}", f"runs/{SECOND}", "--plot", "p.png")
    assert done.err.endswith("wrote p.png\n")
    assert (tmp_path / "p.png").read_bytes().startswith(b"\x89PNG")
    refused = told("compare", f"runs/{FIRST}", f"runs/{SECOND}", "--plot", "p.jpg")
    assert (refused.code, refused.err) == (
        2,
        "--plot writes a PNG: name a file that ends in .png, not 'p.jpg'\n",
    )
    refused = told("compare", *(f"runs/{number}" for number in range(7)), "--plot", "p.png")
    assert (refused.code, refused.err) == (
        2,
        "--plot draws 6 runs at most, so that their curves can be told apart, and these are 7; name fewer, or "
        "leave it out\n",
    )


def test_many_runs_are_listed_at_once(make_run):
    """Hundreds of runs take less than the start of Python with what a list of them could need."""
    for number in range(300):
        make_run(f"small/2026-10-{1 + number // 60:02}_10-{number % 60:02}-00")
    from nntrain.run.shelf.listing import list_runs

    began = time.process_time()
    assert len(list_runs(None)) == 300
    assert time.process_time() - began < 2


@pytest.mark.parametrize("arguments", [["runs", "--help"], ["show", "--help"], ["compare", "--help"]])
def test_help_imports_nothing_heavy(arguments):
    assert cold(*arguments)[1:] == (0, [])


def test_a_list_of_runs_imports_nothing_heavy(make_run, runs):
    make_run(FIRST)
    printed, code, heavy = cold("runs", str(runs))
    assert (code, heavy) == (0, [])
    assert FIRST in printed
