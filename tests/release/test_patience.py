"""The patience of a command that waits for an hour."""

from collections.abc import Callable, Iterator

import pytest
from botocore.exceptions import (
    ClientError,
    CredentialRetrievalError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    ReadTimeoutError,
)

from release.aws_errors import expired, passing
from release.clients import Clients
from release.errors import LostSight
from release.patience import Pace, Patient

QUICK = Pace(poll=0.001, patience=0.05)


def refused(code: str, status: int = 400) -> ClientError:
    """Return an error of AWS's."""
    return ClientError(
        {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item]
        "Ask",
    )


def answering(*answers: Exception | str) -> Callable[[Clients], str]:
    """Return a question that is answered so, one answer after the other."""
    left: Iterator[Exception | str] = iter(answers)

    def question(_: Clients) -> str:
        answer = next(left)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return question


@pytest.mark.parametrize(
    ("error", "passes", "expires"),
    [
        (refused("ThrottlingException"), True, False),
        (refused("SlowDown", 503), True, False),
        (refused("AnythingAtAll", 500), True, False),
        (refused("ExpiredToken"), True, True),
        (refused("ExpiredTokenException"), True, True),
        (NoCredentialsError(), True, True),
        (CredentialRetrievalError(provider="process", error_msg="no"), True, True),
        (EndpointConnectionError(endpoint_url="https://aws"), True, False),
        (ReadTimeoutError(endpoint_url="https://aws"), True, False),
        (refused("AccessDenied", 403), False, False),
        (refused("PreconditionFailed", 412), False, False),
        (ParamValidationError(report="no"), False, False),
    ],
)
def test_only_what_passes_is_waited_for(error: Exception, passes: bool, expires: bool) -> None:  # noqa: FBT001
    """And only what newer credentials may mend has them read anew."""
    assert (passing(error), expired(error)) == (passes, expires)


def test_a_question_is_put_again_until_it_is_answered() -> None:
    """Through throttling, errors of the server's and credentials that expire on the way."""
    ask = Patient(Clients("eu-central-1"), QUICK)
    assert ask.ask(answering("first")) == "first"
    busy = (refused("ThrottlingException"), refused("InternalFailure", 500), refused("ExpiredToken"))
    assert ask.ask(answering(*busy, "done")) == "done"


def test_an_answer_that_waiting_does_not_change_is_given_at_once() -> None:
    """A denial above all."""
    with pytest.raises(ClientError, match="AccessDenied"):
        Patient(Clients("eu-central-1"), QUICK).ask(answering(refused("AccessDenied", 403)))


def test_credentials_that_never_worked_are_not_waited_for() -> None:
    """Whoever forgot to log in hears of it now, and not in a quarter of an hour."""
    with pytest.raises(NoCredentialsError):
        Patient(Clients("eu-central-1"), QUICK).ask(answering(NoCredentialsError(), "never"))


def test_silence_is_told_when_patience_ends() -> None:
    """With what happens to what was begun."""
    silent = answering(*[refused("ServiceUnavailable", 503)] * 100)
    with pytest.raises(LostSight, match="What was begun goes on there"):
        Patient(Clients("eu-central-1"), QUICK).ask(silent)


def test_what_was_changed_is_looked_for_until_it_is_seen() -> None:
    """AWS tells of it with a delay now and then; without it, in a sentence."""
    ask = Patient(Clients("eu-central-1"), QUICK)
    answers: Iterator[str | None] = iter([None, None, "there"])
    assert ask.until(lambda _: next(answers), "Nothing is shown") == "there"
    with pytest.raises(LostSight, match="Nothing is shown after"):
        ask.until(lambda _: None, "Nothing is shown")
