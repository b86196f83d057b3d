import pytest

from rehearsal.clock import Clock
from rehearsal.region.container_health import Health, State, Times
from rehearsal.tasks import Check

CHECK = Check(("true",), interval=15, timeout=5, retries=3, start_period=60)


def after(results: str, *, ages: tuple[float, ...] = (), start: float = 10) -> Health:
    """The health after these results, + and -; each check at its age, or all after the start period."""
    health = Health()
    for number, passed in enumerate(results):
        age = ages[number] if ages else start + 1
        health = health.after(passed=passed == "+", age=age, retries=3, start=start)
    return health


@pytest.mark.parametrize(
    ("results", "state"),
    [
        ("", State.UNKNOWN),
        ("+", State.HEALTHY),
        ("--", State.UNKNOWN),
        ("---", State.UNHEALTHY),
        ("+--", State.HEALTHY),
        ("+--+--", State.HEALTHY),
        ("+---", State.UNHEALTHY),
    ],
)
def test_so_many_failures_in_a_row_make_a_container_unhealthy(results: str, state: State) -> None:
    """And one check that passes makes it healthy."""
    assert after(results).state is state


def test_failures_do_not_count_in_the_start_period() -> None:
    """Until the first check has passed, which ends it."""
    assert after("----", ages=(1, 2, 3, 4)) == Health()
    assert after("+---", ages=(1, 2, 3, 4)).state is State.UNHEALTHY


@pytest.mark.parametrize(
    ("speed", "times"),
    [(1, Times(15, 5, 60)), (3, Times(5, 3, 20)), (30, Times(2, 3, 15)), (1000, Times(2, 3, 15))],
)
def test_checks_follow_each_other_on_the_clock_of_the_run(speed: float, times: Times) -> None:
    """But starting a task and answering a check take the time that they take."""
    assert Times.of(CHECK, Clock(speed)) == times


def test_a_container_that_starts_is_asked_more_often() -> None:
    """So that nobody waits for one that is ready."""
    times = Times.of(CHECK, Clock(30))
    assert (times.until_next(State.UNKNOWN), times.until_next(State.HEALTHY)) == (0.25, 2)
