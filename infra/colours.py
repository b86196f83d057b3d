"""Blue and green as the service's stack sees them: by reference, so that it changes nothing there."""

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elb
from constructs import Construct

from infra.acknowledge import acknowledge
from infra.directory import Directory
from infra.place import NOT_NEEDED


class Colours(Construct):
    """The two target groups, imported."""

    def __init__(self, scope: Construct, id_: str, *, directory: Directory) -> None:
        super().__init__(scope, id_)
        self._directory = directory
        self.blue = self._import("Blue", "traffic/blue")
        self.green = self._import("Green", "traffic/green")

    def by_name(self) -> dict[str, elb.IApplicationTargetGroup]:
        """Return both target groups by their colour."""
        return {"blue": self.blue, "green": self.green}

    def _import(self, name: str, entry: str) -> elb.IApplicationTargetGroup:
        imported = elb.ApplicationTargetGroup.from_target_group_attributes(
            self,
            name,
            target_group_arn=self._directory.find(entry),
            load_balancer_arns=self._directory.find("traffic/load-balancer"),
        )
        acknowledge(
            imported,
            {
                "Annotation::@aws-cdk/aws-elbv2:albTargetGroupCannotRegisterConnectable": (
                    "The firewall states the rules between load balancer and tasks."
                )
            },
        )
        return imported


class Listeners(Construct):
    """The production and the test listener, imported."""

    def __init__(self, scope: Construct, id_: str, *, directory: Directory) -> None:
        super().__init__(scope, id_)
        self._group = ec2.SecurityGroup.from_security_group_id(self, "Group", NOT_NEEDED, mutable=False)
        self.production = self._import("Production", directory.find("traffic/production-listener"))
        self.test = self._import("Test", directory.find("traffic/test-listener"))

    def _import(self, name: str, arn: str) -> elb.IApplicationListener:
        return elb.ApplicationListener.from_application_listener_attributes(
            self, name, listener_arn=arn, security_group=self._group
        )
