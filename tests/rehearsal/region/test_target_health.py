from dataclasses import replace
from typing import Any

import pytest

from rehearsal.health import HEALTHY, INITIAL, TargetHealth
from rehearsal.region import balancing
from rehearsal.region.target_health import FAILED, TIMED_OUT, Found, Judgement, hosts
from rehearsal.traffic import HealthCheck, LoadBalancer, TargetGroup

GROUP = TargetGroup("arn:blue", "blue", HealthCheck("/", 1, 1, 2, 3, ((200, 201),)), (("127.0.0.10", 8080),))


@pytest.mark.parametrize(
    ("looks", "health"),
    [
        ((Found.UNCHECKED,) * 9, INITIAL),
        ((Found.FAILS, Found.FAILS), INITIAL),
        ((Found.FAILS, Found.FAILS, Found.FAILS, Found.FAILS), FAILED),
        ((Found.TIMES_OUT,) * 4, TIMED_OUT),
        ((Found.FAILS, Found.PASSES), HEALTHY),
        ((Found.PASSES, Found.FAILS), FAILED),
        ((Found.PASSES, Found.FAILS, Found.PASSES), HEALTHY),
    ],
)
def test_a_target_is_initial_until_the_first_checks_have_decided(
    looks: tuple[Found, ...], health: TargetHealth
) -> None:
    """Envoy calls a new host failed from the first check on; afterwards its word is taken."""
    judgement = Judgement(since=0.0)
    for second, found in enumerate(looks):
        judgement = judgement.after(found, now=float(second), patience=3.0)
    assert judgement.health == health


@pytest.mark.parametrize(
    ("status", "found"),
    [
        ({"eds_health_status": "HEALTHY"}, Found.PASSES),
        ({"failed_active_health_check": True}, Found.FAILS),
        ({"failed_active_health_check": True, "active_hc_timeout": True}, Found.TIMES_OUT),
        ({"failed_active_health_check": True, "pending_active_hc": True}, Found.UNCHECKED),
    ],
)
def test_envoys_words_are_read(status: dict[str, Any], found: Found) -> None:
    """Of the group that is asked for, by address and port."""
    place = {"socket_address": {"address": "127.0.0.10", "port_value": 8080}}
    clusters = {
        "cluster_statuses": [
            {"name": "green"},
            {"name": "blue", "host_statuses": [{"address": place, "health_status": status}]},
        ]
    }
    assert hosts(clusters, "blue") == {"127.0.0.10:8080": found}
    assert hosts(clusters, "green") == {}


def test_every_registered_target_is_judged_and_no_other() -> None:
    """One that Envoy does not know yet is initial; one that comes back begins anew."""
    balancer = LoadBalancer("arn", 60, (), (GROUP,))
    passing = {"127.0.0.10:8080": Found.PASSES, "127.0.0.99:8080": Found.PASSES}
    first = balancing.judged({}, balancer, lambda _group: {}, now=1.0)
    assert first == {"arn:blue": {"127.0.0.10:8080": Judgement(1.0, INITIAL)}}
    second = balancing.judged(first, balancer, lambda _group: passing, now=2.0)
    assert second == {"arn:blue": {"127.0.0.10:8080": Judgement(1.0, HEALTHY)}}
    empty = LoadBalancer("arn", 60, (), (replace(GROUP, targets=()),))
    assert balancing.judged(second, empty, lambda _group: passing, now=3.0) == {"arn:blue": {}}
