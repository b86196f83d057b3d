"""The AppSpec of an ECS deployment: what it says, and when it is refused.

AWS CodeDeploy User Guide, "AppSpec 'resources' section (Amazon ECS and AWS Lambda deployments only)" and
"AppSpec 'hooks' section". Names in it are read in any case, as the page for Lambda spells them in lower.
The code of the refusal is documented (API Reference, "CreateDeployment"); its sentence is this rehearsal's.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Final

from rehearsal.codedeploy.errors import ApiError
from rehearsal.codedeploy.plan import HOOKS

_yaml: Any = import_module("yaml")  # without types
_TASK_DEFINITION: Final = re.compile(r"arn:aws[\w-]*:ecs:[\w-]+:\d{12}:task-definition/[\w-]+:\d+")
_PROPERTIES: Final = frozenset(
    {
        "taskdefinition",
        "loadbalancerinfo",
        "platformversion",
        "networkconfiguration",
        "capacityproviderstrategy",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AppSpec:
    """What a deployment shall roll out."""

    task_definition: str
    container: str
    port: int
    platform_version: str = ""
    """Empty leaves it to the service."""
    network: Mapping[str, Any] = field(default_factory=dict)
    """As CreateTaskSet takes it; empty leaves it to the service."""
    capacity: Sequence[Mapping[str, Any]] = ()
    """As CreateTaskSet takes it; empty leaves it to the service."""
    hooks: Mapping[str, str] = field(default_factory=dict)
    """Functions by the lifecycle event that calls them."""


def parse(content: str) -> AppSpec:
    """Read an AppSpec, JSON or YAML.

    Raises:
        ApiError: InvalidRevisionException.
    """
    document = _lowered(_load(content))
    if not isinstance(document, dict) or str(document.get("version", "")) not in {"0", "0.0"}:
        raise _invalid("the version has to be 0.0")
    if set(document) - {"version", "resources", "hooks"}:
        raise _invalid("it has sections other than version, Resources and Hooks")
    properties = _target(document.get("resources"))
    unknown = set(properties) - _PROPERTIES
    if unknown:
        raise _invalid(f"it has properties that ECS deployments do not know: {', '.join(sorted(unknown))}")
    balancing = properties.get("loadbalancerinfo")
    if not isinstance(balancing, dict) or not isinstance(balancing.get("containername"), str):
        raise _invalid("LoadBalancerInfo has to name the container")
    port = balancing.get("containerport")
    if isinstance(port, bool) or not isinstance(port, int):
        raise _invalid("LoadBalancerInfo's ContainerPort has to be a number")
    return AppSpec(
        task_definition=_task_definition(properties.get("taskdefinition")),
        container=balancing["containername"],
        port=port,
        platform_version=str(properties.get("platformversion") or ""),
        network=_network(properties.get("networkconfiguration")),
        capacity=_capacity(properties.get("capacityproviderstrategy")),
        hooks=_hooks(document.get("hooks")),
    )


def _load(content: str) -> Any:  # noqa: ANN401 - whatever somebody wrote
    try:
        return json.loads(content)
    except ValueError:
        pass
    try:
        return _yaml.safe_load(content)
    except _yaml.YAMLError as error:
        raise _invalid("it is neither JSON nor YAML") from error


def _lowered(value: Any) -> Any:  # noqa: ANN401 - whatever somebody wrote
    if isinstance(value, dict):
        return {str(name).lower(): _lowered(item) for name, item in value.items()}
    return [_lowered(item) for item in value] if isinstance(value, list) else value


def _target(resources: object) -> Mapping[str, Any]:
    match resources:
        case [{**named}] if len(named) == 1:
            match next(iter(named.values())):
                case {"type": "AWS::ECS::Service", "properties": dict(properties), **rest} if not rest:
                    return properties
    raise _invalid("Resources has to be one AWS::ECS::Service with its Properties")


def _task_definition(value: object) -> str:
    if isinstance(value, str) and _TASK_DEFINITION.fullmatch(value):
        return value
    raise _invalid("TaskDefinition has to be the ARN of a task definition with its revision")


def _network(value: object) -> Mapping[str, Any]:
    match value:
        case None:
            return {}
        case {
            "awsvpcconfiguration": {
                "subnets": [*subnets],
                "securitygroups": [*groups],
                "assignpublicip": "ENABLED" | "DISABLED" as public,
                **rest,
            }
        } if not rest:
            settings = {"subnets": subnets, "securityGroups": groups, "assignPublicIp": public}
            return {"awsvpcConfiguration": settings}
    raise _invalid(
        "NetworkConfiguration needs Subnets, SecurityGroups and AssignPublicIp, or must be left out"
    )


def _capacity(value: object) -> Sequence[Mapping[str, Any]]:
    if value is None:
        return ()
    found: list[Mapping[str, Any]] = []
    for item in value if isinstance(value, list) else [None]:
        match item:
            case {"capacityprovider": str(provider), **rest} if not set(rest) - {"base", "weight"}:
                found.append({"capacityProvider": provider} | {str(key): rest[key] for key in rest})
            case _:
                raise _invalid("CapacityProviderStrategy is a list of CapacityProvider, Base and Weight")
    return found


def _hooks(value: object) -> Mapping[str, str]:
    names = {name.lower(): name for name in HOOKS}
    found: dict[str, str] = {}
    for item in value if isinstance(value, list) else [] if value is None else [None]:
        match item:
            case {**named} if len(named) == 1 and isinstance(function := next(iter(named.values())), str):
                name = names.get(str(next(iter(named))))
                if name is None or name in found:
                    raise _invalid(f"Hooks may name each of {', '.join(HOOKS)} once, and no other")
                found[name] = function
            case _:
                raise _invalid("Hooks is a list of one event and its function each")
    return found


def _invalid(reason: str) -> ApiError:
    return ApiError("InvalidRevisionException", f"The AppSpec cannot be deployed: {reason}.")
