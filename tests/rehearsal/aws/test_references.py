"""References to what moto does not know, asked of the mended control plane by a real client."""

import pytest

from rehearsal.aws.references import stand_in
from rehearsal.resources import physical_ids

from .stacks import Stacks


def test_a_stand_in_is_plausible_and_the_same_each_time() -> None:
    """A name is the template's own; an ARN looks like one; what is made up depends on stack and id only."""
    alarm = {"Type": "AWS::CloudWatch::Alarm", "Properties": {"AlarmName": "errors"}}
    other = {"Type": "AWS::CodeDeploy::Application", "Properties": {}}
    assert stand_in("stack", "Errors", alarm, "Ref") == "errors"
    assert stand_in("stack", "Errors", alarm, "Arn") == (
        "arn:aws:cloudwatch:eu-central-1:123456789012:alarm/errors"
    )
    assert stand_in("stack", "App", other, "Ref") == stand_in("stack", "App", other, "Ref")
    assert stand_in("stack", "App", other, "Ref") != stand_in("another", "App", other, "Ref")


@pytest.mark.slow
def test_every_reference_is_answered_and_nothing_is_called_created_that_is_not(stacks: Stacks) -> None:
    """To a type without a model, and to an attribute that a model does not tell."""
    resources = stacks.template["Resources"]
    resources["Application"] = {"Type": "AWS::CodeDeploy::Application", "Properties": {}}
    for name, value in {
        "ofUnknownType": {"Fn::GetAtt": ["Application", "Arn"]},
        "fullName": {"Fn::GetAtt": ["Blue", "TargetGroupFullName"]},
        "joined": {"Fn::Join": ["/", [{"Ref": "Application"}, {"Fn::GetAtt": ["Listener", "ListenerArn"]}]]},
    }.items():
        resources[name] = {
            "Type": "AWS::SSM::Parameter",
            "Properties": {"Name": f"/{stacks.name}/{name}", "Type": "String", "Value": value},
        }
    stacks.create()

    def entry(name: str) -> str:
        return stacks.plane.ssm.get_parameter(Name=f"/{stacks.name}/{name}")["Parameter"]["Value"]

    assert entry("ofUnknownType").startswith("arn:aws:codedeploy:eu-central-1:123456789012:application/")
    assert entry("fullName") == stacks.physical("Blue").rpartition(":")[2]
    assert entry("joined").endswith("/" + stacks.physical("Listener"))
    assert "Application" not in physical_ids(stacks.plane.cloudformation, stacks.name)


@pytest.mark.slow
def test_an_item_that_comes_to_no_value_is_left_out(stacks: Stacks) -> None:
    """A list becomes shorter, rather than holding nothing."""
    actions = stacks.template["Resources"]["Test"]["Properties"]["DefaultActions"]
    actions.append({"Fn::If": ["GreenIsLive", {"Type": "forward"}, {"Ref": "AWS::NoValue"}]})
    stacks.create()
    assert stacks.destination("Test") == {"Green": 1}
