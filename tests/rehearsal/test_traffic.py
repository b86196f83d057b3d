from pathlib import Path
from typing import Any

import pytest

from rehearsal import envoy_config, traffic
from rehearsal.errors import StepFailed
from rehearsal.traffic import HealthCheck, Listener, LoadBalancer, TargetGroup

CHECK = HealthCheck("/health/ready", 10, 5, 2, 3, ((200, 201),))
BLUE = TargetGroup("arn:blue", "blue", CHECK, (("127.80.0.10", 8080),))
GREEN = TargetGroup("arn:green", "green", CHECK, ())
FOLDER = Path("/rehearsal/envoy")


def balancer(*weights: tuple[str, int]) -> LoadBalancer:
    """A load balancer whose production listener has these weights."""
    return LoadBalancer("arn:lb", 60, (Listener("arn:80", 80, weights),), (BLUE, GREEN))


@pytest.mark.parametrize(
    ("matcher", "codes"),
    [("200", ((200, 201),)), ("200,204", ((200, 201), (204, 205))), ("200-299", ((200, 300),))],
)
def test_a_matcher_is_read_as_half_open_ranges(matcher: str, codes: tuple[tuple[int, int], ...]) -> None:
    """ELBv2 writes inclusive codes and ranges; Envoy takes ranges without their end."""
    assert traffic.parse_codes(matcher) == codes


@pytest.mark.parametrize(
    "action",
    [
        {"Type": "forward", "TargetGroupArn": "arn:blue"},
        {"Type": "forward", "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": "arn:blue", "Weight": 1}]}},
    ],
)
def test_both_ways_of_writing_a_forward_mean_the_same(action: dict[str, Any]) -> None:
    """ELBv2 describes a single target group with or without weights."""
    described = {"ListenerArn": "arn:80", "Port": 80, "DefaultActions": [action]}
    assert traffic.parse_listener(described) == Listener("arn:80", 80, (("arn:blue", 1),))


def test_the_live_group_is_the_one_with_most_of_the_production_traffic() -> None:
    """A canary does not make a colour live."""
    assert balancer(("arn:blue", 90), ("arn:green", 10)).live is BLUE
    assert balancer(("arn:blue", 10), ("arn:green", 90)).live is GREEN


def test_the_listener_on_another_port_is_the_test_listener() -> None:
    """Clients call 80 or 443; what remains is the gate's."""
    production, test = Listener("arn:443", 443, ()), Listener("arn:9000", 9000, ())
    both = LoadBalancer("arn:lb", 60, (test, production), ())
    assert (both.production, both.test, both.ports) == (production, test, (9000, 443))


def test_the_health_check_of_the_target_group_becomes_envoys() -> None:
    """Path, times, thresholds and codes are the target group's own."""
    files = envoy_config.documents(balancer(("arn:blue", 1)), address="127.80.0.1", folder=FOLDER)
    (blue, _) = files["cds.json"]["resources"]
    assert blue["health_checks"] == [
        {
            "timeout": "5s",
            "interval": "10s",
            "no_traffic_interval": "10s",
            "unhealthy_threshold": 3,
            "healthy_threshold": 2,
            "http_health_check": {
                "path": "/health/ready",
                "expected_statuses": [{"start": 200, "end": 201}],
                "retriable_statuses": [{"start": 100, "end": 600}],
            },
        }
    ]


def test_the_weights_of_the_listener_become_envoys() -> None:
    """A route sends to each colour the share that the listener gives it."""
    files = envoy_config.documents(
        balancer(("arn:blue", 90), ("arn:green", 10)), address="127.80.0.1", folder=FOLDER
    )
    (table,) = files["rds-80.json"]["resources"]
    (route,) = table["virtual_hosts"][0]["routes"]
    assert route["route"]["weighted_clusters"] == {
        "clusters": [{"name": "blue", "weight": 90}, {"name": "green", "weight": 10}]
    }


def test_the_targets_of_a_group_become_envoys() -> None:
    """A registered target is an endpoint; a group without targets has none."""
    files = envoy_config.documents(balancer(("arn:blue", 1)), address="127.80.0.1", folder=FOLDER)
    (blue,) = files["eds-blue.json"]["resources"]
    (green,) = files["eds-green.json"]["resources"]
    address = {"socket_address": {"address": "127.80.0.10", "port_value": 8080}}
    assert blue["endpoints"] == [{"lb_endpoints": [{"endpoint": {"address": address}}]}]
    assert green["endpoints"] == [{"lb_endpoints": []}]


def test_a_privileged_port_is_moved_where_everybody_may_bind() -> None:
    """Port 80 stands at 8080 of the load balancer's own address."""
    files = envoy_config.documents(balancer(("arn:blue", 1)), address="127.80.0.1", folder=FOLDER)
    (listener,) = files["lds.json"]["resources"]
    assert listener["address"] == {"socket_address": {"address": "127.80.0.1", "port_value": 8080}}


def test_a_listener_that_forwards_nowhere_answers_503() -> None:
    """As a load balancer does without a target."""
    files = envoy_config.documents(balancer(("arn:blue", 0)), address="127.80.0.1", folder=FOLDER)
    (table,) = files["rds-80.json"]["resources"]
    (route,) = table["virtual_hosts"][0]["routes"]
    assert route["direct_response"] == {"status": 503}


def test_a_listener_that_forwards_to_no_group_has_no_live_colour() -> None:
    """The rehearsal says so instead of guessing."""
    with pytest.raises(StepFailed, match="port 80 forwards to no target group"):
        _ = balancer(("arn:blue", 0)).live


def test_a_load_balancer_without_a_production_listener_cannot_be_played() -> None:
    """Nor can one without a test listener."""
    with pytest.raises(StepFailed, match="no production listener"):
        _ = LoadBalancer("arn:lb", 60, (), ()).production
    with pytest.raises(StepFailed, match="no test listener"):
        _ = balancer(("arn:blue", 1)).test


@pytest.mark.parametrize(
    ("status", "healthy"),
    [
        ({"eds_health_status": "HEALTHY"}, 1),
        ({"failed_active_health_check": True, "eds_health_status": "HEALTHY"}, 0),
        ({"pending_active_hc": True, "eds_health_status": "HEALTHY"}, 0),
    ],
)
def test_a_target_is_healthy_only_after_a_check_has_passed(status: dict[str, Any], healthy: int) -> None:
    """One that failed or was not checked yet is not."""
    clusters = {
        "cluster_statuses": [
            {"name": "blue", "host_statuses": [{"health_status": status}]},
            {"name": "green", "host_statuses": [{"health_status": {"eds_health_status": "HEALTHY"}}]},
        ]
    }
    assert envoy_config.healthy_hosts(clusters, "blue") == healthy
