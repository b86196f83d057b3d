"""What a release knows of the stage that it goes to, once it was read."""

from collections.abc import Mapping
from dataclasses import dataclass

from infra.settings import Engine, StageSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Where traffic is told its colour: a listener's default action, or a rule that ECS moves."""

    arn: str
    is_rule: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One capacity provider of the service's."""

    name: str
    weight: int
    base: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """The stage: names, ARNs, and what its service says about itself."""

    settings: StageSettings
    engine_name: Engine
    """What moves its traffic, as the service says."""
    account: str
    """Account of twelve digits."""
    partition: str
    """`aws`, or what it is called elsewhere."""
    service: str
    """Name of the ECS service."""
    service_arn: str
    groups: Mapping[str, str]
    """ARN of the target group of each colour."""
    production: Way
    test: Way
    gate: str
    """ARN of the release gate; empty for a strategy that has none."""
    gate_log: str
    """Name of the gate's log group; empty without a gate."""
    container: str
    """Name of the container that takes traffic."""
    port: int
    """Its port."""
    capacity: tuple[Provider, ...] = ()
    """Where the tasks run; nothing for plain Fargate."""

    @property
    def name(self) -> str:
        """Name of the stage."""
        return self.settings.name

    @property
    def cluster(self) -> str:
        """Name of the ECS cluster."""
        return self.settings.prefix

    @property
    def application(self) -> str:
        """Name of CodeDeploy's application."""
        return self.settings.prefix

    @property
    def deployment_group(self) -> str:
        """Name of CodeDeploy's deployment group."""
        return self.settings.prefix

    @property
    def bucket(self) -> str:
        """Name of the data bucket."""
        return self.settings.data_bucket(self.account)

    @property
    def traffic_stack(self) -> str:
        """Name of the stack with the listeners."""
        return self.settings.stack_name("Traffic")

    @property
    def service_stack(self) -> str:
        """Name of the stack with the service."""
        return self.settings.stack_name("Service")

    @property
    def family(self) -> str:
        """Family of the task definition."""
        return self.settings.prefix

    @property
    def alarms(self) -> tuple[str, ...]:
        """Names of the alarms that turn a release around, and last of the one that stands for all."""
        if not self.settings.alarms.enabled:
            return ()
        each = [f"{colour}-{what}" for colour in self.groups for what in ("errors", "latency", "unhealthy")]
        names = [f"{self.settings.prefix}-{name}" for name in (*each, "load-balancer-errors")]
        return (*names, self.settings.unwell_alarm)

    def colour_of(self, group: str) -> str:
        """Return the colour of a target group, given by its ARN; empty for one that has none."""
        return next((colour for colour, arn in self.groups.items() if arn == group), "")
