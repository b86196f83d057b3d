"""The release gate: the hook that lets a new version pass only when its answers are right."""

from aws_cdk import Aws, Duration
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.acknowledge import acknowledge, acknowledge_checkov, acknowledge_lint
from infra.directory import Directory
from infra.names import CONTAINER, PROBES_PREFIX, TEST_PORT
from infra.place import Place
from infra.retained_logs import RetainedLogs
from infra.service.gate_role import GateRole
from infra.service.hook_code import hook_code
from infra.settings import Engine, StageSettings
from service import contract


class ReleaseGate(Construct):
    """A Lambda function in the VPC that sends the release's probes to the test listener.

    CodeDeploy calls it after test traffic was allowed (`AfterAllowTestTraffic`), ECS after the test traffic
    has moved (`POST_TEST_TRAFFIC_SHIFT`). It may read what releases leave for it, look at this one service
    and tell this one deployment group.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        settings: StageSettings,
        place: Place,
        directory: Directory,
        service: ecs.FargateService | None,
    ) -> None:
        """Build the gate.

        Args:
            scope: parent of this construct.
            id_: its name there.
            settings: a stage with two colours; without them there is nothing to ask before traffic moves.
            place: the network, with private subnets.
            directory: entries of the stacks before.
            service: what CodeDeploy moves; none with the engine ECS, whose event names its service.
        """
        super().__init__(scope, id_)
        if (settings.release.engine is Engine.CODEDEPLOY) is not (service is not None):
            raise ValueError("The gate is given the service that CodeDeploy moves, and no other.")
        logs = RetainedLogs(self, "Logs", settings=settings, entry="logs/gate")
        self.role = GateRole(self, "Role", settings=settings, logs=logs, service=service)
        self.function = lambda_.Function(
            self,
            "Function",
            function_name=settings.gate_function,
            description="Compares the new version's answers with its package's probes",
            runtime=lambda_.Runtime.PYTHON_3_14,
            architecture=lambda_.Architecture.ARM_64,
            code=hook_code("gate"),
            handler=f"gate.{settings.release.engine.value}.handle",
            role=self.role,
            timeout=Duration.minutes(3),
            memory_size=512,
            vpc=place.vpc,
            vpc_subnets=place.subnets,
            security_groups=[place.security_group("gate")],
            log_group=logs,
            environment={
                **_what_to_look_at(service),
                "CONTAINER": CONTAINER,
                "PROBES_BUCKET": settings.data_bucket(Aws.ACCOUNT_ID),
                "PROBES_PREFIX": PROBES_PREFIX,
                **_test_address(settings, directory),
                "READY_PATH": contract.READY,
                "VERSION_PATH": contract.VERSION,
                "PREDICT_PATH": contract.PREDICT,
                "TOLERANCE": repr(settings.release.gate_tolerance),
            },
        )
        self._acknowledge()

    def _acknowledge(self) -> None:
        alone = "Releases call it one at a time; a reservation would take from the account's other functions."
        told = (
            "It tells the release of its own failure; there would be nothing to do with a failed call later."
        )
        acknowledge(
            self.function,
            {"NIST.800.53.R5-LambdaConcurrency": alone, "NIST.800.53.R5-LambdaDLQ": told},
        )
        acknowledge_checkov(
            self.function,
            {
                "CKV_AWS_115": alone,
                "CKV_AWS_116": told,
                "CKV_AWS_173": "Its environment holds names, which are no secrets: see decision 9.",
            },
        )
        acknowledge_lint(
            self.function, {"W3005": "The CDK names the role as a dependency and as a property."}
        )


def _what_to_look_at(service: ecs.FargateService | None) -> dict[str, str]:
    """Return where CodeDeploy's task sets are; ECS names what it releases by itself."""
    if service is None:
        return {}
    return {"CLUSTER": service.cluster.cluster_name, "SERVICE": service.service_name}


def _test_address(settings: StageSettings, directory: Directory) -> dict[str, str]:
    """Return what the handler needs to find private addresses, the only ones that the firewall knows."""
    if settings.traffic.internet_facing:
        return {"LOAD_BALANCER": directory.find("traffic/load-balancer"), "TEST_PORT": str(TEST_PORT)}
    return {"TEST_ENDPOINT": f"{directory.find('traffic/host')}:{TEST_PORT}"}
