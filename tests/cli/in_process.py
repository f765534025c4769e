"""Commands run in the tests' own process, without a start of Python for each."""

from types import SimpleNamespace

from nntrain.cli import main
from nntrain.cli.output import Speaker


def run_command(monkeypatch, captured, *arguments, columns=100):
    """What `nntrain ARGUMENTS` leaves with and prints.

    Args:
        monkeypatch: Takes back the command line afterwards.
        captured: `capsys`, or `capfd` where what C++ code writes counts too.
        arguments: Of the command line, texts or paths.
        columns: Of the terminal.
    """
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setattr("sys.argv", ["nntrain", *map(str, arguments)])
    monkeypatch.setattr(
        "__main__.__package__", None
    )  # else `python -m pytest` is the program's name in texts
    monkeypatch.setattr(Speaker, "command", None)
    code = 0
    try:
        main._run()
    except SystemExit as leaving:
        code = leaving.code or 0
    printed = captured.readouterr()
    return SimpleNamespace(code=code, out=printed.out, err=printed.err)
