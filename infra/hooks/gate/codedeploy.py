"""The gate as a CodeDeploy lifecycle hook: find the release, run the gate, report in every case."""

import logging
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

import boto3
from botocore.config import Config

from .gate import Deadline, find_faults
from .node import HttpNode
from .probes import Probe, parse_probes

REPORT_RESERVE: Final = 30.0
"""Seconds kept back for a last request to time out, and for two attempts at the report."""

_PATIENCE: Final = Config(
    connect_timeout=3, read_timeout=5, retries={"total_max_attempts": 2, "mode": "standard"}
)

log = logging.getLogger("gate")
log.setLevel(logging.INFO)


class GateError(Exception):
    """The gate cannot tell what is being released, so it lets nothing pass."""


class LambdaContext(Protocol):
    """What the gate uses of the context that Lambda hands to a handler."""

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds left until Lambda ends the function."""


@dataclass(frozen=True, slots=True)
class GateSettings:
    """What the function's environment says."""

    cluster: str
    service: str
    bucket: str
    prefix: str
    listener: HttpNode
    tolerance: float

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> "GateSettings":
        """Return the settings; raises KeyError or ValueError when one is missing or not a number."""
        return cls(
            cluster=environment["CLUSTER"],
            service=environment["SERVICE"],
            bucket=environment["PROBES_BUCKET"],
            prefix=environment["PROBES_PREFIX"],
            listener=HttpNode(
                endpoint=environment["TEST_ENDPOINT"],
                ready_path=environment["READY_PATH"],
                predict_path=environment["PREDICT_PATH"],
            ),
            tolerance=float(environment["TOLERANCE"]),
        )


def handle(event: Mapping[str, str], context: LambdaContext) -> None:
    """Lambda handler: report Succeeded when every probe is answered rightly, Failed in any other case.

    CodeDeploy waits for the report for up to an hour, so an exception must not swallow it.
    """
    deadline = Deadline(time.monotonic() + context.get_remaining_time_in_millis() / 1000 - REPORT_RESERVE)
    status = "Failed"
    try:
        faults = _examine(event["DeploymentId"], GateSettings.read(os.environ), deadline)
        for fault in faults:
            log.error(fault)
        status = "Failed" if faults else "Succeeded"
    except Exception:
        log.exception("The gate could not examine the release.")
    finally:
        _report(event, status)


def _examine(deployment: str, settings: GateSettings, deadline: Deadline) -> tuple[str, ...]:
    digest = _released_digest(deployment, settings)
    probes = _probes(digest, settings)
    log.info("Asking %d probes of image %s at %s.", len(probes), digest, settings.listener.endpoint)
    return find_faults([settings.listener], probes, tolerance=settings.tolerance, deadline=deadline)


def _released_digest(deployment: str, settings: GateSettings) -> str:
    """Return the digest of the image in the task set that CodeDeploy made for this deployment."""
    ecs = _client("ecs")
    services = ecs.describe_services(cluster=settings.cluster, services=[settings.service])["services"]
    task_sets = [
        task_set
        for service in services
        for task_set in service.get("taskSets", [])
        if task_set.get("externalId") == deployment
    ]
    if len(task_sets) != 1:
        raise GateError(f"Deployment {deployment} has {len(task_sets)} task sets instead of one.")
    answer = ecs.describe_task_definition(taskDefinition=task_sets[0]["taskDefinition"])
    image = str(answer["taskDefinition"]["containerDefinitions"][0]["image"])
    _, at, digest = image.partition("@sha256:")
    if not at:
        raise GateError(f"Image {image} is not addressed by its digest.")
    return digest


def _probes(digest: str, settings: GateSettings) -> tuple[Probe, ...]:
    key = f"{settings.prefix}{digest}.json"
    return parse_probes(_client("s3").get_object(Bucket=settings.bucket, Key=key)["Body"].read())


def _report(event: Mapping[str, str], status: str) -> None:
    log.info("Reporting %s for deployment %s.", status, event["DeploymentId"])
    _client("codedeploy").put_lifecycle_event_hook_execution_status(
        deploymentId=event["DeploymentId"],
        lifecycleEventHookExecutionId=event["LifecycleEventHookExecutionId"],
        status=status,
    )


def _client(service: str) -> Any:  # noqa: ANN401 - boto3's clients are made at run time
    return boto3.client(service, config=_PATIENCE)
