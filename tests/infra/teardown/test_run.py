"""Carrying out a plan, with a region that behaves badly."""

from dataclasses import dataclass, field

import pytest

from infra.teardown.errors import StackStays
from infra.teardown.plan import Kind, Step
from infra.teardown.run import Clock, carry_out
from tests.infra.teardown.test_plan import stack


@dataclass
class Fake:
    """A region whose stacks take their time, as told."""

    statuses: list[str]
    """What a stack's status is at each look; the last stays."""
    done: list[str] = field(default_factory=list)
    """What was called."""

    def unprotect_balancer(self, arn: str) -> None:
        """Remember it."""
        self.done.append(f"unprotect {arn}")

    def unprotect_stack(self, stack: str) -> None:
        """Remember it."""
        self.done.append(f"unprotect {stack}")

    def delete_service(self, cluster: str, service: str) -> None:
        """Remember it."""
        self.done.append(f"delete {service} in {cluster}")

    def delete_stack(self, stack: str) -> None:
        """Remember it."""
        self.done.append(f"delete {stack}")

    def status(self, _stack: str) -> str:
        """Return what comes next."""
        return self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]

    def failures(self, stack: str) -> list[str]:
        """Return one cause."""
        return [f"Service (AWS::ECS::Service) {stack}: it has task sets"]


class Time:
    """A clock that goes on only when somebody waits."""

    def __init__(self) -> None:
        self.now = 0.0

    def clock(self) -> Clock:
        """Return it as the runner takes it."""
        return Clock(now=lambda: self.now, sleep=self._sleep)

    def _sleep(self, seconds: float) -> None:
        self.now += seconds


def step(kind: Kind, target: str) -> Step:
    """Return a step of the Service stack."""
    return Step(kind=kind, target=target, stack=stack("Service"))


def test_each_step_is_done_in_its_order_and_said_before() -> None:
    """And every stack is seen to be gone before the next step begins."""
    fake, said = Fake(["DELETE_COMPLETE"]), list[str]()
    todo = [
        step(Kind.DELETE_SERVICE, "cluster/service"),
        step(Kind.UNPROTECT_BALANCER, "arn:balancer"),
        step(Kind.UNPROTECT_STACK, "arn:one"),
        step(Kind.DELETE_STACK, "arn:one"),
        step(Kind.AWAIT_STACK, "arn:two"),
    ]
    carry_out(todo, fake, say=said.append, clock=Time().clock())
    assert fake.done == [
        "delete service in cluster",
        "unprotect arn:balancer",
        "unprotect arn:one",
        "delete arn:one",
    ]
    assert said == [
        "1/5 Switchyard-dev-Service: delete by force",
        "2/5 Switchyard-dev-Service: switch off deletion protection",
        "3/5 Switchyard-dev-Service: switch off termination protection",
        "4/5 Switchyard-dev-Service: delete",
        "    gone after 0 s",
        "5/5 Switchyard-dev-Service: wait for its deletion",
        "    gone after 0 s",
    ]


def test_a_long_deletion_is_heard_of_every_half_minute() -> None:
    """So that nobody takes it for hanging."""
    fake, said = Fake([*["DELETE_IN_PROGRESS"] * 13, "DELETE_COMPLETE"]), list[str]()
    carry_out([step(Kind.DELETE_STACK, "arn:one")], fake, say=said.append, clock=Time().clock())
    assert said[1:] == [
        "    still deleting after 30 s",
        "    still deleting after 60 s",
        "    gone after 65 s",
    ]


def test_a_stack_that_cannot_be_deleted_names_the_resource_and_the_runbook() -> None:
    """And nothing after it is touched."""
    fake = Fake(["DELETE_IN_PROGRESS", "DELETE_FAILED"])
    todo = [step(Kind.DELETE_STACK, "arn:one"), step(Kind.DELETE_STACK, "arn:two")]
    with pytest.raises(StackStays) as caught:
        carry_out(todo, fake, say=lambda _line: None, clock=Time().clock())
    assert str(caught.value) == (
        "Switchyard-dev-Service is DELETE_FAILED: Service (AWS::ECS::Service) arn:one: it has task sets. "
        "See docs/runbooks/teardown.md; then run this again to go on."
    )
    assert fake.done == ["delete arn:one"]


def test_a_deletion_that_never_ends_is_not_waited_for_for_ever() -> None:
    """After an hour it is said, and the next run waits on."""
    time = Time()
    with pytest.raises(StackStays, match="is still DELETE_IN_PROGRESS after 60 minutes"):
        carry_out(
            [step(Kind.AWAIT_STACK, "arn:one")],
            Fake(["DELETE_IN_PROGRESS"]),
            say=lambda _line: None,
            clock=time.clock(),
        )
    assert time.now == pytest.approx(3605)
