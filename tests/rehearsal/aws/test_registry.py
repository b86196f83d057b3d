"""ECR's rules, asked of the mended control plane by a real client."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from botocore.exceptions import ClientError

from rehearsal import image, oci, sessions
from rehearsal.aws.registry import is_immutable
from rehearsal.control_plane import ControlPlane
from rehearsal.image import Image
from rehearsal.push import push

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient

REPOSITORY = "switchyard"


@pytest.fixture(scope="session")
def ecr(plane: ControlPlane) -> "ECRClient":
    """A client of the control plane's ECR."""
    client: ECRClient = sessions.client("ecr", plane.endpoint)
    return client


@pytest.fixture
def repository(ecr: "ECRClient") -> Iterator[str]:
    """A repository with immutable tags, but for those of pull requests."""
    ecr.create_repository(
        repositoryName=REPOSITORY,
        imageTagMutability="IMMUTABLE_WITH_EXCLUSION",
        imageTagMutabilityExclusionFilters=[{"filterType": "WILDCARD", "filter": "pr-*"}],
    )
    yield REPOSITORY
    ecr.delete_repository(repositoryName=REPOSITORY, force=True)


@pytest.fixture
def built(tmp_path: Path) -> tuple[Image, Image]:
    """Two images with one service and different models."""
    root = tmp_path / "repository"
    (root / "service").mkdir(parents=True)
    text = 'FROM base\nCOPY service/app.py service/\nCOPY build/package package/\nCMD ["python"]\n'
    (root / "service" / "Dockerfile").write_text(text, encoding="utf-8")
    (root / "service" / "requirements.txt").write_text("uvicorn==1\n", encoding="utf-8")
    (root / "service" / "app.py").write_text("serve()\n", encoding="utf-8")
    images = []
    for version in ("one", "two"):
        package = tmp_path / version
        package.mkdir()
        (package / "manifest.json").write_text(json.dumps({"version": version}), encoding="utf-8")
        images.append(image.build(root, package=package, store=tmp_path / "images"))
    return images[0], images[1]


def found(ecr: "ECRClient", tag: str = "", digest: str = "") -> Any:  # noqa: ANN401 - as boto3 answers
    """Return what BatchGetImage answers about one image."""
    wanted: Any = {"imageTag": tag} if tag else {"imageDigest": digest}
    answer = ecr.batch_get_image(
        repositoryName=REPOSITORY, imageIds=[wanted], acceptedMediaTypes=[oci.MANIFEST]
    )
    return (answer["images"] or answer["failures"])[0]


@pytest.mark.slow
def test_an_image_is_pulled_as_it_was_pushed(
    ecr: "ECRClient", repository: str, built: tuple[Image, Image]
) -> None:
    """ECR API Reference, PutImage, BatchGetImage, GetDownloadUrlForLayer: every byte, by digests."""
    pushed = built[0]
    assert push(ecr, repository, pushed, tag="release-1") == pushed.digest
    got = found(ecr, digest=pushed.digest)
    assert got["imageManifest"].encode() == pushed.manifest
    assert got["imageManifestMediaType"] == oci.MANIFEST
    for digest in oci.blobs_of(pushed.manifest):
        url = ecr.get_download_url_for_layer(repositoryName=repository, layerDigest=digest)["downloadUrl"]
        assert oci.digest_of(httpx.get(url).content) == digest
    (described,) = ecr.describe_images(repositoryName=repository)["imageDetails"]
    assert (described["imageDigest"], described["imageTags"]) == (pushed.digest, ["release-1"])
    layers = oci.blobs_of(pushed.manifest)[1:]
    assert described["imageSizeInBytes"] == sum(len(pushed.blob(layer)) for layer in layers)


@pytest.mark.slow
def test_a_second_push_uploads_only_what_is_not_there(
    ecr: "ECRClient", repository: str, built: tuple[Image, Image]
) -> None:
    """ECR API Reference, BatchCheckLayerAvailability: both images share the service's layer."""
    first, second = built
    push(ecr, repository, first, tag="release-1")
    wanted = oci.blobs_of(second.manifest)
    checked = ecr.batch_check_layer_availability(repositoryName=repository, layerDigests=wanted)
    assert [layer["layerDigest"] for layer in checked["layers"]] == [wanted[1]]
    assert push(ecr, repository, second, tag="release-2") == second.digest
    assert push(ecr, repository, second, tag="release-2") == second.digest


@pytest.mark.slow
def test_the_same_manifest_takes_one_more_tag(
    ecr: "ECRClient", repository: str, built: tuple[Image, Image]
) -> None:
    """ECR User Guide, "Retagging an image": how a release marks the image that it shipped."""
    push(ecr, repository, built[0], tag="commit")
    manifest = found(ecr, tag="commit")["imageManifest"]
    ecr.put_image(repositoryName=repository, imageManifest=manifest, imageTag="release-1")
    assert found(ecr, tag="release-1")["imageId"] == {
        "imageDigest": built[0].digest,
        "imageTag": "release-1",
    }
    with pytest.raises(ecr.exceptions.ImageAlreadyExistsException):
        ecr.put_image(repositoryName=repository, imageManifest=manifest, imageTag="release-1")


@pytest.mark.slow
def test_a_tag_stays_with_its_image_unless_a_filter_lets_it_go(
    ecr: "ECRClient", repository: str, built: tuple[Image, Image]
) -> None:
    """ECR User Guide, "Preventing image tags from being overwritten in Amazon ECR"."""
    for pushed, tags in ((built[0], ("release-1", "pr-7")), (built[1], ("release-2", "pr-7"))):
        for tag in tags:
            push(ecr, repository, pushed, tag=tag)
    assert found(ecr, tag="pr-7")["imageId"]["imageDigest"] == built[1].digest
    with pytest.raises(ecr.exceptions.ImageTagAlreadyExistsException, match="'release-1' already exists"):
        push(ecr, repository, built[1], tag="release-1")
    assert found(ecr, tag="release-1")["imageId"]["imageDigest"] == built[0].digest


@pytest.mark.parametrize(
    ("setting", "tag", "immutable"),
    [
        ("MUTABLE", "pr-1", False),
        ("IMMUTABLE", "pr-1", True),
        ("IMMUTABLE_WITH_EXCLUSION", "pr-1", False),
        ("IMMUTABLE_WITH_EXCLUSION", "release-1", True),
        ("MUTABLE_WITH_EXCLUSION", "pr-1", True),
        ("MUTABLE_WITH_EXCLUSION", "release-1", False),
    ],
)
def test_filters_turn_the_setting_round(setting: str, tag: str, *, immutable: bool) -> None:
    """For the tags that they match (ECR API Reference, ImageTagMutabilityExclusionFilter)."""
    assert is_immutable(setting, ["pr-*"], tag) is immutable


@pytest.mark.slow
def test_a_manifest_whose_layers_are_missing_is_refused(
    ecr: "ECRClient", repository: str, built: tuple[Image, Image]
) -> None:
    """ECR API Reference, PutImage, Errors; so is one of another digest than announced."""
    manifest = built[0].manifest.decode()
    with pytest.raises(ecr.exceptions.LayersNotFoundException):
        ecr.put_image(repositoryName=repository, imageManifest=manifest, imageTag="release-1")
    push(ecr, repository, built[0], tag="release-1")
    with pytest.raises(ecr.exceptions.ImageDigestDoesNotMatchException):
        ecr.put_image(repositoryName=repository, imageManifest=manifest, imageDigest=built[1].digest)


@pytest.mark.slow
def test_a_layer_that_is_not_what_was_announced_is_refused(ecr: "ECRClient", repository: str) -> None:
    """ECR API Reference, CompleteLayerUpload, InvalidLayerException."""
    upload = ecr.initiate_layer_upload(repositoryName=repository)["uploadId"]
    ecr.upload_layer_part(
        repositoryName=repository, uploadId=upload, partFirstByte=0, partLastByte=3, layerPartBlob=b"four"
    )
    with pytest.raises(ecr.exceptions.InvalidLayerException):
        ecr.complete_layer_upload(
            repositoryName=repository, uploadId=upload, layerDigests=[oci.digest_of(b"five")]
        )


@pytest.mark.slow
def test_an_image_that_was_deleted_is_gone(
    ecr: "ECRClient", repository: str, built: tuple[Image, Image]
) -> None:
    """ECR API Reference, BatchDeleteImage and BatchGetImage: what is not found is a failure, not an error."""
    push(ecr, repository, built[0], tag="release-1")
    ecr.batch_delete_image(repositoryName=repository, imageIds=[{"imageDigest": built[0].digest}])
    assert found(ecr, digest=built[0].digest) == {
        "imageId": {"imageDigest": built[0].digest},
        "failureCode": "ImageNotFound",
        "failureReason": "Requested image not found",
    }
    with pytest.raises(ecr.exceptions.ImageNotFoundException):
        ecr.describe_images(repositoryName=repository, imageIds=[{"imageDigest": built[0].digest}])


@pytest.mark.slow
def test_a_scan_has_found_nothing_until_told_otherwise(
    plane: ControlPlane, ecr: "ECRClient", repository: str, built: tuple[Image, Image]
) -> None:
    """ECR API Reference, DescribeImageScanFindings."""
    push(ecr, repository, built[0], tag="release-1")
    name: Any = {"repositoryName": repository, "imageId": {"imageDigest": built[0].digest}}
    clean = ecr.describe_image_scan_findings(**name)
    assert clean["imageScanStatus"]["status"] == "COMPLETE"
    assert clean["imageScanFindings"]["findingSeverityCounts"] == {}
    document = {built[0].digest: {"status": "COMPLETE", "counts": {"CRITICAL": 1}}}
    assert httpx.put(f"{plane.endpoint}/rehearsal/scan-findings", json=document).status_code == 200
    told = ecr.describe_image_scan_findings(**name)
    assert told["imageScanFindings"]["findingSeverityCounts"] == {"CRITICAL": 1}
    (described,) = ecr.describe_images(repositoryName=repository)["imageDetails"]
    assert described["imageScanFindingsSummary"]["findingSeverityCounts"] == {"CRITICAL": 1}
    httpx.put(f"{plane.endpoint}/rehearsal/scan-findings", json={built[0].digest: {"status": "IN_PROGRESS"}})
    assert ecr.describe_image_scan_findings(**name)["imageScanStatus"]["status"] == "IN_PROGRESS"


@pytest.mark.slow
def test_a_repository_that_is_not_there_is_told(ecr: "ECRClient") -> None:
    """ECR API Reference, PutImage, Errors."""
    with pytest.raises(ClientError, match="RepositoryNotFoundException"):
        ecr.put_image(repositoryName="nowhere", imageManifest="{}", imageTag="a")
