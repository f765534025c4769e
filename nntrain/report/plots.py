"""Every picture of a report; each function returns a PNG."""

from nntrain.report.history import history_plot
from nntrain.report.predictions import confusion_plot, predicted_actual_plot, residuals_plot

__all__ = ["confusion_plot", "history_plot", "predicted_actual_plot", "residuals_plot"]
