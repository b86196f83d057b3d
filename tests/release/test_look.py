"""What is seen of a stage, and why a deployment came to nothing."""

from release.alarms import seen
from release.deployment import Deployment, Event, State
from release.look import colours_of, in_words, lines_of
from release.view_model import AlarmSeen, ColourSeen
from tests.release.facts import NEW, OLD, scene, target, task


def test_each_colour_is_seen_with_its_share_targets_and_digests() -> None:
    """In the middle of a canary."""
    middle = scene(
        tasks=(task(1, digest=OLD), task(2, digest=OLD), task(3)),
        targets={
            "blue": (target(1), target(2), target(9, "draining")),
            "green": (target(3), target(4, "initial")),
        },
        production={"blue": 90, "green": 10},
    )
    assert colours_of(middle) == (
        ColourSeen(name="blue", share=90, test=False, healthy=2, targets=2, digests=(OLD,)),
        ColourSeen(name="green", share=10, test=True, healthy=1, targets=2, digests=(NEW,)),
    )


def test_alarms_come_in_the_order_of_their_names() -> None:
    """Composite ones too, however CloudWatch lists them."""
    described = [
        {"AlarmName": "unwell", "StateValue": "OK", "StateReason": "all well"},
        {"AlarmName": "blue-errors", "StateValue": "ALARM"},
    ]
    assert seen(["blue-errors", "gone", "unwell"], described) == (
        AlarmSeen(name="blue-errors", state="ALARM"),
        AlarmSeen(name="unwell", state="OK", reason="all well"),
    )


def test_the_gates_errors_are_told_without_lambdas_words_around_them() -> None:
    """The last five, each in one line of bounded length."""
    log = [
        "START RequestId: 1\n",
        "[INFO]\t2026-11-20T16:00:00Z\t1\tAsking 10 probes.\n",
        *(f"[ERROR]\t2026-11-20T16:00:00Z\t1\tProbe {number} differs.\n" for number in range(7)),
        f"[ERROR]\t2026-11-20T16:00:00Z\t1\tTraceback\n  {'x' * 600}\n",
        "REPORT RequestId: 1\tDuration: 3 ms\n",
        "",
    ]
    told = lines_of(log)
    assert told[:4] == ("Probe 3 differs.", "Probe 4 differs.", "Probe 5 differs.", "Probe 6 differs.")
    assert told[4] == f"Traceback {'x' * 490}"


def test_a_failure_is_told_in_sentences() -> None:
    """The engine's, the gate's, and which alarm is red."""
    failed = Deployment(
        id="d-1",
        state=State.FAILED,
        status="Failed",
        started=None,
        task_definition="",
        events=(Event(name="AfterAllowTestTraffic", status="failed", message="UnknownError"),),
        reason="HOOK_EXECUTION_FAILURE: no",
    )
    red = [AlarmSeen(name="green-errors", state="ALARM", reason="2 > 1")]
    assert in_words(failed, ["Probe 1 differs."], red) == (
        "HOOK_EXECUTION_FAILURE: no. AfterAllowTestTraffic: UnknownError. The gate said: Probe 1 differs. "
        "Alarm green-errors is red: 2 > 1."
    )


def test_a_failure_without_a_word_is_told_as_that() -> None:
    """Nobody is left to guess."""
    failed = Deployment(id="d-1", state=State.FAILED, status="Failed", started=None, task_definition="")
    assert in_words(failed, [], []) == "The deployment ended as Failed, without a reason."
