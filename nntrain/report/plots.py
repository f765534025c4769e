"""Every picture of a report; each function returns a PNG."""

from nntrain.report.data_page import Histogram, Page, data_page
from nntrain.report.history import history_plot
from nntrain.report.labels import labels_plot
from nntrain.report.masks import masks_plot
from nntrain.report.overlaid import overlaid_plot
from nntrain.report.predictions import confusion_plot, numbers_plot, predicted_actual_plot, residuals_plot
from nntrain.report.reconstruction import errors_plot, is_picture, pictures_plot

__all__ = [
    "Histogram",
    "Page",
    "confusion_plot",
    "data_page",
    "errors_plot",
    "history_plot",
    "is_picture",
    "labels_plot",
    "masks_plot",
    "numbers_plot",
    "overlaid_plot",
    "pictures_plot",
    "predicted_actual_plot",
    "residuals_plot",
]
