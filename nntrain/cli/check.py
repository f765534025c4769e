"""`nntrain check`: every mistake of a config, or all of its values, without TensorFlow."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nntrain.cli.data import print_findings
from nntrain.cli.options import AllowCode, is_file
from nntrain.cli.output import console, error_json, explain_errors, result, result_json, say
from nntrain.errors import DataError, NntrainError, Problem, UsageError, dotted

if TYPE_CHECKING:
    from nntrain.config.schema import Config
    from nntrain.run.findings import DataCheck
    from nntrain.run.inspect import Inspection


def check(
    configs: Annotated[
        list[str],
        typer.Argument(
            metavar="CONFIG...",
            help="Config files; key=value and ~key arguments change each of them before it is checked.",
        ),
    ],
    resolved: Annotated[
        bool, typer.Option("--resolved", help="Print the whole config, defaults included, as YAML.")
    ] = False,
    why: Annotated[
        bool, typer.Option("--why", help="Print the whole config, and where each value came from.")
    ] = False,
    build: Annotated[
        bool,
        typer.Option("--build", help="Read the data, build the network and print each layer with its shape."),
    ] = False,
    data: Annotated[
        bool,
        typer.Option(
            "--data", help="Read the data and print what is found: leaks, copies, gaps, odd columns."
        ),
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="With --data: leave with exit code 4 if there is a leak.")
    ] = False,
    allow_code: AllowCode = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Find every mistake of a config.

    Syntax, keys, Keras' names and arguments, and combinations that can't work are checked without
    TensorFlow and without reading data. Each mistake is printed with its file, line and column. With
    --build, layers that do not fit the data or one another are found too. With --data, the rows are looked
    at: what gives the target away, rows in two splits, labels that contradict one another, columns that
    teach nothing, splits that differ.
    """
    files = [argument for argument in configs if not _is_override(argument)]
    overrides = [argument for argument in configs if _is_override(argument)]
    wanted = _Wanted(resolved, why, build, data, strict, allow_code, as_json)
    with explain_errors(as_json):
        _check_usage(files, wanted)
        reports = [_checked(file, overrides, wanted) for file in files]
        worst = max(report["exit"] for report in reports)
        if as_json:
            result_json({"ok": worst == 0, "exit": worst, "files": reports})
        raise typer.Exit(worst)


@dataclass(frozen=True)
class _Wanted:
    """The options."""

    resolved: bool
    why: bool
    build: bool
    data: bool
    strict: bool
    allow_code: bool
    as_json: bool


def _checked(file: str, overrides: list[str], wanted: _Wanted) -> dict[str, Any]:
    """Check one config and print what is found; returns its entry for `--json`."""
    from nntrain.config import load_config

    try:
        config = load_config(file, overrides)
        built = _built(config, wanted.allow_code) if wanted.build else None
        looked = _looked_at(config) if wanted.data else None
    except NntrainError as error:
        if not wanted.as_json:
            say(str(error))
        return {"file": file, **error_json(error)}
    report: dict[str, Any] = {
        "file": file,
        "ok": True,
        "exit": 0,
        "problems": [],
        "warnings": list(config.warnings),
    }
    if looked is not None and looked.leaks and wanted.strict:
        problems = [Problem(leak.message, id=leak.id).as_json() for leak in looked.leaks]
        report |= {"ok": False, "exit": DataError.exit_code, "problems": problems}
    refused = looked.refused if looked is not None else None
    if refused is not None:
        report = {**error_json(refused), **report, "ok": False, "exit": refused.exit_code}
        report["problems"] = error_json(refused)["problems"]
    if wanted.as_json:
        report |= _values_json(config, wanted.resolved, wanted.why)
        report |= {} if built is None else {"build": built.to_json()}
        report |= {} if looked is None else {"data": looked.to_json()}
        return report
    for warning in config.warnings:
        say(f"{file}: warning: {warning}")
    if looked is not None:
        print_findings(file, looked)
        if refused is not None:
            say(str(refused))
    elif built is not None:
        _show(file, built)
    elif wanted.resolved or wanted.why:
        result(_values(config, wanted.why))
    else:
        result(f"{file}: ok")
    return report


def _check_usage(files: list[str], wanted: _Wanted) -> None:
    """Refuse what does not go together.

    Raises:
        UsageError: No file, two files to be printed, two things to be printed of one, or `--strict` alone.
    """
    printed = "--why" if wanted.why else "--resolved" if wanted.resolved else None
    if not files:
        raise UsageError("name at least one config file")
    _check_no_bare_key(files)
    if printed and len(files) > 1:
        raise UsageError(f"{printed} prints one config; name one file")
    if printed and wanted.build:
        raise UsageError("--build prints the network and --resolved or --why the config; choose one")
    other = "--build" if wanted.build else printed
    if wanted.data and other:
        raise UsageError(f"--data prints what is found in the data, and {other} something else; choose one")
    if wanted.strict and not wanted.data:
        raise UsageError("--strict is about what --data finds; add --data")


def _is_override(argument: str) -> bool:
    return ("=" in argument or argument.startswith("~")) and not is_file(argument)


def _check_no_bare_key(files: list[str]) -> None:
    """Refuse `training.epochs 3`, which would be looked for as two files.

    Raises:
        UsageError: An argument is the path of a key, without a value.
    """
    from nntrain.config.schema import Config

    for argument, following in zip_longest(files, files[1:], fillvalue="VALUE"):
        section, dot, _ = argument.partition(".")
        if dot and section in Config.model_fields and not _is_file(argument):
            value = "VALUE" if _is_file(following) else following
            raise UsageError(f"there is no file '{argument}'; to change the key write {argument}={value}")


def _is_file(argument: str) -> bool:
    return Path(argument).suffix in (".yaml", ".yml") or is_file(argument)


def _built(config: Config, allow_code: bool) -> Inspection:
    from nntrain.run.inspect import inspect

    return inspect(config, allow_code=allow_code)


def _looked_at(config: Config) -> DataCheck:
    from nntrain.run.findings import check_data

    return check_data(config)


def _show(file: str, built: Inspection) -> None:
    """The layers, and what is worth a word."""
    from nntrain.report.tables import model_table, shape_text

    inputs = ", ".join(f"{name} {shape_text((None, *shape))}" for name, shape in built.inputs.items())
    result(f"{file}: {built.data}; {inputs}")
    summary = built.summary
    console().print(
        model_table(
            summary.layers,
            trainable=summary.trainable,
            non_trainable=summary.non_trainable,
            memory=True,
            reads=built.reads,
        )
    )
    result(f"Memory: parameters, and the outputs for one batch of {built.batch_size:,} rows.")
    for note in built.notes:
        line = note.location.line if note.location else None
        say(f"note: {file}{f':{line}' if line else ''} {dotted(note.key)}: {note.message}")


def _values(config: Config, why: bool) -> str:
    """The whole config as YAML."""
    from nntrain.config.dump import to_yaml
    from nntrain.config.reuse.provenance import annotated

    return (annotated(config) if why else to_yaml(config)).removesuffix("\n")


def _values_json(config: Config, resolved: bool, why: bool) -> dict[str, Any]:
    from nntrain.config.dump import escaped
    from nntrain.config.reuse.provenance import causes

    values: dict[str, Any] = {"resolved": escaped(config)} if resolved or why else {}
    if why:
        values["why"] = {key: cause.as_json() for key, cause in causes(config).items()}
    return values
