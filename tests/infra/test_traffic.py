"""The load balancer, its listeners and the two colours."""

import pytest

from service import contract
from tests.infra.assembly import Assembly

pytestmark = pytest.mark.slow

SCHEME = {"dev": "internet-facing", "staging": "internal", "production": "internal"}


def test_listeners_follow_the_live_colour(assembly: Assembly) -> None:
    """Production goes to the colour that the parameter names, the test listener to the other one."""
    listeners = assembly.resources("Traffic", "AWS::ElasticLoadBalancingV2::Listener")
    assert assembly.template("Traffic")["Conditions"] == {
        "GreenIsLive": {"Fn::Equals": [f"/switchyard/{assembly.stage}/live-colour", "green"]}
    }
    assert {name: listener["Properties"] for name, listener in listeners.items()} == {
        "ProductionListener": {
            "LoadBalancerArn": "<LoadBalancer>",
            "Port": 80,
            "Protocol": "HTTP",
            "DefaultActions": [
                {"Type": "forward", "TargetGroupArn": {"Fn::If": ["GreenIsLive", "<Green>", "<Blue>"]}}
            ],
        },
        "TestListener": {
            "LoadBalancerArn": "<LoadBalancer>",
            "Port": 9000,
            "Protocol": "HTTP",
            "DefaultActions": [
                {"Type": "forward", "TargetGroupArn": {"Fn::If": ["GreenIsLive", "<Blue>", "<Green>"]}}
            ],
        },
    }


def test_live_colour_is_read_at_every_deploy(assembly: Assembly) -> None:
    """The colour is an SSM-typed parameter, which CloudFormation fetches anew at each update."""
    assert assembly.template("Traffic")["Parameters"]["LiveColour"] == {
        "Type": "AWS::SSM::Parameter::Value<String>",
        "Default": f"/switchyard/{assembly.stage}/live-colour",
        "Description": "SSM parameter with the colour that takes production traffic",
    }


@pytest.mark.parametrize("colour", ["Blue", "Green"])
def test_colours_are_alike(assembly: Assembly, colour: str) -> None:
    """Both target groups check readiness and drain for as long as a request may take."""
    groups = assembly.resources("Traffic", "AWS::ElasticLoadBalancingV2::TargetGroup")
    assert groups[colour]["Properties"] == {
        "VpcId": f"/switchyard/{assembly.stage}/network/vpc",
        "TargetType": "ip",
        "Port": contract.PORT,
        "Protocol": "HTTP",
        "HealthCheckPath": "/health/ready",
        "HealthCheckIntervalSeconds": 10,
        "HealthCheckTimeoutSeconds": 5,
        "HealthyThresholdCount": 2,
        "UnhealthyThresholdCount": 3,
        "Matcher": {"HttpCode": "200"},
        "TargetGroupAttributes": [
            {"Key": "deregistration_delay.timeout_seconds", "Value": "30"},
            {"Key": "stickiness.enabled", "Value": "false"},
        ],
    }


def test_load_balancer(assembly: Assembly) -> None:
    """It is public on dev only, logs every request and drops what smuggles headers."""
    balancer = assembly.only("Traffic", "AWS::ElasticLoadBalancingV2::LoadBalancer")["Properties"]
    attributes = {item["Key"]: item["Value"] for item in balancer["LoadBalancerAttributes"]}
    assert balancer["Scheme"] == SCHEME[assembly.stage]
    assert balancer["SecurityGroups"] == [f"/switchyard/{assembly.stage}/network/load-balancer-group"]
    assert attributes == {
        "access_logs.s3.enabled": "true",
        "access_logs.s3.bucket": "<Logs>",
        "access_logs.s3.prefix": "load-balancer",
        "deletion_protection.enabled": "true" if assembly.stage == "production" else "false",
        "idle_timeout.timeout_seconds": str(contract.LOAD_BALANCER_IDLE),
        "routing.http.desync_mitigation_mode": "defensive",
        "routing.http.drop_invalid_header_fields.enabled": "true",
    }
