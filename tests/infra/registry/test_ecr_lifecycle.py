"""The simulation of ECR's lifecycle rules says what Amazon's own examples say."""

from typing import Any

import pytest

from tests.infra.registry.ecr_lifecycle import Image, expired


def tagged(priority: int, prefixes: list[str], number: int) -> dict[str, Any]:
    """Return a rule that keeps the youngest so many images with these prefixes."""
    return {
        "rulePriority": priority,
        "selection": {
            "tagStatus": "tagged",
            "tagPrefixList": prefixes,
            "countType": "imageCountMoreThan",
            "countNumber": number,
        },
    }


def older(priority: int, days: int, status: str) -> dict[str, Any]:
    """Return a rule that keeps images, with a tag or not, for so many days."""
    return {
        "rulePriority": priority,
        "selection": {
            "tagStatus": status,
            "countType": "sinceImagePushed",
            "countUnit": "days",
            "countNumber": days,
        },
    }


BETA_AND_PROD = [
    Image("A", frozenset({"beta-1", "prod-1"}), 10),
    Image("B", frozenset({"beta-2", "prod-2"}), 9),
    Image("C", frozenset({"beta-3"}), 8),
]
"""The repository of the user guide's "Filtering on multiple rules"."""


@pytest.mark.parametrize(
    ("rules", "gone"),
    [
        # Example A: expiring B by the second rule would break the promise of the first.
        ([tagged(1, ["prod"], 1), tagged(2, ["beta"], 1)], {"A"}),
        # Example B: the same rules the other way round.
        ([tagged(1, ["beta"], 1), tagged(2, ["prod"], 1)], {"A", "B"}),
        # "Filtering on multiple tags in a single rule": all prefixes must match.
        ([tagged(1, ["beta", "prod"], 1)], {"A"}),
        ([tagged(1, ["beta", "prod", "alpha"], 1)], set()),
        # "Filtering on all images": whatever an earlier rule selects is safe from it.
        ([tagged(1, ["prod"], 5), older(2, 7, "any")], {"C"}),
    ],
)
def test_examples_of_the_user_guide(rules: list[dict[str, Any]], gone: set[str]) -> None:
    """Each comes out as "Examples of lifecycle policies in Amazon ECR" says."""
    assert expired(BETA_AND_PROD, rules) == gone
    assert expired(reversed(BETA_AND_PROD), list(reversed(rules))) == gone


def test_what_a_kept_list_refers_to_is_kept() -> None:
    """The parts of an image for several processors have no tags, and stay as long as their list."""
    parts = [Image("amd64", age=30), Image("arm64", age=30), Image("alone", age=30)]
    index = Image("index", frozenset({"release-1"}), 30, frozenset({"amd64", "arm64"}))
    rules = [older(1, 7, "untagged")]
    assert expired([*parts, index], rules) == {"alone"}
    assert expired(parts, rules) == {"amd64", "arm64", "alone"}


def test_unknown_rules_are_an_error() -> None:
    """What the simulation does not know, it does not guess."""
    with pytest.raises(ValueError, match="tag status"):
        expired([Image("A")], [older(1, 7, "archived")])
    rule = tagged(1, ["prod"], 1)
    rule["selection"]["countType"] = "sinceImagePulled"
    with pytest.raises(ValueError, match="no such count"):
        expired([Image("A")], [rule])
