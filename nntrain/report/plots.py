"""Every picture of a report; what is only ever wanted as PNG comes as such."""

from nntrain.report.balance import balance_plot
from nntrain.report.boxes import boxes_plot
from nntrain.report.curves import Line, precision_recall_plot, reliability_plot, roc_plot
from nntrain.report.data_page import Histogram, Page, data_page
from nntrain.report.figure import Picture
from nntrain.report.forecast import forecast_plot
from nntrain.report.history import history_plot
from nntrain.report.labels import labels_plot
from nntrain.report.latent import latent_plot
from nntrain.report.masks import masks_plot
from nntrain.report.overlaid import overlaid_plot
from nntrain.report.predictions import confusion_plot, numbers_plot, predicted_actual_plot, residuals_plot
from nntrain.report.reconstruction import errors_plot, is_picture, pictures_plot
from nntrain.report.structure import Node, structure_plot
from nntrain.report.thinning import MOST_IMAGES, some_of
from nntrain.report.tiles import (
    MOST_MAPS,
    MOST_MISTAKES,
    MOST_UNITS,
    Maps,
    maps_plot,
    mistakes_plot,
    shrunk,
    weights_plot,
)

__all__ = [
    "MOST_IMAGES",
    "MOST_MAPS",
    "MOST_MISTAKES",
    "MOST_UNITS",
    "Histogram",
    "Line",
    "Maps",
    "Node",
    "Page",
    "Picture",
    "balance_plot",
    "boxes_plot",
    "confusion_plot",
    "data_page",
    "errors_plot",
    "forecast_plot",
    "history_plot",
    "is_picture",
    "labels_plot",
    "latent_plot",
    "maps_plot",
    "masks_plot",
    "mistakes_plot",
    "numbers_plot",
    "overlaid_plot",
    "pictures_plot",
    "precision_recall_plot",
    "predicted_actual_plot",
    "reliability_plot",
    "residuals_plot",
    "roc_plot",
    "shrunk",
    "some_of",
    "structure_plot",
    "weights_plot",
]
