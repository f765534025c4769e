"""`nntrain tune` as a user sees it."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from nntrain.cli.contract import result_schema
from nntrain.run.search import tune as story
from tests.cli.in_process import run_command
from tests.conftest import BLOBS
from tests.reliability.forks import begun

SEARCH = """
search:
  objective: validation.accuracy
  sampler: grid
  space:
    model.layers.0.units: {choice: [2, 8]}
    training.optimizer.learning_rate: {choice: [0.001, 0.05]}
"""
QUICK = BLOBS.replace("epochs: 5", "epochs: 2")


@pytest.fixture
def tuned(tmp_path, monkeypatch, capsys):
    """Run `nntrain tune` in a folder that has `blobs.yaml`."""
    monkeypatch.chdir(tmp_path)
    Path("blobs.yaml").write_text(QUICK + SEARCH)
    monkeypatch.setattr(
        "nntrain.run.search.page.draw", lambda found: ({}, "")
    )  # takes longer than the trials

    def run(*arguments, command="tune"):
        return run_command(monkeypatch, capsys, command, *arguments)

    return run


def states():
    events = [json.loads(line) for line in Path("runs/blobs/study/trials.jsonl").read_text().splitlines()]
    return [(event["trial"], event["state"]) for event in events if event["event"] == "ended"]


def test_a_grid_is_tried_and_the_best_becomes_a_run(tuned):
    done = tuned("blobs.yaml", "--best", "--json")
    assert done.code == 0
    told = json.loads(done.out)
    assert Draft202012Validator(result_schema()).is_valid(told)
    assert told["counts"] == {"finished": 4}
    best = told["best"]
    assert best["value"] == max(trial["value"] for trial in told["trials"])
    trial = json.loads(Path(best["run"], "metrics.json").read_text())
    assert list(trial["splits"]) == ["validation"]
    assert trial["splits"]["validation"]["accuracy"] == best["value"]
    final = told["best_run"]
    assert list(final["metrics"]) == ["validation", "test"]
    assert final["metrics"]["validation"]["accuracy"] == best["value"]
    lines = done.err.splitlines()
    assert lines[0] == "study runs/blobs/study: 4 trials; maximize validation.accuracy"
    assert lines[1].startswith("trial 1/4 0.")
    assert "0.units=2 learning_rate=0.001" in lines[1] or "units=2 learning_rate=0.001" in lines[1]
    listed = json.loads(tuned("runs/blobs/study", "--json", command="runs").out)
    assert len(listed["runs"]) == 4
    again = tuned("blobs.yaml")
    assert again.code == 0
    assert "4 trials, 4 of which are there" in again.err
    assert "study runs/blobs/study (4 finished in" in again.out
    page = Path("runs/blobs/study/report.html").read_text()
    assert told["report"] == "runs/blobs/study/report.html"
    assert "wrote runs/blobs/study/report.html (" in again.out
    for trial in told["trials"]:
        assert f"{trial['value']:.4f}" in page
    reported = tuned("runs/blobs/study", command="report")
    assert reported.code == 0
    assert reported.out.startswith(f"Trial {best['number']} is the best of 4 that finished, with ")
    Path("page.html").touch()
    there = tuned("runs/blobs/study", "--to", "page.html", command="report")
    assert there.err == "page.html is there already; name another, or replace it with --force\n"


def test_a_study_of_another_config_is_refused(tuned):
    assert tuned("blobs.yaml", "search.trials=1").code == 0
    changed = tuned("blobs.yaml", "training.batch_size=8")
    assert changed.code == 9
    assert changed.err == (
        "runs/blobs/study is the study of this file as it was before it was changed; change it back to go on "
        "with that study, or begin a new one under another name: nntrain tune blobs.yaml name=blobs_2\n"
    )
    Path("other.yaml").write_text(QUICK + SEARCH.replace("[2, 8]", "[2, 4]"))
    other = tuned("other.yaml")
    assert other.code == 9
    assert other.err.startswith("runs/blobs/study is the study of another config, ")
    assert other.err.endswith("another name: nntrain tune other.yaml name=blobs_2\n")
    damaged = Path("runs/blobs/study/study.json")
    damaged.write_text("{}")
    assert tuned("blobs.yaml").err == "runs/blobs/study/study.json: is not as nntrain wrote it\n"


def test_trials_that_fail_or_diverge_are_told_apart(tuned):
    Path("blobs.yaml").write_text(
        QUICK
        + SEARCH.replace("[0.001, 0.05]", "[0.05, 1e38]").replace("[2, 8]", "[2, 3000000]")
        + "limits: {max_params: 1000}\n"
    )
    done = tuned("blobs.yaml")
    assert done.code == 11
    found = states()
    assert found[0] == (1, "finished")
    assert found[2:] == [(3, "failed"), (4, "failed")]
    assert done.err.splitlines()[-1] == (
        "2 of 4 trials failed; trial 3: "
        "the network has at least 15,000,003 weights, 57 MiB, and limits.max_params is 1,000: Dense has 9,000,003; "
        "use fewer units, or make what it reads smaller, or raise limits.max_params"
    )


def test_all_trials_failed(tuned):
    done = tuned("blobs.yaml", "limits.max_params=5")
    assert done.code == 3  # the file itself is refused, whatever is tried
    done = tuned(
        "blobs.yaml",
        "search.space={model.layers.0.units: {int: [100000, 200000]}}",
        "search.trials=2",
        "limits.max_params=5000",
        "search.sampler=random",
    )
    assert done.code == 11
    assert done.err.splitlines()[-1] == (
        "none of 2 trials finished; trial 2 failed: "
        "the network has at least 721,623 weights, 3 MiB, and limits.max_params is 5,000: Dense has 432,975; "
        "use fewer units, or make what it reads smaller, or raise limits.max_params"
    )


def test_what_is_wrong_with_the_command_line(tuned):
    Path("plain.yaml").write_text(QUICK)
    assert tuned("plain.yaml").err == "plain.yaml has no 'search', so there is nothing to tune\n"
    assert tuned().err == "name a config file, such as nntrain tune config.yaml\n"
    both = tuned("blobs.yaml", "--join", "runs/blobs/study")
    assert (both.code, both.err) == (
        2,
        "--join names the study, and goes with no CONFIG, --best, --runs-dir or --jobs\n",
    )
    assert tuned("--join", "nowhere").err == (
        "nowhere is no study: it has no study.json; begin one with nntrain tune CONFIG\n"
    )


def test_what_needs_optuna_says_so(tuned, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    end = "which is not installed; run pip install 'nntrain[tune]', or search with sampler: random and pruner: none\n"
    for argument, start in (
        ("search.sampler=tpe", "sampler: tpe needs optuna, "),
        ("search.sampler=cmaes", "sampler: cmaes needs cmaes, "),
        ("search.pruner=median", "pruner: median needs optuna, "),
    ):
        space = "search.space={training.epochs: {int: [1, 3]}, training.batch_size: {int: [8, 32]}}"
        assert tuned("blobs.yaml", argument, space).err == start + end


def test_a_storage_keeps_the_trials_and_is_joined(tuned, tmp_path, monkeypatch):
    Path("blobs.yaml").write_text(QUICK + SEARCH.replace("[2, 8]", "[2, 4]"))
    url = f"sqlite:///{tmp_path}/study.db"

    def tried(study, trial, means):
        ended = replace(trial, state="finished", value=0.5)
        study.ledger.end(ended)
        return ended

    monkeypatch.setattr("nntrain.run.search.trial.try_values", tried)
    done = tuned("blobs.yaml", "search.trials=1", "--storage", "sqlite:///study.db", "--json")
    assert (done.code, json.loads(done.out)["counts"]) == (0, {"finished": 1})
    other = tuned("blobs.yaml", "search.trials=2", "--storage", url, "--runs-dir", "elsewhere", "--json")
    assert json.loads(other.out)["counts"] == {"finished": 2}
    joined = tuned("--join", "elsewhere/blobs/study", "--json")
    assert json.loads(joined.out)["counts"] == {"finished": 2}
    assert tuned("elsewhere/blobs/study", command="report").code == 0
    assert tuned("blobs.yaml").err == (
        f"runs/blobs/study keeps its trials in {url}; add --storage with that address\n"
    )
    damaged = Path("runs/blobs/study/study.json")
    damaged.write_text(damaged.read_text().replace(json.loads(damaged.read_text())["storage"]["id"], "x"))
    assert tuned("blobs.yaml", "--storage", url).err == (
        f"runs/blobs/study has runs of another study than {url} does, though both are called 'blobs'; begin a new "
        "one under another name: nntrain tune blobs.yaml name=blobs_2\n"
    )


def test_a_storage_that_can_not_be_used_leaves_nothing_behind(tuned, tmp_path, monkeypatch):
    for url, code, message in (
        (
            "postgresql+psycopg://me:geheim@127.0.0.1/db",
            2,
            "--storage postgresql+psycopg://me:***@127.0.0.1/db: needs psycopg, which is not installed; run pip "
            "install 'psycopg[binary]'",
        ),
        (
            "oracel://me:geheim@host/db",
            2,
            "--storage oracel://me:***@host/db: 'oracel' is no database that can keep trials; write one as in "
            "postgresql+psycopg://user:password@host/database, or with mysql+pymysql or sqlite",
        ),
        (
            f"sqlite:///{tmp_path}/nowhere/study.db",
            7,
            f"the storage sqlite:///{tmp_path}/nowhere/study.db can't be used: unable to open database file",
        ),
    ):
        monkeypatch.setitem(sys.modules, "psycopg", None)
        done = tuned("blobs.yaml", "--storage", url)
        assert (done.code, done.err) == (code, f"{message}\n")
    assert not Path("runs/blobs").exists()
    assert tuned("blobs.yaml", "search.trials=1").code == 0
    kept = tuned("blobs.yaml", "--storage", f"sqlite:///{tmp_path}/study.db")
    assert (kept.code, kept.err) == (
        2,
        "runs/blobs/study keeps its trials itself; leave out --storage, or begin a new one under another name: "
        "nntrain tune blobs.yaml name=blobs_2 --storage ...\n",
    )
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert tuned("blobs.yaml", "search.sampler=grid", "--storage", "sqlite:///study.db").err == (
        "--storage needs optuna, which is not installed, whatever the sampler; run pip install 'nntrain[tune]', "
        "or leave out --storage\n"
    )


def test_fit_says_that_a_search_is_not_for_it(tuned, monkeypatch):
    def stop(*_, observer, **__):
        observer.close()
        raise story.UsageError("far enough")

    monkeypatch.setattr("nntrain.run.fit.fit", stop)
    said = tuned("blobs.yaml", command="fit").err
    assert said.startswith("note: 'search' is for nntrain tune; blobs.yaml is trained as it stands\n")


def test_a_killed_search_loses_the_running_trial_alone(tuned, tmp_path):
    file = tmp_path / "runs/blobs/study/trials.jsonl"
    began = begun(["tune", "blobs.yaml", "training.epochs=200", "-q"], tmp_path, what="nntrain.cli.main:main")
    until = time.monotonic() + 300
    while not (list(tmp_path.glob("runs/blobs/study/trial-2/history.csv"))) and time.monotonic() < until:
        assert began.poll() is None
        time.sleep(0.1)
    began.send_signal(signal.SIGKILL)
    began.wait()
    assert states() == [(1, "finished")]
    kept = file.read_text()
    done = tuned("blobs.yaml", "training.epochs=200", "search.trials=2", "--json")
    assert done.code == 0
    assert file.read_text().startswith(kept)
    told = json.loads(done.out)
    assert told["counts"] == {"finished": 2, "lost": 1}
    assert told["trials"][1]["values"] == told["trials"][2]["values"]
    assert [line[:9] for line in done.err.splitlines() if line.startswith("trial")] == ["trial 3/3"]
    assert Path("runs/blobs/study/trial-3/metrics.json").exists()


def test_a_killed_worker_of_several_loses_its_running_trial_alone(tuned, tmp_path):
    file = tmp_path / "runs/blobs/study/trials.jsonl"
    command = [
        sys.executable,
        "-m",
        "nntrain",
        "tune",
        "blobs.yaml",
        "training.epochs=150",
        "--jobs",
        "2",
        "--json",
    ]
    began = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    until = time.monotonic() + 300
    while not (list(tmp_path.glob("runs/blobs/study/trial-*/history.csv"))) and time.monotonic() < until:
        assert began.poll() is None
        time.sleep(0.05)
    number = next(tmp_path.glob("runs/blobs/study/trial-*/history.csv")).parent.name.removeprefix("trial-")
    events = [json.loads(line) for line in file.read_text().splitlines()]
    trying = next(event for event in events if event["event"] == "begun" and event["trial"] == int(number))
    os.kill(int(trying["worker"].split("-")[-2]), signal.SIGKILL)
    out, _ = began.communicate(timeout=300)
    assert began.returncode == 0
    told = json.loads(out)
    assert told["counts"] == {"finished": 4, "lost": 1}
    lost = next(trial for trial in told["trials"] if trial["state"] == "lost")
    assert lost["number"] == int(number)
    values = [trial["values"] for trial in told["trials"]]
    assert values.count(lost["values"]) == 2
    assert all(values.count(one) == 1 for one in values if one != lost["values"])


def test_a_signal_leaves_a_study_that_goes_on(tuned, monkeypatch):
    from nntrain.run.search import trial

    real, killed = trial.fit_session, []

    def interrupted(session, *rest):
        if len(killed) == 0:
            killed.append(True)
            signal.raise_signal(signal.SIGINT)
        return real(session, *rest)

    monkeypatch.setattr(trial, "fit_session", interrupted)
    monkeypatch.setattr(os, "kill", lambda _, number: killed.append(number))
    handlers = {number: signal.getsignal(number) for number in (1, 2, 15)}
    stopped = tuned("blobs.yaml", "search.trials=1")
    for number, handler in handlers.items():
        signal.signal(number, handler)
    assert killed == [True, signal.SIGINT]
    assert "stopped after 0 of 1 trials; go on with: nntrain tune " in stopped.err
    assert states() == [(1, "interrupted")]
    again = tuned("blobs.yaml", "search.trials=1", "--json")
    assert json.loads(again.out)["counts"] == {"interrupted": 1, "finished": 1}
