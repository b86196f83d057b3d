"""What a stage can decide: one frozen object, every field with its meaning, unit and default."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

PRODUCT: Final = "switchyard"
"""Name of the product: the ECR repository, and the prefix of every physical name."""
RELEASE_TAGS: Final = "release-"
"""Start of the tag of every released image: an image that has one never expires."""
PROBES_PREFIX: Final = "releases/probes/"
"""Where a release leaves its package's `probes.json` in the data bucket: `<prefix><64 hex digits>.json`."""
CONTAINER: Final = "service"
"""Name of the container, in the task definition and in the AppSpec of every release."""
PRODUCTION_PORT: Final = 80
"""Port of the listener that clients call."""
TEST_PORT: Final = 9000
"""Port of the listener that the release gate calls."""


class Strategy(StrEnum):
    """How CodeDeploy moves production traffic once the release gate has passed."""

    BLUE_GREEN = "blue-green"
    """All of it in one step."""
    CANARY = "canary"
    """`shift_percent` first, the rest after `shift_minutes`."""
    LINEAR = "linear"
    """`shift_percent` every `shift_minutes`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageSettings:
    """One stage, complete: what is not said here is the same on every stage."""

    name: str
    """Stage, in lower case; part of every stack name and physical name."""
    region: str = "eu-central-1"
    """AWS region. The account is whichever the credentials at deploy time belong to."""
    zones: tuple[str, ...] = ("eu-central-1a", "eu-central-1b")
    """Availability zones, never looked up: the load balancer takes at least two."""
    cidr: str
    """Address range of the VPC, /16 to /20; must not overlap with networks it will be peered with."""
    nat_gateways: int = 1
    """NAT gateways through which tasks reach AWS; one per zone survives the loss of a zone."""
    internet_facing: bool = False
    """Whether the load balancer has public addresses; by default it is reached from inside only."""
    callers: tuple[str, ...] = ("10.0.0.0/8",)
    """IPv4 ranges that may call the production listener. Plain HTTP to the public is for dev only."""
    cpu: int = 512
    """CPU units of a task (1024 are one vCPU); only pairs with `memory` that Fargate sells."""
    memory: int = 1024
    """Memory of a task in MiB."""
    min_tasks: int = 1
    """Tasks that run when nothing calls."""
    max_tasks: int = 2
    """Tasks beyond which scaling stops."""
    cpu_target: int = 60
    """Average CPU in percent that scaling aims at."""
    startup_grace: int = 120
    """Seconds after a task's start in which failed health checks do not stop it."""
    strategy: Strategy = Strategy.BLUE_GREEN
    """How traffic moves in a release."""
    shift_percent: int = 10
    """Share of traffic moved in a step, in percent; unused by blue-green."""
    shift_minutes: int = 5
    """Minutes between two steps; unused by blue-green."""
    termination_wait: int = 10
    """Minutes for which the old tasks stay up after a release: the window for an instant way back."""
    gate_tolerance: float = 1e-9
    """Largest difference between a probe's prediction and the answer on the test listener."""
    max_errors: int = 5
    """Responses with status 5xx per minute and colour above which a release is rolled back."""
    max_balancer_errors: int = 10
    """Responses 5xx per minute that the load balancer makes itself, above which a release is rolled back.

    They stand for tasks that crash or hang, and belong to no colour. Above 0, because the release gate
    gets some of them while it waits for the new version.
    """
    max_latency: float = 2.0
    """99th percentile of a colour's response time, in seconds, above which a release is rolled back."""
    log_retention: int = 30
    """Days for which logs are kept; a number that CloudWatch Logs offers."""
    access_log_retention: int = 90
    """Days for which the load balancer's and the buckets' access logs are kept."""
    deletion_protection: bool = False
    """Whether the load balancer refuses to be deleted."""
    notify: str | None = None
    """E-mail address that is told about red alarms; by default nobody subscribes to the topic."""

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

    def data_bucket(self, account: str) -> str:
        """Return the name of the stage's data bucket in an account, given by its twelve digits."""
        return f"{self.prefix}-data-{account}-{self.region}"

    def entry(self, name: str) -> str:
        """Return the SSM parameter behind a directory entry, such as `/switchyard/dev/network/vpc`."""
        return f"/{PRODUCT}/{self.name}/{name}"

    def stack_name(self, part: str) -> str:
        """Return the name of one of this stage's stacks, such as `Switchyard-dev-Traffic`."""
        return f"Switchyard-{self.name}-{part}"
