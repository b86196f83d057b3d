"""One page that answers three questions in their order of urgency."""

from collections.abc import Sequence

from aws_cdk import Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infra import arns
from infra.colours import balancer_in_metrics, group_in_metrics
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
        subjects = Subjects(
            load_balancer=balancer_in_metrics(directory.find("traffic/load-balancer")),
            colours={
                colour: group_in_metrics(directory.find(f"traffic/{colour}")) for colour in ("blue", "green")
            },
            service=directory.find("service/name"),
            rollback_alarms=_alarms(settings, rollback_alarms),
            other_alarms=_alarms(settings, other_alarms),
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


def _alarms(settings: StageSettings, names: Sequence[str]) -> list[str]:
    return [arns.of_stage(settings, "cloudwatch", f"alarm:{name}") for name in names]
