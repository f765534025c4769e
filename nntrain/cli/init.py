"""`nntrain init`: a config to start from, out of a template or made for rows or images."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from nntrain.cli.options import Json, check_output
from nntrain.cli.output import explain_errors, result, result_json, say
from nntrain.errors import ConflictError, Problem, UsageError

STDOUT = Path("-")


def init(
    template: Annotated[
        str | None, typer.Argument(metavar="TEMPLATE", help="What to start from; without it they are listed.")
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            "--from", metavar="PATH", help="Make a config for the rows of a CSV file, or a folder of images."
        ),
    ] = None,
    target: Annotated[
        list[str] | None, typer.Option("--target", metavar="COLUMN", help="The column of --from to predict.")
    ] = None,
    no_header: Annotated[
        bool,
        typer.Option("--no-header", help="The first line of --from is a row; columns are c0, c1, ..."),
    ] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="The config to write; - is stdout.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a config that is there.")] = False,
    as_json: Json = False,
) -> None:
    """Write a config to start from.

    TEMPLATE is one of those that `nntrain init` lists; --from FILE --target COLUMN reads a CSV file and
    writes a config that suits it, --from FOLDER looks at images that lie in a folder for each class. The
    schema for editors is written beside the config.
    """
    with explain_errors(as_json):
        check_output(output)
        if data is not None or target or no_header:
            if template is not None:
                raise UsageError(f"name a template ('{template}') or a file with --from, not both")
            name, text, found = _made_for(data, target or [], output, not no_header)
        elif template is None:
            _print_templates(as_json)
            return
        else:
            from nntrain.config.guide import starting_points

            name, text, found = template, starting_points.text(template), []
        _deliver(output or Path(f"{name}.yaml"), text, found, force, as_json)


def _print_templates(as_json: bool) -> None:
    from nntrain.config.guide import starting_points

    known = {name: starting_points.summary(name) for name in starting_points.names()}
    if as_json:
        result_json({"ok": True, "exit": 0, "templates": known})
        return
    width = max(map(len, known))
    for name, summary in known.items():
        result(f"{name.ljust(width)}  {summary}")
    result("\nnntrain init NAME writes NAME.yaml")
    result("nntrain init --from FILE --target COLUMN suits rows of your own, --from FOLDER images")


def _made_for(
    data: Path | None, targets: list[str], output: Path | None, header: bool
) -> tuple[str, str, list[str]]:
    """Name and text of a config for rows or images, and what was found there."""
    if data is None:
        option = "--target names a column" if targets else "--no-header is about the first line"
        raise UsageError(f"{option} of a file; add --from FILE")
    if len(targets) > 1:
        raise UsageError("name one --target; for several outputs write data.targets into the config")
    from nntrain.run.starter.start import start

    folder = Path() if output in (None, STDOUT) else output.parent if output else Path()
    made = start(data, targets[0] if targets else None, folder, header=header)
    return made.name, made.text, list(made.findings)


def _deliver(path: Path, text: str, found: list[str], force: bool, as_json: bool) -> None:
    """Write the config and the schema, or print the config, and say what comes next."""
    if path == STDOUT:
        if as_json:
            result_json({"ok": True, "exit": 0, "config": text, "found": found})
            return
        for line in found:
            say(line)
        result(text.removesuffix("\n"))
        return
    from nntrain.config.guide.json_schema import FILE_NAME, as_text
    from nntrain.run.files import write_whole

    if path.exists() and not force:
        message = f"{path} is there already; add --force to replace it, or name another --output"
        raise ConflictError(Problem(message, id="file-there"))
    schema = path.with_name(FILE_NAME)
    if schema.exists() and not force and not _is_ours(schema):
        message = (
            f"{schema} is there already and is no schema of nntrain; "
            "add --force to replace it, or name an --output in another folder"
        )
        raise ConflictError(Problem(message, id="file-there"))
    write_whole(path, text.encode(), "choose another --output")
    write_whole(schema, as_text().encode(), "choose another --output")
    if as_json:
        result_json({"ok": True, "exit": 0, "wrote": [str(path), str(schema)], "found": found})
        return
    for line in found:
        say(line)
    result(f"wrote {path} and {schema}")
    result(f"next: nntrain fit {path}")


def _is_ours(schema: Path) -> bool:
    """Whether a file is a schema that nntrain wrote, of whatever release."""
    from nntrain.config.guide.json_schema import TITLE

    try:
        content = json.loads(schema.read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(content, dict) and content.get("title") == TITLE
