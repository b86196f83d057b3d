"""What a hook's answer means."""

import json

import pytest

from rehearsal.ecs.plan import Stage
from rehearsal.ecs.questions import read
from rehearsal.ecs.state import Answered, Invoke, Verdict

ASKED = Invoke(3, 0, Stage.PRE_SCALE_UP)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"hookStatus": "SUCCEEDED"}, Answered(3, 0, Verdict.SUCCEEDED)),
        ({"hookStatus": "FAILED", "more": 1}, Answered(3, 0, Verdict.FAILED)),
        (
            {"hookStatus": "IN_PROGRESS", "callBackDelay": 60, "hookDetails": {"a": 1}},
            Answered(3, 0, Verdict.IN_PROGRESS, delay=2.0, details={"a": 1}),
        ),
    ],
)
def test_a_hook_answers_with_a_status(said: object, expected: Answered) -> None:
    """See "Lambda hooks for Amazon ECS service deployments"; its delay is divided by the speed."""
    assert read(ASKED, json.dumps(said).encode(), failed=False, real=lambda s: s / 30) == expected


@pytest.mark.parametrize("said", [b"", b"null", b"{}", b'"SUCCEEDED"', b'{"hookStatus": "OK"}', b"{", b"[]"])
def test_an_answer_without_a_valid_status_is_a_failure(said: bytes) -> None:
    """See "Lambda hooks for Amazon ECS service deployments"."""
    answer = read(ASKED, said, failed=False, real=float)
    assert (answer.verdict, answer.error) == (None, "its function answered without a valid hookStatus")


def test_a_function_that_fails_is_a_failure_whatever_it_says() -> None:
    """See "Lambda hooks for Amazon ECS service deployments"."""
    answer = read(ASKED, b'{"errorMessage": "boom", "hookStatus": "SUCCEEDED"}', failed=True, real=float)
    assert (answer.verdict, answer.error) == (None, "its function failed: boom")
