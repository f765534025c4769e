"""Whatever ends a command, and whichever command it is: the code that is documented, and one object that says why."""

import json
import os
import signal

import pytest
import typer
from jsonschema import Draft202012Validator

from nntrain import errors
from nntrain.cli import main
from nntrain.cli.contract import RESULTS, result_schema
from nntrain.cli.error_ids import EXITS
from nntrain.cli.output import Speaker
from nntrain.run.signals import Interrupted
from tests.conftest import CONFIGS

XOR = str(CONFIGS / "course/perceptron/xor.yaml")
DOES = {
    "fit": (["fit", XOR], "nntrain.run.fit.fit"),
    "tune": (["tune", "search.yaml"], "nntrain.cli.tune._searched"),
    "resume": (["resume", "run"], "nntrain.run.resume.resume"),
    "launch": (["launch", XOR], "nntrain.distribution.local.launch"),
    "evaluate": (["evaluate", "run"], "nntrain.run.evaluate.evaluate"),
    "check": (["check", XOR, "--build"], "nntrain.run.inspect.inspect"),
    "data": (["data", XOR], "nntrain.run.overview.survey"),
    "diff": (["diff", XOR, XOR], "nntrain.cli.diff._config"),
    "predict": (["predict", "run", "new.csv", "--to", "out.csv"], "nntrain.run.prediction.predict.predict"),
    "export": (["export", "run", "--to", "keras"], "nntrain.run.export.export.export"),
    "runs": (["runs"], "nntrain.run.shelf.listing.list_runs"),
    "show": (["show", "run"], "nntrain.run.shelf.show.show"),
    "compare": (["compare", "a", "b"], "nntrain.run.shelf.compare.compare"),
    "report": (["report", "run"], "nntrain.run.page.report.report"),
    "pictures": (["pictures", "run"], "nntrain.run.pictures.pictures"),
    "bench": (["bench", XOR], "nntrain.run.bench.measure.bench"),
    "verify": (["verify", "run"], "nntrain.run.verify.verify"),
    "reproduce": (["reproduce", "run"], "nntrain.run.reproduce.reproduce"),
    "init": (["init"], "nntrain.cli.init._print_templates"),
    **{name: ([name], "nntrain.cli.discover._items") for name in main.discover.NAMES},
}
"""Of each command a command line, and the function that does its work."""
SCHEMA = Draft202012Validator(result_schema())
CAUSES = {
    1: ZeroDivisionError("by zero"),
    **{kind.exit_code: kind("what is wrong") for kind in errors.NntrainError.__subclasses__()},
    8: MemoryError(),
    **{128 + number: Interrupted("stopped", number) for number in (1, 2, 15)},
}
"""By exit code, what may be raised."""


@pytest.fixture
def ended(monkeypatch, capsys, tmp_path):
    """Run a command whose work raises; its exit code, and what it printed."""

    def run(command, cause, *more):
        arguments, work = DOES[command]

        def broken(*_, **__):
            raise cause

        monkeypatch.setattr(work, broken)
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr("sys.argv", ["nntrain", *arguments, *more])
        monkeypatch.setattr(Speaker, "command", None)
        killed = []
        monkeypatch.setattr(os, "kill", lambda _, number: killed.append(number))
        handlers = {number: signal.getsignal(number) for number in (1, 2, 15)}
        try:
            main._run()
            code = 0
        except SystemExit as leaving:
            code = leaving.code or 0
        except ZeroDivisionError:
            code = 1
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)
        code = 128 + killed[0] if killed else code
        return code, capsys.readouterr()

    return run


def test_every_command_that_reports_is_here_and_every_code():
    assert sorted(DOES) == sorted(RESULTS)
    assert sorted([0, *CAUSES]) == sorted(EXITS)


@pytest.mark.parametrize("command", DOES)
def test_a_cause_has_its_code_and_one_object(command, ended):
    for code, cause in CAUSES.items():
        found, printed = ended(command, cause, "--json")
        assert found == code
        (line,) = printed.out.splitlines()
        content = json.loads(line, parse_constant=pytest.fail)
        assert SCHEMA.is_valid(content)
        assert (content["command"], content["ok"], content["exit"]) == (command, False, code)


@pytest.mark.parametrize("code", [code for code in CAUSES if code != 1])
@pytest.mark.parametrize("command", ["fit", "evaluate", "check", "verify"])
def test_for_people_it_is_a_line_and_no_traceback(command, code, ended):
    found, printed = ended(command, CAUSES[code])
    assert found == code
    assert "Traceback" not in printed.err + printed.out
    assert len((printed.err + printed.out).strip().splitlines()) >= 1


def test_the_codes_of_the_readme_and_of_help_are_these():
    told = typer.main.get_command(main.app).help
    for code in (code for code in EXITS if code not in (129, 143)):
        assert f"{code} " in told
