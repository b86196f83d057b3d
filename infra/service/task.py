"""The task: one container of the service, as little privileged as Fargate allows."""

from typing import Final

from aws_cdk import Aws, Duration, RemovalPolicy
from aws_cdk import aws_ecs as ecs
from constructs import Construct

from infra.names import CONTAINER, PRODUCT
from infra.retained_logs import RetainedLogs
from infra.service.task_roles import ExecutionRole, TaskRole
from infra.settings import Architecture, RegistrySettings, StageSettings
from service import contract

_ASK_LIVENESS: Final = (
    f"import urllib.request as r; r.urlopen('http://127.0.0.1:{contract.PORT}{contract.LIVE}', timeout=3)"
)


class PredictionTask(Construct):
    """The shape of the task; which image runs in it is decided by releases, the first one excepted.

    The family's name is stable, because the service refers to it by name, and every revision is
    retained: CloudFormation would otherwise deregister the one that runs or that a rollback needs.
    Nothing is writable, not even `/tmp`, which the service does not use. Only the templates grant
    rights: what the CDK would add to the roles by itself is kept off them.
    """

    def __init__(
        self, scope: Construct, id_: str, *, settings: StageSettings, registry: RegistrySettings, image: str
    ) -> None:
        super().__init__(scope, id_)
        self.log_group = RetainedLogs(self, "Logs", settings=settings, entry="logs/service")
        self.role = TaskRole(self, "Role", settings=settings)
        self.execution_role = ExecutionRole(
            self, "ExecutionRole", settings=settings, registry=registry, logs=self.log_group
        )
        self.definition = self._build_definition(settings)
        self._add_container(image_uri(registry, image))

    def _build_definition(self, settings: StageSettings) -> ecs.FargateTaskDefinition:
        definition = ecs.FargateTaskDefinition(
            self,
            "Definition",
            family=settings.prefix,
            cpu=settings.tasks.cpu,
            memory_limit_mib=settings.tasks.memory,
            runtime_platform=ecs.RuntimePlatform(
                cpu_architecture=_architecture(settings.tasks.architecture),
                operating_system_family=ecs.OperatingSystemFamily.LINUX,
            ),
            task_role=self.role.without_policy_updates(),
            execution_role=self.execution_role.without_policy_updates(),
        )
        definition.apply_removal_policy(RemovalPolicy.RETAIN)
        return definition

    def _add_container(self, image: str) -> None:
        linux = ecs.LinuxParameters(self, "Linux", init_process_enabled=True)
        linux.drop_capabilities(ecs.Capability.ALL)
        self.definition.add_container(
            CONTAINER,
            image=ecs.ContainerImage.from_registry(image),
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


def image_uri(registry: RegistrySettings, digest: str) -> str:
    """Return where Fargate finds an image: in the registry's account and region, by its digest."""
    host = f"{registry.account or Aws.ACCOUNT_ID}.dkr.ecr.{registry.region}.{Aws.URL_SUFFIX}"
    return f"{host}/{PRODUCT}@{digest}"


def _architecture(architecture: Architecture) -> ecs.CpuArchitecture:
    arm = architecture is Architecture.ARM64
    return ecs.CpuArchitecture.ARM64 if arm else ecs.CpuArchitecture.X86_64
