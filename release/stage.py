"""The stage that is released to: what its directory and its service say about themselves."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from infra.settings import Engine as EngineName
from infra.settings import StageSettings
from release.clients import Clients
from release.codedeploy import CodeDeployEngine
from release.deployment import Engine
from release.ecs import EcsEngine
from release.errors import Refused
from release.patience import Patient
from release.stage_facts import Provider, Stage, Way

if TYPE_CHECKING:
    from mypy_boto3_ecs.type_defs import ServiceTypeDef

__all__ = ["Provider", "Stage", "Way", "engine", "open_stage"]

_PARAMETERS_AT_ONCE: Final = 10
"""Names that one GetParameters takes (Systems Manager API reference)."""
_CONTROLLERS: Final = {"CODE_DEPLOY": EngineName.CODEDEPLOY, "ECS": EngineName.ECS}


def open_stage(ask: Patient, settings: StageSettings) -> Stage:
    """Return what a release must know of a stage, read from its directory and its service.

    Raises:
        Refused: it is not provisioned, or not by these settings.
    """
    entries = _entries(ask, settings)
    service = _service(ask, settings, entries["service/name"])
    return stage_of(settings, entries, service)


def engine(ask: Patient, stage: Stage) -> Engine:
    """Return what moves the stage's traffic."""
    if stage.engine_name is EngineName.CODEDEPLOY:
        return CodeDeployEngine(ask, stage)
    return EcsEngine(ask, stage)


def stage_of(settings: StageSettings, entries: Mapping[str, str], service: Mapping[str, Any]) -> Stage:
    """Return the stage that directory and service describe.

    Raises:
        Refused: the service is moved by another engine than the settings say.
    """
    _, partition, _, _, account, _ = service["serviceArn"].split(":", 5)
    name = _CONTROLLERS.get(service.get("deploymentController", {}).get("type", "ECS"))
    if name is not settings.release.engine:
        reason = (
            f"The service of stage {settings.name} is moved by {name or 'something unknown'}, and the "
            f"settings say {settings.release.engine}: deploy the stage first, see "
            "docs/runbooks/replace-service.md."
        )
        raise Refused([reason])
    gated = settings.release.two_colours
    rules = gated and name is EngineName.ECS
    container, port = _port(service)
    return Stage(
        settings=settings,
        engine_name=name,
        account=account,
        partition=partition,
        service=service["serviceName"],
        service_arn=service["serviceArn"],
        groups={colour: entries[f"traffic/{colour}"] for colour in ("blue", "green")},
        production=_way(entries, "production", is_rule=rules),
        test=_way(entries, "test", is_rule=rules),
        gate=_function(settings, partition, account) if gated else "",
        gate_log=entries.get("logs/gate", "") if gated else "",
        container=container,
        port=port,
        capacity=tuple(_provider(item) for item in _capacity(service)),
    )


def _wanted(settings: StageSettings) -> list[str]:
    release = settings.release
    rules = ["traffic/production-rule", "traffic/test-rule"]
    return [
        "service/name",
        "traffic/blue",
        "traffic/green",
        "traffic/production-listener",
        "traffic/test-listener",
        *(rules if release.two_colours and release.engine is EngineName.ECS else []),
        *(["logs/gate"] if release.two_colours else []),
    ]


def _entries(ask: Patient, settings: StageSettings) -> dict[str, str]:
    wanted = {settings.entry(name): name for name in _wanted(settings)}
    assert len(wanted) <= _PARAMETERS_AT_ONCE  # noqa: S101 - what is wanted is a constant
    answer = ask.ask(lambda clients: clients.ssm.get_parameters(Names=list(wanted)))
    found = {wanted[item["Name"]]: item["Value"] for item in answer["Parameters"]}
    if missing := [name for name in wanted.values() if name not in found]:
        reason = (
            f"Stage {settings.name} is not provisioned: its directory has no entry {', '.join(missing)}. "
            "Deploy its stacks first, see docs/runbooks/first-deployment.md."
        )
        raise Refused([reason])
    return found


def _service(ask: Patient, settings: StageSettings, name: str) -> "ServiceTypeDef":
    def look(clients: Clients) -> "Sequence[ServiceTypeDef]":
        return clients.ecs.describe_services(cluster=settings.prefix, services=[name])["services"]

    found = [item for item in ask.ask(look) if item["status"] == "ACTIVE"]
    if len(found) != 1:
        reason = (
            f"Stage {settings.name} has no running service {name} in cluster {settings.prefix}. "
            "Deploy its Service stack first, see docs/runbooks/first-deployment.md."
        )
        raise Refused([reason])
    return found[0]


def _way(entries: Mapping[str, str], name: str, *, is_rule: bool) -> Way:
    return Way(arn=entries[f"traffic/{name}-{'rule' if is_rule else 'listener'}"], is_rule=is_rule)


def _function(settings: StageSettings, partition: str, account: str) -> str:
    return f"arn:{partition}:lambda:{settings.region}:{account}:function:{settings.gate_function}"


def _fleets(service: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Return what says how the service is built; under CODE_DEPLOY only its task sets do."""
    primary = [item for item in service.get("taskSets", []) if item.get("status") == "PRIMARY"]
    return [*primary, service]


def _port(service: Mapping[str, Any]) -> tuple[str, int]:
    for item in _fleets(service):
        for attached in item.get("loadBalancers", []):
            return attached["containerName"], attached["containerPort"]
    raise Refused(
        [f"The service {service['serviceName']} is behind no load balancer: deploy its stack anew."]
    )


def _capacity(service: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    for item in _fleets(service):
        if found := item.get("capacityProviderStrategy"):
            return list(found)
    return []


def _provider(item: Mapping[str, Any]) -> Provider:
    return Provider(name=item["capacityProvider"], weight=item.get("weight", 0), base=item.get("base", 0))
