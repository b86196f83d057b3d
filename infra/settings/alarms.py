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
    min_requests: int = 20
    """Requests to a colour in a minute below which its error share and latency are not judged: one failed
    request at night rolls nothing back."""
    max_latency: float = 2.0
    """99th percentile of a colour's response time, in seconds, above which it is bad for three minutes."""
    max_balancer_errors: int = 10
    """Responses 5xx per minute that the load balancer makes itself, above which something is bad.

    They stand for tasks that crash or hang, and belong to no colour. Above 0, because the release gate
    gets some of them while it waits for the new version.
    """
