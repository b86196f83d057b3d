"""CloudFormation's rules of updating, asked of the mended control plane by a real client."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .stacks import Stacks, forward

pytestmark = pytest.mark.slow
PREVIOUS: dict[str, Any] = {
    "UsePreviousTemplate": True,
    "Parameters": [{"ParameterKey": "Colour", "UsePreviousValue": True}],
}


def test_a_stack_is_updated_when_only_the_value_behind_a_parameter_changed(stacks: Stacks) -> None:
    """CloudFormation fetches the latest value at every update and compares what comes of it."""
    stacks.create()
    assert stacks.destination() == {"Blue": 1}
    stacks.colour("green")
    assert stacks.update(**PREVIOUS) == "UPDATE_COMPLETE"
    assert stacks.destination() == {"Green": 1}
    assert [name for name, status in stacks.events() if status == "UPDATE_COMPLETE"] == [
        "Listener",
        stacks.name,
    ]
    assert stacks.described()["Parameters"] == [
        {"ParameterKey": "Colour", "ParameterValue": stacks.entry, "ResolvedValue": "green"}
    ]


@pytest.mark.parametrize("arguments", [{}, PREVIOUS])
def test_an_update_that_changes_nothing_is_refused(stacks: Stacks, arguments: dict[str, Any]) -> None:
    """In these words, which the CDK CLI knows."""
    stacks.create()
    with pytest.raises(ClientError, match=r"No updates are to be performed\.$"):
        stacks.update(**arguments)
    assert stacks.described()["StackStatus"] == "CREATE_COMPLETE"


def test_a_listener_that_others_moved_is_left_alone_when_it_does_not_change(stacks: Stacks) -> None:
    """CloudFormation compares what it knows, and touches nothing else."""
    stacks.create()
    stacks.swap(Blue=0, Green=100)
    attributes = [{"Key": "deregistration_delay.timeout_seconds", "Value": "7"}]
    stacks.template["Resources"]["Blue"]["Properties"]["TargetGroupAttributes"] = attributes
    assert stacks.update() == "UPDATE_COMPLETE"
    assert stacks.destination() == {"Blue": 0, "Green": 100}
    assert [name for name, status in stacks.events() if status == "UPDATE_COMPLETE"] == ["Blue", stacks.name]


def test_changed_metadata_updates_the_stack_and_writes_nothing(stacks: Stacks) -> None:
    """It belongs to the template, not to the listener."""
    stacks.create()
    stacks.swap(Blue=0, Green=100)
    stacks.template["Resources"]["Listener"]["Metadata"] = {"aws:cdk:path": "elsewhere"}
    assert stacks.update() == "UPDATE_COMPLETE"
    assert stacks.destination() == {"Blue": 0, "Green": 100}


def test_a_changed_listener_is_written_whole(stacks: Stacks) -> None:
    """With the destination that CloudFormation believes in: traffic goes to the wrong colour."""
    stacks.create()
    stacks.swap(Blue=0, Green=100)
    stacks.template["Resources"]["Listener"]["Properties"]["Port"] = 8081
    assert stacks.update() == "UPDATE_COMPLETE"
    assert stacks.destination() == {"Blue": 1}


def test_a_changed_stack_tag_writes_every_listener(stacks: Stacks) -> None:
    """Stack tags reach all resources that take tags."""
    stacks.create()
    stacks.swap(Blue=0, Green=100)
    assert stacks.update(Tags=[{"Key": "commit", "Value": "1"}]) == "UPDATE_COMPLETE"
    assert stacks.destination() == {"Blue": 1}


def _fail_half_way(stacks: Stacks) -> None:
    """Change the listener's port, then ask for a second listener on a port that is taken."""
    resources = stacks.template["Resources"]
    resources["Listener"]["Properties"]["Port"] = 8081
    second = stacks.listener(9000, forward(Blue=1))
    resources["Second"] = second | {"DependsOn": ["Listener", "Test"]}
    assert stacks.update() == "UPDATE_ROLLBACK_COMPLETE"


def test_a_failed_update_writes_back_what_cloudformation_last_knew(stacks: Stacks) -> None:
    """Not what the listener had before the update: the change behind its back is lost."""
    stacks.create()
    stacks.swap(Blue=0, Green=100)
    _fail_half_way(stacks)
    assert stacks.destination() == {"Blue": 1}
    assert stacks.described_listener()["Port"] == 80
    assert stacks.events() == [
        (stacks.name, "UPDATE_IN_PROGRESS"),
        ("Listener", "UPDATE_IN_PROGRESS"),
        ("Listener", "UPDATE_COMPLETE"),
        ("Second", "CREATE_IN_PROGRESS"),
        ("Second", "CREATE_FAILED"),
        (stacks.name, "UPDATE_ROLLBACK_IN_PROGRESS"),
        ("Listener", "UPDATE_IN_PROGRESS"),
        ("Listener", "UPDATE_COMPLETE"),
        (stacks.name, "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS"),
        (stacks.name, "UPDATE_ROLLBACK_COMPLETE"),
    ]


def test_what_a_failed_update_had_added_is_deleted(stacks: Stacks) -> None:
    """So its port is free again."""
    stacks.create()
    stacks.template["Resources"]["Third"] = stacks.listener(9001, forward(Blue=1))
    stacks.template["Resources"]["Second"] = stacks.listener(9000, forward(Blue=1)) | {"DependsOn": "Third"}
    assert stacks.update() == "UPDATE_ROLLBACK_COMPLETE"
    arn = stacks.physical("Balancer")
    listeners = stacks.plane.elbv2.describe_listeners(LoadBalancerArn=arn)["Listeners"]
    assert sorted(listener["Port"] for listener in listeners) == [80, 9000]


def test_a_rollback_uses_the_values_that_parameters_had_then(stacks: Stacks) -> None:
    """A value that was written since the last update is not what CloudFormation last knew."""
    stacks.create()
    stacks.swap(Blue=0, Green=100)
    stacks.colour("green")
    _fail_half_way(stacks)
    assert stacks.destination() == {"Blue": 1}


def test_after_an_update_that_changed_only_the_colour_a_rollback_keeps_it(stacks: Stacks) -> None:
    """The last step of a release: its update makes the colour CloudFormation's last known state."""
    stacks.create()
    stacks.swap(Blue=0, Green=100)
    stacks.colour("green")
    stacks.update(**PREVIOUS)
    _fail_half_way(stacks)
    assert stacks.destination() == {"Green": 1}


def test_a_stack_that_rolled_back_can_be_updated_again(stacks: Stacks) -> None:
    """And knows no less than before."""
    stacks.create()
    _fail_half_way(stacks)
    del stacks.template["Resources"]["Second"]
    assert stacks.update() == "UPDATE_COMPLETE"
    assert stacks.described_listener()["Port"] == 8081


def test_a_stack_is_updated_by_one_at_a_time(slow_stacks: Stacks) -> None:
    """Who comes second is refused, and told in which state the stack is; others see it half done."""
    stacks = slow_stacks
    stacks.create()
    stacks.template["Resources"]["Listener"]["Properties"]["Port"] = 8081
    with ThreadPoolExecutor() as pool:
        first = pool.submit(stacks.update)
        while stacks.described()["StackStatus"] != "UPDATE_IN_PROGRESS":
            assert not first.done()
        with pytest.raises(ClientError, match="is in UPDATE_IN_PROGRESS state and can not be updated"):
            stacks.update(**PREVIOUS)
        assert first.result() == "UPDATE_COMPLETE"


def test_an_entry_that_does_not_exist_is_told(stacks: Stacks) -> None:
    """As a validation error, before anything is created."""
    with pytest.raises(ClientError, match="Unable to fetch parameters"):
        stacks.plane.cloudformation.create_stack(
            StackName=stacks.name,
            TemplateBody='{"Parameters": {"A": {"Type": "AWS::SSM::Parameter::Value<String>", '
            '"Default": "/nowhere"}}, "Resources": {"T": {"Type": "AWS::SNS::Topic"}}}',
        )
