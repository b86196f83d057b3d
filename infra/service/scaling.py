"""How many tasks run: by CPU and by requests, both of which survive the swap of colours."""

from collections.abc import Mapping
from typing import Final

from aws_cdk import aws_applicationautoscaling as scaling
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_elasticloadbalancingv2 as elb
from constructs import Construct

from infra.colours import Colours, group_in_metrics
from infra.settings import StageSettings

DIMENSION: Final = "ecs:service:DesiredCount"
"""What is scaled."""
_SCALE_IN_COOLDOWN: Final = 300
_SCALE_OUT_COOLDOWN: Final = 60
_PER_TASK: Final = "SUM([FILL(blue, 0), FILL(green, 0), 0 * service])"


class Scaling(Construct):
    """Two target-tracking policies: the higher demand wins, and both must agree before a task goes.

    CPU belongs to the service. Requests per task are counted by target group, and a policy bound to
    one of them goes blind after the swap (AWS supports its own request metric for rolling updates
    only), so that the policy adds both. A group without requests reports nothing, which counts as 0: by
    FILL where it reports now and then, by SUM over a list where it never does. When neither ever reports,
    there would be no value at all, and a policy without values lets no task go: so the list has a third
    member, which is 0 for as long as a task runs.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        settings: StageSettings,
        service: ecs.FargateService,
        colours: Colours,
    ) -> None:
        super().__init__(scope, id_)
        self.resource = f"service/{service.cluster.cluster_name}/{service.service_name}"
        self._target = scaling.CfnScalableTarget(
            self,
            "Target",
            service_namespace="ecs",
            scalable_dimension=DIMENSION,
            resource_id=self.resource,
            min_capacity=settings.tasks.min_tasks,
            max_capacity=settings.tasks.max_tasks,
        )
        self._track(
            "Cpu",
            settings.tasks.cpu_target,
            predefined=scaling.CfnScalingPolicy.PredefinedMetricSpecificationProperty(
                predefined_metric_type="ECSServiceAverageCPUUtilization"
            ),
        )
        self._track(
            "Requests", settings.tasks.requests_target, customised=_requests_per_task(colours, service)
        )

    def _track(
        self,
        name: str,
        target: float,
        *,
        predefined: scaling.CfnScalingPolicy.PredefinedMetricSpecificationProperty | None = None,
        customised: scaling.CfnScalingPolicy.CustomizedMetricSpecificationProperty | None = None,
    ) -> None:
        scaling.CfnScalingPolicy(
            self,
            name,
            policy_name=name.lower(),
            policy_type="TargetTrackingScaling",
            scaling_target_id=self._target.ref,
            target_tracking_scaling_policy_configuration=(
                scaling.CfnScalingPolicy.TargetTrackingScalingPolicyConfigurationProperty(
                    target_value=target,
                    predefined_metric_specification=predefined,
                    customized_metric_specification=customised,
                    scale_in_cooldown=_SCALE_IN_COOLDOWN,
                    scale_out_cooldown=_SCALE_OUT_COOLDOWN,
                )
            ),
        )


def _requests_per_task(
    colours: Colours, service: ecs.FargateService
) -> scaling.CfnScalingPolicy.CustomizedMetricSpecificationProperty:
    """Return both groups' requests per target and minute, added.

    While both take traffic, each part is that colour's share of the load on as many tasks, so that
    the sum stays what one task would bear of all of it.
    """
    return scaling.CfnScalingPolicy.CustomizedMetricSpecificationProperty(
        metrics=[
            *(_requests(colour, group) for colour, group in colours.by_name().items()),
            _input(
                "service",
                "AWS/ECS",
                "CPUUtilization",  # what the other policy looks at: it belongs to no colour
                {"ClusterName": service.cluster.cluster_name, "ServiceName": service.service_name},
            ),
            scaling.CfnScalingPolicy.TargetTrackingMetricDataQueryProperty(
                id="total", expression=_PER_TASK, label="Requests per task", return_data=True
            ),
        ]
    )


def _requests(
    colour: str, group: elb.IApplicationTargetGroup
) -> scaling.CfnScalingPolicy.TargetTrackingMetricDataQueryProperty:
    """Return one group's requests per target: the metric's sum is already the average of its targets."""
    dimensions = {"TargetGroup": group_in_metrics(group.target_group_arn)}
    return _input(colour, "AWS/ApplicationELB", "RequestCountPerTarget", dimensions)


def _input(
    id_: str, namespace: str, metric: str, dimensions: Mapping[str, str]
) -> scaling.CfnScalingPolicy.TargetTrackingMetricDataQueryProperty:
    """Return one metric that the sum is made of."""
    return scaling.CfnScalingPolicy.TargetTrackingMetricDataQueryProperty(
        id=id_,
        metric_stat=scaling.CfnScalingPolicy.TargetTrackingMetricStatProperty(
            metric=scaling.CfnScalingPolicy.TargetTrackingMetricProperty(
                namespace=namespace,
                metric_name=metric,
                dimensions=[
                    scaling.CfnScalingPolicy.TargetTrackingMetricDimensionProperty(name=name, value=value)
                    for name, value in dimensions.items()
                ],
            ),
            stat="Sum",
        ),
        return_data=False,
    )
