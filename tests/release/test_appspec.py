"""What CodeDeploy is told."""

import json

from release.appspec import appspec, content
from release.stage_facts import Provider
from tests.release.facts import ACCOUNT, FAMILY, stage

GATE = f"arn:aws:lambda:eu-central-1:{ACCOUNT}:function:switchyard-dev-release-gate"


def test_it_names_the_revision_the_container_and_the_gate() -> None:
    """And nothing else: the network and the platform stay as the service has them."""
    assert appspec(stage(), f"{FAMILY}:8") == {
        "version": 0.0,
        "Resources": [
            {
                "TargetService": {
                    "Type": "AWS::ECS::Service",
                    "Properties": {
                        "TaskDefinition": f"{FAMILY}:8",
                        "LoadBalancerInfo": {"ContainerName": "service", "ContainerPort": 8080},
                    },
                }
            }
        ],
        "Hooks": [{"AfterAllowTestTraffic": GATE}],
    }


def test_tasks_on_spare_capacity_stay_there() -> None:
    """Without a word about it, CodeDeploy would start the new tasks on plain Fargate."""
    spot = stage(capacity=(Provider(name="FARGATE_SPOT", weight=1, base=0),))
    assert appspec(spot, f"{FAMILY}:8")["Resources"] == [
        {
            "TargetService": {
                "Type": "AWS::ECS::Service",
                "Properties": {
                    "TaskDefinition": f"{FAMILY}:8",
                    "LoadBalancerInfo": {"ContainerName": "service", "ContainerPort": 8080},
                    "CapacityProviderStrategy": [
                        {"CapacityProvider": "FARGATE_SPOT", "Weight": 1, "Base": 0}
                    ],
                },
            }
        }
    ]


def test_it_is_sent_as_the_same_text_each_time() -> None:
    """So that its checksum is the same when the question is put again."""
    assert content(stage(), f"{FAMILY}:8") == content(stage(), f"{FAMILY}:8")
    assert json.loads(content(stage(), f"{FAMILY}:8")) == appspec(stage(), f"{FAMILY}:8")
