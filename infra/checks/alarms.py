"""Rules for the alarms: a threshold that nothing can exceed would never turn a release around."""

from typing import Final

from infra.checks.rules import Rule, rule, shown, within
from infra.settings import StageSettings
from service.contract import REQUEST_TIMEOUT

MOST: Final = 1_000_000_000
"""More in a minute than anybody sends."""


@rule("alarms.max_error_percent")
def max_error_percent(settings: StageSettings) -> str | None:
    """Above 0 and below 100 percent, so that it can be exceeded."""
    value = settings.alarms.max_error_percent
    return None if 0 < value < 100 else f"must be above 0 and below 100 percent, not {shown(value)}"  # noqa: PLR2004


@rule("alarms.max_latency")
def max_latency(settings: StageSettings) -> str | None:
    """Above 0 and below 20 seconds: after these the service answers by itself."""
    value = settings.alarms.max_latency
    if 0 < value < REQUEST_TIMEOUT:
        return None
    return f"must be above 0 and below {REQUEST_TIMEOUT} seconds, the request timeout, not {shown(value)}"


RULES: Final[tuple[Rule[StageSettings], ...]] = (
    max_error_percent,
    within("alarms.min_requests", 1, MOST, lambda settings: settings.alarms.min_requests, "requests"),
    within("alarms.min_errors", 1, MOST, lambda settings: settings.alarms.min_errors, "responses"),
    max_latency,
    within(
        "alarms.max_balancer_errors",
        1,
        MOST,
        lambda settings: settings.alarms.max_balancer_errors,
        "responses",
    ),
)
