"""The task: one container of the service, as little privileged as Fargate allows."""

from typing import Final

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_ecs as ecs
from constructs import Construct

from infra.acknowledge import acknowledge, acknowledge_own_policy
from infra.names import CONTAINER, PRODUCT
from infra.retained_logs import RetainedLogs
from infra.settings import StageSettings
from service import contract

_ASK_LIVENESS: Final = (
    f"import urllib.request as r; r.urlopen('http://127.0.0.1:{contract.PORT}{contract.LIVE}', timeout=3)"
)


class PredictionTask(Construct):
    """The shape of the task; which image runs in it is decided by releases, the first one excepted.

    The family's name is stable, because the service refers to it by name, and every revision is
    retained: CloudFormation would otherwise deregister the one that runs or that a rollback needs.
    """

    def __init__(self, scope: Construct, id_: str, *, settings: StageSettings, image: str) -> None:
        super().__init__(scope, id_)
        self.log_group = RetainedLogs(self, "Logs", settings=settings, entry="logs/service")
        self.definition = self._build_definition(settings)
        self._add_container(image)
        acknowledge_own_policy(self)
        acknowledge(
            self.definition,
            {"AwsSolutions-IAM5[Resource::*]": "ecr:GetAuthorizationToken knows no resource."},
        )

    def _build_definition(self, settings: StageSettings) -> ecs.FargateTaskDefinition:
        definition = ecs.FargateTaskDefinition(
            self,
            "Definition",
            family=settings.prefix,
            cpu=settings.tasks.cpu,
            memory_limit_mib=settings.tasks.memory,
            runtime_platform=ecs.RuntimePlatform(
                cpu_architecture=ecs.CpuArchitecture.X86_64,
                operating_system_family=ecs.OperatingSystemFamily.LINUX,
            ),
        )
        definition.apply_removal_policy(RemovalPolicy.RETAIN)
        return definition

    def _add_container(self, image: str) -> None:
        repository = ecr.Repository.from_repository_name(self, "Repository", PRODUCT)
        linux = ecs.LinuxParameters(self, "Linux", init_process_enabled=True)
        linux.drop_capabilities(ecs.Capability.ALL)
        self.definition.add_container(
            CONTAINER,
            image=ecs.ContainerImage.from_ecr_repository(repository, image),
            command=list(contract.COMMAND),
            user=f"{contract.USER}:{contract.USER}",
            essential=True,
            readonly_root_filesystem=True,
            linux_parameters=linux,
            port_mappings=[ecs.PortMapping(container_port=contract.PORT)],
            stop_timeout=Duration.seconds(contract.STOP_TIMEOUT),
            logging=ecs.LogDrivers.aws_logs(stream_prefix=CONTAINER, log_group=self.log_group),
            health_check=ecs.HealthCheck(
                command=["CMD", "python", "-c", _ASK_LIVENESS],
                interval=Duration.seconds(15),
                timeout=Duration.seconds(5),
                retries=3,
                start_period=Duration.seconds(60),
            ),
        )
