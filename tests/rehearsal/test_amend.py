from rehearsal import amend
from rehearsal.amend import Attributes
from rehearsal.assembly import Template

BUCKET = {"Fn::ImportValue": "logs"}
TEMPLATE = Template(
    "Switchyard-dev-Traffic",
    {
        "Balancer": {
            "Type": "AWS::ElasticLoadBalancingV2::LoadBalancer",
            "Properties": {
                "LoadBalancerAttributes": [
                    {"Key": "idle_timeout.timeout_seconds", "Value": "60"},
                    {"Key": "access_logs.s3.bucket", "Value": BUCKET},
                ]
            },
        },
        "Blue": {
            "Type": "AWS::ElasticLoadBalancingV2::TargetGroup",
            "Properties": {
                "TargetGroupAttributes": [{"Key": "deregistration_delay.timeout_seconds", "Value": "30"}]
            },
        },
        "Parameter": {"Type": "AWS::SSM::Parameter", "Properties": {}},
    },
)


def test_the_attributes_of_the_template_are_made_up_for() -> None:
    """Literal ones only: what CloudFormation would have computed is not known here."""
    assert list(amend.attributes_of(TEMPLATE)) == [
        Attributes(
            "AWS::ElasticLoadBalancingV2::LoadBalancer", "Balancer", {"idle_timeout.timeout_seconds": "60"}
        ),
        Attributes(
            "AWS::ElasticLoadBalancingV2::TargetGroup",
            "Blue",
            {"deregistration_delay.timeout_seconds": "30"},
        ),
    ]
