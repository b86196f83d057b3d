"""The stack that holds a stage's operations."""

from collections.abc import Sequence

from aws_cdk import Environment, Stack
from constructs import Construct

from infra.directory import Directory, Published
from infra.operations.alarms import OperationsAlarms
from infra.operations.budget import MonthlyBudget
from infra.operations.dashboard import StageDashboard
from infra.operations.notifications import Notifications
from infra.operations.queries import SavedQueries
from infra.operations.release_news import ReleaseNews
from infra.settings import RegistrySettings, StageSettings


class OperationsStack(Stack):
    """Dashboard and notifications; changed at will, since no traffic depends on it.

    Args:
        alarm_names: the rollback alarms, by name; none when the stage has no alarms.
        registry: whose GitHub repository the links to runbooks lead to.
    """

    def __init__(
        self,
        scope: Construct,
        *,
        settings: StageSettings,
        env: Environment,
        registry: RegistrySettings,
        alarm_names: Sequence[str] = (),
    ) -> None:
        super().__init__(
            scope,
            settings.stack_name("Operations"),
            env=env,
            tags=settings.tags,
            termination_protection=settings.protected,
        )
        directory = Directory(self, settings=settings)
        self.notifications = Notifications(self, "Notifications", settings=settings)
        self.alarms = OperationsAlarms(
            self,
            "Alarms",
            settings=settings,
            registry=registry,
            topic=self.notifications.arn,
            service=directory.find("service/name"),
        )
        ReleaseNews(self, "ReleaseNews", settings=settings, registry=registry, topic=self.notifications.arn)
        SavedQueries(self, "Queries", settings=settings, directory=directory)
        amount = settings.operations.monthly_budget
        if amount is not None:
            MonthlyBudget(self, "Budget", settings=settings, amount=amount, notifications=self.notifications)
        StageDashboard(
            self,
            "Dashboard",
            settings=settings,
            registry=registry,
            directory=directory,
            rollback_alarms=alarm_names,
            other_alarms=[*([settings.unwell_alarm] if alarm_names else []), *self.alarms.names],
        )
        Published(self, settings=settings, entries={"operations/topic": self.notifications.arn})
