"""What a fault is, what must come of it, and whether that came: plain data and pure functions."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from rehearsal.faults.strike import Strike
    from rehearsal.releases import Ended


class End(StrEnum):
    """The version that takes the traffic when all is over."""

    OLD = "old"
    """The one before: the release was refused, or turned back."""
    NEW = "new"
    """The one that was being released."""


class Loss(StrEnum):
    """Which requests may be lost."""

    NONE = "none"
    """Not one."""
    CANARY = "the canary's share"
    """Those that went to the bad version, as long as they are no more than its share of the canary."""
    AT_THE_TASK = "those of one task"
    """Those that one task had, or was sent before the load balancer knew that it had gone."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What must come of a fault."""

    end: End
    exit_code: int
    """Of the release: 0 shipped, 1 refused, failed or rolled back."""
    loss: Loss = Loss.NONE
    sign: str = ""
    """Words that the output of the release's commands must contain: they have noticed, and say what."""

    def __str__(self) -> str:
        """For people."""
        told = {0: "shipped", 1: "refused or turned back"}.get(self.exit_code, f"exit {self.exit_code}")
        lost = "nothing lost" if self.loss is Loss.NONE else f"lost at most {self.loss}"
        return f"{self.end} version live, {told}, {lost}"


@dataclass(frozen=True, slots=True)
class Observed:
    """What came of it."""

    end: str
    """`old`, `new`, or `neither` when production does not go to one version."""
    exit_code: int
    output: str
    """All that the release's commands wrote."""
    lost: int
    """Requests that failed or got a wrong answer."""
    lost_outside: int
    """Those of them that the share of a bad version's canary does not account for."""
    struck: bool
    """Whether the fault was really there: it left its trace."""
    unrest: tuple[str, ...]
    """Why the stage is not free, steady and remembered in the end; nothing when it is."""
    recovered_s: float
    """Seconds from the fault to the state that was expected."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong."""

    name: str
    meaning: str
    """One sentence for the table."""
    expected: Expected
    act: "Callable[[Strike], Ended]"
    """Does it, ships while it does, and returns how the release ended that counts."""
    bad: str = ""
    """The file of `bad/` that takes the place of the image's program; none when the version is good."""
    speed: float | None = None
    """How fast CodeDeploy counts its minutes, when it is another speed than the run's: for faults that it
    takes an hour to notice, and for such as need more of this machine's time than its minutes leave."""

    fails_with: tuple[str, ...] = ()
    """Reasons, as the load tells them, with which the bad version lets clients down; none when it is slow."""

    @property
    def bearable(self) -> int:
        """Most requests that may be lost and that no canary's share accounts for."""
        return MOST_AT_A_TASK if self.expected.loss is Loss.AT_THE_TASK else 0


MOST_AT_A_TASK: Final = 200
"""Requests that one task may take down with it: one second of the load."""


def faults_of(fault: Fault, seen: Observed) -> tuple[str, ...]:
    """Return what differs from what was expected, a clause each; none when all is as it must be."""
    expected = fault.expected
    checks = (
        (seen.struck, "the fault never struck"),
        (seen.end == expected.end, f"the {seen.end} version has the traffic, not the {expected.end} one"),
        (
            seen.exit_code == expected.exit_code,
            f"the release ended with {seen.exit_code}, not {expected.exit_code}",
        ),
        (expected.sign in seen.output, f"the release does not say {expected.sign!r}"),
        (_bearable(fault, seen), f"{seen.lost} requests were lost ({expected.loss} may be)"),
        (not seen.unrest, f"the stage is not at rest: {' '.join(seen.unrest)}"),
    )
    return tuple(clause for holds, clause in checks if not holds)


def _bearable(fault: Fault, seen: Observed) -> bool:
    if fault.expected.loss is Loss.NONE:
        return seen.lost == 0
    return seen.lost_outside <= fault.bearable
