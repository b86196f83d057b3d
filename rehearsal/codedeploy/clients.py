"""The control plane as CodeDeploy sees it: clients, patience with it, and word of its changes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

from botocore.config import Config

from rehearsal import patience, private, sessions
from rehearsal.private import Unanswered

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_ecs import ECSClient
    from mypy_boto3_elbv2 import ElasticLoadBalancingv2Client
    from mypy_boto3_lambda import LambdaClient

T = TypeVar("T")

PATIENCE: Final = 120.0
"""Seconds of this machine for which a command is repeated that gets no proper answer."""


@dataclass(frozen=True, slots=True)
class Clients:
    """Clients of one control plane."""

    endpoint: str
    ecs: "ECSClient"
    elbv2: "ElasticLoadBalancingv2Client"
    functions: "LambdaClient"
    cloudwatch: "CloudWatchClient"
    events: Any
    """EventBridge, whose stubs are not installed."""

    @classmethod
    def connect(cls, endpoint: str) -> "Clients":
        """Return clients of the control plane at a URL."""
        session = sessions.session()
        config = Config(
            proxies={},
            connect_timeout=2,
            read_timeout=10,
            retries={"total_max_attempts": 1},
            user_agent_extra="switchyard-codedeploy",
        )
        untyped: Any = session.client
        return cls(
            endpoint=endpoint,
            ecs=session.client("ecs", endpoint_url=endpoint, config=config),
            elbv2=session.client("elbv2", endpoint_url=endpoint, config=config),
            functions=session.client("lambda", endpoint_url=endpoint, config=config),
            cloudwatch=session.client("cloudwatch", endpoint_url=endpoint, config=config),
            events=untyped("events", endpoint_url=endpoint, config=config),
        )

    def patiently(self, command: Callable[[], T]) -> T:
        """Return what a command returns that may be given twice (see `rehearsal.patience`)."""
        return patience.patiently(command, seconds=PATIENCE)

    def changes(self) -> int | None:
        """Return how many changes there have been, or None when the control plane does not say."""
        try:
            return int(private.ask("GET", self.endpoint, "changes", timeout=2)["count"])
        except Unanswered:
            return None
