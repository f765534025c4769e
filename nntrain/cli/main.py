"""The command line: one module a command, put together here."""

from __future__ import annotations

import sys
from functools import cache
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from nntrain import __version__
from nntrain.cli import (
    bench,
    check,
    compare,
    data,
    diff,
    discover,
    eject,
    evaluate,
    export,
    fit,
    init,
    launch,
    pictures,
    predict,
    report,
    reproduce,
    resume,
    runs,
    schema,
    show,
    tune,
    verify,
)
from nntrain.cli.output import (
    Speaker,
    failure_json,
    finish_as_python_does,
    leave_at_once,
    result,
    result_json,
)

USAGE: type[Exception] = typer.BadParameter.__bases__[0]
"""What typer raises for a command line that it does not understand."""


MEANT = {
    **dict.fromkeys(("train", "training", "run"), "fit"),
    **dict.fromkeys(("eval", "test", "score"), "evaluate"),
    **dict.fromkeys(("plot", "plots", "picture"), "pictures"),
    **dict.fromkeys(("list", "ls", "history"), "runs"),
    **dict.fromkeys(("new", "create"), "init"),
    **dict.fromkeys(("search", "optimize"), "tune"),
    **dict.fromkeys(("validate", "lint"), "check"),
}
"""What commands are called elsewhere."""


class Commands(TyperGroup):
    """The commands; where a choice is wrong, typer's words without those of its library."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command.

        Raises:
            USAGE: There is none of that name.
        """
        meant = MEANT.get(args[0]) if args else None
        if meant is not None:
            ctx.fail(f"No such command '{args[0]}'. Did you mean '{meant}'?")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Read the command's arguments and run it.

        Raises:
            USAGE: They can't be understood.
        """
        try:
            return super().invoke(ctx)
        except USAGE as error:
            error.message = error.message.replace("Value error, ", "", 1)  # type: ignore[attr-defined]
            meant = _key_meant(getattr(error, "option_name", ""))
            if meant:
                error.message += meant  # type: ignore[attr-defined]
                error.possibilities = None  # type: ignore[attr-defined]
            raise


def _key_meant(option: str) -> str:
    """What to add where a key of the config was given as an option."""
    from nntrain.config.training import Training

    key = option.lstrip("-").replace("-", "_")
    if key in ("learning_rate", "lr"):
        key = "optimizer.learning_rate"
    elif key not in Training.model_fields:
        return ""
    return f". A config's keys are set without dashes: training.{key}=VALUE"


app = typer.Typer(
    name="nntrain",
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode=None,
)
app.command("fit")(fit.fit)
app.command("resume")(resume.resume)
app.command("launch", short_help="Train one network with several processes or machines.")(launch.launch)
app.command("tune", short_help="Try values for the keys of a config's search section.")(tune.tune)
app.command("evaluate")(evaluate.evaluate)
app.command("predict")(predict.predict)
app.command("export")(export.export)
app.command("eject", short_help="Print a plain Keras script that trains as a run did.")(eject.eject)
app.command("check")(check.check)
app.command("data")(data.data)
app.command("diff")(diff.diff)
app.command("runs")(runs.runs)
app.command("show", short_help="Show one run: data, network, course and scores.")(show.show)
app.command("compare", short_help="Set runs beside the first, and test what differs.")(compare.compare)
app.command("report", short_help="Write one HTML page about a run, with its pictures.")(report.report)
app.command("pictures", short_help="Draw every picture of a finished run.")(pictures.pictures)
app.command("bench")(bench.bench)
app.command("verify")(verify.verify)
app.command("reproduce")(reproduce.reproduce)
app.command("init")(init.init)
app.command("schema", short_help="Print the JSON Schema of a config, or of results.")(schema.schema)
for name, command in discover.commands().items():
    app.command(name)(command)


def _version(wanted: bool) -> None:
    if wanted:
        result(f"nntrain {__version__}")
        raise typer.Exit


@app.callback()
def top(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Train and evaluate Keras models that a YAML file describes.

    Exit codes: 0 done, 1 a bug, 2 command line, 3 config, 4 data, 5 damaged run or model file,
    6 training diverged, 7 disk, permission or device, 8 memory, 9 conflict, 10 an expectation missed,
    11 trials of a search failed, 130 Ctrl-C; 129 and 143 other signals.
    """
    Speaker.command = context.invoked_subcommand


@cache
def _commands() -> Any:
    """All commands; to read their arguments takes a while, and a process may run several of them."""
    group: Any = typer.main.get_command(app)
    for command in group.commands.values():
        for one in command.params:
            if one.param_type_name == "argument":
                _show_plainly(one)
    return group


def _show_plainly(argument: Any) -> None:
    """Call an argument what its command calls it; some versions of typer add braces, dots and a type."""
    shown = argument.metavar
    if "[" not in shown and not argument.required:
        shown = f"[{shown}]"
    if "..." not in shown and argument.nargs != 1:
        shown += "..."
    argument.get_usage_pieces = lambda *_, **__: [shown]
    argument.display_type_rich = lambda *_, **__: None


def _run() -> None:
    """Run a command; under `--json`, mistakes that no command sees are one object too."""
    if "--json" not in sys.argv:
        _commands()()
        return
    try:
        code = _commands()(standalone_mode=False)
    except USAGE as error:
        code = 2
        result_json(failure_json(code, "usage", " ".join(error.format_message().split())))  # type: ignore[attr-defined]
    except (SystemExit, KeyboardInterrupt):
        raise
    except BaseException as error:
        result_json(failure_json(1, "bug", f"{type(error).__name__}: {error}"))
        sys.stdout.flush()
        raise
    raise SystemExit(code or 0)


def main() -> None:
    """Run the command line, and end without the second that Python takes to put TensorFlow away."""
    from nntrain.run import libraries
    from nntrain.run.keras_import import is_going_on, keras_import

    try:
        _run()
    except SystemExit as leaving:
        if is_going_on() or (libraries.is_begun() and "tensorflow" not in sys.modules):
            leave_at_once(leaving.code)
        if "tensorflow" in sys.modules:
            finish_as_python_does()
            leave_at_once(leaving.code)
        raise
    except BaseException:
        if is_going_on():
            keras_import().exception()  # what Python prints of a bug is worth the wait
        raise
