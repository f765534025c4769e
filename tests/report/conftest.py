import matplotlib
import pytest
from matplotlib.figure import Figure

from nntrain.report import (
    balance,
    curves,
    forecast,
    history,
    labels,
    latent,
    predictions,
    reconstruction,
    structure,
    tiles,
)
from nntrain.report.figure import STYLE


@pytest.fixture
def drawn(monkeypatch):
    """Call a plot function and get its figure, not yet laid out, in place of the PNG."""

    def keep(draw, width, height, fixed=False):
        with matplotlib.rc_context(STYLE):
            figure = Figure(figsize=(width, height), layout=None if fixed else "constrained")
            draw(figure)
        return figure

    modules = (
        balance,
        curves,
        forecast,
        history,
        labels,
        latent,
        predictions,
        reconstruction,
        structure,
        tiles,
    )
    for module in modules:
        monkeypatch.setattr(module, "picture", keep)
