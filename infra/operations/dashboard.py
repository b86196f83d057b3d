"""One page that answers three questions in their order of urgency."""

from collections.abc import Sequence

from aws_cdk import Aws, Fn, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infra.directory import Directory
from infra.operations.costs import what_does_it_cost
from infra.operations.health import is_it_healthy
from infra.operations.releases import what_is_being_released
from infra.operations.subjects import Subjects
from infra.operations.widgets import layout
from infra.settings import RegistrySettings, StageSettings


class StageDashboard(Construct):
    """Is the live colour healthy, what is being released, what does it cost?

    Which colour is live is a parameter, and a dashboard cannot show a parameter: the share of requests
    shows it.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        settings: StageSettings,
        registry: RegistrySettings,
        directory: Directory,
        rollback_alarms: Sequence[str],
        other_alarms: Sequence[str],
    ) -> None:
        super().__init__(scope, id_)
        start = f"arn:{Aws.PARTITION}:cloudwatch:{settings.region}:{Aws.ACCOUNT_ID}:alarm:"
        subjects = Subjects(
            load_balancer=Fn.select(1, Fn.split(":loadbalancer/", directory.find("traffic/load-balancer"))),
            colours={
                colour: Fn.select(5, Fn.split(":", directory.find(f"traffic/{colour}")))
                for colour in ("blue", "green")
            },
            service=directory.find("service/name"),
            rollback_alarms=[f"{start}{name}" for name in rollback_alarms],
            other_alarms=[f"{start}{name}" for name in other_alarms],
        )
        rows = [
            *is_it_healthy(settings, registry, subjects),
            *what_is_being_released(settings, subjects),
            *what_does_it_cost(settings, subjects),
        ]
        body = layout(rows, region=settings.region, start="-PT3H")
        cloudwatch.CfnDashboard(
            self,
            "Dashboard",
            dashboard_name=settings.prefix,
            dashboard_body=Stack.of(self).to_json_string(body),
        )
