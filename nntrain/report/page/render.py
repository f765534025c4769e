"""The page as HTML text."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from typing import Any

from nntrain.report.page.blocks import (
    Advice,
    Block,
    Code,
    Curves,
    Facts,
    Figure,
    Folded,
    Group,
    Items,
    Page,
    Picture,
    Section,
    Span,
    Table,
    Text,
)
from nntrain.report.page.chart import chart, span
from nntrain.report.page.markup import Child, Markup, joined, tag
from nntrain.report.page.style import STYLE

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
"""Said to the browser: nothing is loaded and nothing runs, whatever a name in the page looks like."""


def render(page: Page) -> str:
    """A whole HTML document.

    Args:
        page: What is told; all of its text is escaped.
    """
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", http_equiv="Content-Security-Policy", content=POLICY),
        tag("title", f"{page.title} - nntrain report"),
        tag("link", rel="icon", href="data:,"),
        Markup(f"<style>{STYLE}</style>"),
    )
    links = [tag("li", tag("a", part.title, href=f"#{part.id}")) for part in page.sections]
    body = tag(
        "body",
        tag("a", "Skip to the scores", href="#main", class_="skip"),
        tag("header", *_head(page)),
        tag("nav", tag("ul", *links), aria_label="Contents"),
        tag("main", *map(_section, page.sections), id_="main"),
        tag("footer", tag("p", page.foot)),
    )
    return f"<!DOCTYPE html>\n{tag('html', head, body, lang='en')}\n"


def _head(page: Page) -> list[Markup]:
    parts = [
        tag("p", tag("span", page.status, class_=f"badge {page.tone}"), page.subtitle, class_="kicker"),
        tag("h1", page.title),
        *(tag("p", sentence, class_="verdict") for sentence in page.verdict),
    ]
    if page.figures:
        parts.append(tag("dl", *map(_figure, page.figures), class_="figures"))
    return parts


def _figure(figure: Figure) -> Markup:
    return tag(
        "div",
        tag("dt", figure.name),
        tag("dd", tag("strong", figure.value), tag("span", figure.beside) if figure.beside else None),
    )


def _section(section: Section) -> Markup:
    name = f"{section.id}-title"
    groups = map(_group, section.groups)
    return tag("section", tag("h2", section.title, id=name), *groups, id=section.id, aria_labelledby=name)


def _group(group: Group) -> Markup:
    title = tag("h3", group.title) if group.title else None
    return joined(title, *_blocks(group.blocks))


def _blocks(blocks: Any) -> list[Markup]:
    """Blocks one after another; pictures that follow one another stand in a grid."""
    parts: list[Markup] = []
    pictures: list[Markup] = []
    for block in blocks:
        if isinstance(block, Picture):
            pictures.append(_picture(block))
            continue
        parts += [tag("div", *pictures, class_="gallery")] if pictures else []
        pictures = []
        parts.append(_block(block))
    return [*parts, *([tag("div", *pictures, class_="gallery")] if pictures else [])]


def _block(block: Block) -> Markup:
    return RENDERERS[type(block)](block)


def _text(block: Text) -> Markup:
    return tag("p", block.text, class_=None if block.tone == "plain" else block.tone)


def _facts(block: Facts) -> Markup:
    rows = [tag("div", tag("dt", name), tag("dd", text)) for name, text in block.facts.items()]
    return tag("dl", *rows, class_="facts")


def _table(block: Table) -> Markup:
    head = [
        tag("th", title, scope="col", class_=None if i < block.words else "number")
        for i, title in enumerate(block.header)
    ]
    last = len(block.rows) - 1
    rows = [
        tag("tr", *_cells(block, row), class_="sum" if block.strong and i == last else None)
        for i, row in enumerate(block.rows)
    ]
    table = tag(
        "table",
        tag("caption", tag("span", block.caption)),
        tag("thead", tag("tr", *head)),
        tag("tbody", *rows),
    )
    return tag("div", table, class_="scroll", tabindex=0, role="region", aria_label=block.caption)


def _cells(block: Table, row: Any) -> list[Markup]:
    cells = []
    for i, cell in enumerate(row):
        style = None if i < block.words else "number"
        content: Child = span(cell) if isinstance(cell, Span) else cell
        attributes = {"scope": "row"} if i == 0 else {"class_": style}
        cells.append(tag("th" if i == 0 else "td", content, **attributes))
    return cells


def _picture(block: Picture) -> Markup:
    source = f"data:{block.media};base64,{b64encode(block.content).decode()}"
    return tag(
        "figure", tag("figcaption", block.title), tag("img", src=source, alt=block.alt), class_="picture"
    )


def _curves(block: Curves) -> Markup:
    return tag("div", *map(chart, block.each), class_="charts")


def _code(block: Code) -> Markup:
    return tag("figure", tag("figcaption", block.label), _lines(block.text, block.label), class_="code")


def _lines(text: str, label: str) -> Markup:
    """Text in lines, which the keyboard can scroll."""
    return tag("pre", tag("code", text), tabindex=0, role="region", aria_label=label)


def _advice(block: Advice) -> Markup:
    parts = [tag("h3", block.title), tag("p", block.why)]
    if block.code is not None:
        parts += [tag("p", "In the config:", class_="label"), _lines(block.code, "An edit of the config")]
    if block.command is not None:
        parts += [tag("p", "Or for one run:", class_="label"), _lines(block.command, "The same as a command")]
    return tag("article", *parts, class_=f"advice {block.tone}")


def _items(block: Items) -> Markup:
    return tag("ul", *(tag("li", item) for item in block.items))


def _folded(block: Folded) -> Markup:
    return tag("details", tag("summary", block.summary), *_blocks(block.blocks))


RENDERERS: dict[type[Any], Callable[[Any], Markup]] = {
    Text: _text,
    Facts: _facts,
    Table: _table,
    Picture: _picture,
    Curves: _curves,
    Code: _code,
    Advice: _advice,
    Items: _items,
    Folded: _folded,
}
