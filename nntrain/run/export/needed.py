"""Packages that one format needs and nntrain does not."""

from __future__ import annotations

import importlib.util

from nntrain.errors import UsageError

NEEDED = ("tf2onnx", "onnx", "onnxruntime")
"""For ONNX: what writes the file, what it is, and what runs it."""


def check_onnx() -> None:
    """Refuse to begin where a package is missing.

    Raises:
        UsageError: With the line that installs them.
    """
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise UsageError(
            f"--to onnx needs the Python packages {', '.join(missing)}; install them with: "
            "pip install 'nntrain[export]'"
        )
