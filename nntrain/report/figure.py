"""How every picture is made: one style, no display, PNG bytes out."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from typing import Any

TRAINING = "#0072B2"
VALIDATION = "#D55E00"
INK = "#333333"
QUIET = "#888888"
# Blue and vermilion of Okabe and Ito's palette, which colour-blind readers can tell apart:
# "Color Universal Design", https://jfly.uni-koeln.de/color/

DPI = 150
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
}


def picture(draw: Callable[[Any], None], width: float, height: float) -> bytes:
    """Let `draw` fill a `matplotlib.figure.Figure` of `width` by `height` inches, and return it as PNG.

    The figure has its own canvas: pyplot is not imported, no backend is chosen, and the reader's
    matplotlibrc changes nothing.
    """
    from matplotlib import style
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with style.context(["default", STYLE]), warnings.catch_warnings():
        # A class name in a script that the bundled font lacks is drawn as boxes.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        figure = Figure(figsize=(width, height), dpi=DPI, layout="constrained")
        FigureCanvasAgg(figure)
        draw(figure)
        png = io.BytesIO()
        figure.savefig(png, format="png", bbox_inches="tight", pad_inches=0.12, metadata={"Software": None})
    return png.getvalue()


def shorten(name: str, width: int) -> str:
    """A name of at most `width` characters (3 or more): cut in its middle, control characters replaced."""
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in name)
    if len(shown) <= width:
        return shown
    tail = (width - 1) // 3
    return shown[: width - 1 - tail] + "…" + (shown[-tail:] if tail else "")
