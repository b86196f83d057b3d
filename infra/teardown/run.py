"""Carrying out a plan: one step after the other, with a word before, during and after each."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from infra.teardown.errors import StackStays
from infra.teardown.plan import DELETING, GONE, Kind, Step

PATIENCE: Final = 3600.0
"""Seconds for one stack. Lambda gives back a function's network interfaces in up to 40 minutes."""
POLL: Final = 5.0
"""Seconds between two looks at a stack."""
WORD: Final = 30.0
"""Seconds between two words about a stack that takes long."""


class Effects(Protocol):
    """The calls that change something, and the two that tell how it went."""

    def unprotect_balancer(self, arn: str) -> None:
        """Let a load balancer be deleted."""

    def unprotect_stack(self, stack: str) -> None:
        """Let a stack be deleted."""

    def delete_service(self, cluster: str, service: str) -> None:
        """Delete a service with its tasks and task sets."""

    def delete_stack(self, stack: str) -> None:
        """Have CloudFormation begin to delete a stack."""

    def status(self, stack: str) -> str:
        """Return the status of a stack, also when it is gone."""

    def failures(self, stack: str) -> list[str]:
        """Return a text for each resource that could not be deleted."""


@dataclass(frozen=True, slots=True)
class Clock:
    """Where the time comes from, and how to wait."""

    now: Callable[[], float] = time.monotonic
    """Seconds since some moment."""
    sleep: Callable[[float], None] = time.sleep
    """Wait for some seconds."""


def carry_out(
    steps: Sequence[Step], effects: Effects, *, say: Callable[[str], None], clock: Clock | None = None
) -> None:
    """Do every step in order; safe to be killed anywhere and done again with a new plan.

    Args:
        steps: what to do.
        effects: where it is done.
        say: told one line before a step, every half minute of a long one, and after it.
        clock: the time; the real one by default.

    Raises:
        StackStays: CloudFormation could not delete a stack, or has not within an hour.
    """
    clock = clock or Clock()
    for number, step in enumerate(steps, start=1):
        say(f"{number}/{len(steps)} {step.stack.name}: {step.kind}")
        _do(step, effects)
        if step.kind in {Kind.DELETE_STACK, Kind.AWAIT_STACK}:
            _await(step, effects, say, clock)


def _do(step: Step, effects: Effects) -> None:
    match step.kind:
        case Kind.UNPROTECT_BALANCER:
            effects.unprotect_balancer(step.target)
        case Kind.UNPROTECT_STACK:
            effects.unprotect_stack(step.target)
        case Kind.DELETE_SERVICE:
            effects.delete_service(*step.target.split("/", 1))
        case Kind.DELETE_STACK:
            effects.delete_stack(step.target)
        case Kind.AWAIT_STACK:
            return


def _await(step: Step, effects: Effects, say: Callable[[str], None], clock: Clock) -> None:
    began = told = clock.now()
    while (status := effects.status(step.target)) != GONE:
        if status != DELETING:
            raise StackStays(step.stack.name, status, effects.failures(step.target))
        now = clock.now()
        if now - began > PATIENCE:
            raise StackStays(step.stack.name, f"still {status} after {PATIENCE / 60:.0f} minutes", [])
        if now - told >= WORD:
            say(f"    still deleting after {now - began:.0f} s")
            told = now
        clock.sleep(POLL)
    say(f"    gone after {clock.now() - began:.0f} s")
