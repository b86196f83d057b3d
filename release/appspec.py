"""The AppSpec: what CodeDeploy is told to roll out, and whom it asks before it moves traffic.

Source: "AppSpec file structure for Amazon ECS deployments" and "AppSpec 'hooks' section", AWS CodeDeploy
User Guide.
"""

import json
from typing import Any, Final

from release.stage_facts import Stage

GATE_EVENT: Final = "AfterAllowTestTraffic"
"""When the gate is asked: the test listener goes to the new tasks, production traffic does not yet."""


def appspec(stage: Stage, task_definition: str) -> dict[str, Any]:
    """Return the AppSpec that rolls out a revision; what it does not say stays as the service has it."""
    properties: dict[str, Any] = {
        "TaskDefinition": task_definition,
        "LoadBalancerInfo": {"ContainerName": stage.container, "ContainerPort": stage.port},
    }
    if stage.capacity:
        properties["CapacityProviderStrategy"] = [
            {"CapacityProvider": provider.name, "Weight": provider.weight, "Base": provider.base}
            for provider in stage.capacity
        ]
    target = {"TargetService": {"Type": "AWS::ECS::Service", "Properties": properties}}
    return {"version": 0.0, "Resources": [target], "Hooks": [{GATE_EVENT: stage.gate}]}


def content(stage: Stage, task_definition: str) -> str:
    """Return the AppSpec as it is sent; the same question gives the same text."""
    return json.dumps(appspec(stage, task_definition), sort_keys=True)
