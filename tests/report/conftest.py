import matplotlib
import pytest
from matplotlib.figure import Figure

from nntrain.report.figure import STYLE

PLOTTING = (
    "balance",
    "curves",
    "forecast",
    "history",
    "labels",
    "latent",
    "predictions",
    "reconstruction",
    "structure",
    "tiles",
)
"""Modules that draw."""


@pytest.fixture
def drawn(monkeypatch):
    """Call a plot function and get its figure, not yet laid out, in place of the PNG."""

    def keep(draw, width, height, fixed=False):
        with matplotlib.rc_context(STYLE):
            figure = Figure(figsize=(width, height), layout=None if fixed else "constrained")
            draw(figure)
        return figure

    for name in PLOTTING:
        monkeypatch.setattr(f"nntrain.report.{name}.picture", keep)
