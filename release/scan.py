"""What the registry's scan found in an image, against what the stage accepts.

Source: DescribeImageScanFindings, Amazon ECR API Reference, for the statuses of basic and enhanced scanning.
"""

from collections.abc import Mapping
from typing import Any, Final

from botocore.exceptions import ClientError

from infra.settings import Severity
from release.aws_errors import code_of
from release.image_facts import Image
from release.patience import Patient

FINISHED: Final = frozenset({"ACTIVE", "COMPLETE"})
"""Statuses of a scan whose findings count: a basic one ends, an enhanced one goes on."""
UNDER_WAY: Final = frozenset({"IN_PROGRESS", "PENDING"})
_RANKS: Final = {severity.name: rank for rank, severity in enumerate(Severity)}
_UNJUDGED: Final = _RANKS["INFORMATIONAL"]
"""Rank of what has no severity (UNDEFINED, UNTRIAGED): nobody has found it to do harm."""


def problem(ask: Patient, image: Image, worst: Severity) -> str:
    """Return what speaks against an image by its scan, as a sentence; empty when nothing does."""
    try:
        answer = ask.ask(
            lambda clients: clients.ecr.describe_image_scan_findings(
                registryId=image.registry_id,
                repositoryName=image.repository,
                imageId={"imageDigest": image.digest},
                maxResults=1,
            )
        )
    except ClientError as error:
        if code_of(error) != "ScanNotFoundException":
            raise
        return f"The image was never scanned: scan it with `aws ecr start-image-scan` ({image.digest})."
    status = answer.get("imageScanStatus", {}).get("status", "")
    counts = answer.get("imageScanFindings", {}).get("findingSeverityCounts", {})
    return judge(status, counts, worst)


def judge(status: str, counts: Mapping[Any, int], worst: Severity) -> str:
    """Return what speaks against an image whose scan has this status and found so many of each severity."""
    if status in UNDER_WAY:
        return "The image's scan has not finished: release it again in a minute."
    if status not in FINISHED:
        said = status or "no status"
        return f"The image's scan ended with {said}, so nobody knows what is in it: scan it again."
    beyond = {name: count for name, count in counts.items() if count and _rank(name) > _RANKS[worst.name]}
    if not beyond:
        return ""
    found = ", ".join(f"{count} {name.lower()}" for name, count in sorted(beyond.items(), key=_worst_first))
    return (
        f"The image's scan found {found}, and the stage accepts {worst.value} at most: build it with newer "
        "packages, or change release.max_severity."
    )


def _rank(name: str) -> int:
    return _RANKS.get(name, _UNJUDGED)


def _worst_first(item: tuple[str, int]) -> int:
    return -_rank(item[0])
