"""Train and evaluate Keras models that a YAML file describes.

    from nntrain import evaluate, fit, load_config

    run = fit(load_config("configs/iris_mlp.yaml", ["training.epochs=30"]))
    print(run.scores["test"].headline())
    evaluate(run.path)

The names are imported when they are first used, so that `import nntrain` costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nntrain.config import Config, load_config
    from nntrain.errors import NntrainError
    from nntrain.run.evaluate import evaluate
    from nntrain.run.fit import fit
    from nntrain.run.folds import fit_folds, fit_seeds
    from nntrain.run.folds_results import FoldsResult
    from nntrain.run.results import EvaluateResult, FitResult
    from nntrain.run.resume import resume

__version__ = "0.1.0"
__all__ = [
    "Config",
    "EvaluateResult",
    "FitResult",
    "FoldsResult",
    "NntrainError",
    "evaluate",
    "fit",
    "fit_folds",
    "fit_seeds",
    "load_config",
    "resume",
]

_HOMES = {
    "Config": "nntrain.config",
    "load_config": "nntrain.config",
    "NntrainError": "nntrain.errors",
    "fit": "nntrain.run.fit",
    "fit_folds": "nntrain.run.folds",
    "fit_seeds": "nntrain.run.folds",
    "evaluate": "nntrain.run.evaluate",
    "resume": "nntrain.run.resume",
    "FitResult": "nntrain.run.results",
    "FoldsResult": "nntrain.run.folds_results",
    "EvaluateResult": "nntrain.run.results",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module 'nntrain' has no attribute '{name}'")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
