"""How a release looks: on a terminal, in a log, in a workflow's summary."""

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console

from release.acts import Result
from release.deployment import Deployment, Event, State
from release.record import Kind, Outcome, Record, Step
from release.records import History
from release.status import Status, advice, as_json
from release.view import words
from release.view.live import LiveView
from release.view.plain import PlainView
from release.view.summary import escaped, failure, summary
from release.view.tables import show_history, show_status
from release.view_model import AlarmSeen, ColourSeen, Snapshot, Upcoming
from tests.release.memory import digest, record

NOW = datetime(2026, 11, 20, 16, 10, tzinfo=UTC)
ESCAPE = "\x1b[2J"


def event(name: str, status: str, began: int = 0, took: int | None = None, message: str = "") -> Event:
    """Return an event that began some seconds before now."""
    started = NOW - timedelta(seconds=began) if began else None
    ended = started + timedelta(seconds=took) if started and took is not None else None
    return Event(name=name, status=status, started=started, ended=ended, message=message)


def snapshot(share: int = 10, **more: object) -> Snapshot:
    """Return a canary under way."""
    blue = ColourSeen(
        name="blue", share=100 - share, test=False, healthy=2, targets=2, digests=(digest("a"),)
    )
    green = ColourSeen(name="green", share=share, test=True, healthy=1, targets=2, digests=(digest("b"),))
    deployment = Deployment(
        id="d-1",
        state=State.RUNNING,
        status="InProgress",
        started=NOW,
        task_definition="td",
        events=(
            event("Install", "succeeded", 90, 60),
            event("AllowTraffic", "running", 25),
            event("AfterAllowTraffic", "pending"),
        ),
    )
    whole = Snapshot(
        stage="dev",
        at=NOW,
        colours=(blue, green),
        alarms=(AlarmSeen(name="switchyard-dev-unwell", state="OK"),),
        remembered="blue",
        record=record("b", step=Step.FOLLOW, deployment="d-1"),
        deployment=deployment,
        upcoming=Upcoming(what="the other 90 % move", at=NOW + timedelta(seconds=275)),
    )
    return replace(whole, **more)  # type: ignore[arg-type] # fields by name


def terminal(width: int = 110) -> Console:
    """Return a terminal that remembers."""
    return Console(file=io.StringIO(), force_terminal=True, width=width, color_system=None, _environ={})


def shown(console: Console) -> str:
    """Return what a terminal was given."""
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_log_has_a_line_for_each_change_and_none_for_what_stays() -> None:
    """Every step is announced; what was said once is not said again."""
    out = io.StringIO()
    view = PlainView(out, now=lambda: NOW)
    view.step(record("b"))
    view.saw(snapshot())
    view.saw(snapshot())
    red = AlarmSeen(name="switchyard-dev-green-errors", state="ALARM", reason="12 % of 5xx")
    view.saw(snapshot(share=100, alarms=(red,)))
    view.say(f"first{ESCAPE}\nsecond")
    assert [line.partition("Z  ")[2] or line.strip() for line in out.getvalue().splitlines()] == [
        "release   r-20261120T160000Z-000000  ship sha256:bbbbbbbbbbbb to dev (blue-green)",
        "claim     claim the stage",
        "traffic   blue 90 %, green 10 %",
        "tasks     blue 2 of 2 healthy, green 1 of 2 healthy",
        "engine    d-1 InProgress",
        "event     Install succeeded (1 min 00 s)",
        "event     AllowTraffic running",
        "alarms    1 green",
        "next      the other 90 % move at 16:14:35Z",
        "traffic   blue 0 %, green 100 %",
        "alarms    switchyard-dev-green-errors is ALARM: 12 % of 5xx",
        "note      first [2J",
        "second",
    ]


@pytest.mark.parametrize(
    ("states", "said", "green"),
    [
        ([], "none", True),
        (["OK", "OK"], "2 green", True),
        (["OK", "INSUFFICIENT_DATA"], "1 green, a1 has no data", False),
        (["INSUFFICIENT_DATA"], "0 green, a0 has no data", False),
        (["ALARM", "INSUFFICIENT_DATA"], "a0 is ALARM", False),
    ],
)
def test_an_alarm_without_data_is_not_green(states: list[str], said: str, green: bool) -> None:  # noqa: FBT001
    """It is named: nothing would turn a canary around that it alone watches."""
    alarms = tuple(AlarmSeen(name=f"a{number}", state=state) for number, state in enumerate(states))
    seen = snapshot(alarms=alarms)
    assert (words.alarms(seen), words.all_green(seen)) == (said, green)


def test_the_picture_has_everything_that_can_be_watched() -> None:
    """Events with times, traffic as bars, healthy tasks, alarms, what happens next and when."""
    console = terminal()
    view = LiveView(console, now=lambda: NOW)
    view.step(record("b", step=Step.FOLLOW))
    view.saw(snapshot())
    view.close()
    lines = [line.rstrip() for line in shown(console).splitlines()]
    drawn = [line for line in lines if line and "\x1b" not in line]
    assert [drawn[0], *drawn[-9:]] == [
        "16:10:00Z  follow    follow CodeDeploy",
        "r-20261120T160000Z-000000  ship sha256:bbbbbbbbbbbb to dev (blue-green)",
        f"blue    {'█' * 27}{'░' * 3}   90 %  2 of 2 healthy  sha256:aaaaaaaaaaaa",
        f"green   {'█' * 3}{'░' * 27}   10 %  1 of 2 healthy  sha256:bbbbbbbbbbbb  test traffic",
        "✓  Install            16:08:30Z  1 min 00 s",
        "●  AllowTraffic       16:09:35Z  25 s",
        "·  AfterAllowTraffic",
        "d-1 InProgress",
        "alarms  1 green",
        "next    the other 90 % move in 4 min 35 s (16:14:35Z)",
    ]


@pytest.mark.parametrize(
    ("share", "drawn"), [(0, ".........."), (1, "#........."), (50, "#####....."), (100, "##########")]
)
def test_a_share_is_seen_as_a_bar_also_without_unicode(share: int, drawn: str) -> None:
    """The smallest canary is seen."""
    assert words.bar(share, 10, unicode=False) == drawn


@pytest.mark.parametrize(
    ("seconds", "said"), [(-3, "0 s"), (59, "59 s"), (185, "3 min 05 s"), (3720, "1 h 02 min")]
)
def test_a_length_of_time_reads_as_people_say_it(seconds: float, said: str) -> None:
    """Never below nothing."""
    assert words.span(seconds) == said


def ended(outcome: Outcome, **more: object) -> Record:
    """Return a release that has ended."""
    return record("b", step=Step.FREE, outcome=outcome, ended="2026-11-20T16:20:00Z", **more)


def test_a_summary_shows_what_it_came_to_and_nothing_that_steers_the_page() -> None:
    """Title, sentence, facts and events as Markdown; a reason with links and tags is only text."""
    hostile = "<img src=x> [click](http://evil) | `code`\n# title"
    result = Result(
        record=ended(Outcome.ROLLED_BACK, reason=hostile), done=False, sentence=hostile, warnings=("Look.",)
    )
    text = summary(result, snapshot())
    lines = text.splitlines()
    assert lines[:5] == [
        "## Rolled back",
        "",
        r"\<img src=x\> \[click\]\(http\://evil\) \| \`code\` \# title",
        "",
        r"> ⚠️ Look\.",
    ]
    assert r"| image | 123456789012\.dkr\.ecr\.eu\-central\-1\.amazonaws\.com/switchyard\@sha256\:" in text
    assert lines[-3:] == [
        "| ✓ Install | 16:08:30Z | 1 min 00 s |",
        "| ● AllowTraffic | 16:09:35Z | 25 s |",
        "| · AfterAllowTraffic |  |  |",
    ]
    assert failure("One.\nTwo.") == "## Not done\n\nOne\\.\n\nTwo\\.\n"
    assert escaped("a&b") == r"a\&b"


def status(**more: object) -> Status:
    """Return a stage's status."""
    seen = snapshot(**more)  # type: ignore[arg-type] # fields by name
    history = History(records=(record("b"), ended(Outcome.SHIPPED, image=record("a").image, model="a" * 64)))
    return Status(snapshot=seen, history=history, advice=advice(seen))


def test_status_tells_which_model_is_live_where_and_what_to_do() -> None:
    """A table of the colours, the release under way, and advice."""
    console = Console(file=io.StringIO(), width=120, highlight=False)
    show_status(console, status(alive=True, last_sign=3.0))
    text = shown(console)
    assert "blue         │ 90 %    │ 2 of 2  │ sha256:aaaaaaaaaaaa │ aaaaaaaaaaaa │ c0ffee" in text
    life = "under way at the step follow, alive, last sign of life 3 s ago"
    stop = "`python -m release stop --stage dev` has traffic go back."
    assert [line.rstrip() for line in text.splitlines()[-6:]] == [
        "remembered CloudFormation believes that blue is live",
        "alarms     1 green",
        f"release    r-20261120T160000Z-000000: {life}; by arn:aws:iam::123456789012:user/me",
        "engine     d-1 InProgress",
        "next       the other 90 % move in 4 min 35 s (16:14:35Z)",
        f"do         Wait: r-20261120T160000Z-000000 is under way. {stop}",
    ]


def test_status_as_json_is_the_same_for_pipelines() -> None:
    """Whole, by names that stay."""
    told = as_json(status(alive=False, last_sign=90.0))
    assert told["colours"][1] == {
        "name": "green",
        "share": 10,
        "test": True,
        "healthy": 1,
        "targets": 2,
        "images": [
            {
                "digest": digest("b"),
                "model": "b" * 64,
                "commit": "c0ffee",
                "release": "r-20261120T160000Z-000000",
            }
        ],
    }
    assert (told["live"], told["running"], told["alive"], told["last_sign_s"]) == ("blue", True, False, 90.0)
    assert told["next"] == {"what": "the other 90 % move", "at": "2026-11-20T16:14:35+00:00"}
    assert told["deployment"] == {"id": "d-1", "state": "running", "status": "InProgress"}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"record": None, "share": 0}, "Nothing: dev is ready for a release."),
        ({"alive": True}, "Wait: "),
        ({"alive": False}, "goes on in AWS without anybody following it"),
        ({"record": record("b", step=Step.PREPARE)}, "died before anything had moved"),
        ({"record": None, "share": 50}, "No colour takes all traffic"),
        (
            {"record": None, "share": 0, "remembered": "green"},
            "CloudFormation believes in green, and blue is live",
        ),
        ({"record": None, "share": 0, "alarms": (AlarmSeen(name="x", state="ALARM"),)}, "Red: x."),
        ({"record": ended(Outcome.UNCLEAR), "share": 0}, "ended unclear"),
    ],
)
def test_every_state_has_its_advice(more: dict[str, object], said: str) -> None:
    """What to do next, in a sentence."""
    assert said in advice(snapshot(**more))  # type: ignore[arg-type] # fields by name


def test_history_lists_what_was_shipped_by_whom() -> None:
    """One row a release; what others wrote cannot steer the terminal."""
    console = Console(file=io.StringIO(), width=200, highlight=False)
    rolled = ended(Outcome.ROLLED_BACK, kind=Kind.ROLLBACK, reason=f"Red{ESCAPE}.")
    show_history(console, "dev", History(records=(rolled,)))
    (row,) = [line for line in shown(console).splitlines() if "r-2026" in line]
    assert [cell.strip() for cell in row.strip("│").split("│")] == [
        "r-20261120T160000Z-000000",
        "rollback",
        "rolled-back",
        "sha256:bbbbbbbbbbbb",
        "bbbbbbbbbbbb",
        "c0ffee",
        "2026-11-20T16:20:00Z",
        "arn:aws:iam::123456789012:user/me",
        "Red [2J.",
    ]
