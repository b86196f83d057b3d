"""Rules for what a stage is called, and where it is."""

import re
from typing import Final

from infra.checks.rules import Rule, rule, shown
from infra.settings import StageSettings

EVERY_STAGE: Final = "all"
"""Stands for every stage where one is to be named, and so is no stage's name."""
LONGEST_ACCOUNT: Final = "0" * 12

NAME: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
ACCOUNT: Final = re.compile(r"[0-9]{12}")
REGION: Final = re.compile(r"[a-z]{2,4}(-[a-z]{1,16}){1,2}-[0-9]{1,2}")


def is_account(text: str) -> bool:
    """Return whether a text is an AWS account's twelve digits."""
    return ACCOUNT.fullmatch(text) is not None


def is_region(text: str) -> bool:
    """Return whether a text is written as AWS writes regions; which regions there are changes too often."""
    return REGION.fullmatch(text) is not None


def partition(region: str) -> str:
    """Return the partition that a region belongs to: the part of AWS that its ARNs begin with."""
    groups = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}
    return next((name for start, name in groups.items() if region.startswith(start)), "aws")


def physical_names(settings: StageSettings) -> dict[str, int]:
    """Return the longest physical names of a stage, each with the characters that AWS allows.

    S3 buckets 63, IAM roles 64, Lambda functions 64, ECS families and clusters 255, CloudWatch alarms 255:
    the last two are far from their limits when the first are within theirs.
    """
    return {
        settings.data_bucket(LONGEST_ACCOUNT): 63,
        settings.log_bucket("traffic", LONGEST_ACCOUNT): 63,
        settings.task_role: 64,
        settings.execution_role: 64,
        settings.release_role: 64,
        settings.deploy_role: 64,
        settings.gate_function: 64,
        settings.keeper_function: 64,
    }


@rule("name")
def name(settings: StageSettings) -> str | None:
    """Lower-case letters, digits and single hyphens, a letter first; not `all`."""
    if settings.name == EVERY_STAGE:
        return f"must not be {EVERY_STAGE!r}, which stands for every stage"
    if not NAME.fullmatch(settings.name):
        form = "lower-case letters, digits and single hyphens"
        return f"must be {form}, such as 'dev', not {shown(settings.name)}"
    return None


@rule("name", "region")
def name_fits(settings: StageSettings) -> str | None:
    """Short enough for the physical names made of it: 11 characters fit in every region."""
    if not (NAME.fullmatch(settings.name) and is_region(settings.region)):
        return None
    excess = {text: len(text) - limit for text, limit in physical_names(settings).items()}
    worst = max(excess, key=lambda text: excess[text])
    if excess[worst] <= 0:
        return None
    return f"must be {excess[worst]} characters shorter, or AWS refuses names such as {shown(worst)}"


@rule("account")
def account(settings: StageSettings) -> str | None:
    """Twelve digits, or none."""
    if settings.account is None or is_account(settings.account):
        return None
    return f"must be twelve digits, not {shown(settings.account)}"


@rule("region")
def region(settings: StageSettings) -> str | None:
    """Written as AWS writes it, such as `eu-central-1`."""
    if is_region(settings.region):
        return None
    return f"must be an AWS region such as 'eu-central-1', not {shown(settings.region)}"


RULES: Final[tuple[Rule[StageSettings], ...]] = (name, name_fits, account, region)
