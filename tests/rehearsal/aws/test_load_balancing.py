"""Load balancing as templates describe it, asked of the mended control plane by a real client."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .stacks import Stacks, forward

pytestmark = pytest.mark.slow


def pairs(**values: str) -> list[dict[str, str]]:
    """Return attributes as templates write them; `__` stands for a dot."""
    return [{"Key": key.replace("__", "."), "Value": value} for key, value in values.items()]


def read(attributes: Sequence[Mapping[str, Any]], name: str) -> str:
    """Return one attribute of those described."""
    return next(str(item["Value"]) for item in attributes if item["Key"] == name)


def test_attributes_are_applied_at_creation_and_at_every_update(stacks: Stacks) -> None:
    """Those of load balancers and those of target groups."""
    resources = stacks.template["Resources"]
    for idle, delay in (("61", "31"), ("62", "32")):
        resources["Balancer"]["Properties"]["LoadBalancerAttributes"] = pairs(
            idle_timeout__timeout_seconds=idle
        )
        resources["Blue"]["Properties"]["TargetGroupAttributes"] = pairs(
            deregistration_delay__timeout_seconds=delay
        )
        if idle == "61":
            stacks.create()
        else:
            assert stacks.update() == "UPDATE_COMPLETE"
        elbv2 = stacks.plane.elbv2
        balancer = elbv2.describe_load_balancer_attributes(LoadBalancerArn=stacks.physical("Balancer"))
        group = elbv2.describe_target_group_attributes(TargetGroupArn=stacks.physical("Blue"))
        assert read(balancer["Attributes"], "idle_timeout.timeout_seconds") == idle
        assert read(group["Attributes"], "deregistration_delay.timeout_seconds") == delay


def test_a_target_groups_health_check_is_updated(stacks: Stacks) -> None:
    """In place: the group keeps its targets."""
    stacks.create()
    arn = stacks.physical("Blue")
    stacks.template["Resources"]["Blue"]["Properties"]["HealthCheckPath"] = "/health/ready"
    assert stacks.update() == "UPDATE_COMPLETE"
    (group,) = stacks.plane.elbv2.describe_target_groups(TargetGroupArns=[arn])["TargetGroups"]
    assert group["HealthCheckPath"] == "/health/ready"


def test_a_change_that_replaces_a_target_group_fails_and_says_so(stacks: Stacks) -> None:
    """Rather than playing something else than AWS would do."""
    stacks.create()
    stacks.template["Resources"]["Blue"]["Properties"]["Port"] = 8081
    assert stacks.update() == "UPDATE_ROLLBACK_COMPLETE"


def test_weights_of_a_default_action_are_kept(stacks: Stacks) -> None:
    """At creation and at an update."""
    stacks.template["Resources"]["Listener"] = stacks.listener(80, forward(Blue=90, Green=10))
    stacks.create()
    assert stacks.destination() == {"Blue": 90, "Green": 10}
    stacks.template["Resources"]["Listener"] = stacks.listener(80, forward(Blue=0, Green=100))
    assert stacks.update() == "UPDATE_COMPLETE"
    assert stacks.destination() == {"Blue": 0, "Green": 100}


def rule(stacks: Stacks, priority: int, **weights: int) -> dict[str, Any]:
    """Return a rule for every path."""
    assert stacks.name
    return {
        "Type": "AWS::ElasticLoadBalancingV2::ListenerRule",
        "Properties": {
            "ListenerArn": {"Ref": "Listener"},
            "Priority": priority,
            "Conditions": [{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/*"]}}],
            "Actions": forward(**weights),
        },
    }


def test_rules_are_created_updated_and_deleted(stacks: Stacks) -> None:
    """With their weights, and without touching the listener's default action."""
    for written in (
        rule(stacks, 1, Blue=100, Green=0),
        rule(stacks, 2, Blue=0, Green=100),
    ):
        stacks.template["Resources"]["Rule"] = written
        if written["Properties"]["Priority"] == 1:
            stacks.create()
        else:
            assert stacks.update() == "UPDATE_COMPLETE"
        described = stacks.plane.elbv2.describe_rules(ListenerArn=stacks.physical("Listener"))["Rules"]
        (found,) = (item for item in described if not item["IsDefault"])
        groups = found["Actions"][0]["ForwardConfig"]["TargetGroups"]
        weights = written["Properties"]["Actions"][0]["ForwardConfig"]["TargetGroups"]
        assert [group["Weight"] for group in groups] == [group["Weight"] for group in weights]
        assert found["Priority"] == str(written["Properties"]["Priority"])
    del stacks.template["Resources"]["Rule"]
    assert stacks.update() == "UPDATE_COMPLETE"
    described = stacks.plane.elbv2.describe_rules(ListenerArn=stacks.physical("Listener"))["Rules"]
    assert [item["IsDefault"] for item in described] == [True]
    assert stacks.destination() == {"Blue": 1}


def test_a_certificate_that_does_not_exist_fails_the_update(stacks: Stacks) -> None:
    """And the listener is as it was."""
    stacks.create()
    unknown = "arn:aws:acm:eu-central-1:123456789012:certificate/00000000-0000-0000-0000-000000000000"
    properties = {"Protocol": "HTTPS", "Certificates": [{"CertificateArn": unknown}]}
    actions = stacks.template["Resources"]["Listener"]["Properties"]["DefaultActions"]
    stacks.template["Resources"]["Listener"] = stacks.listener(80, actions, **properties)
    assert stacks.update() == "UPDATE_ROLLBACK_COMPLETE"
    assert stacks.described_listener()["Protocol"] == "HTTP"


def test_a_certificate_of_the_same_template_is_issued(stacks: Stacks) -> None:
    """Its `Ref` is its ARN, and a listener may use it."""
    stacks.template["Resources"]["Certificate"] = {
        "Type": "AWS::CertificateManager::Certificate",
        "Properties": {"DomainName": "yield.example.org", "ValidationMethod": "DNS"},
    }
    certificates = [{"CertificateArn": {"Ref": "Certificate"}}]
    properties = {"Protocol": "HTTPS", "Certificates": certificates, "SslPolicy": "a-policy"}
    stacks.template["Resources"]["Listener"] = stacks.listener(443, forward(Blue=1), **properties)
    stacks.create()
    listener = stacks.described_listener()
    (certificate,) = listener["Certificates"]
    assert certificate["CertificateArn"].startswith("arn:aws:acm:eu-central-1:123456789012:certificate/")
    assert listener["SslPolicy"] == "a-policy"


def test_a_port_has_one_listener(stacks: Stacks) -> None:
    """A second one is refused, also at creation."""
    stacks.template["Resources"]["Second"] = stacks.listener(9000, forward(Blue=1)) | {"DependsOn": "Test"}
    with pytest.raises(ClientError, match="already exists"):
        stacks.create()
