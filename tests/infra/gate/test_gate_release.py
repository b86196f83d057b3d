"""What the release gate takes for the image of a deployment."""

from collections.abc import Mapping, Sequence

import pytest

from infra.hooks.gate.errors import GateError
from infra.hooks.gate.release import digest_of, task_of_deployment, task_of_revision

DIGEST = "1f" * 32
SERVICE = {"name": "service", "image": f"registry/switchyard@sha256:{DIGEST}"}
SIDECAR = {"name": "sidecar", "image": "registry/sidecar:latest"}


@pytest.mark.parametrize("containers", [[SERVICE], [SIDECAR, SERVICE], [SERVICE, SIDECAR]])
def test_the_image_is_that_of_the_service_s_container(containers: Sequence[dict[str, str]]) -> None:
    """Other containers of the task, before or after it, have no say."""
    assert digest_of(containers, "service") == DIGEST


@pytest.mark.parametrize("containers", [[], [SIDECAR], [SERVICE, SERVICE]])
def test_without_that_container_nothing_passes(containers: Sequence[dict[str, str]]) -> None:
    """Which image is released must be beyond doubt."""
    with pytest.raises(GateError, match="containers named 'service' instead of one"):
        digest_of(containers, "service")


def test_a_tag_says_nothing() -> None:
    """Without a digest nobody knows which probes belong to the image."""
    with pytest.raises(GateError, match="not addressed by its digest"):
        digest_of([SIDECAR], "sidecar")


def test_the_task_definition_is_the_deployment_s_own() -> None:
    """Another deployment's task set is not taken for this one's."""
    sets = [
        {"externalId": "d-OLD", "taskDefinition": "old"},
        {"externalId": "d-NEW", "taskDefinition": "new"},
    ]
    assert task_of_deployment([{"taskSets": sets}], "d-NEW") == "new"


@pytest.mark.parametrize("services", [[], [{}], [{"taskSets": [{"taskDefinition": "created by hand"}]}]])
def test_without_a_task_set_nothing_passes(services: Sequence[dict[str, object]]) -> None:
    """A deployment that left no task set cannot be examined."""
    with pytest.raises(GateError, match="has 0 task sets instead of one"):
        task_of_deployment(services, "d-NEW")


def test_the_task_definition_is_the_revision_s_own() -> None:
    """Another revision of the service is not taken for the one that is released."""
    revisions = [
        {"serviceRevisionArn": "old", "taskDefinition": "task:1"},
        {"serviceRevisionArn": "new", "taskDefinition": "task:2"},
    ]
    assert task_of_revision({"serviceRevisions": revisions}, "new") == "task:2"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({}, "no reason"),
        ({"serviceRevisions": [], "failures": [{"arn": "new", "reason": "MISSING"}]}, "MISSING"),
        ({"serviceRevisions": [{"serviceRevisionArn": "old", "taskDefinition": "task:1"}]}, "no reason"),
    ],
)
def test_without_the_revision_nothing_passes(answer: Mapping[str, object], reason: str) -> None:
    """What ECS does not describe cannot be examined."""
    with pytest.raises(GateError, match=f"does not describe service revision new: it gives {reason}"):
        task_of_revision(answer, "new")
