from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from infra.settings import TlsPolicy
from rehearsal import envoy_config, tls
from rehearsal.clock import Clock
from rehearsal.errors import StepFailed
from rehearsal.tls import Certificate
from rehearsal.traffic import HealthCheck, Listener, LoadBalancer, Redirect, Rule, TargetGroup

CHECK = HealthCheck("/health/ready", 10, 5, 2, 3, ((200, 201),))
BLUE = TargetGroup("arn:blue", "blue", CHECK, (("127.80.0.10", 8080),))
GREEN = TargetGroup("arn:green", "green", CHECK, ())
FOLDER = Path("/rehearsal/envoy")
POLICY = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
CERTIFICATE = Certificate(Path("/c.pem"), Path("/k.pem"))


def balancer(*weights: tuple[str, int]) -> LoadBalancer:
    """A load balancer whose production listener has these weights."""
    return LoadBalancer("arn:lb", 60, (Listener("arn:80", 80, weights),), (BLUE, GREEN))


def test_the_listener_on_another_port_is_the_test_listener() -> None:
    """Clients call 80 or 443; what remains is the gate's."""
    production, test = Listener("arn:443", 443, ()), Listener("arn:9000", 9000, ())
    both = LoadBalancer("arn:lb", 60, (test, production), ())
    assert (both.production, both.test, both.ports) == (production, test, (9000, 443))


def test_the_listener_that_sends_clients_on_is_not_the_production_listener() -> None:
    """Whichever of them comes first."""
    away = Listener("arn:80", 80, (), redirect=Redirect("https", 443, permanent=True))
    production = Listener("arn:443", 443, (("arn:blue", 1),), tls_policy=POLICY)
    for listeners in ((away, production), (production, away)):
        assert LoadBalancer("arn:lb", 60, listeners, (BLUE, GREEN)).production is production
    with pytest.raises(StepFailed, match="no production listener"):
        _ = LoadBalancer("arn:lb", 60, (away,), ()).production


def test_a_rule_for_every_path_comes_before_the_default_action() -> None:
    """So its weights say which colour is live; without one the default action's do."""
    whole, default = (("arn:blue", 0), ("arn:green", 100)), (("arn:blue", 1),)
    ruled = Listener("arn:80", 80, default, rules=(Rule(1, ("/v2/",), default), Rule(2, ("/",), whole)))
    assert ruled.effective == whole
    assert Listener("arn:9000", 9000, default).effective == default


def test_rules_come_before_the_default_action_in_envoys_table_too() -> None:
    """In the order of their priorities, as the load balancer asks them."""
    rules = (Rule(1, ("/v2/",), (("arn:green", 1),)), Rule(2, ("/",), (("arn:blue", 1),)))
    listener = Listener("arn:80", 80, (("arn:green", 1),), rules=rules)
    files = documents(LoadBalancer("arn:lb", 60, (listener,), (BLUE, GREEN)))
    (table,) = files["rds-80.json"]["resources"]
    assert [
        (route["match"]["prefix"], route["route"]["weighted_clusters"]["clusters"][0]["name"])
        for route in table["virtual_hosts"][0]["routes"]
    ] == [("/v2/", "green"), ("/", "blue"), ("/", "green")]


def test_a_redirect_leads_to_where_the_port_stands_here() -> None:
    """Port 443 stands at 8443, and the client is told for good."""
    away = Listener("arn:80", 80, (), redirect=Redirect("https", 443, permanent=True))
    files = documents(LoadBalancer("arn:lb", 60, (away,), ()))
    (table,) = files["rds-80.json"]["resources"]
    (route,) = table["virtual_hosts"][0]["routes"]
    assert route["redirect"] == {
        "scheme_redirect": "https",
        "port_redirect": 8443,
        "response_code": "MOVED_PERMANENTLY",
    }


def test_the_tls_policy_decides_the_oldest_protocol() -> None:
    """As the policy's name says; one that says nothing is not guessed."""
    found = {}
    for policy in TlsPolicy:
        production = Listener("arn:443", 443, (("arn:blue", 1),), tls_policy=policy)
        files = documents(LoadBalancer("arn:lb", 60, (production,), (BLUE, GREEN)))
        chain = files["lds.json"]["resources"][0]["filter_chains"][0]
        context = chain["transport_socket"]["typed_config"]["common_tls_context"]
        assert context["tls_certificates"] == [
            {"certificate_chain": {"filename": "/c.pem"}, "private_key": {"filename": "/k.pem"}}
        ]
        found[policy] = context["tls_params"]["tls_minimum_protocol_version"]
    assert found == {TlsPolicy.TLS_1_2_AND_1_3: "TLSv1_2", TlsPolicy.TLS_1_3: "TLSv1_3"}
    with pytest.raises(StepFailed, match="ELBSecurityPolicy-2016-08"):
        tls.protocols_of("ELBSecurityPolicy-2016-08")


def test_https_without_a_certificate_cannot_be_played() -> None:
    """It is said, rather than played in plain text."""
    production = Listener("arn:443", 443, (("arn:blue", 1),), tls_policy=POLICY)
    with pytest.raises(StepFailed, match="no certificate"):
        envoy_config.documents(
            LoadBalancer("arn:lb", 60, (production,), (BLUE,)), address="127.80.0.1", folder=FOLDER
        )


def test_what_a_file_refers_to_is_written_before_it() -> None:
    """Endpoints, clusters, routes, listeners."""
    names = list(documents(balancer(("arn:blue", 1))))
    assert names == ["eds-blue.json", "eds-green.json", "cds.json", "rds-80.json", "lds.json"]


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


def test_health_checks_follow_each_other_on_the_clock_of_the_run() -> None:
    """A tenth of the time at ten times the speed; but no faster than a machine can follow."""
    found = {}
    for speed in (1, 10, 30, 1000):
        files = documents(balancer(("arn:blue", 1)).on(Clock(speed)))
        (check,) = files["cds.json"]["resources"][0]["health_checks"]
        found[speed] = (check["interval"], check["no_traffic_interval"], check["timeout"])
    assert found == {
        1: ("10s", "10s", "5s"),
        10: ("1s", "1s", "1s"),
        30: ("0.333s", "0.333s", "1s"),
        1000: ("0.2s", "0.2s", "1s"),
    }


@pytest.mark.parametrize(("least", "policy"), [(True, "LEAST_REQUEST"), (False, "ROUND_ROBIN")])
def test_the_groups_algorithm_becomes_envoys(*, least: bool, policy: str) -> None:
    """Fewest in flight first, or each in turn."""
    group = replace(BLUE, least_outstanding=least)
    files = documents(LoadBalancer("arn:lb", 60, (), (group,)))
    assert files["cds.json"]["resources"][0]["lb_policy"] == policy


def test_a_task_hears_on_which_port_the_client_called() -> None:
    """The listener's own, not the one it stands at here; what the client claims is overwritten."""
    (table,) = documents(balancer(("arn:blue", 1)))["rds-80.json"]["resources"]
    assert table["request_headers_to_add"] == [
        {
            "header": {"key": "x-forwarded-port", "value": "80"},
            "append_action": "OVERWRITE_IF_EXISTS_OR_ADD",
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


def test_a_load_balancer_without_a_production_listener_cannot_be_played() -> None:
    """Nor can one without a test listener."""
    with pytest.raises(StepFailed, match="no production listener"):
        _ = LoadBalancer("arn:lb", 60, (), ()).production
    with pytest.raises(StepFailed, match="no test listener"):
        _ = balancer(("arn:blue", 1)).test


def documents(played: LoadBalancer) -> dict[str, Any]:
    """Envoy's files."""
    return envoy_config.documents(played, address="127.80.0.1", folder=FOLDER, certificate=CERTIFICATE)
