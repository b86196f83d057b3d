"""Why the gate cannot examine a release; in every case it lets nothing pass."""


class GateError(Exception):
    """The gate cannot tell what is being released, or where to ask it; the message says why."""


class ProbesError(GateError):
    """There are no probes that could be read, so nothing can be proved with them."""


class OutOfTimeError(GateError):
    """The examination took longer than the time that was left for it."""
