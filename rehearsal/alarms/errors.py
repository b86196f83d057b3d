"""What can be wrong with an alarm's definition; the message is a sentence for the run's timeline."""

from rehearsal.errors import RehearsalError


class NotPlayed(RehearsalError):
    """The definition asks for something that is not played here, so the alarm keeps its state."""


class Malformed(NotPlayed):
    """An expression or a rule cannot be read, so the alarm keeps its state."""
