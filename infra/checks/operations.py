"""Rules for what is kept, who is told, and what it may cost."""

import re
from typing import Final

from infra.checks.rules import Rule, rule, shown, within
from infra.checks.stage import partition
from infra.settings import StageSettings

RETENTION: Final = {
    1: "ONE_DAY",
    3: "THREE_DAYS",
    5: "FIVE_DAYS",
    7: "ONE_WEEK",
    14: "TWO_WEEKS",
    30: "ONE_MONTH",
    60: "TWO_MONTHS",
    90: "THREE_MONTHS",
    120: "FOUR_MONTHS",
    150: "FIVE_MONTHS",
    180: "SIX_MONTHS",
    365: "ONE_YEAR",
    400: "THIRTEEN_MONTHS",
    545: "EIGHTEEN_MONTHS",
    731: "TWO_YEARS",
    1096: "THREE_YEARS",
    1827: "FIVE_YEARS",
    2192: "SIX_YEARS",
    2557: "SEVEN_YEARS",
    2922: "EIGHT_YEARS",
    3288: "NINE_YEARS",
    3653: "TEN_YEARS",
}
"""Days for which CloudWatch keeps logs (PutRetentionPolicy in its API reference), and the CDK's names."""
ADDRESS: Final = re.compile(
    r"(?=.{3,254}\Z)[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@([A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,63}"
)
"""An e-mail address as HTML has it: what RFC 5322 allows beyond that, nobody has."""


@rule("operations.log_retention")
def log_retention(settings: StageSettings) -> str | None:
    """A number of days that CloudWatch Logs offers, from 1 to 3653."""
    if settings.operations.log_retention in RETENTION:
        return None
    days = ", ".join(map(str, RETENTION))
    return f"must be one of {days} days, not {shown(settings.operations.log_retention)}"


@rule("operations.notify")
def notify(settings: StageSettings) -> str | None:
    """An e-mail address, or none."""
    address = settings.operations.notify
    if address is None or ADDRESS.fullmatch(address):
        return None
    return f"must be an e-mail address such as 'team@example.org', not {shown(address)}"


@rule("operations.monthly_budget")
def monthly_budget(settings: StageSettings) -> str | None:
    """1 to 1000000000 US dollars, or none."""
    amount = settings.operations.monthly_budget
    if amount is None or 1 <= amount <= 1_000_000_000:  # noqa: PLR2004 - beyond, it limits nothing
        return None
    return f"must be 1 to 1000000000 US dollars, not {shown(amount)}"


@rule("operations.monthly_budget", "region")
def budgets_are_there(settings: StageSettings) -> str | None:
    """None in the regions of AWS GovCloud."""
    amount = settings.operations.monthly_budget
    if amount is None or amount < 1 or partition(settings.region) != "aws-us-gov":
        return None
    return f"must be None in {settings.region}, where CloudFormation makes no budgets"


RULES: Final[tuple[Rule[StageSettings], ...]] = (
    log_retention,
    within(
        "operations.access_log_retention",
        1,
        36500,
        lambda settings: settings.operations.access_log_retention,
        "days",
    ),
    notify,
    monthly_budget,
    budgets_are_there,
)
