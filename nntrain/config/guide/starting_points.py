"""Configs to start from: the files in `templates`, whose second line says what each is for."""

from __future__ import annotations

from pathlib import Path

from nntrain.errors import UsageError, did_you_mean, listing

FOLDER = Path(__file__).with_name("templates")
ORDER = ("mlp", "cnn", "rnn", "regression", "multi-label", "autoencoder", "graph", "transfer")
"""From the simplest to the most particular."""


def names() -> list[str]:
    """The templates that there are."""
    return list(ORDER)


def summary(name: str) -> str:
    """What a template is for, in a sentence."""
    return text(name).splitlines()[1].removeprefix("# ")


def text(name: str) -> str:
    """A template, whole.

    Raises:
        UsageError: There is no such template.
    """
    if name not in ORDER:
        hint = did_you_mean(name, ORDER)
        more = "" if hint else f"; the templates are {listing(ORDER)}"
        raise UsageError(f"there is no template '{name}'{hint}{more}")
    return (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
