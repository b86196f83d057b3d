"""Findings of cdk-nag that are accepted, each with its reason beside the thing that it is about."""

from collections.abc import Mapping

from aws_cdk import Acknowledgment, Validations
from constructs import IConstruct


def acknowledge(construct: IConstruct, reasons: Mapping[str, str]) -> None:
    """Accept findings on one construct and what is below it.

    Args:
        construct: the narrowest construct that has the finding.
        reasons: why, by the id of the finding, such as `AwsSolutions-IAM5[Resource::*]`.
    """
    Validations.of(construct).acknowledge(
        *(Acknowledgment(id=rule, reason=reason) for rule, reason in reasons.items())
    )
