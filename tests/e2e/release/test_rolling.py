"""Rolling releases, and that the bench sees what they lose when tasks are ended in a wrong order.

A rolling release ends tasks of the target group that takes the traffic, so that the order in which they are
ended decides whether a request is lost. The load is that of `make rehearse`.
"""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from rehearsal.judge.judgement import judge
from rehearsal.judge.played import Played
from rehearsal.judge.requests import Requests
from rehearsal.load.plan import RATE
from release.record import Outcome

from . import matrix
from .opening import opened
from .world import World

pytestmark = [pytest.mark.slow, pytest.mark.alone]


@pytest.fixture(scope="module")
def rolling(tmp_path_factory: pytest.TempPathFactory, records: Path) -> Iterator[World]:
    """A stage whose tasks are replaced one by one."""
    with opened(tmp_path_factory.mktemp("rolling"), records, "ecs-rolling", rate=RATE) as found:
        yield found


def verdicts(world: World, since: float) -> tuple[str, str]:
    """Return the judge's verdicts on whether a request was lost, and on whether tasks drained."""
    requests = world.requests(since)
    span = Played(
        start=since,
        end=requests[-1].due,
        first=world.stage.first.model,
        releases=[],
        faults=[],
        events=world.stage.timeline.read(),
    )
    found = {promise.name: promise.verdict for promise in judge(span, Requests.of(requests)).promises}
    return found["nothing lost"], found["draining"]


def test_ecs_ships_the_good_and_turns_the_bad_back_task_by_task(rolling: World) -> None:
    """Without a gate, tasks that do not come up are what turns a release back; nothing is lost."""
    since = time.time()
    row = matrix.play(rolling, "crash_loop")
    print("", matrix.line(*matrix.HEAD), row, sep="\n")  # noqa: T201
    assert (row.good.exit_code, row.good.outcome, row.good.lost) == (0, Outcome.SHIPPED, 0), row.good.said
    assert (row.bad.exit_code, row.bad.outcome, row.bad.lost) == (1, Outcome.ROLLED_BACK, 0), row.bad.said
    assert verdicts(rolling, since) == ("pass", "pass")


@pytest.mark.parametrize("pretend", ["without-draining", "sigterm-first"])
def test_the_bench_sees_tasks_that_end_in_a_wrong_order(tmp_path: Path, records: Path, pretend: str) -> None:
    """The same release under the same load loses requests, and the bench names the order as well."""
    with opened(tmp_path, records, "ecs-rolling", rate=RATE, seeds=[1], pretend=[pretend]) as world:
        since = time.time()
        world.ship(world.next_version)
        assert verdicts(world, since) == ("fail", "fail")
