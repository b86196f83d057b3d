"""One colour's target group."""

from aws_cdk import Duration
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elb
from constructs import Construct

from infra.traffic.timeouts import Times
from service import contract


class ColourTargets(elb.ApplicationTargetGroup):
    """The tasks of one colour, asked every ten seconds whether traffic may come.

    A request goes to the task with the fewest in flight: one record takes a millisecond and a batch of a
    thousand far longer, so taking turns would queue single records behind batches. There is no slow start:
    a task is as fast with its first request as with any other, and AWS offers it with taking turns only.
    """

    def __init__(self, scope: Construct, id_: str, *, vpc: ec2.IVpc, times: Times) -> None:
        super().__init__(
            scope,
            id_,
            vpc=vpc,
            port=contract.PORT,
            protocol=elb.ApplicationProtocol.HTTP,
            target_type=elb.TargetType.IP,
            load_balancing_algorithm_type=(
                elb.TargetGroupLoadBalancingAlgorithmType.LEAST_OUTSTANDING_REQUESTS
            ),
            deregistration_delay=Duration.seconds(times.deregistration_delay),
            health_check=elb.HealthCheck(
                path=contract.READY,
                healthy_http_codes="200",
                interval=Duration.seconds(10),
                timeout=Duration.seconds(5),
                healthy_threshold_count=2,
                unhealthy_threshold_count=3,
            ),
        )
