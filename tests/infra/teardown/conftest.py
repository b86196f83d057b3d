"""A moto server for the session, emptied before each test, and a small stage in it.

moto is imported by the tests that need it: that takes a second.
"""

import urllib.request
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from infra.config import STAGES
from tests.infra.teardown.stage import SmallStage

if TYPE_CHECKING:
    from moto.cloudformation.models import CloudFormationBackend
    from moto.cloudformation.responses import CloudFormationResponse
    from moto.core.responses import ActionResult


@pytest.fixture(scope="session")
def _protection() -> Iterator[None]:
    """Let moto keep protected stacks, as AWS does: it knows the flag and ignores it."""
    from moto.cloudformation.exceptions import ValidationError  # noqa: PLC0415
    from moto.cloudformation.models import CloudFormationBackend  # noqa: PLC0415
    from moto.cloudformation.responses import CloudFormationResponse  # noqa: PLC0415
    from moto.core.responses import ActionResult  # noqa: PLC0415

    delete = CloudFormationBackend.delete_stack

    def strictly(backend: "CloudFormationBackend", name: str) -> None:
        if any(
            stack.enable_termination_protection and name in {stack.name, stack.stack_id}
            for stack in backend.stacks.values()
        ):
            raise ValidationError(
                message=f"Stack [{name}] cannot be deleted while TerminationProtection is enabled"
            )
        delete(backend, name)

    def update(response: "CloudFormationResponse") -> "ActionResult":
        stack = response.cloudformation_backend.get_stack(response._get_param("StackName"))
        stack.enable_termination_protection = response._get_bool_param("EnableTerminationProtection")
        return ActionResult({"StackId": stack.stack_id})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(CloudFormationBackend, "delete_stack", strictly)
        patch.setattr(CloudFormationResponse, "update_termination_protection", update, raising=False)
        yield


@pytest.fixture(scope="session")
def server(_protection: None) -> Iterator[str]:
    """Return the endpoint of a moto server on a free port of loopback."""
    from moto.server import ThreadedMotoServer  # noqa: PLC0415

    running = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    running.start()
    _, port = running.get_host_and_port()
    yield f"http://127.0.0.1:{port}"
    running.stop()


@pytest.fixture
def endpoint(server: str) -> str:
    """Return the endpoint of a region in which there is nothing yet."""
    reset = f"{server}/moto-api/reset"
    urllib.request.urlopen(reset, data=b"", timeout=10).close()  # noqa: S310 - loopback
    return server


@pytest.fixture
def dev(endpoint: str) -> SmallStage:
    """Return the dev stage, up."""
    stage = SmallStage(endpoint, STAGES["dev"])
    stage.bring_up()
    return stage


@pytest.fixture
def staging(endpoint: str) -> SmallStage:
    """Return another stage beside it, up."""
    stage = SmallStage(endpoint, STAGES["staging"])
    stage.bring_up()
    return stage
