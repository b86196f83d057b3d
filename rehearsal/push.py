"""Pushing an image to ECR by the API that `docker push` comes down to.

Source: ECR API Reference: BatchCheckLayerAvailability, InitiateLayerUpload, UploadLayerPart,
CompleteLayerUpload and PutImage, in this order.
"""

from typing import TYPE_CHECKING

from rehearsal import oci
from rehearsal.errors import StepFailed
from rehearsal.image import Image

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient


def push(ecr: "ECRClient", repository: str, image: Image, *, tag: str) -> str:
    """Upload what the repository lacks of an image, give it a tag and return its digest.

    An image that the repository has with this tag is left as it is.

    Raises:
        StepFailed: ECR came to another digest than the image's.
    """
    wanted = oci.blobs_of(image.manifest)
    found = ecr.batch_check_layer_availability(repositoryName=repository, layerDigests=wanted)
    there = {layer["layerDigest"] for layer in found["layers"] if layer["layerAvailability"] == "AVAILABLE"}
    for digest in wanted:
        if digest not in there:
            _upload(ecr, repository, digest, image.blob(digest))
    try:
        put = ecr.put_image(
            repositoryName=repository,
            imageManifest=image.manifest.decode(),
            imageManifestMediaType=oci.MANIFEST,
            imageTag=tag,
        )
    except ecr.exceptions.ImageAlreadyExistsException:
        return image.digest
    answered = put["image"]["imageId"]["imageDigest"]
    if answered != image.digest:
        raise StepFailed(f"The registry calls the image {answered}, and it is {image.digest}.")
    return answered


def _upload(ecr: "ECRClient", repository: str, digest: str, blob: bytes) -> None:
    """Upload a layer in parts of the size that ECR asks for."""
    begun = ecr.initiate_layer_upload(repositoryName=repository)
    for first in range(0, len(blob), begun["partSize"]):
        part = blob[first : first + begun["partSize"]]
        ecr.upload_layer_part(
            repositoryName=repository,
            uploadId=begun["uploadId"],
            partFirstByte=first,
            partLastByte=first + len(part) - 1,
            layerPartBlob=part,
        )
    ecr.complete_layer_upload(repositoryName=repository, uploadId=begun["uploadId"], layerDigests=[digest])
