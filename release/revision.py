"""The revision of the task that a release rolls out: the Service stack's newest, with another image.

CDK owns the shape of the task and a release which image runs in it. That the two revisions differ in
nothing else is not hoped but compared, before anything is registered.
"""

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from typing import TYPE_CHECKING, Any, Final

from release.clients import Clients
from release.errors import Refused
from release.fleet import primary_of, read_service
from release.image import Image
from release.patience import Patient
from release.stage_facts import Stage

if TYPE_CHECKING:
    from mypy_boto3_ecs.type_defs import DescribeTaskDefinitionResponseTypeDef, TagTypeDef

TAG: Final = "switchyard:release"
"""Key of the tag that says which release registered a revision."""
_TASK: Final = "AWS::ECS::TaskDefinition"
_PROCESSORS: Final = {"X86_64": "amd64", "ARM64": "arm64"}
_DESCRIBED_ONLY: Final = frozenset(
    {
        "compatibilities",
        "deleteRequestedAt",
        "deregisteredAt",
        "registeredAt",
        "registeredBy",
        "requiresAttributes",
        "revision",
        "status",
        "taskDefinitionArn",
    }
)
"""What ECS says of a revision that nobody registers (TaskDefinition, Amazon ECS API Reference)."""


def register(ask: Patient, stage: Stage, image: Image, release_id: str) -> str:
    """Register the revision of a release and return its ARN; the one that it has already is not repeated.

    Raises:
        Refused: the stack has no revision, or the new one would differ in more than the image.
    """
    newest = ask.ask(lambda clients: describe(clients, stage.family))
    if _is_of(newest, release_id, image, stage.container):
        return newest["taskDefinition"]["taskDefinitionArn"]
    own = stack_revision(ask, stage)
    described = ask.ask(lambda clients: describe(clients, own))
    found = described["taskDefinition"]
    wanted = revised(found, container=stage.container, image=image.reference)
    prove(found, wanted, stage, image)
    tags = tags_for(described.get("tags", []), release_id)
    answer = ask.ask(lambda clients: clients.ecs.register_task_definition(**wanted, tags=tags))
    return answer["taskDefinition"]["taskDefinitionArn"]


def is_current(ask: Patient, stage: Stage, image: Image) -> bool:
    """Return whether the service runs this image in the shape that the Service stack gives the task now."""
    running = primary_of(read_service(ask, stage)).revision
    own = stack_revision(ask, stage)
    runs = ask.ask(lambda clients: describe(clients, running))["taskDefinition"]
    should = ask.ask(lambda clients: describe(clients, own))["taskDefinition"]
    return shape_of(runs) == revised(should, container=stage.container, image=image.reference)


def stack_revision(ask: Patient, stage: Stage) -> str:
    """Return the ARN of the newest revision that the Service stack registered."""
    answer = ask.ask(
        lambda clients: clients.cloudformation.describe_stack_resources(StackName=stage.service_stack)
    )
    resources = answer["StackResources"]
    found = [item["PhysicalResourceId"] for item in resources if item.get("ResourceType") == _TASK]
    if len(found) != 1:
        reason = f"Stack {stage.service_stack} has {len(found)} task definitions, not one: deploy it anew."
        raise Refused([reason])
    return found[0]


def runtime_platform(ask: Patient, revision: str) -> str:
    """Return what a revision's tasks run on, as an image says it: `linux/amd64`."""
    found = ask.ask(lambda clients: describe(clients, revision))["taskDefinition"]
    return platform_of(found.get("runtimePlatform", {}))


def platform_of(said: Mapping[str, Any]) -> str:
    """Return a platform of ECS's in an image's words; without a word it is Linux on X86_64."""
    system = said.get("operatingSystemFamily", "LINUX").lower()
    return f"{system}/{_PROCESSORS.get(said.get('cpuArchitecture', 'X86_64'), 'unknown')}"


def shape_of(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of a described revision was registered, as it would be registered again."""
    return {name: deepcopy(value) for name, value in found.items() if name not in _DESCRIBED_ONLY}


def revised(found: Mapping[str, Any], *, container: str, image: str) -> dict[str, Any]:
    """Return the registration of a described revision with another image in one container."""
    wanted = shape_of(found)
    for item in wanted["containerDefinitions"]:
        if item["name"] == container:
            item["image"] = image
    return wanted


def differences(one: object, other: object, path: str = "") -> Iterator[str]:
    """Yield the paths at which two values differ, such as `containerDefinitions[0].image`."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for name in sorted({*one, *other}):
            where = f"{path}.{name}" if path else str(name)
            if name in one and name in other:
                yield from differences(one[name], other[name], where)
            else:
                yield where
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for at, (first, second) in enumerate(zip(one, other, strict=True)):
            yield from differences(first, second, f"{path}[{at}]")
    elif one != other:
        yield path


def tags_for(found: "Sequence[TagTypeDef]", release_id: str) -> "list[TagTypeDef]":
    """Return the tags of the stack's revision, but AWS's own, and the release's."""
    kept = [tag for tag in given(found) if tag["key"] != TAG]
    return [*kept, {"key": TAG, "value": release_id}]


def given(found: "Sequence[TagTypeDef]") -> "list[TagTypeDef]":
    """Return the tags that somebody gave a revision, which are all but AWS's own."""
    return [tag for tag in found if not tag["key"].startswith("aws:")]


def digest_in(found: Mapping[str, Any], container: str) -> str:
    """Return the digest of a container's image in a described revision; empty when it names none."""
    images = [item["image"] for item in found["containerDefinitions"] if item["name"] == container]
    return images[0].partition("@")[2] if len(images) == 1 else ""


def prove(found: Mapping[str, Any], wanted: Mapping[str, Any], stage: Stage, image: Image) -> None:
    """Compare what is there with what is to be registered.

    Raises:
        Refused: they differ in anything but the digest of the one image.
    """
    names = [item["name"] for item in found["containerDefinitions"]]
    if names.count(stage.container) != 1:
        reason = (
            f"The task of {stage.service_stack} has no one container {stage.container!r}: deploy it anew."
        )
        raise Refused([reason])
    at = names.index(stage.container)
    before = found["containerDefinitions"][at]["image"].partition("@")[0]
    if before != image.reference.partition("@")[0]:
        reason = f"Stage {stage.name} runs images of {before}, not of {image.reference}: name one of these."
        raise Refused([reason])
    more = set(differences(shape_of(found), wanted)) - {f"containerDefinitions[{at}].image"}
    if more:
        raise Refused([f"The new revision would differ in {', '.join(sorted(more))}: this is a defect."])


def describe(clients: Clients, revision: str) -> "DescribeTaskDefinitionResponseTypeDef":
    """Return a revision with its tags; a family's name stands for its newest active one."""
    return clients.ecs.describe_task_definition(taskDefinition=revision, include=["TAGS"])


def _is_of(
    described: "DescribeTaskDefinitionResponseTypeDef", release_id: str, image: Image, container: str
) -> bool:
    return (
        release_of(described) == release_id
        and digest_in(described["taskDefinition"], container) == image.digest
    )


def release_of(described: "DescribeTaskDefinitionResponseTypeDef") -> str:
    """Return the id of the release that registered a revision; empty when it was none."""
    tags = {tag.get("key"): tag.get("value", "") for tag in described.get("tags", [])}
    return tags.get(TAG, "")


def digest_of(ask: Patient, revision: str, container: str) -> str:
    """Return the digest of a container's image in a revision; empty when it names none."""
    return digest_in(ask.ask(lambda clients: describe(clients, revision))["taskDefinition"], container)
