"""Made-up outputs of a network, one for each task, scored on the same four rows."""

import numpy as np

from nntrain.config.schema import Evaluation
from nntrain.run.scoring import score
from nntrain.run.target import Target

INDEX = np.array([3, 0, 12, 7])
KIND = np.array([0, 1, 2, 1])
WIDTH = np.array([1.0, 2.0, 3.0, 4.0], np.float32)
SIZE = np.array([[1, 10], [2, 20], [3, 30], [4, 50]], np.float32)
TOPICS = np.array([[1, 0], [1, 1], [0, 1], [0, 0]], np.float32)
ROWS = np.arange(4 * 3, dtype=np.float32).reshape(4, 3)

TARGETS = {
    "kind": Target.of("kind", "classification", ("ant", "bee", "wasp"), (), [0, 1, 1, 2]),
    "width": Target.of("width", "regression", (), (), WIDTH + 1),
    "size": Target.of("size", "regression", ("long", "wide"), (2,), SIZE + 1),
    "topics": Target.of("topics", "multi_label", ("news", "sport"), (2,), TOPICS),
    "copy": Target.of("copy", "reconstruction", (), (3,), ROWS + 1),
}
TRUTH = {"kind": KIND, "width": WIDTH, "size": SIZE, "topics": TOPICS, "copy": ROWS}
GIVEN = {
    "kind": np.array([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.2, 0.2, 0.6], [0.6, 0.3, 0.1]], np.float32),
    "width": np.array([[1.5], [2.0], [3.0], [3.0]], np.float32),
    "size": SIZE + np.array([0.5, -5], np.float32),
    "topics": np.array([[0.9, 0.2], [0.8, 0.6], [0.3, 0.7], [0.7, 0.1]], np.float32),
    "copy": ROWS + 0.5,
}
KINDS = {"kind": "softmax", "topics": "sigmoid"}


def scored(*names, given=GIVEN, evaluation=None):
    """These outputs of the network, scored, by name."""
    return {
        name: score(
            TARGETS[name],
            TRUTH[name],
            given[name],
            INDEX,
            kind=KINDS.get(name, "scores"),
            evaluation=evaluation or Evaluation(),
        )
        for name in names
    }
