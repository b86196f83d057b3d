"""Answers of AWS's that no control plane here gives, and what a release makes of them."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from botocore.exceptions import ClientError

from infra.config import STAGES
from release.aws_errors import passing
from release.errors import NotRemembered
from release.patience import Pace, Patient
from release.remember import remember
from release.tag import tag
from tests.release.memory import record

if TYPE_CHECKING:
    from release.clients import Clients

DEV = STAGES["dev"]
STUCK = "Stack:arn is in UPDATE_ROLLBACK_FAILED state and can not be updated."


def refused(code: str, message: str) -> ClientError:
    """Return a refusal of AWS's."""
    return ClientError({"Error": {"Code": code, "Message": message}}, "Ask")


class CloudFormation:
    """A stack with one status after the other, and one answer to each update."""

    def __init__(self, statuses: list[str], *answers: Exception | None) -> None:
        self.statuses, self.answers = statuses, list(answers)

    def describe_stacks(self, StackName: str) -> Any:  # noqa: ANN401, N803 - as boto3 has it
        """Tell the next status; the last one stays."""
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        return {"Stacks": [{"StackName": StackName, "StackStatus": status}]}

    def update_stack(self, **_: object) -> None:
        """Answer."""
        if (answer := self.answers.pop(0)) is not None:
            raise answer

    def describe_stack_events(self, **_: object) -> Any:  # noqa: ANN401 - as boto3 has it
        """Tell why."""
        event = {"ResourceStatus": "UPDATE_FAILED", "LogicalResourceId": "Rule", "ResourceStatusReason": "no"}
        return {"StackEvents": [event]}


class Parameter:
    """The live colour, written already."""

    def get_parameter(self, **_: object) -> Any:  # noqa: ANN401 - as boto3 has it
        """Tell it."""
        return {"Parameter": {"Value": "green"}}


def asked(**services: object) -> Patient:
    """Return who asks these services."""
    return Patient(cast("Clients", SimpleNamespace(**services)), Pace(poll=0.001, patience=0.05))


def told(stack: CloudFormation) -> list[str]:
    """Return what is said while CloudFormation learns the colour."""
    said: list[str] = []
    remember(asked(cloudformation=stack, ssm=Parameter()), DEV, "green", said.append)
    return said


def test_somebody_elses_update_is_waited_for_to_its_very_end_and_said() -> None:
    """Its cleaning up as well, in which UpdateStack is refused; of the own one it is not waited for."""
    theirs = ["UPDATE_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_COMPLETE"]
    stack = CloudFormation([*theirs, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"], None)
    assert told(stack) == [
        "Waiting for CloudFormation: Switchyard-dev-Traffic is UPDATE_IN_PROGRESS ...",
        "Waiting for CloudFormation: Switchyard-dev-Traffic is UPDATE_COMPLETE_CLEANUP_IN_PROGRESS ...",
    ]
    assert stack.answers == []


def test_an_update_without_end_is_given_up_with_what_to_do() -> None:
    """The command does not sit there for ever with the stage in its hands."""
    with pytest.raises(
        NotRemembered, match=r"has been at Switchyard-dev-Traffic for .* run the command again"
    ):
        told(CloudFormation(["UPDATE_IN_PROGRESS"]))


def test_a_stack_that_cannot_be_updated_is_told_with_its_reason() -> None:
    """And not in CloudFormation's bare words."""
    stack = CloudFormation(["UPDATE_ROLLBACK_FAILED"], refused("ValidationError", STUCK))
    with pytest.raises(NotRemembered, match=r"is UPDATE_ROLLBACK_FAILED, because of Rule: no\. See"):
        told(stack)


def test_two_writers_of_a_parameter_wait_for_one_another() -> None:
    """The release keeper writes the live colour in the same seconds."""
    assert passing(refused("TooManyUpdates", "There are concurrent updates for a resource"))


def test_an_image_that_may_not_be_tagged_is_a_warning() -> None:
    """Its tasks run: another account's registry does not keep the stage from ending a release."""

    def batch_get_image(**_: object) -> Any:  # noqa: ANN401 - as boto3 has it
        return {"images": [{"imageManifest": "{}"}]}

    def put_image(**_: object) -> Iterator[None]:
        raise refused("AccessDeniedException", "not authorized")

    one = record("b")
    ecr = SimpleNamespace(batch_get_image=batch_get_image, put_image=put_image)
    assert tag(asked(ecr=ecr), one) == (
        f"The image {one.image} could not be tagged release-{one.id} (AccessDeniedException: not authorized),"
        " so the registry may let it expire: tag it from an account that may, and see "
        "docs/runbooks/image-missing.md."
    )
