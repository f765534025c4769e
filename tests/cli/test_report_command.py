"""`nntrain report` as a user runs it, and its page in a browser."""

import json
import os
import re
import shutil
import subprocess
from functools import partial

import pytest
from jsonschema import Draft202012Validator

from nntrain.cli.contract import result_schema
from nntrain.run.verify import verify
from tests.cli.in_process import run_command
from tests.run.shelf.conftest import change

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
RUN = "small/2026-11-20_10-00-00"
SAID = "The class is right for 75.0 % of the 4 test rows, which the network has not seen.\n"


@pytest.fixture
def told(monkeypatch, capsys, runs):
    """Run `report` in this process, in the folder that holds the runs."""
    return partial(run_command, monkeypatch, capsys, "report")


def test_the_verdict_and_the_file_are_printed(make_run, told):
    make_run()
    done = told(f"runs/{RUN}")
    assert (done.code, done.err) == (0, "")
    assert re.sub(r"\(.*KiB\)", "(N KiB)", done.out) == f"{SAID}wrote runs/{RUN}/report.html (N KiB)\n"


def test_findings_are_named_below_the_verdict(make_run, told):
    make_run(status="failed", failure={"exit": 6, "message": "the loss became nan"})
    done = told(f"runs/{RUN}")
    assert done.out.splitlines()[:2] == [
        "This run failed after 2 of 20 epochs, so it has no scores: the loss became nan.",
        "- The loss became infinite or no number: the learning rate is too high.",
    ]


def test_json_has_the_verdict_the_findings_and_the_file(make_run, told):
    make_run(status="failed", failure={"exit": 6, "message": "the loss became nan"})
    done = told(f"runs/{RUN}", "--json")
    content = json.loads(done.out)
    Draft202012Validator(result_schema()).validate(content)
    assert content["run"] == {"dir": f"runs/{RUN}", "status": "failed"}
    assert content["to"] == f"runs/{RUN}/report.html"
    assert [found["id"] for found in content["findings"]] == ["diverged"]


def test_pictures_that_are_not_drawn_yet_are_drawn_first(finished_run, tmp_path, told):
    run = shutil.copytree(finished_run.path, tmp_path / "run")
    assert not (run / "plots" / "structure.png").exists()
    assert told(run).code == 0
    assert (run / "plots" / "structure.png").exists()
    page = (run / "report.html").read_text(encoding="utf-8")
    assert "Structure of the network" in page
    assert "nntrain pictures" not in page
    assert verify(run).problems == ()


def test_another_file_is_replaced_by_force_alone(make_run, told, runs):
    make_run()
    assert told(f"runs/{RUN}", "--to", "page.html").code == 0
    first = (runs.parent / "page.html").read_bytes()
    done = told(f"runs/{RUN}", "--to", "page.html")
    assert (done.code, done.err) == (
        9,
        "page.html is there already; name another, or replace it with --force\n",
    )
    assert told(f"runs/{RUN}", "--to", "page.html", "--force").code == 0
    assert (runs.parent / "page.html").read_bytes() == first
    assert not (runs / RUN / "report.html").exists()
    assert [file.name for file in runs.parent.iterdir() if file.name.startswith(".")] == []


@pytest.mark.parametrize(
    ("to", "code", "message"),
    [
        ("page.pdf", 2, "--to page.pdf: end the file's name with .html"),
        ("folder.html", 9, "folder.html is a folder; name a file"),
        ("gone/page.html", 7, "gone/page.html can't be written: No such file or directory"),
    ],
)
def test_a_file_that_can_not_be_is_refused(make_run, told, runs, to, code, message):
    make_run()
    (runs.parent / "folder.html").mkdir()
    done = told(f"runs/{RUN}", "--to", to)
    assert (done.code, done.err) == (code, f"{message}\n")


def test_a_run_that_is_going_on_is_waited_for(make_run, told, monkeypatch):
    make_run(status="running")
    monkeypatch.setattr("nntrain.run.page.material.is_going_on", lambda *_: True)
    monkeypatch.setattr("nntrain.run.trained.is_going_on", lambda *_: True)
    done = told(f"runs/{RUN}")
    assert (done.code, done.err) == (
        9,
        f"the run runs/{RUN} is still going; wait until it has finished\n",
    )


def test_what_is_no_run_or_of_a_newer_release_is_refused(make_run, told, runs):
    folder = make_run()
    done = told("runs/smal")
    assert (done.code, done.err) == (5, "there is no run at runs/smal (did you mean 'small'?)\n")
    change(folder, schema="nntrain.run/2", versions={"nntrain": "9.9"})
    done = told(f"runs/{RUN}")
    assert (done.code, done.err) == (
        5,
        f"runs/{RUN}/run.json: was written by nntrain 9.9 in a form that this one does not know "
        "(nntrain.run/2); install that release\n",
    )
    assert not (runs / RUN / "report.html").exists()


def test_a_browser_shows_the_page_without_a_complaint(finished_run, tmp_path, told):
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        pytest.skip("needs chromium")
    page = tmp_path / "page.html"
    run = shutil.copytree(finished_run.path, tmp_path / "run")
    assert told(run, "--to", page).code == 0
    done = subprocess.run(
        [
            browser,
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            f"--user-data-dir={tmp_path / 'profile'}",
            "--enable-logging=stderr",
            "--log-level=0",
            "--dump-dom",
            page.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, "HOME": str(tmp_path)},
    )
    assert ":CONSOLE" not in done.stderr
    assert '<section id="diagnosis"' in done.stdout
    assert "</footer>" in done.stdout
