"""What can go wrong with a teardown, named for what the person at the terminal should do next.

TeardownError
├── Refused        the command line or the credentials do not fit this stage (exit 2)
├── Occupied       a release or an update runs: wait for its end, then run it again (exit 1)
└── StackStays     CloudFormation could not delete a stack: mend the cause, then run it again (exit 1)
"""

from collections.abc import Sequence

RUNBOOK = "docs/runbooks/teardown.md"
"""What to read when a teardown does not come to its end."""


class TeardownError(Exception):
    """A teardown that did not come to its end; the message is a sentence for the terminal."""

    exit_code = 1


class Refused(TeardownError):
    """The command line or the credentials do not fit; nothing was changed."""

    exit_code = 2


class Occupied(TeardownError):
    """Something else is changing the stage; nothing was changed."""

    def __init__(self, obstacles: Sequence[str]) -> None:
        super().__init__(" ".join(obstacles) + " Wait for its end, or stop it, and run this again.")


class StackStays(TeardownError):
    """CloudFormation could not delete a stack; the message names the resources that it stumbled over."""

    def __init__(self, stack: str, status: str, causes: Sequence[str]) -> None:
        because = f": {'; '.join(causes)}" if causes else ""
        super().__init__(f"{stack} is {status}{because}. See {RUNBOOK}; then run this again to go on.")
