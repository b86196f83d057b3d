"""Scans of images: every one is done on push and has found nothing, until told otherwise.

AWS documentation (ECR API Reference, "DescribeImageScanFindings" and "DescribeImages"): the status of an
image's scan and, once it is complete, how many findings there are of each severity.

What a scan is to have found is set by `PUT /rehearsal/scan-findings` with a document of digests:
`{"sha256:…": {"status": "COMPLETE", "counts": {"CRITICAL": 1}}}`. moto has no scan until one was started, and
then makes findings up.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Final

from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Request

from rehearsal.aws.original import Moto

if TYPE_CHECKING:
    from rehearsal.aws.server import Routes

PATH: Final = "/rehearsal/scan-findings"
_STATUSES: Final = ("COMPLETE", "IN_PROGRESS", "FAILED")
_models: Final[Moto] = import_module("moto.ecr.models")
_scans: Final[dict[str, Mapping[str, Moto]]] = {}


def mend() -> "Routes":
    """Answer what scans found; return the private route that says it."""
    _models.ECRBackend.describe_image_scan_findings = describe_image_scan_findings
    _models.Image.image_scan_status = property(lambda image: _scan(image)[0])
    _models.Image.image_scan_findings_summary = property(lambda image: _scan(image)[1])
    return {("PUT", PATH): _set_scans}


def describe_image_scan_findings(
    backend: Moto, registry_id: str | None, repository_name: str, image_id: Mapping[str, str]
) -> dict[str, Moto]:
    """Return what the scan of an image has found, as was set, or that it found nothing."""
    repository = backend._get_repository(repository_name, registry_id)
    image = repository._get_image(image_id.get("imageTag"), image_id.get("imageDigest"))
    status, summary = _scan(image)
    answer = {
        "registryId": repository.registry_id,
        "repositoryName": repository_name,
        "imageId": {"imageDigest": image.image_digest},
        "imageScanStatus": status,
    }
    return answer if summary is None else answer | {"imageScanFindings": summary | {"findings": []}}


def _scan(image: Moto) -> tuple[dict[str, Moto], dict[str, Moto] | None]:
    """Return status and summary of an image's scan; no summary unless it is complete."""
    said = _scans.get(image.image_digest, {})
    status = said.get("status", "COMPLETE")
    if status != "COMPLETE":
        return {"status": status, "description": f"The scan is {status}."}, None
    done = {"status": status, "description": "The scan was completed successfully."}
    return done, {
        "imageScanCompletedAt": image.last_scan,
        "findingSeverityCounts": dict(said.get("counts", {})),
    }


def _set_scans(request: Request) -> object:
    """Take what scans are to have found, by digests."""
    document = request.get_json()
    for said in document.values():
        if said.get("status", "COMPLETE") not in _STATUSES:
            raise BadRequest(f"A scan's status is one of {_STATUSES}.")
    _scans.update(document)
    return {"digests": sorted(_scans)}
