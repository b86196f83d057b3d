"""What a fault is, what must come of it, and whether that came: plain data and pure functions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rehearsal.faults.strike import Strike


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
    CANARY = "canary"
    """Those that went to the bad version, as long as they are no more than its share of the canary."""
    AT_THE_TASK = "at the task"
    """Those that one task had, or was sent before the load balancer knew that it had gone."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What must come of a fault."""

    end: End
    exit_code: int
    """Of the release: 0 shipped, 1 refused, failed or rolled back."""
    loss: Loss = Loss.NONE
    sign: str = ""
    """Words that the release's own output must contain: it has noticed, and says what."""


@dataclass(frozen=True, slots=True)
class Observed:
    """What came of it."""

    end: str
    """`old`, `new`, or `neither` when production does not go to one version."""
    exit_code: int
    output: str
    """All that the release wrote."""
    lost: int
    """Requests that failed or got a wrong answer."""
    lost_by_bad: int
    """Those of them that the version with the fault took, or that nobody answered while it took traffic."""
    allowed: int
    """Most requests that the canary's share comes to in the time the bad version had it."""
    struck: bool
    """Whether the fault was really there: it left its trace."""
    idle: bool
    """Whether the stage was free, steady and remembered in the end."""
    recovered_s: float
    """Seconds from the fault to the state that was expected."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong."""

    name: str
    meaning: str
    """One sentence for the table."""
    expected: Expected
    bad: Mapping[str, str] | None = None
    """Files of `bad/` by the paths that they take in the image; none when the version is good."""
    act: "Callable[[Strike], None] | None" = None
    """What is done while the release runs, or before; a strike says when (see `rehearsal.faults.strike`)."""
    speed: float | None = None
    """Another speed than the run's, for faults that AWS takes an hour to notice."""


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
        (_bearable(expected.loss, seen), f"{seen.lost} requests were lost ({expected.loss} may be)"),
        (seen.idle, "the stage is not free and steady"),
    )
    return tuple(clause for holds, clause in checks if not holds)


def _bearable(loss: Loss, seen: Observed) -> bool:
    if loss is Loss.NONE:
        return seen.lost == 0
    if loss is Loss.CANARY:
        return seen.lost == seen.lost_by_bad <= seen.allowed
    return seen.lost <= MOST_AT_A_TASK
