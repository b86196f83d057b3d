"""The ECS service whose tasks CodeDeploy replaces, and its scaling."""

from aws_cdk import Duration
from aws_cdk import aws_ecs as ecs
from constructs import Construct

from infra.colours import Colours
from infra.place import Place
from infra.settings import StageSettings
from infra.task import PredictionTask


class BlueGreenService(ecs.FargateService):
    """A service under the CODE_DEPLOY controller.

    ECS refuses nearly every later change of such a service, so its properties are frozen by a test.
    It has no desired count (CloudFormation would reset the scaler's number at each update) and no
    physical name (a change of controller replaces the service, and two cannot share a name).
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        settings: StageSettings,
        cluster: ecs.ICluster,
        task: PredictionTask,
        place: Place,
        colours: Colours,
    ) -> None:
        super().__init__(
            scope,
            id_,
            cluster=cluster,
            task_definition=task.definition,
            deployment_controller=ecs.DeploymentController(type=ecs.DeploymentControllerType.CODE_DEPLOY),
            security_groups=[place.security_group("task")],
            vpc_subnets=place.subnets,
            assign_public_ip=False,
            health_check_grace_period=Duration.seconds(settings.tasks.startup_grace),
            min_healthy_percent=100,
            max_healthy_percent=200,
            enable_execute_command=False,
        )
        self.attach_to_application_target_group(colours.blue)
        self._scale(settings)

    def _scale(self, settings: StageSettings) -> None:
        """Scale on CPU: it belongs to the service, so it survives the swap of colours."""
        scaling = self.auto_scale_task_count(
            min_capacity=settings.tasks.min_tasks, max_capacity=settings.tasks.max_tasks
        )
        scaling.scale_on_cpu_utilization(
            "Cpu",
            target_utilization_percent=settings.tasks.cpu_target,
            scale_in_cooldown=Duration.minutes(5),
            scale_out_cooldown=Duration.minutes(1),
        )
