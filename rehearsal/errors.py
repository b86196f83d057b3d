"""What can go wrong in a rehearsal, named for what the person at the terminal should do next.

RehearsalError
├── Misuse          the command line or the machine does not fit; nothing was started (exit 2)
├── Busy            another rehearsal of this folder is running (exit 2)
└── StepFailed      a step did not do its work; its log says why (exit 1)
KeyboardInterrupt
└── Interrupted     somebody ended it; everything that was started has been ended (exit 130)
"""


class RehearsalError(Exception):
    """A rehearsal that did not come to its end; the message is a sentence for the terminal."""

    exit_code = 1


class Misuse(RehearsalError):
    """The command line or this machine does not fit; nothing was started."""

    exit_code = 2


class Busy(RehearsalError):
    """Another rehearsal of this folder is still running."""

    exit_code = 2


class StepFailed(RehearsalError):
    """A step did not do its work."""


class Interrupted(KeyboardInterrupt):
    """Somebody ended the rehearsal before its end.

    Not a `RehearsalError`: libraries that catch `Exception` and try again must not catch this.
    """

    exit_code = 130
