"""Findings of the checkers that are accepted, each with its reason beside the thing that it is about."""

from collections.abc import Mapping
from typing import cast

from aws_cdk import Acknowledgment, CfnResource, Validations
from constructs import IConstruct


def acknowledge(construct: IConstruct, reasons: Mapping[str, str]) -> None:
    """Accept findings of cdk-nag on one construct and what is below it.

    Args:
        construct: the narrowest construct that has the finding.
        reasons: why, by the id of the finding, such as `AwsSolutions-IAM5[Resource::*]`.
    """
    Validations.of(construct).acknowledge(
        *(Acknowledgment(id=rule, reason=reason) for rule, reason in reasons.items())
    )


def acknowledge_own_policy(construct: IConstruct) -> None:
    """Accept that the roles of a construct have their policies inside, not as managed ones."""
    acknowledge(
        construct,
        {"NIST.800.53.R5-IAMNoInlinePolicy": "One role has it; shared policies grow until they fit nobody."},
    )


def acknowledge_lint(construct: IConstruct, reasons: Mapping[str, str]) -> None:
    """Accept findings of cfn-lint on the one resource of a construct, by a note in the template.

    The reasons stand in the template as well, where whoever reads it finds them.

    Args:
        construct: an L1 construct, or an L2 one whose main resource has the finding.
        reasons: why, by rule, such as `W3005`.
    """
    note = {"config": {"ignore_checks": list(reasons)}, "reasons": dict(reasons)}
    _resource(construct).add_metadata("cfn-lint", note)


def acknowledge_checkov(construct: IConstruct, reasons: Mapping[str, str]) -> None:
    """Accept findings of checkov on the one resource of a construct, by a note in the template.

    Args:
        construct: an L1 construct, or an L2 one whose main resource has the finding.
        reasons: why, by check, such as `CKV_AWS_18`.
    """
    skips = [{"id": check, "comment": reason} for check, reason in reasons.items()]
    _resource(construct).add_metadata("checkov", {"skip": skips})


def _resource(construct: IConstruct) -> CfnResource:
    """Return the resource that a note belongs to."""
    return (
        construct if isinstance(construct, CfnResource) else cast("CfnResource", construct.node.default_child)
    )
