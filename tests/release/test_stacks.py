"""Hold, remember and tag, asked of the control plane."""

import contextlib
import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest

from infra.config import STAGES
from infra.settings import StageSettings
from rehearsal.control_plane import ControlPlane
from release.hold import ALLOW, DENY, free, held, hold, problem
from release.image_facts import MANIFESTS
from release.patience import Patient
from release.remember import remember, request
from release.tag import exists, repository, tag
from tests.rehearsal.aws.stacks import Stacks
from tests.release.memory import REPOSITORY, record

pytestmark = pytest.mark.slow

CONFIG = b'{"architecture": "amd64", "os": "linux"}'
COUNT = iter(range(100))


@pytest.fixture
def settings() -> StageSettings:
    """Return a stage of the test's own."""
    return replace(STAGES["dev"], name=f"test{next(COUNT)}")


@pytest.fixture
def traffic(plane: ControlPlane, ask: Patient, settings: StageSettings) -> Stacks:
    """Return the Traffic stack of that stage, with blue live."""
    ec2: Any = ask.clients._session.client("ec2")
    subnets = ec2.describe_subnets()["Subnets"]
    stacks = Stacks(
        plane,
        settings.stack_name("Traffic"),
        subnets[0]["VpcId"],
        [item["SubnetId"] for item in subnets[:2]],
    )
    stacks.template["Parameters"]["Colour"]["Default"] = settings.live_colour_parameter
    ask.clients.ssm.put_parameter(Name=settings.live_colour_parameter, Value="blue", Type="String")
    stacks.create()
    return stacks


def push(ask: Patient, name: str) -> str:
    """Push an image of nothing but its configuration; return its digest."""
    ecr = ask.clients.ecr
    with contextlib.suppress(ecr.exceptions.RepositoryAlreadyExistsException):  # the tests share a registry
        ecr.create_repository(repositoryName=name, imageTagMutability="IMMUTABLE")
    upload = ecr.initiate_layer_upload(repositoryName=name)["uploadId"]
    part = {"partFirstByte": 0, "partLastByte": len(CONFIG) - 1, "layerPartBlob": CONFIG}
    ecr.upload_layer_part(repositoryName=name, uploadId=upload, **part)  # type: ignore[arg-type]
    config = f"sha256:{hashlib.sha256(CONFIG).hexdigest()}"
    ecr.complete_layer_upload(repositoryName=name, uploadId=upload, layerDigests=[config])
    media = "application/vnd.oci.image.config.v1+json"
    manifest = {
        "schemaVersion": 2,
        "mediaType": MANIFESTS[0],
        "config": {"mediaType": media, "digest": config, "size": len(CONFIG)},
        "layers": [],
    }
    put = ecr.put_image(repositoryName=name, imageManifest=json.dumps(manifest), imageTag="pr-1")
    return put["image"]["imageId"]["imageDigest"]


def policy(ask: Patient, stack: str) -> object:
    """Return a stack's policy."""
    return json.loads(ask.clients.cloudformation.get_stack_policy(StackName=stack)["StackPolicyBody"])


def test_cloudformation_learns_the_colour_while_other_updates_are_held_off(
    ask: Patient, settings: StageSettings, traffic: Stacks
) -> None:
    """The release's own update passes, nobody else's does; afterwards all do, and agree on the colour."""
    assert held(ask, [traffic.name]) == ()
    hold(ask, [traffic.name])
    assert policy(ask, traffic.name) == DENY
    assert held(ask, [traffic.name, "Gone"]) == (traffic.name,)
    traffic.swap(Green=1)
    told: list[str] = []
    remember(ask, settings, "green", told.append)
    remember(ask, settings, "green", told.append)
    assert told == []
    assert ask.clients.ssm.get_parameter(Name=settings.live_colour_parameter)["Parameter"]["Value"] == "green"
    changed = json.loads(json.dumps(traffic.template))
    changed["Resources"]["Test"]["Properties"]["Port"] = 9001
    was = traffic.destination()
    traffic.template = changed
    assert traffic.update().startswith("UPDATE_ROLLBACK")
    assert traffic.destination() == was == {"Green": 1}
    free(ask, ["Gone", traffic.name])
    assert policy(ask, traffic.name) == ALLOW
    assert traffic.update() == "UPDATE_COMPLETE"
    assert traffic.destination() == {"Green": 1}


def test_the_update_names_what_it_may_touch_and_nothing_of_its_own(ask: Patient, traffic: Stacks) -> None:
    """Template and parameters stay, no role is named, no capability, and the policy is for this update."""
    described = ask.clients.cloudformation.describe_stacks(StackName=traffic.name)["Stacks"][0]
    by_the_cdk: Any = {**described, "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"]}
    assert request(by_the_cdk) == {
        "StackName": traffic.name,
        "UsePreviousTemplate": True,
        "Parameters": [{"ParameterKey": "Colour", "UsePreviousValue": True}],
        "ResourceTypes": [
            "AWS::ElasticLoadBalancingV2::Listener",
            "AWS::ElasticLoadBalancingV2::ListenerRule",
        ],
        "StackPolicyDuringUpdateBody": json.dumps(ALLOW),
    }


def test_an_image_is_tagged_once_and_one_that_has_gone_is_told(ask: Patient) -> None:
    """The tag is there however often it is given; without its image there is a sentence instead."""
    account, name = repository(REPOSITORY)
    assert (account, name) == ("123456789012", "switchyard")
    digest = push(ask, name)
    one = record(image=f"{REPOSITORY}@{digest}")
    assert [tag(ask, one), tag(ask, one)] == ["", ""]
    described = ask.clients.ecr.describe_images(repositoryName=name, imageIds=[{"imageDigest": digest}])
    assert [(image["imageDigest"], sorted(image["imageTags"])) for image in described["imageDetails"]] == [
        (digest, ["pr-1", f"release-{one.id}"])
    ]
    assert exists(ask, one.image)
    gone = record("f")
    assert not exists(ask, gone.image)
    assert tag(ask, gone).startswith(f"The image {gone.image} is no longer in the registry")


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        ("UPDATE_COMPLETE", ""),
        ("UPDATE_ROLLBACK_COMPLETE", ""),
        ("IMPORT_ROLLBACK_COMPLETE", ""),
        ("UPDATE_FAILED", "The stack S cannot be updated (UPDATE_FAILED)"),
        ("DELETE_COMPLETE", "The stack S cannot be updated"),
        ("UPDATE_IN_PROGRESS", "The stack S is being deployed (UPDATE_IN_PROGRESS): wait for its end"),
        ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "The stack S is being deployed"),
        ("UPDATE_ROLLBACK_FAILED", "The stack S cannot be updated (UPDATE_ROLLBACK_FAILED)"),
        ("DELETE_FAILED", "The stack S cannot be updated"),
    ],
)
def test_a_stack_that_moves_or_is_broken_lets_no_release_begin(status: str, sentence: str) -> None:
    """What CloudFormation is doing is waited for, what it could not do is mended first."""
    assert problem("S", status).startswith(sentence)
    assert bool(problem("S", status)) == bool(sentence)
