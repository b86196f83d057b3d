"""Private ways to the AWS services that the VPC uses, each for exactly what is asked of it."""

from collections.abc import Mapping, Sequence

from aws_cdk import Aws
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra import arns
from infra.names import MODELS_PREFIX, PROBES_PREFIX, PRODUCT
from infra.settings import Egress, Engine, StageSettings

_Statements = Sequence[iam.PolicyStatement]


class Endpoints(Construct):
    """S3's gateway on every stage and, where there is no NAT gateway, an interface for each other service.

    Tasks and gate get their credentials from Fargate and Lambda themselves, and Lambda writes the gate's
    logs from outside: neither STS nor anything else is missing here.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        settings: StageSettings,
        vpc: ec2.Vpc,
        subnets: Sequence[ec2.ISubnet],
        group: ec2.ISecurityGroup | None,
    ) -> None:
        super().__init__(scope, id_)
        self._build_gateway(vpc, settings)
        if group:
            for name, statements in interfaces(settings).items():
                self._build_interface(name, statements, vpc, subnets, group)

    def _build_gateway(self, vpc: ec2.Vpc, settings: StageSettings) -> None:
        gateway = ec2.GatewayVpcEndpoint(self, "S3", vpc=vpc, service=ec2.GatewayVpcEndpointAwsService.S3)
        for statement in _reading(settings):
            gateway.add_to_policy(statement)

    def _build_interface(
        self,
        name: str,
        statements: _Statements,
        vpc: ec2.Vpc,
        subnets: Sequence[ec2.ISubnet],
        group: ec2.ISecurityGroup,
    ) -> None:
        interface = ec2.InterfaceVpcEndpoint(
            self,
            name,
            vpc=vpc,
            service=ec2.InterfaceVpcEndpointAwsService(name, port=443),
            subnets=ec2.SubnetSelection(subnets=subnets),
            security_groups=[group],
            private_dns_enabled=True,
            open=False,
        )
        for statement in statements:
            interface.add_to_policy(statement)


def interfaces(settings: StageSettings) -> Mapping[str, _Statements]:
    """Return what may be asked of each service that is reached through an interface, by its short name.

    Empty when there are NAT gateways.
    """
    if settings.network.egress is not Egress.ENDPOINTS:
        return {}
    return {
        "ecr.api": _pulling(settings),
        "ecr.dkr": _pulling(settings),
        "logs": [_logging(settings)],
        **(_of_the_gate(settings) if settings.release.two_colours else {}),
    }


def _of_the_gate(settings: StageSettings) -> dict[str, _Statements]:
    """Return what only the release gate asks for."""
    native = settings.release.engine is Engine.ECS
    release = "ecs:DescribeServiceRevisions" if native else "ecs:DescribeServices"
    services: dict[str, _Statements] = {
        # Task definitions know no resource here; which service it may look at, the gate's role says.
        "ecs": [_allow([release, "ecs:DescribeTaskDefinition"], ["*"])]
    }
    if not native:
        services["codedeploy"] = [_reporting(settings)]
    if settings.traffic.internet_facing:  # whose name resolves to public addresses
        services["ec2"] = [_allow(["ec2:DescribeNetworkInterfaces"], ["*"])]
    return services


def _reading(settings: StageSettings) -> _Statements:
    """Models and probes; and image layers, which ECR keeps in buckets of its own, one a region.

    On stages with NAT gateways too: the private subnets' way to S3 is this endpoint, and whatever is to do
    more there than read, such as training, has to be let in here as well as in its role.
    """
    bucket = arns.of_bucket(settings)
    layers = arns.in_s3(f"prod-{settings.region}-starport-layer-bucket/*")
    return [
        _allow(["s3:GetObject"], [f"{bucket}/{MODELS_PREFIX}*", f"{bucket}/{PROBES_PREFIX}*"]),
        # Without the account: layers are fetched by links that ECR signs.
        iam.PolicyStatement(principals=[iam.AnyPrincipal()], actions=["s3:GetObject"], resources=[layers]),
    ]


def _pulling(settings: StageSettings) -> _Statements:
    """Images of this product; from whichever account the registry is in."""
    repository = arns.of_stage(settings, "ecr", f"repository/{PRODUCT}", account="*")
    return [
        _allow(["ecr:GetAuthorizationToken"], ["*"]),
        _allow(
            ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            [repository],
        ),
    ]


def _logging(settings: StageSettings) -> iam.PolicyStatement:
    """The tasks' logs, in groups that CloudFormation names after the stack."""
    groups = arns.of_stage(settings, "logs", f"log-group:{settings.stack_name('Service')}-*")
    return _allow(["logs:CreateLogStream", "logs:PutLogEvents"], [groups])


def _reporting(settings: StageSettings) -> iam.PolicyStatement:
    group = arns.of_stage(settings, "codedeploy", f"deploymentgroup:{settings.prefix}/{settings.prefix}")
    return _allow(["codedeploy:PutLifecycleEventHookExecutionStatus"], [group])


def _allow(actions: list[str], resources: list[str]) -> iam.PolicyStatement:
    """Return a statement for everybody of the stage's own account, as their own policies allow."""
    return iam.PolicyStatement(
        principals=[iam.AnyPrincipal()],
        actions=actions,
        resources=resources,
        conditions={"StringEquals": {"aws:PrincipalAccount": Aws.ACCOUNT_ID}},
    )
