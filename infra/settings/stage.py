"""One stage, complete."""

from dataclasses import dataclass, field

from infra.names import PRODUCT
from infra.settings.alarms import AlarmSettings
from infra.settings.network import NetworkSettings
from infra.settings.operations import OperationsSettings
from infra.settings.release import ReleaseSettings
from infra.settings.tasks import TaskSettings
from infra.settings.traffic import TrafficSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class StageSettings:
    """One stage: what is not said here is the same on every stage."""

    name: str
    """Stage, in lower case; part of every stack name and physical name."""
    account: str | None = None
    """AWS account of twelve digits; by default whichever the credentials at deploy time belong to."""
    region: str = "eu-central-1"
    """AWS region."""
    protected: bool = False
    """Whether it is held to what production is held to: unsafe values are refused, its stacks cannot be
    deleted by accident, and the teardown asks for an unlock. The stage `production` must be protected."""
    github_provider: bool = False
    """Whether this stage brings GitHub's identity provider into its account: for one stage of each account
    other than the registry's, when `registry.github` is given."""
    network: NetworkSettings
    """The VPC."""
    traffic: TrafficSettings = field(default_factory=TrafficSettings)
    """The load balancer."""
    tasks: TaskSettings = field(default_factory=TaskSettings)
    """Size and number of the tasks."""
    release: ReleaseSettings = field(default_factory=ReleaseSettings)
    """How a new version takes over."""
    alarms: AlarmSettings = field(default_factory=AlarmSettings)
    """From where on a version counts as bad."""
    operations: OperationsSettings = field(default_factory=OperationsSettings)
    """What is kept, who is told, and what it may cost."""

    @property
    def prefix(self) -> str:
        """Start of every physical name of this stage, such as `switchyard-dev`."""
        return f"{PRODUCT}-{self.name}"

    @property
    def tags(self) -> dict[str, str]:
        """Tags of this stage's stacks but Colour's, which CloudFormation hands on to what they contain.

        They never change with a commit: one changed tag would touch, and so rewrite, every listener.
        """
        return {"product": PRODUCT, "stage": self.name}

    @property
    def live_colour_parameter(self) -> str:
        """SSM parameter that holds `blue` or `green`: the colour that production traffic goes to."""
        return self.entry("live-colour")

    @property
    def gate_function(self) -> str:
        """Name of the Lambda function that is the release gate: the hook of every release."""
        return f"{self.prefix}-release-gate"

    @property
    def keeper_function(self) -> str:
        """Name of the Lambda function that is the release keeper: it watches over what a release moves."""
        return f"{self.prefix}-release-keeper"

    @property
    def task_role(self) -> str:
        """Name of the role that the service's own code has; with the region, since roles have none."""
        return f"{self.prefix}-task-{self.region}"

    @property
    def execution_role(self) -> str:
        """Name of the role with which Fargate starts a task."""
        return f"{self.prefix}-execution-{self.region}"

    @property
    def topic(self) -> str:
        """Name of the topic through which messages reach people."""
        return f"{self.prefix}-notifications"

    @property
    def unwell_alarm(self) -> str:
        """Name of the alarm that stands for all rollback alarms."""
        return f"{self.prefix}-unwell"

    @property
    def release_role(self) -> str:
        """Name of the role of the workflow that releases to this stage."""
        return f"{self.prefix}-release-{self.region}"

    @property
    def deploy_role(self) -> str:
        """Name of the role of the workflow that runs `cdk deploy` for this stage."""
        return f"{self.prefix}-deploy-{self.region}"

    def data_bucket(self, account: str) -> str:
        """Return the name of the stage's data bucket in an account, given by its twelve digits."""
        return f"{self.prefix}-data-{account}-{self.region}"

    def log_bucket(self, what: str, account: str) -> str:
        """Return the name of the bucket for the access logs of something, such as `traffic`."""
        return f"{self.prefix}-{what}-logs-{account}-{self.region}"

    def entry(self, name: str) -> str:
        """Return the SSM parameter behind a directory entry, such as `/switchyard/dev/network/vpc`."""
        return f"/{PRODUCT}/{self.name}/{name}"

    def stack_name(self, part: str) -> str:
        """Return the name of one of this stage's stacks, such as `Switchyard-dev-Traffic`."""
        return f"Switchyard-{self.name}-{part}"
