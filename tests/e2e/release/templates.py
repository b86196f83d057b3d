"""Templates of one stage that differ from one another in what a deployment may change.

Importing this starts Node.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from aws_cdk import App, CfnCondition, CfnResource, Environment, Fn, Stack

from infra.app import CDK_JSON
from infra.names import TEST_PORT
from infra.settings import StageSettings, TlsPolicy
from infra.traffic.stack import TrafficStack
from infra.traffic.timeouts import Times
from tests.infra.variants import changed

Change = Callable[[Stack], None]


@dataclass(frozen=True)
class Variant:
    """A change of a stage: other settings, other times, a change of the Traffic stack, or all of these."""

    settings: Mapping[str, Any]
    times: Mapping[str, int]
    traffic: tuple[Change, ...] = ()

    def and_then(self, other: "Variant") -> "Variant":
        """Return both changes together."""
        return Variant(
            {**self.settings, **other.settings},
            {**self.times, **other.times},
            (*self.traffic, *other.traffic),
        )


def synthesise(settings: StageSettings, variant: Variant, *, folder: Path) -> Path:
    """Write the Traffic stack of a variant, with the feature flags of cdk.json, and return its folder."""
    stage = changed(settings, variant.settings)
    flags = json.loads(CDK_JSON.read_text(encoding="utf-8"))["context"]
    app = App(analytics_reporting=False, context=flags, outdir=str(folder))
    environment = Environment(account=stage.account, region=stage.region)
    stack = TrafficStack(app, settings=stage, env=environment, times=Times(**variant.times))
    for change in variant.traffic:
        change(stack)
    app.synth()
    return folder


def tagged(stack: Stack) -> None:
    """Give the whole stack one more tag: CloudFormation hands it to every listener."""
    stack.tags.set_tag("cost-centre", "4711")


def literal(colour: str) -> "Variant":
    """Return the change that switches the mechanism off: the listeners' condition says one colour."""

    def change(stack: Stack) -> None:
        for child in stack.node.find_all():
            if isinstance(child, CfnCondition):
                child.expression = Fn.condition_equals(colour, "green")

    return Variant({}, {}, (change,))


def doomed(stack: Stack) -> None:
    """Ask for a second listener on a port that is taken, once every other listener has been written."""
    listeners = [
        child
        for child in stack.node.find_all()
        if CfnResource.is_cfn_resource(child)
        and cast("CfnResource", child).cfn_resource_type == "AWS::ElasticLoadBalancingV2::Listener"
    ]
    properties = {
        "LoadBalancerArn": cast("Any", listeners[0]).load_balancer_arn,
        "Port": TEST_PORT,
        "Protocol": "HTTP",
        "DefaultActions": [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}],
    }
    last = CfnResource(stack, "Doomed", type="AWS::ElasticLoadBalancingV2::Listener", properties=properties)
    for listener in listeners:
        last.add_resource_dependency(cast("CfnResource", listener))


NOTHING = Variant({}, {})
UNRELATED = Variant({"traffic.deletion_protection": True}, {"deregistration_delay": 35}, (tagged,))
"""Attributes of load balancer and target groups, and a tag: the last makes every listener be written."""
TLS = Variant({"traffic.tls_policy": TlsPolicy.TLS_1_3}, {})
FAILING = Variant({}, {}, (doomed,))

ROUNDS = (
    {"unrelated": UNRELATED, "failing": TLS.and_then(FAILING), "TLS policy": TLS},
    {"unrelated": TLS.and_then(UNRELATED), "failing": FAILING, "TLS policy": NOTHING},
)
"""Deployments in this order, first from the stage as it is, then from where the first round leads, and back.

The failing one changes the TLS policy first, and drops the tag again.
"""
