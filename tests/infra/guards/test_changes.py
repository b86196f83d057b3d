"""One change of settings changes the resources that it should, and no other."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from infra.config import REGISTRY, STAGES
from infra.settings import Architecture, Egress, Engine, HostedZone, Severity, Strategy, TlsPolicy
from tests.infra.assembly import IMAGE, Assembly, synthesised
from tests.infra.guards.changes import Difference, differences
from tests.infra.variants import changed

pytestmark = pytest.mark.slow

CERTIFICATE = "arn:aws:acm:eu-central-1:111122223333:certificate/0f0f0f0f-1111-2222-3333-444444444444"
DOMAIN = {
    "traffic.domain": "yield.plant.example",
    "traffic.hosted_zone": HostedZone(id="Z0123456789ABCDEFGHIJ", name="plant.example"),
}
HTTPS = {"traffic.certificate": CERTIFICATE}
INTERNAL = {"traffic.internet_facing": False, "traffic.callers": ("10.0.0.0/8",)}
LINEAR = {"release.strategy": Strategy.LINEAR}
ECS = {"release.engine": Engine.ECS}
BIGGER = {"tasks.cpu": 1024, "tasks.memory": 2048}

DASHBOARD = "Operations/Dashboard"
ROLLBACK = {
    "Service/RollbackAlarmsloadbalancererrors",
    "Service/RollbackAlarmsunwell",
    *(
        f"Service/RollbackAlarms{colour}{what}"
        for colour in ("blue", "green")
        for what in ("errors", "latency", "unhealthy")
    ),
}
OTHER_ALARMS = {
    f"Operations/Alarms{what}"
    for what in (
        "gateerrors",
        "gatethrottles",
        "noroomtoscale",
        "releasekeepererrors",
        "releasenewslost",
        "toofewtasks",
    )
}


def both(what: str) -> set[str]:
    """Return one rollback alarm of either colour."""
    return {f"Service/RollbackAlarms{colour}{what}" for colour in ("blue", "green")}


@dataclass(frozen=True)
class Change:
    """A change of dev's settings, and everything that it may touch."""

    touches: set[str]
    to: Mapping[str, Any] = field(default_factory=dict)
    base: Mapping[str, Any] = field(default_factory=dict)
    registry: Mapping[str, Any] = field(default_factory=dict)
    image: str = IMAGE


NEW_SERVICE = (
    "Service/Publishedservicename",
    "Service/ReleaseKeeperFunction",
    "Service/ReleaseKeeperRole",
    "Service/ScalingRequests",
    "Service/ScalingTarget",
)
"""What names the service, and so follows when there is a new one."""
CHANGES: Mapping[str, Change] = {
    "image": Change({"Service/TaskDefinition"}, image="sha256:" + "2e" * 32),
    "cpu and memory": Change({"Service/TaskDefinition", DASHBOARD}, BIGGER),
    "cpu and memory, ecs": Change({"Service/TaskDefinition", DASHBOARD}, BIGGER, ECS),
    "architecture": Change({"Service/TaskDefinition"}, {"tasks.architecture": Architecture.ARM64}),
    "spot": Change(
        {
            "Service/ServiceABService",
            "Service/SpotServiceABService",
            "Service/ClusterCapacity",
            "Service/TrafficShiftGroup",
            "Service/TrafficShiftRole",
            "Service/ReleaseGateFunction",
            "Service/ReleaseGateRole",
            *NEW_SERVICE,
            DASHBOARD,
        },
        {"tasks.spot": True},
    ),
    "min_tasks": Change(
        {
            "Service/ScalingTarget",
            "Operations/Alarmsnoroomtoscale",
            "Operations/Alarmstoofewtasks",
            DASHBOARD,
        },
        {"tasks.min_tasks": 2},
    ),
    "max_tasks": Change(
        {"Service/ScalingTarget", "Operations/Alarmsnoroomtoscale", DASHBOARD}, {"tasks.max_tasks": 5}
    ),
    "cpu_target": Change({"Service/ScalingCpu", DASHBOARD}, {"tasks.cpu_target": 50}),
    "requests_target": Change({"Service/ScalingRequests", DASHBOARD}, {"tasks.requests_target": 20_000}),
    "startup_grace": Change({"Service/ServiceABService"}, {"tasks.startup_grace": 240}),
    "strategy": Change(
        {"Service/TrafficShiftGroup", "Service/TrafficShiftConfig", DASHBOARD},
        {"release.strategy": Strategy.CANARY},
    ),
    "strategy to all-at-once": Change(
        {"Service/TrafficShiftGroup", DASHBOARD}, {"release.strategy": Strategy.ALL_AT_ONCE}
    ),
    "strategy, ecs": Change({"Service/EcsService", DASHBOARD}, LINEAR, ECS),
    "shift_percent": Change({"Service/TrafficShiftConfig", DASHBOARD}, {"release.shift_percent": 25}, LINEAR),
    "shift_minutes": Change({"Service/TrafficShiftConfig", DASHBOARD}, {"release.shift_minutes": 2}, LINEAR),
    "bake_minutes": Change({"Service/TrafficShiftGroup"}, {"release.bake_minutes": 30}),
    "bake_minutes, ecs": Change({"Service/EcsService"}, {"release.bake_minutes": 30}, ECS),
    "gate_tolerance": Change({"Service/ReleaseGateFunction"}, {"release.gate_tolerance": 1e-6}),
    "max_severity": Change(set(), {"release.max_severity": Severity.LOW}),
    "engine": Change(
        {
            "Service/ServiceABService",
            "Service/EcsService",
            "Service/EcsServiceGateCaller",
            "Service/EcsServiceTraffic",
            *NEW_SERVICE,
            "Service/TrafficShiftApplication",
            "Service/TrafficShiftGroup",
            "Service/TrafficShiftRole",
            "Service/ReleaseGateFunction",
            "Service/ReleaseGateRole",
            "Service/ReleaseKeeperRelease",
            *(
                f"Service/reads traffic{kind}{what}"
                for kind in ("production", "test")
                for what in ("listener", "rule")
            ),
            "Traffic/ListenersProductionRule",
            "Traffic/ListenersTestRule",
            "Traffic/Publishedtrafficproductionrule",
            "Traffic/Publishedtraffictestrule",
            "Operations/ReleaseNewsRule",
            DASHBOARD,
        },
        ECS,
    ),
    "alarms enabled": Change(
        {*ROLLBACK, *OTHER_ALARMS, "Service/TrafficShiftGroup", "Service/TrafficShiftRole", DASHBOARD},
        {"alarms.enabled": False},
    ),
    "max_error_percent": Change({*both("errors"), DASHBOARD}, {"alarms.max_error_percent": 5.0}),
    "min_requests": Change({*both("errors"), *both("latency")}, {"alarms.min_requests": 50}),
    "min_errors": Change(both("errors"), {"alarms.min_errors": 5}),
    "max_latency": Change({*both("latency"), DASHBOARD}, {"alarms.max_latency": 1.0}),
    "max_balancer_errors": Change(
        {"Service/RollbackAlarmsloadbalancererrors", DASHBOARD}, {"alarms.max_balancer_errors": 20}
    ),
    "log_retention": Change(
        {
            "Network/Refusals",
            "Service/ReleaseGateLogs",
            "Service/ReleaseKeeperLogs",
            "Service/TaskLogs",
            "Traffic/WebFirewallLog",
        },
        {"operations.log_retention": 90},
    ),
    "access_log_retention": Change(
        {"Data/Logs", "Data/TrafficLogs"}, {"operations.access_log_retention": 30}
    ),
    "notify": Change(
        {"Operations/NotificationsTopiconcallplantexample"}, {"operations.notify": "oncall@plant.example"}
    ),
    "monthly_budget": Change(
        {"Operations/Budget", "Operations/NotificationsTopicPolicy", DASHBOARD},
        {"operations.monthly_budget": 300},
    ),
    "callers": Change({"Network/FirewallLoadBalancer"}, {"traffic.callers": ("10.0.0.0/8",)}),
    "certificate": Change(
        {
            "Network/FirewallLoadBalancer",
            "Traffic/ListenersHttp",
            "Traffic/ListenersHttps",
            "Traffic/LoadBalancer",
            "Traffic/Publishedtrafficproductionlistener",
        },
        HTTPS,
    ),
    "domain": Change(
        {
            "Network/FirewallLoadBalancer",
            "Traffic/DomainCertificate",
            "Traffic/DomainRecord",
            "Traffic/ListenersHttp",
            "Traffic/ListenersHttps",
            "Traffic/LoadBalancer",
            "Traffic/Publishedtrafficproductionlistener",
        },
        DOMAIN,
    ),
    "tls_policy": Change({"Traffic/ListenersHttps"}, {"traffic.tls_policy": TlsPolicy.TLS_1_3}, HTTPS),
    "rate_limit": Change({"Traffic/WebFirewallAcl"}, {"traffic.rate_limit": 5_000}),
    "deletion_protection": Change({"Traffic/LoadBalancer"}, {"traffic.deletion_protection": True}),
    "internet_facing": Change(
        {
            "Network/FirewallLoadBalancer",
            "Operations/Queriesrequeststhatthefirewallblocked",
            "Service/ReleaseGateFunction",
            "Service/reads traffichost",
            "Traffic/ListenersHttp",
            "Traffic/LoadBalancer",
            *(f"Traffic/reads network{kind}{number}" for kind in ("private", "public") for number in (0, 1)),
            *(
                f"Traffic/WebFirewall{what}"
                for what in ("Acl", "Association", "DeliveryResourcePolicy", "Log", "Logging")
            ),
        },
        INTERNAL,
    ),
    "egress, a NAT in each zone": Change(
        {
            "Network/VpcPrivateSubnet2DefaultRoute",
            "Network/VpcPublicSubnet2EIP",
            "Network/VpcPublicSubnet2NATGateway",
        },
        {"network.egress": Egress.NAT_PER_ZONE},
    ),
    "zones, one appended": Change(
        {
            "Network/EndpointsS3",
            *(
                f"Network/Vpc{kind}Subnet3{what}"
                for kind in ("Private", "Public")
                for what in ("DefaultRoute", "RouteTable", "RouteTableAssociation", "Subnet")
            ),
            *(f"Network/Publishednetwork{kind}2" for kind in ("private", "public")),
            "Service/reads networkprivate2",
            "Service/ServiceABService",
            "Service/ServiceABCService",
            "Service/TrafficShiftGroup",
            "Service/TrafficShiftRole",
            "Service/ReleaseGateFunction",
            "Service/ReleaseGateRole",
            *NEW_SERVICE,
            "Traffic/LoadBalancer",
            "Traffic/reads networkpublic2",
        },
        {"network.zones": ("eu-central-1a", "eu-central-1b", "eu-central-1c")},
    ),
    "github": Change(
        {
            "Access/Deploy",
            "Access/Release",
            "Registry/Github",
            "Registry/Push",
            "Operations/ReleaseNewsRule",
            *ROLLBACK,
            *OTHER_ALARMS,
            DASHBOARD,
        },
        registry={"github": "plant/switchyard"},
    ),
    "signing": Change(
        {"Registry/Repository", "Registry/SigningConfiguration", "Registry/SigningProfile"},
        registry={"signing": True},
    ),
}
"""Everything that a setting of dev may touch, by stack and readable id."""

OF_LISTENERS = {"certificate", "domain", "engine", "internet_facing", "tls_policy"}
"""The settings that may touch a listener or one of its rules."""
NEEDS_TEARDOWN = {"internet_facing"}
"""The settings that a stage that exists cannot change: its Network stack refuses before anything moves."""
REPLACES_SERVICE = {"engine", "spot", "zones, one appended"}
"""The settings whose change makes a new service: decision 7."""
ACCEPTED_BY_ECS = {"HealthCheckGracePeriodSeconds", "DeploymentConfiguration"}
"""What ECS lets be changed of a service under CODE_DEPLOY, of all that the templates say about it."""

Synthesise = Callable[[Mapping[str, Any], Mapping[str, Any], str], Assembly]


@pytest.fixture(scope="module")
def synthesise(tmp_path_factory: pytest.TempPathFactory) -> Synthesise:
    """Return a way to synthesise dev with changed settings, each variant once."""
    done: dict[str, Assembly] = {}

    def once(changes: Mapping[str, Any], registry: Mapping[str, Any], image: str) -> Assembly:
        key = repr((changes, registry, image))
        if key not in done:
            settings = changed(STAGES["dev"], changes)
            folder = tmp_path_factory.mktemp("change")
            done[key] = synthesised(settings, folder, image=image, registry=replace(REGISTRY, **registry))
        return done[key]

    return once


def made_by(change: Change, synthesise: Synthesise) -> list[Difference]:
    """Return what a change changes."""
    before = synthesise(change.base, {}, IMAGE)
    after = synthesise({**change.base, **change.to}, change.registry, change.image)
    return differences(before, after)


@pytest.mark.parametrize("name", CHANGES)
def test_a_setting_changes_what_it_is_about(synthesise: Synthesise, name: str) -> None:
    """These resources and no other; the Colour stack is none of them, whatever changes."""
    change = CHANGES[name]
    assert {str(one) for one in made_by(change, synthesise)} == change.touches
    assert not any(one.startswith("Colour/") for one in change.touches)


@pytest.mark.parametrize("name", [name for name in CHANGES if name not in OF_LISTENERS])
def test_no_other_setting_touches_a_listener(synthesise: Synthesise, name: str) -> None:
    """Each update of a listener writes its colour anew, so it is updated for its own sake only."""
    touched = [
        one
        for one in made_by(CHANGES[name], synthesise)
        if one.type.startswith("AWS::ElasticLoadBalancingV2::Listener")
        or one.id in ("LiveColour", "GreenIsLive")
    ]
    assert touched == []


@pytest.mark.parametrize("name", CHANGES)
def test_what_needs_a_teardown_is_refused_and_nothing_else(synthesise: Synthesise, name: str) -> None:
    """CloudFormation does not replace the load balancer's group, which has a name: see `Firewall`."""
    replaced = [
        one
        for one in made_by(CHANGES[name], synthesise)
        if one.type == "AWS::EC2::SecurityGroup" and one.fields & {"GroupDescription", "GroupName", "VpcId"}
    ]
    refused = [str(one) for one in replaced] == ["Network/FirewallLoadBalancer"]
    assert refused == (name in NEEDS_TEARDOWN)


@pytest.mark.parametrize("name", CHANGES)
def test_the_service_under_codedeploy_changes_where_ecs_accepts_it(synthesise: Synthesise, name: str) -> None:
    """A change of anything else gives it another id: it would fail the stack, and the release's way back."""
    if CHANGES[name].base == ECS:
        return
    services = [one for one in made_by(CHANGES[name], synthesise) if one.type == "AWS::ECS::Service"]
    assert {field for service in services for field in service.fields} <= ACCEPTED_BY_ECS
    assert (len(services) == 2) == (name in REPLACES_SERVICE)


def test_a_new_image_changes_the_one_line_that_names_it(synthesise: Synthesise) -> None:
    """The container definition's image and nothing beside it, and no other resource."""
    images = (IMAGE, CHANGES["image"].image)
    containers = []
    for image in images:
        task = synthesise({}, {}, image).only("Service", "AWS::ECS::TaskDefinition")
        (container,) = task["Properties"]["ContainerDefinitions"]
        containers.append({**container, "Image": container["Image"].replace(image, "<digest>")})
    assert containers[0] == containers[1]
