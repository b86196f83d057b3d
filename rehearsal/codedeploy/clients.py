"""The control plane as CodeDeploy sees it: clients, patience with it, and word of its changes."""

import json
import logging
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnection

from rehearsal.isolation import REGION

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_ecs import ECSClient
    from mypy_boto3_elbv2 import ElasticLoadBalancingv2Client
    from mypy_boto3_lambda import LambdaClient

T = TypeVar("T")

PATIENCE: Final = 120.0
"""Seconds of this machine for which a command is repeated that gets no proper answer."""
_PAUSE: Final = 0.2
_SERVER_ERROR: Final = 500
_BUSY: Final = frozenset(
    {"Throttling", "ThrottlingException", "ThrottledException", "TooManyRequestsException"}
)
_log: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Clients:
    """Clients of one control plane; nothing of the caller's AWS configuration takes part."""

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
        session = boto3.Session(
            aws_access_key_id="rehearsal",
            aws_secret_access_key="rehearsal",  # noqa: S106 - invented; the control plane accepts any
            region_name=REGION,
        )
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
        """Return what a command does that may be given twice, however often it takes to get an answer.

        Raises:
            ClientError: The control plane refuses it.
            BotoCoreError: It has not answered for `PATIENCE`.
        """
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return command()
            except (BotoCoreError, ClientError) as error:
                if not is_passing(error) or time.monotonic() > deadline:
                    raise
                time.sleep(_PAUSE)
                _log.warning("Repeating, since the control plane answered: %s", error)

    def changes(self) -> int | None:
        """Return how many changes there have been, or None when the control plane does not say."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(f"{self.endpoint}/rehearsal/changes", timeout=2) as answer:
                return int(json.load(answer)["count"])
        except (OSError, ValueError, KeyError):
            return None


def is_passing(error: Exception) -> bool:
    """Return whether the same command may be answered later."""
    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return status >= _SERVER_ERROR or error.response.get("Error", {}).get("Code") in _BUSY
    return isinstance(error, NoConnection | HTTPClientError)
