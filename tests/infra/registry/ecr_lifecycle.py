"""ECR's lifecycle rules, as the Amazon ECR user guide tells them ("How lifecycle policies work").

What it says there, and what is done here:

- rules are evaluated from priority 1 upwards, and an image is expired by one rule or none;
- an image that matches the tagging requirements of a rule cannot be expired by a rule after it;
- a rule identifies images that an earlier one marked as if they were still there;
- a rule with several prefixes selects images that have a tag for each of them;
- `imageCountMoreThan` keeps the youngest, `sinceImagePushed` those younger than so many days;
- an image that a manifest list refers to stays for as long as the list does.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Image:
    """An image or a manifest list in a repository."""

    digest: str
    tags: frozenset[str] = frozenset()
    age: float = 0
    """Days since it was pushed."""
    refers_to: frozenset[str] = field(default=frozenset())
    """Digests that it lists, when it is a manifest list."""


def expired(images: Iterable[Image], rules: Sequence[Mapping[str, Any]]) -> set[str]:
    """Return the digests that a repository's lifecycle policy expires."""
    stock = sorted(images, key=lambda image: (image.age, image.digest))
    marked: set[str] = set()
    claimed: set[str] = set()
    for rule in sorted(rules, key=lambda rule: rule["rulePriority"]):
        chosen = [image for image in stock if _selects(rule["selection"], image)]
        beyond = {image.digest for image in _beyond(rule["selection"], chosen)}
        marked |= beyond - claimed
        claimed |= {image.digest for image in chosen}
    kept = (image for image in stock if image.digest not in marked)
    return marked - {part for image in kept for part in image.refers_to}


def _selects(selection: Mapping[str, Any], image: Image) -> bool:
    match selection["tagStatus"]:
        case "untagged":
            return not image.tags
        case "tagged":
            return all(
                any(tag.startswith(prefix) for tag in image.tags) for prefix in selection["tagPrefixList"]
            )
        case "any":
            return True
    raise ValueError(f"ECR knows no tag status {selection['tagStatus']!r}")


def _beyond(selection: Mapping[str, Any], chosen: Sequence[Image]) -> Sequence[Image]:
    """Return those of the chosen images, youngest first, that are too many or too old."""
    match selection:
        case {"countType": "imageCountMoreThan", "countNumber": int(number)}:
            return chosen[number:]
        case {"countType": "sinceImagePushed", "countUnit": "days", "countNumber": int(days)}:
            return [image for image in chosen if image.age > days]
    raise ValueError(f"ECR knows no such count: {selection}")
