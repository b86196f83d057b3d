"""What an image's reference, manifest and configuration tell."""

import pytest

from release.errors import Misuse, Refused
from release.image import commit_of, config_of, layers_of, list_of_images, parse, platform_of
from release.image_facts import Reference, json_object
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


@pytest.mark.parametrize(
    ("labels", "commit"),
    [
        ({"org.opencontainers.image.revision": "f" * 200}, "f" * 100),
        ({"org.opencontainers.image.revision": 7}, ""),
        (["org.opencontainers.image.revision"], ""),
        ("text", ""),
    ],
)
def test_a_label_is_kept_short_and_only_text_is_one(labels: object, commit: str) -> None:
    """It is written with every sign of life, and anybody may have made the image."""
    assert commit_of({"config": {"Labels": labels}}) == commit
    assert commit_of({"config": labels}) == ""


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"x"', "[" * 100_000, b"\xff"])
def test_what_is_no_json_is_refused_in_a_sentence(text: str | bytes) -> None:
    """Whoever made the image, nobody reads a traceback."""
    with pytest.raises(Refused, match=r"^The configuration is no object of JSON: it is no image of this rep"):
        json_object(text, "The configuration")


LAYER = {"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": NEW, "size": 5}


@pytest.mark.parametrize(
    ("manifest", "sentence"),
    [
        ({}, "x has no layers"),
        ({"layers": []}, "x has no layers"),
        ({"layers": "many"}, "x has no layers"),
        ({"layers": {"0": LAYER}}, "x has no layers"),
        ({"layers": [LAYER] * 128}, "x has 128 layers"),
        ({"layers": ["sha256"]}, "A layer of x has no digest, type or size"),
        ({"layers": [{**LAYER, "digest": None}]}, "A layer of x has no digest, type or size"),
        ({"layers": [LAYER, {**LAYER, "size": "5"}]}, "A layer of x has no digest, type or size"),
    ],
)
def test_a_manifest_of_something_else_has_no_layers(manifest: dict[str, object], sentence: str) -> None:
    """Registries hold other things than images, by digests that look the same."""
    with pytest.raises(Refused, match=f"^{sentence}: it is no image of this repository"):
        layers_of(manifest, where="x")


@pytest.mark.parametrize("manifest", [{}, {"config": None}, {"config": []}, {"config": {"digest": 1}}])
def test_a_manifest_of_something_else_has_no_configuration(manifest: dict[str, object]) -> None:
    """As above."""
    assert config_of({"config": {"digest": NEW}}, where="x") == NEW
    with pytest.raises(Refused, match="x names no configuration: it is no image of this repository"):
        config_of(manifest, where="x")


def test_layers_come_in_the_manifests_order() -> None:
    """The lowest first."""
    layer = {"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": NEW, "size": 5}
    assert layers_of({"layers": [{**layer, "digest": OLD}, layer]}, where="x") == (
        Layer(digest=OLD, media_type="application/vnd.oci.image.layer.v1.tar+gzip", size=5),
        Layer(digest=NEW, media_type="application/vnd.oci.image.layer.v1.tar+gzip", size=5),
    )


@pytest.mark.parametrize("manifests", [None, {}, [None, [], {"digest": NEW}, {"platform": {"os": "linux"}}]])
def test_a_list_that_names_nothing_offers_nothing(manifests: object) -> None:
    """And is refused all the same."""
    assert list_of_images("reference", {"manifests": manifests}).endswith("by its own digest: it has none.")


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
