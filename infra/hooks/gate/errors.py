"""Why the gate cannot examine a release; in every case it lets nothing pass."""


class GateError(Exception):
    """The gate cannot tell what is being released, or where to ask it; the message says why."""


class DocumentError(GateError):
    """There is no gate document that could be read, so nothing can be proved with it."""


class OutOfTimeError(GateError):
    """The examination took longer than the time that was left for it."""
