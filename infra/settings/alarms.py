"""Alarms: from where on a version counts as bad."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmSettings:
    """The alarms that turn a release around, and that tell people at any other time."""

    enabled: bool = True
    """Whether there are alarms at all."""
    max_error_percent: float = 2.0
    """Share of a colour's responses with status 5xx, in percent of a minute's requests, above which it is
    bad."""
    min_requests: int = 10
    """Requests to a colour in a minute below which its error share and latency are not judged.

    A canary's colour gets `release.shift_percent` of the stage's requests: with 10 % it is judged from 100
    requests a minute to the stage on, and quieter stages release it unjudged but for its health.
    """
    min_errors: int = 3
    """Responses with status 5xx of a colour in a minute below which its error share is not judged: one or two
    failed requests turn nothing around, whatever share they are.

    So 2 of 10 requests may fail every minute. With a limit of 2 % the share alone decides from 100 requests
    a minute to the colour on, with 1 % from 200.
    """
    max_latency: float = 2.0
    """99th percentile of a colour's response time, in seconds, above which it is bad for three minutes."""
    max_balancer_errors: int = 10
    """Responses 5xx per minute that the load balancer makes itself, above which something is bad.

    They stand for tasks that crash or hang, and belong to no colour. Above 0, because the release gate
    gets some of them while it waits for the new version.
    """
