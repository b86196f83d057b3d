"""Blue and green as the stacks after them see them: by reference, so that nothing changes there."""

from functools import cached_property

from aws_cdk import Duration, Fn
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elb
from constructs import Construct

from infra.acknowledge import acknowledge
from infra.directory import Directory
from infra.place import NOT_NEEDED


class Colours(Construct):
    """The two target groups, and the two listeners for those who ask, imported.

    Args:
        directory: entries of the stacks before.
        measured: whether anyone asks for metrics, which name the load balancer too; without them it would
            be a parameter that the template never uses.
    """

    def __init__(
        self, scope: Construct, id_: str = "Colours", *, directory: Directory, measured: bool = True
    ) -> None:
        super().__init__(scope, id_)
        self._directory = directory
        self._balancer = directory.find("traffic/load-balancer") if measured else None
        self.blue = self._import_target_group("Blue", "traffic/blue")
        self.green = self._import_target_group("Green", "traffic/green")

    def by_name(self) -> dict[str, elb.IApplicationTargetGroup]:
        """Return both target groups by their colour."""
        return {"blue": self.blue, "green": self.green}

    def unanswered(self, *, period: Duration | None = None, label: str | None = None) -> cloudwatch.Metric:
        """Return the count of 5xx responses that the load balancer made itself, on both listeners.

        It has no target group: the load balancer answers so (502, 503, 504) when a task does not.
        """
        arn = self._directory.find("traffic/load-balancer")
        return cloudwatch.Metric(
            namespace="AWS/ApplicationELB",
            metric_name="HTTPCode_ELB_5XX_Count",
            dimensions_map={"LoadBalancer": balancer_in_metrics(arn)},
            statistic="Sum",
            period=period,
            label=label,
        )

    @cached_property
    def production_listener(self) -> elb.IApplicationListener:
        """The listener that clients call."""
        return self._import_listener("Production", "traffic/production-listener")

    @cached_property
    def test_listener(self) -> elb.IApplicationListener:
        """The listener that the release gate calls."""
        return self._import_listener("Test", "traffic/test-listener")

    def _import_target_group(self, name: str, entry: str) -> elb.IApplicationTargetGroup:
        imported = elb.ApplicationTargetGroup.from_target_group_attributes(
            self,
            name,
            target_group_arn=self._directory.find(entry),
            load_balancer_arns=self._balancer,
        )
        if name == "Blue":  # the one that the service is attached to
            acknowledge(
                imported,
                {
                    "Annotation::@aws-cdk/aws-elbv2:albTargetGroupCannotRegisterConnectable": (
                        "The firewall states the rules between load balancer and tasks."
                    )
                },
            )
        return imported

    def _import_listener(self, name: str, entry: str) -> elb.IApplicationListener:
        return elb.ApplicationListener.from_application_listener_attributes(
            self,
            name,
            listener_arn=self._directory.find(entry),
            security_group=ec2.SecurityGroup.from_security_group_id(self, f"{name}Group", NOT_NEEDED),
        )


def group_in_metrics(arn: str) -> str:
    """Return `targetgroup/NAME/ID`, the part of its ARN by which metrics name a target group."""
    return Fn.select(5, Fn.split(":", arn))


def balancer_in_metrics(arn: str) -> str:
    """Return `app/NAME/ID`, the part of its ARN by which metrics name a load balancer."""
    return Fn.select(1, Fn.split(":loadbalancer/", arn))
