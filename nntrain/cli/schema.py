"""`nntrain schema`: the JSON Schema of a config, for editors, and of what `--json` prints."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from nntrain.cli.options import check_output
from nntrain.cli.output import explain_errors, say


def schema(
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write to a file rather than to stdout."),
    ] = None,
    of_results: Annotated[
        bool, typer.Option("--result", help="The schema of what commands print under --json.")
    ] = False,
) -> None:
    """Print the JSON Schema of a config or of what --json prints.

    An editor that reads it completes and checks keys, Keras' types and each type's arguments. Name the file
    in a config's first line:

    # yaml-language-server: $schema=nntrain.schema.json
    """
    with explain_errors():
        check_output(output)
        text = _of_results() if of_results else _of_configs()
        if output is None:
            sys.stdout.write(text)
            return
        from nntrain.run.files import write_whole

        write_whole(output, text.encode(), "choose another --output")
        say(f"wrote {output}")


def _of_configs() -> str:
    from nntrain.config.guide.json_schema import as_text

    return as_text()


def _of_results() -> str:
    from nntrain.cli.contract import result_schema

    return json.dumps(result_schema(), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
