"""What `nntrain fit --smoke` prints: a line a check."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import typer

from nntrain.cli.output import error_json, result, result_json, say

if TYPE_CHECKING:
    from nntrain.config.schema import Config
    from nntrain.config.training import Device
    from nntrain.run.observer import Observer


def smoke(config: Config, device: Device | None, allow_code: bool, observer: Observer, as_json: bool) -> None:
    """Run the checks and print them; leaves with exit code 10 if one fails."""
    from nntrain.run.smoke import smoke as run_smoke

    with closing(observer):
        done = run_smoke(config, device=device, allow_code=allow_code, observer=observer)
    error = done.error
    if as_json:
        head = {"ok": True, "exit": 0} if error is None else error_json(error)
        result_json({**head, "smoke": done.to_json()})
    else:
        for check in done.checks:
            result(f"{check.name:<16}{check.status:<9}{check.text}")
        if error is not None:
            say(str(error))
    raise typer.Exit(0 if error is None else error.exit_code)
