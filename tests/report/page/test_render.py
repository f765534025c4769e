"""The page as HTML: whatever stands in a name stays text, and nothing is loaded from elsewhere."""

import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from nntrain.report.page.blocks import (
    Advice,
    Code,
    Curve,
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
from nntrain.report.page.chart import chart
from nntrain.report.page.markup import joined, tag
from nntrain.report.page.render import render
from nntrain.report.page.style import STYLE

EVIL = "</title></pre><script>alert(\"x\")</script><img src='http://evil' onerror=alert(1)>&\x00\x1b"
NAN = float("nan")


class Seen(HTMLParser):
    """Elements with their attributes, and whether each is closed where it should be."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.open, self.text = [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, name, attributes):
        assert len({key for key, _ in attributes}) == len(attributes)
        self.tags.append((name, dict(attributes)))
        if name not in ("meta", "link", "img"):
            self.open.append(name)

    def handle_endtag(self, name):
        assert self.open.pop() == name

    def handle_data(self, data):
        self.text.append(data)

    def of(self, name):
        return [attributes for tag, attributes in self.tags if tag == name]


def page(text=EVIL):
    blocks = [
        Text(text, "quiet"),
        Facts({text: text}),
        Table(
            text,
            [text, text, text],
            [[text, text, Span(0.5, 0.4, 0.6, 0.1)], [text, text, None]],
            strong=True,
        ),
        Picture(text, text, b"\x89PNG", "image/png"),
        Picture(text, text, b"<svg/>", "image/svg+xml"),
        Curves([Curve(text, {text: [1.0, NAN, 2.0], "training": [3.0, 2.0, 1.0]}, 2, True)]),
        Code(text, text),
        Advice(text, text, "bad", text, text),
        Items([text]),
        Folded(text, [Text(text)]),
    ]
    sections = [Section("one", text, [Group(text, blocks)]), Section("two", "Two", [Group("", [Text("x")])])]
    return Page(text, text, text, "good", [text], [Figure(text, text, text)], sections, text)


@pytest.fixture(scope="module")
def evil():
    return Seen(render(page()))


def test_what_looks_like_markup_stays_text(evil):
    assert not evil.open
    assert not evil.of("script")
    assert {attributes["src"][:5] for attributes in evil.of("img")} == {"data:"}
    assert not any(key.startswith("on") for _, attributes in evil.tags for key in attributes)
    shown = EVIL.replace("\x00", "\N{REPLACEMENT CHARACTER}").replace("\x1b", "\N{REPLACEMENT CHARACTER}")
    assert "".join(evil.text).count(shown) >= 20


def test_the_browser_is_told_to_load_and_run_nothing(evil):
    (policy,) = [a["content"] for a in evil.of("meta") if a.get("http-equiv")]
    assert policy.startswith("default-src 'none'; img-src data:; style-src 'unsafe-inline'")
    links = [a["href"] for name in ("a", "link") for a in evil.of(name)]
    assert all(link.startswith(("#", "data:")) for link in links)
    assert not re.search(r"url\(|@import", render(page("plain")))


def test_the_page_can_be_heard_and_walked_through(evil):
    ids = [attributes["id"] for _, attributes in evil.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {a["href"][1:] for a in evil.of("a")} <= set(ids)
    assert [len(evil.of(name)) for name in ("h1", "main", "header", "nav", "footer")] == [1] * 5
    assert evil.of("html") == [{"lang": "en"}]
    assert all(attributes["alt"] for attributes in evil.of("img"))
    assert len(evil.of("caption")) == len(evil.of("table"))
    assert all("scope" in attributes for attributes in evil.of("th"))
    drawn = [a for a in evil.of("svg") if "aria-hidden" not in a]
    assert all(a["role"] == "img" and a["aria-label"] for a in drawn)
    levels = [int(name[1]) for name, _ in evil.tags if re.fullmatch("h[1-6]", name)]
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_a_chart_says_in_words_what_it_draws():
    drawn = chart(Curve("loss", {"training": [2.0, 1.0, 0.5], "validation": [2.1, 1.2, NAN]}, 2, True))
    (svg,) = Seen(drawn).of("svg")
    assert svg["aria-label"] == (
        "loss over 3 epochs: training from 2 to 0.5, validation from 2.1 to 1.2; the best epoch is 2; training "
        "stopped early"
    )


def test_a_loss_over_many_decades_is_drawn_on_powers_of_ten():
    ticks = re.findall(r'class="tick end">([^<]*)<', chart(Curve("loss", {"training": [100.0, 1.0, 0.01]})))
    assert ticks == ["0.01", "0.1", "1", "10", "100"]
    ticks = re.findall(r'class="tick end">([^<]*)<', chart(Curve("accuracy", {"training": [0.1, 0.93]})))
    assert ticks == ["0", "0.5", "1"]


@pytest.mark.parametrize(
    "values", [[0.5], [0.5, 0.5], [0.0, 0.0], [-3.0, 2.0], [1e300, 1.0], list(range(5000))]
)
def test_any_curve_can_be_drawn(values):
    points = re.search(r'polyline points="([^"]*)"', chart(Curve("x", {"training": values})))[1].split()
    assert 1 <= len(points) <= 401
    heights = [float(point.split(",")[1]) for point in points]
    assert all(0 <= height <= 270 for height in heights)


def test_a_curve_without_a_number_is_said_to_have_none():
    assert chart(Curve("x", {"training": [NAN]})) == '<p class="quiet">x: no epoch has a number.</p>'


def test_text_is_escaped_once_and_markup_not_again():
    assert tag("p", "a<b", tag("b", "&"), class_="x", aria_label='"') == (
        '<p class="x" aria-label="&quot;">a&lt;b<b>&amp;</b></p>'
    )
    assert joined("<", None, tag("img", src="d", alt="")) == '&lt;<img src="d" alt="">'


def brightness(colour):
    """Relative luminance by WCAG 2.2."""
    digits = colour if len(colour) == 6 else "".join(2 * c for c in colour)
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("dark", [False, True])
def test_every_text_has_the_contrast_that_wcag_asks_for(dark):
    themes = [dict(re.findall(r"--([\w-]+):#(\w+)", theme)) for theme in re.findall(r":root{([^}]*)}", STYLE)]
    colours = themes[0] | (themes[1] if dark else {})
    pairs = [(text, back) for text in ("ink", "soft", "link") for back in ("back", "panel")]
    pairs += [(tone, f"{tone}-back") for tone in ("good", "bad", "note")]
    for text, back in pairs:
        bright, dim = sorted((brightness(colours[text]), brightness(colours[back])), reverse=True)
        assert (bright + 0.05) / (dim + 0.05) >= 4.5, (text, back)
    for line in ("train", "valid", "other", "soft"):  # of drawings
        bright, dim = sorted((brightness(colours[line]), brightness(colours["back"])), reverse=True)
        assert (bright + 0.05) / (dim + 0.05) >= 3, line
