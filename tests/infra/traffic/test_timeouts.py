"""The times of load balancer, service and task."""

from dataclasses import replace

import pytest

from infra.errors import TimesError
from infra.traffic.timeouts import Times, checked, contradictions
from service import contract


def test_the_contract_works_together() -> None:
    """What `service.contract` states can be deployed."""
    assert contradictions(Times()) == ()


def test_times_are_those_of_the_contract() -> None:
    """The service and the templates are built from the same numbers."""
    assert Times() == Times(
        load_balancer_idle=contract.LOAD_BALANCER_IDLE,
        client_keep_alive=3600,
        keep_alive=contract.KEEP_ALIVE,
        head=contract.HEAD_TIMEOUT,
        body=contract.BODY_TIMEOUT,
        request=contract.REQUEST_TIMEOUT,
        deregistration_delay=contract.DEREGISTRATION_DELAY,
        lame_duck=contract.LAME_DUCK,
        graceful_shutdown=contract.GRACEFUL_SHUTDOWN,
        stop=contract.STOP_TIMEOUT,
    )


IDLE = "the load balancer's idle timeout"


@pytest.mark.parametrize(
    ("field", "value", "clause"),
    [
        (
            "keep_alive",
            60,
            f"{IDLE} (60 s) must be below the service's keep-alive (60 s), or clients get a 502",
        ),
        (
            "client_keep_alive",
            59,
            f"{IDLE} (60 s) must not exceed the client keep-alive (59 s), or it never acts",
        ),
        (
            "load_balancer_idle",
            20,
            f"{IDLE} (20 s) must exceed the request timeout (20 s), or a slow answer becomes a 504",
        ),
        ("body", 11, "the request timeout (20 s) must cover headers and body (10 s and 11 s)"),
        (
            "deregistration_delay",
            19,
            "the request timeout (20 s) must not exceed the deregistration delay (19 s)",
        ),
        ("graceful_shutdown", 20, "the request timeout (20 s) must be below the graceful shutdown (20 s)"),
        (
            "lame_duck",
            35,
            "the stop timeout (60 s) must exceed lame duck and graceful shutdown (35 s and 25 s)",
        ),
        ("stop", 121, "the stop timeout (121 s) must not exceed Fargate's 120 s"),
    ],
)
def test_each_contradiction_is_told_in_a_sentence(field: str, value: int, clause: str) -> None:
    """One second too many or too few is refused, with what would come of it."""
    assert contradictions(replace(Times(), **{field: value})) == (clause,)


def test_contradictions_stop_the_synth() -> None:
    """All of them are told at once."""
    with pytest.raises(TimesError) as refusal:
        checked(replace(Times(), stop=200, keep_alive=1))
    assert str(refusal.value) == (
        "Times in service/contract.py: the load balancer's idle timeout (60 s) must be below the service's "
        "keep-alive (1 s), or clients get a 502; the stop timeout (200 s) must not exceed Fargate's 120 s."
    )
