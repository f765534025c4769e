"""`nntrain eject`: a config as a plain Keras script."""

from __future__ import annotations

from typing import Annotated

import typer

from nntrain.cli.output import explain_errors, result


def eject(
    subject: Annotated[
        str, typer.Argument(metavar="RUN|CONFIG", help="A run's directory, or a config file.")
    ],
) -> None:
    """Print a Keras script that trains as a run or config did.

    It needs no nntrain. The rows are split, prepared and shuffled as nntrain does it, so the scores are the
    same up to rounding.
    """
    with explain_errors():
        from nntrain.run.stderr import native_noise_held_back

        with native_noise_held_back():  # the import brings TensorFlow
            from nntrain.run.eject.eject import eject as script_of

            script = script_of(subject)
        result(script.rstrip("\n"))
