"""Templates of one stage that differ from one another in what a deployment may change.

Importing this starts Node.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, cast
from unittest import mock

from aws_cdk import CfnCondition, CfnResource, Fn, Stack

from infra.app import build_app
from infra.names import TEST_PORT
from infra.settings import StageSettings, TlsPolicy
from infra.traffic import stack as traffic
from infra.traffic import timeouts
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


def synthesise(settings: StageSettings, variant: Variant, *, image: str | None, folder: Path) -> Path:
    """Write the templates of a variant, with the context of cdk.json, and return their folder."""
    stage = changed(settings, variant.settings)
    context = {"stage": stage.name, **({"image": image} if image else {})}
    with mock.patch.object(traffic, "Times", partial(timeouts.Times, **variant.times)):
        app = build_app(context=context, outdir=folder, stages={stage.name: stage})
    stack = cast("Stack", app.node.find_child(stage.stack_name("Traffic")))
    for change in variant.traffic:
        change(stack)
    app.synth()
    return folder


def tagged(stack: Stack) -> None:
    """Give the whole stack one more tag: CloudFormation hands it to every listener."""
    stack.tags.set_tag("cost-centre", "4711")


def always_blue(stack: Stack) -> None:
    """Switch the mechanism off: the listeners' condition no longer looks at the live colour."""
    for child in stack.node.find_all():
        if isinstance(child, CfnCondition):
            child.expression = Fn.condition_equals("blue", "green")


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
IDLE = Variant({}, {"load_balancer_idle": 50})
TLS = Variant({"traffic.tls_policy": TlsPolicy.TLS_1_3}, {})
FAILING = Variant({}, {}, (doomed,))
ALWAYS_BLUE = Variant({}, {}, (always_blue,))

ONCE = {
    "unrelated": UNRELATED,
    "idle timeout": IDLE,
    "failing": TLS.and_then(FAILING),
    "TLS policy": TLS,
}
"""Deployments in this order, from the stage as it is; the failing one changes the TLS policy first."""
TWICE = {
    "unrelated": TLS.and_then(UNRELATED),
    "idle timeout": TLS.and_then(IDLE),
    "failing": FAILING,
    "TLS policy": NOTHING,
}
"""The same from where they lead, and back."""
