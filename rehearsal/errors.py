"""What can go wrong in a rehearsal, named for what the person at the terminal should do next.

RehearsalError
├── Misuse          the command line, the records or the machine do not fit (exit 2)
├── Busy            another rehearsal of this folder is running (exit 2)
└── StepFailed      a step did not do its work (exit 1)
    └── ProgramFailed   because a program exited with an error; its last words say why
KeyboardInterrupt
└── Interrupted     somebody ended it; everything that was started has been ended (exit 130)
"""


class RehearsalError(Exception):
    """A rehearsal that did not come to its end; the message is a sentence for the terminal."""

    exit_code = 1


class Misuse(RehearsalError):
    """The command line, the records or this machine do not fit; mending them is the caller's."""

    exit_code = 2


class Busy(RehearsalError):
    """Another rehearsal of this folder is still running."""

    exit_code = 2


class StepFailed(RehearsalError):
    """A step did not do its work."""


class ProgramFailed(StepFailed):
    """A program that a step ran exited with an error."""

    def __init__(self, name: str, *, code: int, output: str) -> None:
        super().__init__(f"{name} failed with exit code {code}; its output ends with:\n{output}")
        self.code = code
        """Its exit code."""
        self.output = output
        """The last lines of its output."""


class Interrupted(KeyboardInterrupt):
    """Somebody ended the rehearsal before its end.

    Not a `RehearsalError`: libraries that catch `Exception` and try again must not catch this.
    """

    exit_code = 130
