"""What can go wrong in a release, named for what the person or pipeline should do next.

ReleaseError
├── Misuse            the command line or the settings do not fit (exit 2)
├── Refused           nothing was begun: the stage is not in a state to be released to (exit 1)
│   ├── Busy          because another release holds it
│   └── Outrun        because another command claimed it in this very moment; looking again helps
├── TakenOver         another command has taken this release over and goes on with it (exit 1)
├── BadRecord         what an earlier release wrote cannot be read (exit 1)
├── LostSight         AWS does not answer; what was begun goes on there (exit 1)
└── NotRemembered     traffic is right, CloudFormation does not know it yet; the next command goes on (exit 1)
"""

from collections.abc import Sequence


class ReleaseError(Exception):
    """A release that did not come to its end; the message is a sentence that says what to do next."""

    exit_code = 1


class Misuse(ReleaseError):
    """The command line or the settings do not fit; mending them is the caller's."""

    exit_code = 2


class Refused(ReleaseError):
    """Nothing was begun; everything that speaks against it is told at once."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__("\n".join(reasons))
        self.reasons = tuple(reasons)
        """One sentence each."""


class Busy(Refused):
    """Another release holds the stage, and shows signs of life."""


class Outrun(Refused):
    """Another command claimed the stage in this very moment: look again."""


class TakenOver(ReleaseError):
    """Another command goes on with this release; this one must not touch anything any more."""


class BadRecord(ReleaseError):
    """A record or claim in the bucket cannot be read; the message says which, and why."""


class LostSight(ReleaseError):
    """AWS has not answered for longer than anyone waits; what was begun goes on there by itself."""


class NotRemembered(ReleaseError):
    """Traffic is where it should be, and CloudFormation could not be told; the next command tries again."""


class Interrupted(KeyboardInterrupt):
    """The person or the machine that runs the command has asked it to end (exit 130, as in a shell).

    No `ReleaseError`, and no `Exception`: botocore takes each of those for a connection that broke, and asks
    again.
    """

    exit_code = 130
