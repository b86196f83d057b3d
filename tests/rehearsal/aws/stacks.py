"""A small stack like the one that holds the load balancer, and what the control plane says of it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rehearsal.control_plane import ControlPlane

COLOUR = "AWS::SSM::Parameter::Value<String>"
_BALANCING = "AWS::ElasticLoadBalancingV2"


def forward(**weights: int) -> list[dict[str, Any]]:
    """Return a forward to target groups by weight."""
    groups = [{"TargetGroupArn": {"Ref": name}, "Weight": weight} for name, weight in weights.items()]
    return [{"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}]


@dataclass
class Stacks:
    """One stack: its template can be changed, sent, and looked at."""

    plane: ControlPlane
    name: str
    vpc: str
    subnets: Sequence[str]
    template: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        """Start with a load balancer whose listener follows the live colour."""
        chosen = {"Fn::If": ["GreenIsLive", {"Ref": "Green"}, {"Ref": "Blue"}]}
        self.template = {
            "Parameters": {"Colour": {"Type": COLOUR, "Default": self.entry}},
            "Conditions": {"GreenIsLive": {"Fn::Equals": [{"Ref": "Colour"}, "green"]}},
            "Resources": {
                "Balancer": _resource("LoadBalancer", Subnets=list(self.subnets), Scheme="internal"),
                "Blue": _resource("TargetGroup", Port=8080, Protocol="HTTP", TargetType="ip", VpcId=self.vpc),
                "Green": _resource(
                    "TargetGroup", Port=8080, Protocol="HTTP", TargetType="ip", VpcId=self.vpc
                ),
                "Listener": self.listener(80, [{"Type": "forward", "TargetGroupArn": chosen}]),
                "Test": self.listener(9000, forward(Green=1)),
            },
        }

    @property
    def entry(self) -> str:
        """The entry of Parameter Store that holds the colour."""
        return f"/{self.name}/colour"

    def listener(self, port: int, actions: Sequence[Any], **properties: object) -> dict[str, Any]:
        """Return a listener of the load balancer."""
        return _resource(
            "Listener",
            LoadBalancerArn={"Ref": "Balancer"},
            Port=port,
            **({"Protocol": "HTTP", "DefaultActions": list(actions)} | properties),
        )

    def colour(self, value: str) -> None:
        """Write the live colour, as a release does."""
        self.plane.ssm.put_parameter(Name=self.entry, Value=value, Type="String", Overwrite=True)

    def create(self, **arguments: Any) -> None:  # noqa: ANN401 - whatever CreateStack takes
        """Create it with blue live."""
        self.colour("blue")
        body = json.dumps(self.template)
        self.plane.cloudformation.create_stack(StackName=self.name, TemplateBody=body, **arguments)

    def update(self, **arguments: Any) -> str:  # noqa: ANN401 - whatever UpdateStack takes
        """Update it and return its status."""
        if "UsePreviousTemplate" not in arguments:
            arguments["TemplateBody"] = json.dumps(self.template)
        self.plane.cloudformation.update_stack(StackName=self.name, **arguments)
        return self.described()["StackStatus"]  # type: ignore[no-any-return]

    def described(self) -> Mapping[str, Any]:
        """Return what DescribeStacks says."""
        return self.plane.cloudformation.describe_stacks(StackName=self.name)["Stacks"][0]

    def events(self) -> list[tuple[str, str]]:
        """Return name and status of the last update's events, oldest first."""
        events = self.plane.cloudformation.describe_stack_events(StackName=self.name)["StackEvents"]
        told = [(str(event["LogicalResourceId"]), str(event["ResourceStatus"])) for event in events]
        return told[: told.index((self.name, "UPDATE_IN_PROGRESS")) + 1][::-1]

    def physical(self, logical_id: str) -> str:
        """Return a resource's ARN."""
        rows = self.plane.cloudformation.describe_stack_resources(StackName=self.name)["StackResources"]
        return next(row["PhysicalResourceId"] for row in rows if row.get("LogicalResourceId") == logical_id)

    def described_listener(self, logical_id: str = "Listener") -> Mapping[str, Any]:
        """Return what ELBv2 says of a listener."""
        arn = self.physical(logical_id)
        return self.plane.elbv2.describe_listeners(ListenerArns=[arn])["Listeners"][0]

    def destination(self, logical_id: str = "Listener") -> dict[str, int]:
        """Return the logical ids of the target groups that a listener forwards to, by weight."""
        names = {self.physical(name): name for name in ("Blue", "Green")}
        (action,) = self.described_listener(logical_id)["DefaultActions"]
        if "ForwardConfig" not in action:
            return {names[action["TargetGroupArn"]]: 1}
        groups = action["ForwardConfig"]["TargetGroups"]
        return {names[group["TargetGroupArn"]]: group["Weight"] for group in groups}

    def swap(self, **weights: int) -> None:
        """Move the listener behind CloudFormation's back, as CodeDeploy does."""
        groups: Any = [
            {"TargetGroupArn": self.physical(name), "Weight": weight} for name, weight in weights.items()
        ]
        action: Any = {"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}
        self.plane.elbv2.modify_listener(ListenerArn=self.physical("Listener"), DefaultActions=[action])


def _resource(kind: str, **properties: object) -> dict[str, Any]:
    return {"Type": f"{_BALANCING}::{kind}", "Properties": properties}
