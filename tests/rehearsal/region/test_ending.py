import pytest

from rehearsal.clock import Clock
from rehearsal.region.ending import Pretend, Step, steps


@pytest.mark.parametrize(
    ("speed", "delay", "stop"), [(1, 30.0, 60.0), (5, 6.0, 12.0), (30, 1.0, 10.0), (1000, 0.5, 10.0)]
)
def test_a_task_leaves_the_load_balancer_before_it_is_told_to_end(
    speed: float, delay: float, stop: float
) -> None:
    """Deregistration delay, SIGTERM, stop timeout, SIGKILL: on the clock of the run, as far as it can be."""
    assert steps(Clock(speed), deregistration_delay=30, stop_timeout=60) == (
        Step("deregister", delay, once_gone=True),
        Step("terminate", stop, until_exit=True),
        Step("kill", 5, until_exit=True),
    )


def test_a_time_that_is_none_stays_none() -> None:
    """What nobody asked to wait for is not waited for."""
    first, second, _ = steps(Clock(30), deregistration_delay=0, stop_timeout=2)
    assert (first.seconds, second.seconds) == (0, 2)


@pytest.mark.parametrize(
    ("pretend", "order"),
    [
        (None, ["deregister", "terminate", "kill"]),
        (Pretend.WITHOUT_DRAINING, ["deregister", "kill"]),
        (Pretend.SIGTERM_FIRST, ["terminate", "kill", "deregister"]),
    ],
)
def test_the_wrong_orders_are_wrong(pretend: Pretend | None, order: list[str]) -> None:
    """A rehearsal has to see what they lose."""
    found = steps(Clock(30), deregistration_delay=30, stop_timeout=60, pretend=pretend)
    assert [step.what for step in found] == order
