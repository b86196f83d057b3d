"""A stage's very first deployment under the engine `ecs`: the gate is asked already, and it takes its time.

See docs/runbooks/first-deployment.md: the gate's document is there before a service's tasks are. CodeDeploy
deploys nothing by itself, so a stage of its needs neither.
"""

import json
import time
from pathlib import Path
from typing import Final

from infra.names import PROBES_PREFIX
from infra.settings import Engine
from rehearsal.box import Box
from rehearsal.errors import StepFailed
from rehearsal.isolation import ACCOUNT
from rehearsal.training import read_manifest

_SECONDS: Final = 180.0
_PAUSE: Final = 0.3
_UNDER_WAY: Final = ("PENDING", "IN_PROGRESS")


def leave_document(made: Box, package: Path, digest: str) -> None:
    """Leave the gate's document for the first image, made from its package."""
    if made.settings.release.engine is not Engine.ECS:
        return
    probes = json.loads((package / "probes.json").read_text(encoding="utf-8"))["probes"]
    document = {"version": read_manifest(package)["version"], "probes": probes}
    made.plane.s3.put_object(
        Bucket=made.settings.data_bucket(ACCOUNT),
        Key=f"{PROBES_PREFIX}{digest.removeprefix('sha256:')}.json",
        Body=json.dumps(document).encode(),
    )


def wait(made: Box) -> None:
    """Wait until the first deployment of the service has come to its end.

    Raises:
        StepFailed: It did not succeed, or not in time.
    """
    if made.settings.release.engine is not Engine.ECS:
        return
    ecs, deadline = made.plane.ecs, time.monotonic() + _SECONDS
    cluster, name = made.settings.prefix, made.entry("service/name")
    while True:
        found = ecs.list_service_deployments(cluster=cluster, service=name)["serviceDeployments"][0]
        if found["status"] == "SUCCESSFUL":
            return
        if found["status"] not in _UNDER_WAY or time.monotonic() > deadline:
            reason = found.get("statusReason", "it takes too long")
            raise StepFailed(f"The service's first deployment is {found['status']}: {reason}")
        time.sleep(_PAUSE)
