import matplotlib
import pytest
from matplotlib.figure import Figure

from nntrain.report import history, labels, predictions, reconstruction
from nntrain.report.figure import STYLE


@pytest.fixture
def drawn(monkeypatch):
    """Call a plot function and get its figure, not yet laid out, in place of the PNG."""

    def keep(draw, width, height):
        with matplotlib.rc_context(STYLE):
            figure = Figure(figsize=(width, height), layout="constrained")
            draw(figure)
        return figure

    for module in (history, labels, predictions, reconstruction):
        monkeypatch.setattr(module, "picture", keep)
