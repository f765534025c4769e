"""Runs as their files, which tests of `show` and its like make too."""

from tests.run.shelf.conftest import make_run, runs

__all__ = ["make_run", "runs"]
