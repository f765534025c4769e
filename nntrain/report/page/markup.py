"""HTML as values: text is escaped wherever it comes from, and only what is built here is markup."""

from __future__ import annotations

from html import escape

VOID = frozenset({"img", "meta", "link"})
"""Elements of HTML without an end; those of SVG all have one."""


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


Child = str | Markup | None


def tag(element: str, *children: Child, **attributes: str | int | float | None) -> Markup:
    """An element.

    Args:
        element: Its name.
        children: Text, which is escaped, or markup; None is left out.
        attributes: `class_` is written `class`, `aria_label` as `aria-label`; None is left out.
    """
    given = "".join(
        f' {_spelled(name)}="{shown(str(value))}"' for name, value in attributes.items() if value is not None
    )
    if element in VOID:
        return Markup(f"<{element}{given}>")
    return Markup(f"<{element}{given}>{joined(*children)}</{element}>")


def _spelled(name: str) -> str:
    """An attribute's name; `viewBox` keeps its capital."""
    return name.removesuffix("_").replace("_", "-")


def joined(*children: Child) -> Markup:
    """Text and markup one after another."""
    return Markup("".join(child if isinstance(child, Markup) else shown(child or "") for child in children))


def shown(text: str) -> Markup:
    """Text as HTML; what has no glyph, such as a control character, is replaced, and lines are kept."""
    plain = "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text)
    return Markup(escape(plain))
