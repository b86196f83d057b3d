"""An image, its gate document and its revision, read from and left in a control plane."""

import json
from pathlib import Path
from typing import Any

import pytest

from infra.hooks.gate.document import parse_document
from rehearsal import image as images
from rehearsal import oci
from rehearsal.control_plane import ControlPlane
from rehearsal.push import push
from release import blobs, gate_document, revision
from release.errors import Refused
from release.image import read_image
from release.image_facts import Image, Reference
from release.patience import Patient
from tests.release.facts import ACCOUNT, NEW, OLD, RELEASE, REPOSITORY, settings_with, stage
from tests.release.packages import PROBES, manifest

pytestmark = pytest.mark.slow

STAGE = stage(settings=settings_with())
CONTAINER = {"Name": "service", "Image": f"{REPOSITORY}@{OLD}", "PortMappings": [{"ContainerPort": 8080}]}
SHAPE = {
    "Family": "switchyard-dev",
    "Cpu": "512",
    "Memory": "1024",
    "NetworkMode": "awsvpc",
    "RequiresCompatibilities": ["FARGATE"],
    "RuntimePlatform": {"CpuArchitecture": "X86_64", "OperatingSystemFamily": "LINUX"},
    "ContainerDefinitions": [CONTAINER],
    "Tags": [{"Key": "stage", "Value": "dev"}],
}


def built(folder: Path, **files: bytes) -> images.Image:
    """Return an image with a package of these files."""
    (folder / "service").mkdir(parents=True)
    text = 'FROM base\nCOPY service/app.py service/\nCOPY build/package package/\nCMD ["python"]\n'
    (folder / "service" / "Dockerfile").write_text(text, encoding="utf-8")
    (folder / "service" / "requirements.txt").write_text("uvicorn==1\n", encoding="utf-8")
    (folder / "service" / "app.py").write_text("serve()\n", encoding="utf-8")
    package = folder / "build" / "package"
    package.mkdir(parents=True)
    for name, content in files.items():
        (package / f"{name}.json").write_bytes(content)
    return images.build(folder, package=package, store=folder / "images", revision="0f1e2d")


@pytest.fixture(scope="module")
def repository(plane: ControlPlane, ask: Patient) -> str:
    """The registry's one repository."""
    del ask
    names = [item["repositoryName"] for item in plane.ecr.describe_repositories()["repositories"]]
    if "switchyard" not in names:
        plane.ecr.create_repository(repositoryName="switchyard")
    return "switchyard"


@pytest.fixture(scope="module")
def shipped(
    plane: ControlPlane, ask: Patient, repository: str, tmp_path_factory: pytest.TempPathFactory
) -> Image:
    """An image that was pushed, as a release reads it."""
    pushed = built(tmp_path_factory.mktemp("image"), manifest=manifest(), probes=PROBES)
    push(plane.ecr, repository, pushed, tag="good")
    return read_image(ask, STAGE, f"{REPOSITORY}@{pushed.digest}")


def test_an_image_is_read_from_its_layers(shipped: Image) -> None:
    """Platform, commit, model, and what the gate must know: from nothing but the digest."""
    found = parse_document(shipped.gate_document)
    version = json.loads(manifest())["version"]
    assert (shipped.platform, shipped.commit, shipped.model_version) == ("linux/amd64", "0f1e2d", version)
    assert (found.version, [probe.name for probe in found.probes]) == (version, ["01"])
    assert oci.digest_of(shipped.manifest.encode()) == shipped.digest


def test_an_image_that_is_gone_is_refused(ask: Patient, repository: str) -> None:
    """With the runbook."""
    del repository
    with pytest.raises(Refused, match=r"is not in the registry .* See docs/runbooks/image-missing\.md"):
        read_image(ask, STAGE, f"{REPOSITORY}@{NEW}")


def test_an_image_without_a_package_is_refused(
    plane: ControlPlane, ask: Patient, repository: str, tmp_path: Path
) -> None:
    """Somebody else's image in our repository."""
    pushed = built(tmp_path, other=b"{}")
    push(plane.ecr, repository, pushed, tag="foreign")
    with pytest.raises(
        Refused, match=r"holds no /app/package/manifest\.json and no /app/package/probes\.json"
    ):
        read_image(ask, STAGE, f"{REPOSITORY}@{pushed.digest}")


def test_probes_that_the_manifest_does_not_vouch_for_are_refused(
    plane: ControlPlane, ask: Patient, repository: str, tmp_path: Path
) -> None:
    """Or the gate would be asked the wrong questions."""
    pushed = built(tmp_path, manifest=manifest(), probes=PROBES.replace(b"0.9", b"0.8"))
    push(plane.ecr, repository, pushed, tag="altered")
    with pytest.raises(Refused, match=r"probes\.json is not what manifest\.json vouches for"):
        read_image(ask, STAGE, f"{REPOSITORY}@{pushed.digest}")


def test_a_blob_beyond_its_bound_is_not_read(ask: Patient, shipped: Image) -> None:
    """Whatever the manifest says of its size."""
    where = Reference(
        text=shipped.reference, account=ACCOUNT, repository=shipped.repository, digest=shipped.digest
    )
    layer = json.loads(shipped.manifest)["layers"][0]["digest"]
    with pytest.raises(Refused, match="is larger than any of ours"):
        blobs.fetch(ask, where, layer, largest=10)


def test_the_gates_document_is_written_once(plane: ControlPlane, ask: Patient, shipped: Image) -> None:
    """The same again is well; anything else that stands there is not written over."""
    places: Any = {"CreateBucketConfiguration": {"LocationConstraint": "eu-central-1"}}
    plane.s3.create_bucket(Bucket=STAGE.bucket, **places)
    gate_document.upload(ask, STAGE, shipped)
    gate_document.upload(ask, STAGE, shipped)
    key = f"releases/probes/{shipped.digest.removeprefix('sha256:')}.json"
    assert plane.s3.get_object(Bucket=STAGE.bucket, Key=key)["Body"].read() == shipped.gate_document
    plane.s3.put_object(Bucket=STAGE.bucket, Key=key, Body=b"{}")
    with pytest.raises(Refused, match="is not the gate document of this image"):
        gate_document.upload(ask, STAGE, shipped)


def test_the_revision_is_the_stacks_with_another_image(
    plane: ControlPlane, ask: Patient, shipped: Image
) -> None:
    """Registered once for a release, however often it is asked for, and known by its tag."""
    template = json.dumps({"Resources": {"Task": {"Type": "AWS::ECS::TaskDefinition", "Properties": SHAPE}}})
    plane.cloudformation.create_stack(StackName=STAGE.service_stack, TemplateBody=template)
    own = revision.stack_revision(ask, STAGE)

    registered = revision.register(ask, STAGE, shipped, RELEASE)
    assert revision.register(ask, STAGE, shipped, RELEASE) == registered != own

    found: Any = plane.ecs.describe_task_definition(taskDefinition=registered, include=["TAGS"])
    before: Any = plane.ecs.describe_task_definition(taskDefinition=own)["taskDefinition"]
    one, other = revision.shape_of(before), revision.shape_of(found["taskDefinition"])
    assert list(revision.differences(one, other)) == ["containerDefinitions[0].image"]
    assert revision.digest_of(ask, registered, "service") == shipped.digest
    assert found["tags"] == [
        {"key": "stage", "value": "dev"},
        {"key": "switchyard:release", "value": RELEASE},
    ]
    assert revision.stack_revision(ask, STAGE) == own
    assert revision.runtime_platform(ask, own) == "linux/amd64"
