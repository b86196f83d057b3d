"""Container images as ECR keeps them: their layers, their manifests to the byte, their tags and scans.

AWS documentation:
- ECR API Reference, "PutImage": a layer that is not there is LayersNotFoundException; the digest that ECR
  calculates must be the one given (ImageDigestDoesNotMatchException); the same manifest with the same tag is
  ImageAlreadyExistsException, with another tag it gets one more.
- ECR User Guide, "Preventing image tags from being overwritten in Amazon ECR": an immutable tag that another
  image has is ImageTagAlreadyExistsException; exclusion filters, with wildcards, turn the setting round.
- ECR API Reference, "CompleteLayerUpload" (InvalidLayerException, EmptyUploadException) and
  "GetDownloadUrlForLayer" (LayersNotFoundException).
- ECR User Guide, "Container image manifest format support": pulled by digest, a manifest is never translated.
- ECR API Reference, "BatchGetImage": what is not found is told as a failure.

moto keeps no layer, makes up digests of the layers' digests, and takes filters for regular expressions.
"""

from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from importlib import import_module
from typing import TYPE_CHECKING, Final

from rehearsal import oci
from rehearsal.aws import scans
from rehearsal.aws.launch import Launch
from rehearsal.aws.original import Moto

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from rehearsal.aws.server import Routes

LAYERS: Final = "/rehearsal/layers/"
"""Below it the control plane hands out layers, by their digests."""
_models: Final[Moto] = import_module("moto.ecr.models")
_responses: Final[Moto] = import_module("moto.ecr.responses")
_action: Final[Moto] = import_module("moto.core.responses")

# Any error of moto's ECR: its code can be another, and its module says of which service it is.
_Error: Final[Moto] = _models.InvalidParameterException
_blobs: Final[dict[str, bytes]] = {}


def mend(launch: Launch) -> "Routes":
    """Take over pushing, pulling and scans; return the private routes of these."""
    backend = _models.ECRBackend
    backend.complete_layer_upload = complete_layer_upload
    backend.put_image = put_image
    backend.batch_get_image = batch_get_image
    _models.Image.image_size_in_bytes = property(_size)
    _responses.ECRResponse.get_download_url_for_layer = _download_url(launch.endpoint)
    return scans.mend()


def serving(application: "WSGIApplication") -> "WSGIApplication":
    """Return an application that hands out layers at the URLs of GetDownloadUrlForLayer."""

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path: str = environ.get("PATH_INFO", "")
        if not path.startswith(LAYERS):
            return application(environ, start_response)
        blob = _blobs.get(path.removeprefix(LAYERS))
        headers = [("Content-Type", "application/octet-stream"), ("Content-Length", str(len(blob or b"")))]
        start_response("200 OK" if blob is not None else "404 Not Found", headers)
        return [blob or b""]

    return answer


def complete_layer_upload(
    backend: Moto,
    repository_name: str,
    upload_id: str,
    layer_digests: list[str],
    registry_id: str | None = None,
) -> dict[str, Moto]:
    """Keep a layer, if it is the one that was announced."""
    repository = backend._get_repository(repository_name, registry_id)
    upload = repository.uploads.get(upload_id)
    if upload is None:
        raise _models.UploadNotFoundException(upload_id, repository_name, repository.registry_id)
    blob = bytes(upload.layer_parts)
    if not blob:
        raise _Error("EmptyUploadException", f"The upload {upload_id} has no parts.")
    digest = oci.digest_of(blob)
    if digest not in layer_digests:
        raise _Error("InvalidLayerException", f"The layer's digest is {digest}, not one of {layer_digests}.")
    del repository.uploads[upload_id]
    repository.layers[digest] = len(blob)
    _blobs[digest] = blob
    return {
        "registryId": repository.registry_id,
        "repositoryName": repository_name,
        "uploadId": upload_id,
        "layerDigest": digest,
    }


def put_image(
    backend: Moto,
    repository_name: str,
    image_manifest: str,
    image_tag: str | None,
    image_manifest_mediatype: str | None = None,
    digest: str | None = None,
) -> Moto:
    """Keep a manifest as it is and give it a tag, or give one more to an image that is there."""
    repository = backend._get_repository(repository_name)
    made = oci.digest_of(image_manifest.encode())
    if digest and digest != made:
        raise _Error("ImageDigestDoesNotMatchException", f"The image's digest is {made}, not {digest}.")
    _check_layers(repository, image_manifest)
    image = next((item for item in repository.images if item.image_digest == made), None)
    if image is not None and (image_tag is None or image_tag in image.image_tags):
        raise _models.ImageAlreadyExistsException(
            repository_name, repository.registry_id, made, image_tag or "null"
        )
    _take_tag(repository, image_tag)
    if image is None:
        kind = image_manifest_mediatype or oci.media_type_of(image_manifest.encode())
        image = _models.Image(backend.account_id, image_tag, image_manifest, repository_name, kind, made)
        image.last_scan = image.image_pushed_at
        repository.images.append(image)
    else:
        image.update_tag(image_tag)
    return image


def batch_get_image(
    backend: Moto,
    repository_name: str,
    registry_id: str | None = None,
    image_ids: Sequence[Mapping[str, str]] | None = None,
) -> dict[str, Moto]:
    """Return manifests as they were put, and what was not found."""
    repository = backend._get_repository(repository_name, registry_id)
    images: list[dict[str, Moto]] = []
    failures: list[dict[str, Moto]] = []
    for wanted in image_ids or ():
        tag, digest = wanted.get("imageTag"), wanted.get("imageDigest")
        found = next((image for image in repository.images if _is(image, tag, digest)), None)
        if found is None:
            reason = {"failureCode": "ImageNotFound", "failureReason": "Requested image not found"}
            failures.append({"imageId": dict(wanted), **reason})
            continue
        images.append(
            {
                "registryId": repository.registry_id,
                "repositoryName": repository_name,
                "imageId": {"imageDigest": found.image_digest} | ({"imageTag": tag} if tag else {}),
                "imageManifest": found.image_manifest,
                "imageManifestMediaType": found.image_manifest_media_type,
            }
        )
    return {"images": images, "failures": failures}


def is_immutable(setting: str, filters: Iterable[str], tag: str) -> bool:
    """Return whether a tag stays with the image that has it, by a repository's setting and its filters."""
    excluded = any(fnmatchcase(tag, pattern) for pattern in filters)
    immutable = setting.startswith("IMMUTABLE")
    return immutable != (excluded and setting.endswith("_WITH_EXCLUSION"))


def _take_tag(repository: Moto, tag: str | None) -> None:
    """Take a tag from the image that has it, if it may be taken."""
    holder = next((item for item in repository.images if tag in item.image_tags), None)
    if holder is None or tag is None:
        return
    filters = [item["filter"] for item in repository.image_tag_mutability_exclusion_filters or ()]
    if is_immutable(_models.RepoTagMutability(repository.image_tag_mutability).value, filters, tag):
        raise _Error(
            "ImageTagAlreadyExistsException",
            f"The image tag '{tag}' already exists in the '{repository.name}' repository and cannot be "
            "overwritten because the tag is immutable.",
        )
    holder.remove_tag(tag)


def _check_layers(repository: Moto, manifest: str) -> None:
    try:
        wanted = oci.blobs_of(manifest.encode())
    except (ValueError, KeyError, TypeError):
        raise _models.InvalidParameterException(
            "Invalid parameter at 'ImageManifest' failed to satisfy constraint: 'Invalid JSON syntax'"
        ) from None
    missing = [digest for digest in wanted if digest not in repository.layers]
    if missing:
        raise _Error(
            "LayersNotFoundException",
            f"The layers with digests {missing} required for pushing the image into the repository with "
            f"name '{repository.name}' in the registry with id '{repository.registry_id}' could not be found",
        )


def _is(image: Moto, tag: str | None, digest: str | None) -> bool:
    return (not tag or tag in image.image_tags) and (not digest or digest == image.image_digest)


def _size(image: Moto) -> int:
    return sum(len(_blobs[digest]) for digest in oci.blobs_of(image.image_manifest.encode())[1:])


def _download_url(endpoint: str) -> Moto:
    def get_download_url_for_layer(response: Moto) -> Moto:
        name, digest = response._get_param("repositoryName"), response._get_param("layerDigest")
        repository = response.ecr_backend._get_repository(name, response._get_param("registryId"))
        if digest not in repository.layers:
            raise _Error(
                "LayersNotFoundException",
                f"The layer with digest '{digest}' is not in the repository '{name}'.",
            )
        url = f"{endpoint}{LAYERS}{digest}"
        return _action.ActionResult({"downloadUrl": url, "layerDigest": digest})

    return get_download_url_for_layer
