import itertools

import pytest

from rehearsal.clock import Clock
from rehearsal.region.scheduler import Decisions, Fleet, Seen, Stop, Target, Throttle, decide

OLD = Fleet("ecs-svc/1", "cluster", "service", "family:1", 2)
NEW = Fleet("ecs-svc/2", "cluster", "service", "family:2", 1)
SCALED = "Scaling activity initiated by (deployment ecs-svc/1)"


def task(name: str, *, fleet: Fleet = OLD, healthy: bool = True, born: float = 0.0) -> Seen:
    """A task of a fleet as the scheduler sees it."""
    return Seen(name, fleet.id, fleet.task_definition, healthy, born)


def test_a_fleet_is_read_as_the_control_plane_describes_it() -> None:
    """With its target groups and the service's grace period; without one there is none."""
    described = {
        "id": "ecs-svc/1",
        "cluster": "cluster",
        "service": "service",
        "taskDefinition": "family:1",
        "count": 2,
        "targetGroups": [{"arn": "arn:blue", "container": "service", "port": 8080}],
    }
    targets = (Target("arn:blue", "service", 8080),)
    plain = Fleet("ecs-svc/1", "cluster", "service", "family:1", 2, targets)
    assert Fleet.of(described) == plain
    assert Fleet.of(described | {"healthCheckGracePeriodSeconds": 60}).grace == 60


@pytest.mark.parametrize(("wanted", "there"), list(itertools.product(range(4), range(4))))
def test_every_fleet_gets_as_many_tasks_as_its_count(wanted: int, there: int) -> None:
    """What is missing starts, what is too much ends, and nothing else happens."""
    fleet = Fleet("ecs-svc/1", "cluster", "service", "family:1", wanted)
    decided = decide([fleet], [task(str(number), fleet=fleet) for number in range(there)], {}, now=0)
    assert decided.starts == (fleet,) * (wanted - there)
    assert len(decided.stops) == max(0, there - wanted)


def test_a_fleet_that_disappears_is_ended_and_no_other() -> None:
    """With the reason that ECS gives."""
    decided = decide([NEW], [task("a"), task("b", fleet=NEW), task("c")], {}, now=0)
    assert decided == Decisions(stops=(Stop("a", SCALED), Stop("c", SCALED)))


def test_the_sick_and_the_young_go_first() -> None:
    """A task that serves is kept before one that does not, an old one before a young one."""
    there = [
        task("young", born=3),
        task("sick", healthy=False, born=1),
        task("old", born=1),
        task("older", born=0),
    ]
    decided = decide([OLD], there, {}, now=0)
    assert decided.stops == (Stop("young", SCALED), Stop("sick", SCALED))


def test_a_new_revision_in_a_fleet_takes_over_once_it_is_healthy() -> None:
    """Tasks of the revision before serve until then, and count for nothing."""
    before = Fleet(OLD.id, "cluster", "service", "family:0", 2)
    outdated = [task("a", fleet=before), task("b", fleet=before)]
    assert decide([OLD], outdated, {}, now=0) == Decisions(starts=(OLD, OLD))
    starting = [*outdated, task("c"), task("d", healthy=False)]
    assert decide([OLD], starting, {}, now=0) == Decisions()
    started = [*outdated, task("c"), task("d")]
    assert decide([OLD], started, {}, now=0) == Decisions(stops=(Stop("a", SCALED), Stop("b", SCALED)))


def test_a_fleet_that_keeps_failing_waits_before_it_tries_again() -> None:
    """The others do not; and what is too much still ends."""
    throttles = {OLD.id: Throttle(1, until=10)}
    assert decide([OLD, NEW], [], throttles, now=9).starts == (NEW,)
    assert decide([OLD], [], throttles, now=10).starts == (OLD, OLD)
    many = [task("a"), task("b"), task("c", born=1)]
    assert decide([OLD], many, throttles, now=9).stops == (Stop("c", SCALED),)


def test_the_pause_doubles_with_every_failure_up_to_half_an_hour() -> None:
    """On the clock of the run; but it never becomes so short that a machine does nothing else."""
    pauses, throttle = [], Throttle()
    for _ in range(13):
        throttle = throttle.failed(100, Clock(10))
        pauses.append(round(throttle.until - 100, 3))
    assert pauses == [0.25, 0.25, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 51.2, 102.4, 162, 162]
