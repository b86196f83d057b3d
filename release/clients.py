"""AWS at the edge: typed clients of one region."""

import threading
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from boto3.session import Session
from botocore.config import Config

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_codedeploy import CodeDeployClient
    from mypy_boto3_ecr import ECRClient
    from mypy_boto3_ecs import ECSClient
    from mypy_boto3_elbv2 import ElasticLoadBalancingv2Client
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_ssm import SSMClient
    from mypy_boto3_sts import STSClient

_CONFIG: Final = Config(
    connect_timeout=5,
    read_timeout=30,
    retries={"total_max_attempts": 6, "mode": "standard"},
    user_agent_extra="switchyard-release",
)
_ONCE: Final = _CONFIG.merge(Config(retries={"total_max_attempts": 1, "mode": "standard"}))
"""For what must not be sent again unseen: an answer that was lost may have been a yes."""
_BRIEF: Final = _CONFIG.merge(
    Config(connect_timeout=3, read_timeout=5, retries={"total_max_attempts": 2, "mode": "standard"})
)
"""For signs of life: one request that hangs must not outlast a lease."""


class Clients:
    """Clients of one stage's region, made when they are first used."""

    def __init__(self, region: str, *, registry_region: str | None = None, brief: bool = False) -> None:
        self.region = region
        self._config = _BRIEF if brief else _CONFIG
        self._registry_region = registry_region or region
        self._session = Session(region_name=region)
        self._one_at_a_time = threading.Lock()
        self.answered = False
        """Whether AWS has answered anything: credentials that never worked are not waited for."""
        self.before_each: Callable[[], None] = _nothing
        """Called before each request is sent, also before one is sent again; what it raises keeps it back."""

    def renew(self) -> None:
        """Read the credentials anew, wherever they come from, for everything that is asked from now on."""
        with self._one_at_a_time:
            self._session = Session(region_name=self.region)
            for name in [
                name for name, kind in vars(type(self)).items() if isinstance(kind, cached_property)
            ]:
                self.__dict__.pop(name, None)

    def _make(self, service: str, *, config: Config | None = None, region_name: str | None = None) -> Any:  # noqa: ANN401 - a client
        """Make a client; a session makes one at a time only, and the heartbeat asks beside the release."""
        with self._one_at_a_time:
            client = self._session.client(service, config=config or self._config, region_name=region_name)
        client.meta.events.register("before-send", self._before_send)
        return client

    def _before_send(self, **_: object) -> None:
        self.before_each()

    @cached_property
    def cloudformation(self) -> "CloudFormationClient":
        """AWS CloudFormation."""
        client: CloudFormationClient = self._make("cloudformation")
        return client

    @cached_property
    def cloudwatch(self) -> "CloudWatchClient":
        """Amazon CloudWatch."""
        client: CloudWatchClient = self._make("cloudwatch")
        return client

    @cached_property
    def codedeploy(self) -> "CodeDeployClient":
        """AWS CodeDeploy."""
        client: CodeDeployClient = self._make("codedeploy")
        return client

    @cached_property
    def codedeploy_once(self) -> "CodeDeployClient":
        """AWS CodeDeploy, for what is sent once and never again by itself."""
        client: CodeDeployClient = self._make("codedeploy", config=_ONCE)
        return client

    @cached_property
    def ecr(self) -> "ECRClient":
        """Amazon ECR, in the registry's region."""
        client: ECRClient = self._make("ecr", region_name=self._registry_region)
        return client

    @cached_property
    def ecs(self) -> "ECSClient":
        """Amazon ECS."""
        client: ECSClient = self._make("ecs")
        return client

    @cached_property
    def elbv2(self) -> "ElasticLoadBalancingv2Client":
        """Elastic Load Balancing."""
        client: ElasticLoadBalancingv2Client = self._make("elbv2")
        return client

    @cached_property
    def logs(self) -> "CloudWatchLogsClient":
        """Amazon CloudWatch Logs."""
        client: CloudWatchLogsClient = self._make("logs")
        return client

    @cached_property
    def s3(self) -> "S3Client":
        """Amazon S3."""
        client: S3Client = self._make("s3")
        return client

    @cached_property
    def ssm(self) -> "SSMClient":
        """The parameters of AWS Systems Manager."""
        client: SSMClient = self._make("ssm")
        return client

    @cached_property
    def sts(self) -> "STSClient":
        """AWS STS."""
        client: STSClient = self._make("sts")
        return client


def _nothing() -> None:
    """Keep no request back."""
