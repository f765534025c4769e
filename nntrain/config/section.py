"""The base of every config section: closed, frozen and strict about types."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

Fault = tuple[str, tuple[str | int, ...], str]
"""A mistake in a section: message, keys from the section, id."""


class Section(BaseModel):
    """A mapping of the config file. A field's docstring is its reference, wherever it is printed."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        allow_inf_nan=False,
        defer_build=True,  # a section inside others is built with them, and not by itself before
    )


def fault(message: str, *where: str | int, id: str = "conflict") -> ValidationError:
    """A mistake inside a section, to be raised by its validators; pydantic adds the way to the section.

    Args:
        message: What is wrong and what to do.
        where: Keys from the section to the culprit.
        id: A stable word for programs.
    """
    return faults((message, where, id))


def faults(*found: Fault) -> ValidationError:
    """Several mistakes at once."""
    return ValidationError.from_exception_data(
        "config",
        [
            # The message is a value, not the template, because it may hold braces.
            InitErrorDetails(
                type=PydanticCustomError("fault", "{message}", {"message": message, "id": name}),
                loc=where,
                input=None,
            )
            for message, where, name in found
        ],
    )
