"""What the release gate takes for the image of a deployment."""

from collections.abc import Sequence

import pytest

from infra.hooks.gate.errors import GateError
from infra.hooks.gate.release import digest_of, task_definition_of

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
    assert task_definition_of([{"taskSets": sets}], "d-NEW") == "new"


@pytest.mark.parametrize("services", [[], [{}], [{"taskSets": [{"taskDefinition": "created by hand"}]}]])
def test_without_a_task_set_nothing_passes(services: Sequence[dict[str, object]]) -> None:
    """A deployment that left no task set cannot be examined."""
    with pytest.raises(GateError, match="has 0 task sets instead of one"):
        task_definition_of(services, "d-NEW")
