"""How every picture is made: one style, no display, the same figure as PNG and as SVG."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache, cached_property
from typing import Any

TRAINING = "#0072B2"
VALIDATION = "#D55E00"
INK = "#333333"
QUIET = "#888888"
PLAIN = "{x:,.10g}"
"""Tick labels with thousands separators and without a factor beside the axis."""
# Blue and vermilion of Okabe and Ito's palette, which colour-blind readers can tell apart:
# "Color Universal Design", https://jfly.uni-koeln.de/color/
LINES = (
    (TRAINING, "-"),
    (VALIDATION, "--"),
    ("#009E73", "-."),
    ("#000000", ":"),
    ("#CC79A7", (0, (7, 2))),
    ("#56B4E9", (0, (3, 1, 1, 1, 1, 1))),
)
"""Colours of the same palette, each with a line of its own, so that they are told apart in grey print too."""

DPI = 150
COMPRESSION = 3
"""Of PNG: a third more bytes than the best, in a third of the time."""
STYLE: dict[str, Any] = {
    "font.size": 9.0,
    "axes.titlesize": 10.0,
    "axes.titlelocation": "left",
    "axes.edgecolor": QUIET,
    "axes.labelcolor": INK,
    "axes.formatter.limits": (-4, 7),
    "axes.formatter.useoffset": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.frameon": False,
    "lines.linewidth": 1.4,
    "text.color": INK,
    # Class names are text, even where they hold a dollar sign.
    "text.parse_math": False,
    # Text stays text, and the same picture is the same bytes.
    "svg.fonttype": "none",
    "svg.hashsalt": "nntrain",
}
OTHER_SCRIPTS = (
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Noto Sans SC",
    "Source Han Sans SC",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
    "Droid Sans Fallback",
    "Microsoft YaHei",
    "PingFang SC",
    "Hiragino Sans GB",
    "Arial Unicode MS",
    "Unifont",
)
"""Fonts that hold what the bundled one lacks, the best first."""


class Picture:
    """A picture that becomes bytes when they are asked for; its parts are laid out once for both formats."""

    def __init__(self, draw: Callable[[Any], None], width: float, height: float, *, fixed: bool) -> None:
        self._draw, self._size, self._fixed = draw, (width, height), fixed

    @cached_property
    def png(self) -> bytes:
        """As PNG."""
        return self._saved("png", metadata={"Software": None}, pil_kwargs={"compress_level": COMPRESSION})

    @cached_property
    def svg(self) -> bytes:
        """As SVG."""
        return self._saved("svg", metadata={"Date": None, "Creator": None})

    def _saved(self, kind: str, **how: Any) -> bytes:
        with _drawing():
            figure, part = self._laid_out
            content = io.BytesIO()
            figure.savefig(content, format=kind, bbox_inches=part, **how)
        return content.getvalue()

    @cached_property
    def _laid_out(self) -> tuple[Any, Any]:
        """The figure with everything in its place, and the part of it that is not empty, in inches."""
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
        from matplotlib.text import Text

        figure = Figure(figsize=self._size, dpi=DPI, layout=None if self._fixed else "constrained")
        canvas: Any = FigureCanvasAgg(figure)
        self._draw(figure)
        families = _families(text.get_text() for text in figure.findobj(Text))
        if families:
            for text in figure.findobj(Text):
                text.set_fontfamily(families)
        if self._fixed:
            return figure, None
        engine = figure.get_layout_engine()
        assert engine is not None
        engine.execute(figure)
        figure.set_layout_engine(None)
        return figure, figure.get_tightbbox(canvas.get_renderer()).padded(0.12)


def picture(draw: Callable[[Any], None], width: float, height: float, *, fixed: bool = False) -> Picture:
    """Let `draw` fill a `matplotlib.figure.Figure` of `width` by `height` inches.

    The figure has its own canvas: pyplot is not imported, no backend is chosen, and the reader's
    matplotlibrc changes nothing.

    Args:
        draw: Is called once, at the latest when the bytes are asked for.
        width: In inches.
        height: In inches.
        fixed: Whether `draw` puts everything in its place itself, which takes a third of the time.
    """
    return Picture(draw, width, height, fixed=fixed)


def shorten(name: str, width: int) -> str:
    """A name of at most `width` characters (3 or more): cut in its middle, control characters replaced."""
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in name)
    if len(shown) <= width:
        return shown
    tail = (width - 1) // 3
    return shown[: width - 1 - tail] + "…" + (shown[-tail:] if tail else "")


@contextmanager
def _drawing() -> Iterator[None]:
    """Our style and nobody else's; a character that no font holds is drawn as a box, without a warning."""
    from matplotlib import style

    with style.context(["default", STYLE]), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        yield


def _families(texts: Iterable[str]) -> list[str]:
    """The fonts to take where the bundled one lacks a character of these texts; empty if it has them all."""
    wanted = {character for text in texts for character in text if ord(character) > 0x7E}
    if not wanted or all(ord(character) in _bundled() for character in wanted):
        return []
    return ["DejaVu Sans", *_installed(), "sans-serif"]


@cache
def _bundled() -> frozenset[int]:
    """The characters of matplotlib's own font."""
    from matplotlib.font_manager import findfont, get_font

    return frozenset(get_font(findfont("DejaVu Sans")).get_charmap())


@cache
def _installed() -> tuple[str, ...]:
    """Those of `OTHER_SCRIPTS` that this machine has."""
    from matplotlib.font_manager import fontManager

    known = {font.name for font in fontManager.ttflist}
    return tuple(name for name in OTHER_SCRIPTS if name in known)
