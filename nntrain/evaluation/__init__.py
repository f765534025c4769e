"""Scores and baselines of a trained model on one split."""

from nntrain.evaluation.card import Card, ClassScores
from nntrain.evaluation.classification import Average, ClassificationScores, score_classification
from nntrain.evaluation.curves import Bins, Curve, curves, reliability
from nntrain.evaluation.evaluate import (
    evaluate_classes,
    evaluate_labels,
    evaluate_numbers,
    evaluate_pixels,
    evaluate_reconstruction,
)
from nntrain.evaluation.multi_label import LabelPredictions, MultiLabelScores, decode_labels, score_labels
from nntrain.evaluation.outputs import OutputKind, Predictions, decode
from nntrain.evaluation.reconstruction import ReconstructionScores, row_errors, score_reconstruction
from nntrain.evaluation.regression import ColumnScores, RegressionScores, score_regression
from nntrain.evaluation.segmentation import SegmentationScores, decode_pixels, row_scores, score_segmentation
from nntrain.evaluation.split import SplitScores

__all__ = [
    "Average",
    "Bins",
    "Card",
    "ClassScores",
    "ClassificationScores",
    "ColumnScores",
    "Curve",
    "LabelPredictions",
    "MultiLabelScores",
    "OutputKind",
    "Predictions",
    "ReconstructionScores",
    "RegressionScores",
    "SegmentationScores",
    "SplitScores",
    "curves",
    "decode",
    "decode_labels",
    "decode_pixels",
    "evaluate_classes",
    "evaluate_labels",
    "evaluate_numbers",
    "evaluate_pixels",
    "evaluate_reconstruction",
    "reliability",
    "row_errors",
    "row_scores",
    "score_classification",
    "score_labels",
    "score_reconstruction",
    "score_regression",
    "score_segmentation",
]
