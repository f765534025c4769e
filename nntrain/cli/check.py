"""`nntrain check`: every mistake of a config, without TensorFlow."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from nntrain.cli.output import error_json, explain_errors, result, result_json, say
from nntrain.errors import NntrainError, UsageError


def check(
    configs: Annotated[
        list[str],
        typer.Argument(
            metavar="CONFIG...",
            help="Config files; key=value and ~key arguments change each of them before it is checked.",
        ),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Find every mistake of a config.

    Syntax, keys, Keras' names and arguments, and combinations that can't work are checked without
    TensorFlow and without reading data. Each mistake is printed with its file, line and column.
    """
    from nntrain.config import load_config

    files = [argument for argument in configs if not _is_override(argument)]
    overrides = [argument for argument in configs if _is_override(argument)]
    reports: list[dict[str, Any]] = []
    worst = 0
    with explain_errors(as_json):
        if not files:
            raise UsageError("name at least one config file")
    for file in files:
        try:
            config = load_config(file, overrides)
        except NntrainError as error:
            worst = max(worst, error.exit_code)
            reports.append({"file": file, **error_json(error)})
            if not as_json:
                say(str(error))
            continue
        reports.append(
            {"file": file, "ok": True, "exit": 0, "problems": [], "warnings": list(config.warnings)}
        )
        if not as_json:
            for warning in config.warnings:
                say(f"{file}: warning: {warning}")
            result(f"{file}: ok")
    if as_json:
        result_json({"ok": worst == 0, "exit": worst, "files": reports})
    raise typer.Exit(worst)


def _is_override(argument: str) -> bool:
    return "=" in argument or argument.startswith("~")
