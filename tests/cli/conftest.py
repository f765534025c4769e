"""Fixtures that tests of commands share with those of what they call."""

from tests.run.shelf.conftest import make_run, runs

__all__ = ["make_run", "runs"]
