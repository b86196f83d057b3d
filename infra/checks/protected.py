"""What a protected stage refuses although it would work, each with the reason."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from infra.checks.alarms import MOST
from infra.checks.rules import Rule, rule
from infra.settings import Egress, Severity, StageSettings, Strategy
from service.contract import REQUEST_TIMEOUT

PRODUCTION: Final = "production"
"""The stage that must be protected."""
SHORTEST_RETENTION: Final = 90
"""Days of logs that a protected stage keeps at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A value that other stages may have."""

    field: str
    """Path of the field."""
    value: str
    """The refused value, in words."""
    reason: str
    """What would happen, as a clause."""
    holds: Callable[[StageSettings], bool]
    """Whether settings have the value."""
    also: tuple[str, ...] = ()
    """Paths of the other fields that decide it."""

    def rule(self) -> Rule[StageSettings]:
        """Return the rule that refuses the value on a protected stage."""
        words = f"must not be {self.value} on a protected stage: {self.reason}"

        def judge(settings: StageSettings) -> str | None:
            return words if settings.protected and self.holds(settings) else None

        promise = f"Not {self.value} on a protected stage."
        return Rule(self.field, (self.field, "protected", *self.also), promise, judge)


REFUSALS: Final = (
    Refusal(
        field="traffic.internet_facing",
        value="True without HTTPS",
        reason="anyone on the way could read and change requests and predictions",
        holds=lambda settings: settings.traffic.internet_facing and not settings.traffic.https,
        also=("traffic.certificate", "traffic.hosted_zone"),
    ),
    Refusal(
        field="traffic.deletion_protection",
        value="False",
        reason="one mistaken command could take away the address that clients call",
        holds=lambda settings: not settings.traffic.deletion_protection,
    ),
    Refusal(
        field="network.egress",
        value=Egress.ONE_NAT.value,
        reason="the loss of that gateway's zone would cut the tasks in all others off",
        holds=lambda settings: settings.network.egress is Egress.ONE_NAT,
    ),
    Refusal(
        field="tasks.spot",
        value="True",
        reason="AWS may end all tasks at two minutes' notice and have no others",
        holds=lambda settings: settings.tasks.spot,
    ),
    Refusal(
        field="tasks.min_tasks",
        value="1",
        reason="nobody answers from the moment that task ends until another has started",
        holds=lambda settings: settings.tasks.min_tasks == 1,
    ),
    Refusal(
        field="tasks.min_tasks",
        value="below the number of zones",
        reason="a zone without a task does not help when another is lost",
        holds=lambda settings: 1 < settings.tasks.min_tasks < len(set(settings.network.zones)),
        also=("network.zones",),
    ),
    Refusal(
        field="release.strategy",
        value=Strategy.ALL_AT_ONCE.value,
        reason="the old tasks end at once, so the way back from a bad version takes a new release",
        holds=lambda settings: settings.release.strategy is Strategy.ALL_AT_ONCE,
    ),
    Refusal(
        field="release.strategy",
        value=Strategy.ROLLING.value,
        reason="a version would take traffic without having passed the release gate",
        holds=lambda settings: settings.release.strategy is Strategy.ROLLING,
    ),
    Refusal(
        field="release.max_severity",
        value=Severity.CRITICAL.value,
        reason="whatever the registry's scan finds, the image would be released",
        holds=lambda settings: settings.release.max_severity is Severity.CRITICAL,
    ),
    Refusal(
        field="alarms.enabled",
        value="False",
        reason="nothing would turn a bad release around, and nobody would be told",
        holds=lambda settings: not settings.alarms.enabled,
    ),
    Refusal(
        field="alarms.max_error_percent",
        value="above 10",
        reason="one request in ten could fail, and the version would stay",
        holds=lambda settings: 10 < settings.alarms.max_error_percent < 100,  # noqa: PLR2004 - percent
    ),
    Refusal(
        field="alarms.min_requests",
        value="above 1000",
        reason="a version that is asked less often would be judged by nothing but its health",
        holds=lambda settings: 1000 < settings.alarms.min_requests <= MOST,  # noqa: PLR2004 - said in `value`
    ),
    Refusal(
        field="alarms.min_errors",
        value="above 100",
        reason="that many requests could fail every minute, whatever share of all they are",
        holds=lambda settings: 100 < settings.alarms.min_errors <= MOST,  # noqa: PLR2004 - said in `value`
    ),
    Refusal(
        field="alarms.max_latency",
        value="above 10",
        reason="one request in a hundred could take half of the request timeout, and the version would stay",
        holds=lambda settings: 10 < settings.alarms.max_latency < REQUEST_TIMEOUT,  # noqa: PLR2004 - as above
    ),
    Refusal(
        field="alarms.max_balancer_errors",
        value="above 100",
        reason="tasks that crash or hang could fail so many requests every minute",
        holds=lambda settings: 100 < settings.alarms.max_balancer_errors <= MOST,  # noqa: PLR2004 - as above
    ),
    Refusal(
        field="operations.log_retention",
        value=f"below {SHORTEST_RETENTION}",
        reason="incidents are often looked into weeks later, and the logs would be gone",
        holds=lambda settings: settings.operations.log_retention < SHORTEST_RETENTION,
    ),
)
"""Everything that is refused."""


@rule("protected", "name")
def production_is_protected(settings: StageSettings) -> str | None:
    """True on the stage `production`."""
    if settings.protected or settings.name != PRODUCTION:
        return None
    return f"must be True on the stage {PRODUCTION!r}: nothing unsafe is to get there by a default"


RULES: Final[tuple[Rule[StageSettings], ...]] = (
    production_is_protected,
    *(refusal.rule() for refusal in REFUSALS),
)
