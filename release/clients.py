"""AWS at the edge: typed clients, and the patience of a command that waits for an hour."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, TypeVar

from boto3.session import Session
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    HTTPClientError,
    NoCredentialsError,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
)
from botocore.exceptions import (
    ConnectionError as NoConnection,
)

from release.errors import LostSight

if TYPE_CHECKING:
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

T = TypeVar("T")

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
LEASE: Final = 30.0
"""Seconds without a sign of life before a claim may be taken over; its holder gives six in that time."""
_EXPIRED: Final = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "RequestExpired",
        "InvalidClientTokenId",
        "UnrecognizedClientException",
    }
)
_PASSING: Final = frozenset(
    {
        "InternalError",
        "InternalFailure",
        "InternalServerError",
        "PriorRequestNotComplete",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "RequestTimeout",
        "RequestTimeoutException",
        "ServerException",
        "ServiceUnavailable",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "TooManyRequestsException",
        "TooManyUpdates",
    }
)
_NO_CREDENTIALS: Final = (
    CredentialRetrievalError,
    NoCredentialsError,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
)
_SERVER_ERROR: Final = 500


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often is looked, and for how long is waited; all in seconds."""

    poll: float = 5.0
    """Between two looks at a release under way."""
    patience: float = 900.0
    """Without any answer from AWS before a command gives up; what it began goes on there."""

    lease: float = LEASE
    """Without a sign of life of this command's before another one may take its release over."""

    @property
    def beat(self) -> float:
        """Between two signs of life."""
        return self.lease / 6

    @property
    def settle(self) -> float:
        """For what runs to be as it should once a deployment has ended: tasks take a moment to leave."""
        return 4 * self.lease


@dataclass(frozen=True, slots=True)
class Patient:
    """Repeats what may be repeated while AWS is busy, out of reach, or asks for newer credentials."""

    clients: Clients
    pace: Pace = field(default_factory=Pace)

    def ask(self, question: Callable[[Clients], T]) -> T:
        """Return the answer to a question that changes nothing, or may be put twice.

        The question takes the clients anew each time, because renewed credentials make new ones.

        Raises:
            LostSight: There was no answer for as long as patience lasts.
            botocore.exceptions.ClientError: AWS has answered, with something that waiting does not change.
        """
        deadline = time.monotonic() + self.pace.patience
        while True:
            try:
                answer = question(self.clients)
            except (BotoCoreError, ClientError) as error:
                if not passing(error) or (expired(error) and not self.clients.answered):
                    raise
                if time.monotonic() + self.pace.poll > deadline:
                    raise LostSight(
                        f"AWS has not answered for {self.pace.patience:.0f} s ({error}). What was begun "
                        "goes on there: run `python -m release status` when it answers again."
                    ) from error
                if expired(error):
                    self.clients.renew()
            else:
                self.clients.answered = True
                return answer
            time.sleep(self.pace.poll)

    def until(self, question: Callable[[Clients], T | None], otherwise: str) -> T:
        """Return the first answer that is one; AWS tells what was just changed with a delay now and then.

        Raises:
            LostSight: there was none for as long as patience lasts; `otherwise` begins the message.
        """
        deadline = time.monotonic() + self.pace.patience
        while (answer := self.ask(question)) is None:
            if time.monotonic() + self.pace.poll > deadline:
                raise LostSight(
                    f"{otherwise} after {self.pace.patience:.0f} s: run `python -m release status` to see."
                )
            time.sleep(self.pace.poll)
        return answer


def _nothing() -> None:
    """Keep no request back."""


def expired(error: Exception) -> bool:
    """Return whether newer credentials may help."""
    return isinstance(error, _NO_CREDENTIALS) or code_of(error) in _EXPIRED


def passing(error: Exception) -> bool:
    """Return whether the same question may be answered later."""
    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return status >= _SERVER_ERROR or code_of(error) in _PASSING | _EXPIRED
    return isinstance(error, (NoConnection, HTTPClientError, *_NO_CREDENTIALS))


def code_of(error: Exception) -> str:
    """Return AWS's code of an error, such as `AccessDenied`; empty when it is none of AWS's."""
    return error.response.get("Error", {}).get("Code", "") if isinstance(error, ClientError) else ""
