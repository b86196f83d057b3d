"""The times of load balancer, service and task, which only work together.

Each of them lives elsewhere: in the load balancer's attributes, in the process, in the task definition. What
must hold between them is checked whenever templates are made.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from infra.errors import TimesError
from service import contract

CLIENT_KEEP_ALIVE: Final = 3600
"""Seconds after which the load balancer ends a client's connection behind an answer; AWS's own default.

So a client asks the name server again within the hour, and finds the addresses that were added meanwhile.
"""
LONGEST_STOP: Final = 120
"""Seconds that Fargate gives a task at most between SIGTERM and SIGKILL (Amazon ECS, `stopTimeout`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """Every time that another one depends on, in seconds; by default as `service.contract` states them."""

    load_balancer_idle: int = contract.LOAD_BALANCER_IDLE
    """Idle time after which the load balancer closes a connection, to client or task."""
    client_keep_alive: int = CLIENT_KEEP_ALIVE
    """Age at which the load balancer ends a client's connection."""
    keep_alive: int = contract.KEEP_ALIVE
    """Idle time after which the service closes a connection."""
    head: int = contract.HEAD_TIMEOUT
    """Longest time for a request's headers to arrive."""
    body: int = contract.BODY_TIMEOUT
    """Longest time for its body to arrive."""
    request: int = contract.REQUEST_TIMEOUT
    """Longest time from its headers to its answer."""
    deregistration_delay: int = contract.DEREGISTRATION_DELAY
    """Time for which the load balancer lets a draining task finish."""
    lame_duck: int = contract.LAME_DUCK
    """Time from SIGTERM to the closing of the service's listener."""
    graceful_shutdown: int = contract.GRACEFUL_SHUTDOWN
    """Longest wait for requests in flight after that."""
    stop: int = contract.STOP_TIMEOUT
    """Time from SIGTERM to SIGKILL."""


TIMES: Final = Times()
"""The times that every stage has."""


def contradictions(times: Times) -> tuple[str, ...]:
    """Return one clause for each pair of times that cannot work together, and what would come of it."""
    rules = (*_connection_rules(times), *_request_rules(times), *_ending_rules(times))
    return tuple(clause for holds, clause in rules if not holds)


def _connection_rules(times: Times) -> Iterator[tuple[bool, str]]:
    idle = f"the load balancer's idle timeout ({times.load_balancer_idle} s)"
    yield (
        times.load_balancer_idle < times.keep_alive,
        f"{idle} must be below the service's keep-alive ({times.keep_alive} s), or clients get a 502",
    )
    yield (
        times.load_balancer_idle <= times.client_keep_alive,
        f"{idle} must not exceed the client keep-alive ({times.client_keep_alive} s), or it never acts",
    )
    yield (
        times.request < times.load_balancer_idle,
        f"{idle} must exceed the request timeout ({times.request} s), or a slow answer becomes a 504",
    )


def _request_rules(times: Times) -> Iterator[tuple[bool, str]]:
    request = f"the request timeout ({times.request} s)"
    yield (
        times.head + times.body <= times.request,
        f"{request} must cover headers and body ({times.head} s and {times.body} s)",
    )
    yield (
        times.request <= times.deregistration_delay,
        f"{request} must not exceed the deregistration delay ({times.deregistration_delay} s)",
    )
    yield (
        times.request < times.graceful_shutdown,
        f"{request} must be below the graceful shutdown ({times.graceful_shutdown} s)",
    )


def _ending_rules(times: Times) -> Iterator[tuple[bool, str]]:
    stop = f"the stop timeout ({times.stop} s)"
    ending = f"lame duck and graceful shutdown ({times.lame_duck} s and {times.graceful_shutdown} s)"
    yield times.lame_duck + times.graceful_shutdown < times.stop, f"{stop} must exceed {ending}"
    yield times.stop <= LONGEST_STOP, f"{stop} must not exceed Fargate's {LONGEST_STOP} s"


def checked(times: Times) -> Times:
    """Return the times unchanged when they work together.

    Raises:
        TimesError: they do not; it lists everything that is wrong.
    """
    wrong = contradictions(times)
    if wrong:
        raise TimesError(wrong)
    return times
