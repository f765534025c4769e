"""Scores and baselines of a trained model on one split."""

from nntrain.evaluation.classification import Average, ClassificationScores, ClassScores, score_classification
from nntrain.evaluation.evaluate import SplitScores, evaluate_split
from nntrain.evaluation.outputs import OutputKind, Predictions, decode
from nntrain.evaluation.regression import RegressionScores, score_regression

__all__ = [
    "Average",
    "ClassScores",
    "ClassificationScores",
    "OutputKind",
    "Predictions",
    "RegressionScores",
    "SplitScores",
    "decode",
    "evaluate_split",
    "score_classification",
    "score_regression",
]
