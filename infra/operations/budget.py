"""A monthly budget that says so before the money is spent."""

from aws_cdk import aws_budgets as budgets
from constructs import Construct

from infra.operations.notifications import Notifications
from infra.settings import StageSettings

_FORECAST_PERCENT = 80
_SPENT_PERCENT = 100


class MonthlyBudget(Construct):
    """What this stage may cost in a month, told at 80 % forecast and at 100 % spent.

    It counts what carries the tag `stage`, from the day on which that tag is activated as a cost allocation
    tag in the account's billing settings; before that it stays at zero.

    Args:
        amount: whole US dollars a month.
        notifications: whom it tells.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        settings: StageSettings,
        amount: int,
        notifications: Notifications,
    ) -> None:
        super().__init__(scope, id_)
        budget = budgets.CfnBudget(
            self,
            "Budget",
            budget=budgets.CfnBudget.BudgetDataProperty(
                # Other notifications replace the budget, which then needs another name.
                budget_name=f"{settings.prefix}-monthly",
                budget_type="COST",
                time_unit="MONTHLY",
                budget_limit=budgets.CfnBudget.SpendProperty(amount=amount, unit="USD"),
                cost_filters={"TagKeyValue": [f"user:stage${settings.name}"]},
            ),
            notifications_with_subscribers=[
                _told("FORECASTED", _FORECAST_PERCENT, notifications.arn),
                _told("ACTUAL", _SPENT_PERCENT, notifications.arn),
            ],
        )
        budget.node.add_dependency(notifications.policy)  # a budget tries whether it may publish


def _told(kind: str, percent: int, topic: str) -> budgets.CfnBudget.NotificationWithSubscribersProperty:
    return budgets.CfnBudget.NotificationWithSubscribersProperty(
        notification=budgets.CfnBudget.NotificationProperty(
            notification_type=kind,
            comparison_operator="GREATER_THAN",
            threshold=percent,
            threshold_type="PERCENTAGE",
        ),
        subscribers=[budgets.CfnBudget.SubscriberProperty(subscription_type="SNS", address=topic)],
    )
