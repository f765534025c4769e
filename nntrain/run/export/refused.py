"""What a format has no operation for, before anybody knows whose layer that is."""

from __future__ import annotations


class Refused(Exception):
    """A format can't hold the network."""

    def __init__(self, operation: str | None, place: str | None, text: str) -> None:
        super().__init__(text)
        self.operation = operation
        """What TensorFlow calls what the format lacks; None if its converter does not say."""
        self.place = place
        """The path of the operation in TensorFlow's graph, in which a layer's name stands."""
        self.text = text
