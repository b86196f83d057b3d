"""What an image's reference, manifest and configuration tell."""

import pytest

from release.errors import Misuse
from release.image import commit_of, layers_of, list_of_images, parse, platform_of
from release.image_facts import Reference
from release.layers import Layer
from tests.release.facts import ACCOUNT, NEW, OLD, REPOSITORY


def test_a_reference_is_taken_apart() -> None:
    """Registry, repository and digest."""
    assert parse(f"{REPOSITORY}@{NEW}", account=ACCOUNT) == Reference(
        text=f"{REPOSITORY}@{NEW}", account=ACCOUNT, repository="switchyard", digest=NEW
    )


@pytest.mark.parametrize(
    "reference",
    [
        f"{REPOSITORY}:latest",
        REPOSITORY,
        f"{REPOSITORY}@sha256:1234",
        f"{REPOSITORY}@{NEW.upper()}",
        f"{REPOSITORY}:v1@{NEW}",
        f"switchyard@{NEW}",
        f"{REPOSITORY}@{NEW}\n",
        "",
        "--help",
    ],
)
def test_what_can_move_is_no_reference(reference: str) -> None:
    """A tag above all."""
    with pytest.raises(Misuse, match="is no image that can be released: name it by its digest"):
        parse(reference, account=ACCOUNT)


@pytest.mark.parametrize(
    "reference",
    [
        f"{REPOSITORY.replace(ACCOUNT, '9' * 12)}@{NEW}",
        f"{REPOSITORY.replace('eu-central-1', 'us-east-1')}@{NEW}",
        f"{REPOSITORY}-other@{NEW}",
    ],
)
def test_an_image_elsewhere_is_pushed_to_the_registry_first(reference: str) -> None:
    """The tasks may pull from one repository."""
    with pytest.raises(Misuse, match="is not in this stage's registry"):
        parse(reference, account=ACCOUNT)


def test_a_configuration_tells_platform_and_commit() -> None:
    """As far as the builder said."""
    config = {
        "os": "linux",
        "architecture": "arm64",
        "config": {"Labels": {"org.opencontainers.image.revision": "0f1e2d"}},
    }
    assert (platform_of(config), commit_of(config)) == ("linux/arm64", "0f1e2d")
    assert (platform_of({}), commit_of({"config": {"Labels": None}})) == ("unknown/unknown", "")


def test_layers_come_in_the_manifests_order() -> None:
    """The lowest first."""
    layer = {"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": NEW, "size": 5}
    assert layers_of({"layers": [{**layer, "digest": OLD}, layer]}) == (
        Layer(digest=OLD, media_type="application/vnd.oci.image.layer.v1.tar+gzip", size=5),
        Layer(digest=NEW, media_type="application/vnd.oci.image.layer.v1.tar+gzip", size=5),
    )


def test_a_list_of_images_is_refused_with_the_digests_to_choose_from() -> None:
    """A task would report another digest than the one that was released; attestations are no choice."""
    index = {
        "manifests": [
            {"digest": NEW, "platform": {"os": "linux", "architecture": "amd64"}},
            {"digest": OLD, "platform": {"os": "unknown", "architecture": "unknown"}},
        ]
    }
    assert list_of_images("reference", index) == (
        "reference is a list of images, one for each platform. Release one of them by its own digest: "
        f"{NEW} for linux/amd64."
    )
