"""The ECS service whose tasks CodeDeploy replaces, and its scaling."""

from aws_cdk import Duration
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_elasticloadbalancingv2 as elb
from constructs import Construct

from infra.settings import StageSettings
from infra.task import PredictionTask


class BlueGreenService(Construct):
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
        subnets: ec2.SubnetSelection,
        security_group: ec2.ISecurityGroup,
        blue: elb.IApplicationTargetGroup,
    ) -> None:
        super().__init__(scope, id_)
        self.service = ecs.FargateService(
            self,
            "Service",
            cluster=cluster,
            task_definition=task.definition,
            deployment_controller=ecs.DeploymentController(type=ecs.DeploymentControllerType.CODE_DEPLOY),
            security_groups=[security_group],
            vpc_subnets=subnets,
            assign_public_ip=False,
            health_check_grace_period=Duration.seconds(settings.startup_grace),
            min_healthy_percent=100,
            max_healthy_percent=200,
            enable_execute_command=False,
        )
        self.service.attach_to_application_target_group(blue)
        self._scale(settings)

    def _scale(self, settings: StageSettings) -> None:
        """Scale on CPU: it belongs to the service, so it survives the swap of colours."""
        scaling = self.service.auto_scale_task_count(
            min_capacity=settings.min_tasks, max_capacity=settings.max_tasks
        )
        scaling.scale_on_cpu_utilization(
            "Cpu",
            target_utilization_percent=settings.cpu_target,
            scale_in_cooldown=Duration.minutes(5),
            scale_out_cooldown=Duration.minutes(1),
        )
