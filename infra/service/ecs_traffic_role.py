"""What ECS may do when it moves traffic by itself: between two colours, by two rules."""

from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.acknowledge import acknowledge, acknowledge_own_policy
from infra.colours import Colours


class EcsTrafficRole(iam.Role):
    """A role narrower than AmazonECSInfrastructureRolePolicyForLoadBalancers.

    That one may register targets with every target group and change every listener and rule of the
    account; this one knows one stage's colours and rules.
    """

    def __init__(self, scope: Construct, id_: str, *, colours: Colours, rules: list[str]) -> None:
        groups = [group.target_group_arn for group in colours.by_name().values()]
        super().__init__(
            scope,
            id_,
            assumed_by=iam.ServicePrincipal("ecs.amazonaws.com"),
            description="ECS moves this one service between its colours",
            inline_policies={
                "Shift": iam.PolicyDocument(statements=[_look(), _register(groups), _move_traffic(rules)])
            },
        )
        acknowledge_own_policy(self)
        acknowledge(
            self,
            {"AwsSolutions-IAM5[Resource::*]": "The load balancer's describe calls know no resource."},
        )


class GateCallerRole(iam.Role):
    """With it ECS calls the release gate, and nothing else."""

    def __init__(self, scope: Construct, id_: str, *, function: str) -> None:
        super().__init__(
            scope,
            id_,
            assumed_by=iam.ServicePrincipal("ecs.amazonaws.com"),
            description="ECS asks the release gate",
            inline_policies={
                "Ask": iam.PolicyDocument(
                    statements=[
                        iam.PolicyStatement(
                            sid="AskTheGate", actions=["lambda:InvokeFunction"], resources=[function]
                        )
                    ]
                )
            },
        )
        acknowledge_own_policy(self)


def _look() -> iam.PolicyStatement:
    return iam.PolicyStatement(
        sid="Look",
        actions=[
            "elasticloadbalancing:DescribeListeners",
            "elasticloadbalancing:DescribeRules",
            "elasticloadbalancing:DescribeTargetGroups",
            "elasticloadbalancing:DescribeTargetHealth",
        ],
        resources=["*"],
    )


def _register(groups: list[str]) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        sid="RegisterTasks",
        actions=["elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:RegisterTargets"],
        resources=groups,
    )


def _move_traffic(rules: list[str]) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        sid="MoveTraffic", actions=["elasticloadbalancing:ModifyRule"], resources=rules
    )
