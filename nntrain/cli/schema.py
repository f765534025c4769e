"""`nntrain schema`: the JSON Schema of a config, for editors."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from nntrain.cli.output import explain_errors, say


def schema(
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write to a file rather than to stdout."),
    ] = None,
) -> None:
    """Print the JSON Schema of a config.

    An editor that reads it completes and checks keys, Keras' types and each type's arguments. Name the file
    in a config's first line: # yaml-language-server: $schema=nntrain.schema.json
    """
    with explain_errors():
        from nntrain.config.guide.json_schema import as_text

        text = as_text()
        if output is None:
            sys.stdout.write(text)
            return
        from nntrain.run.files import write_whole

        write_whole(output, text.encode(), "choose another --output")
        say(f"wrote {output}")
