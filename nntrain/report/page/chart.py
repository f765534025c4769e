"""Curves by epoch as SVG within the page: sharp in print, and in the page's own colours."""

from __future__ import annotations

import math
from collections.abc import Sequence

from nntrain.report.page.blocks import Curve, Span
from nntrain.report.page.markup import Markup, joined, shown, tag

WIDE, HIGH = 480, 270
LEFT, RIGHT, TOP, BOTTOM = 58, 470, 14, 232
MOST_POINTS = 400
"""Of more epochs the points of a line are thinned out."""
FEW = 12
"""Up to so many epochs, each is marked with a point."""
LOG_DECADES = 2
"""An error is drawn on a logarithmic scale if it spans more decades."""
ERRORS = ("loss", "error", "mse", "mae", "learning_rate")
STYLES = {"training": "train", "validation": "valid"}


def chart(curve: Curve) -> Markup:
    """One quantity as a figure; its numbers are in `history.csv`."""
    epochs = max(map(len, curve.lines.values()))
    drawn = {name: _points(values) for name, values in curve.lines.items()}
    heights = [value for points in drawn.values() for _, value in points]
    if not heights:
        return tag("p", f"{curve.title}: no epoch has a number.", class_="quiet")
    scale = _Scale(heights, curve.title.endswith(ERRORS))
    parts = [*_grid(scale, epochs)]
    for name, points in drawn.items():
        style = STYLES.get(name, "other")
        path = " ".join(f"{_x(at, epochs):.1f},{scale.y(value):.1f}" for at, value in points)
        parts.append(tag("polyline", points=path, class_=f"curve {style}"))
        marked = points if len(points) <= FEW else [p for p in points if p[0] == curve.best_epoch]
        parts += [
            tag("circle", cx=f"{_x(at, epochs):.1f}", cy=f"{scale.y(v):.1f}", r=3, class_=f"dot {style}")
            for at, v in marked
        ]
    if curve.best_epoch is not None:
        at = f"{_x(curve.best_epoch, epochs):.1f}"
        parts.append(tag("line", x1=at, x2=at, y1=TOP, y2=BOTTOM, class_="best"))
    drawing = tag(
        "svg",
        *parts,
        viewBox=f"0 0 {WIDE} {HIGH}",
        role="img",
        aria_label=_told(curve, epochs),
        class_="chart",
    )
    return tag("figure", tag("figcaption", curve.title), drawing, _legend(curve), class_="panel")


def span(found: Span) -> Markup:
    """A score between 0 and 1 on a line from 0 to 1, with its interval and a mark for the baseline."""
    parts = [tag("line", x1=0, x2=100, y1=6, y2=6, class_="axis")]
    if found.low is not None and found.high is not None:
        wide = max(1.5, 100 * (found.high - found.low))
        parts.append(
            tag("rect", x=f"{100 * found.low:.1f}", y=3, width=f"{wide:.1f}", height=6, class_="interval")
        )
    if found.reference is not None:
        at = f"{100 * found.reference:.1f}"
        parts.append(tag("line", x1=at, x2=at, y1=1, y2=11, class_="reference"))
    parts.append(tag("circle", cx=f"{100 * found.value:.1f}", cy=6, r=3, class_="dot train"))
    return tag("svg", *parts, viewBox="-4 0 108 12", aria_hidden="true", class_="span")


class _Scale:
    """From values to heights in the drawing."""

    def __init__(self, values: Sequence[float], error: bool) -> None:
        low, high = min(values), max(values)
        self.log = error and low > 0 and math.log10(high / low) > LOG_DECADES
        if self.log:
            self.ticks = _decades(low, high)
            low, high = min(low, self.ticks[0]), max(high, self.ticks[-1])
        else:
            self.ticks = _nice(low, high)
            low, high = min(low, self.ticks[0]), max(high, self.ticks[-1])
        self._low, self._high = self._of(low), self._of(high)

    def _of(self, value: float) -> float:
        return math.log10(value) if self.log else value

    def y(self, value: float) -> float:
        """The height of a value."""
        share = (self._of(value) - self._low) / ((self._high - self._low) or 1.0)
        return BOTTOM - share * (BOTTOM - TOP)


def _x(epoch: int, epochs: int) -> float:
    return (LEFT + RIGHT) / 2 if epochs == 1 else LEFT + 6 + (RIGHT - LEFT - 12) * (epoch - 1) / (epochs - 1)


def _points(values: Sequence[float]) -> list[tuple[int, float]]:
    """Epochs with their values, thinned out evenly; the last one stays."""
    points = [(at, value) for at, value in enumerate(values, 1) if math.isfinite(value)]
    every = max(1, math.ceil(len(points) / MOST_POINTS))
    return points[::every] if not points or points[-1] in points[::every] else [*points[::every], points[-1]]


def _grid(scale: _Scale, epochs: int) -> list[Markup]:
    """Lines with their numbers, and the epochs below."""
    parts = []
    for tick in scale.ticks:
        y = f"{scale.y(tick):.1f}"
        parts.append(tag("line", x1=LEFT, x2=RIGHT, y1=y, y2=y, class_="grid"))
        parts.append(tag("text", f"{tick:.4g}", x=LEFT - 8, y=y, dy="0.35em", class_="tick end"))
    for tick in _epoch_ticks(epochs):
        x = f"{_x(tick, epochs):.1f}"
        parts.append(tag("text", f"{tick:,}", x=x, y=BOTTOM + 18, class_="tick middle"))
    parts.append(tag("text", "epoch", x=(LEFT + RIGHT) / 2, y=HIGH - 4, class_="tick middle"))
    return parts


def _epoch_ticks(epochs: int) -> list[int]:
    step = max(1, round(_step(epochs / 5)))
    first = [1] if epochs < 6 or step > 1 else []
    return [*first, *(at for at in range(step, epochs + 1, step) if at not in first)]


def _nice(low: float, high: float) -> list[float]:
    """Round numbers from below the least to above the largest value."""
    if high == low:
        gap = abs(low) or 1.0
        low, high = low - 0.5 * gap, high + 0.5 * gap
    step = _step((high - low) / 4)
    first = math.floor(low / step + 1e-9)
    last = math.ceil(high / step - 1e-9)
    return [round(i * step, 12) for i in range(first, last + 1)]


def _decades(low: float, high: float) -> list[float]:
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    every = max(1, math.ceil((last - first) / 6))
    return [10.0**power for power in range(first, last + every, every)]


def _step(rough: float) -> float:
    """1, 2 or 5 times a power of ten, at least this."""
    power = 10.0 ** math.floor(math.log10(rough)) if rough > 0 else 1.0
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * (1 - 1e-9))


def _legend(curve: Curve) -> Markup:
    keys = [
        tag("span", tag("i", class_=f"key {STYLES.get(name, 'other')}"), shown(name)) for name in curve.lines
    ]
    if curve.best_epoch is not None:
        keys.append(tag("span", tag("i", class_="key best"), f"best epoch, {curve.best_epoch:,}"))
    return tag("p", joined(*keys), class_="legend")


def _told(curve: Curve, epochs: int) -> str:
    """The chart in words."""
    told = []
    for name, values in curve.lines.items():
        finite = [value for value in values if math.isfinite(value)]
        if finite:
            told.append(f"{name} from {finite[0]:.4g} to {finite[-1]:.4g}")
    best = f"; the best epoch is {curve.best_epoch:,}" if curve.best_epoch is not None else ""
    stop = "; training stopped early" if curve.stopped else ""
    return f"{curve.title} over {epochs:,} epoch{'s' if epochs > 1 else ''}: {', '.join(told)}{best}{stop}"
