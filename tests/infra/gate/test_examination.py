"""What either engine's gate lets pass, and that it answers whatever happens."""

import logging
import time
from typing import Any

import boto3
import pytest

from infra.hooks.gate.examine import LAST_ANSWER
from tests.infra.assembly import IMAGE
from tests.infra.gate.conftest import Gate
from tests.infra.gate.drip import dripping
from tests.infra.gate.release import DEPLOYMENT, add_interface, reset, start_release, upload, use_interface
from tests.infra.gate.servers import VERSION, World, handler_of, serve

pytestmark = pytest.mark.slow

BALANCER = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/switch/50dc6c495c0c9188"
INSIDE = "127.20.1.5"
"""Stands for a private address of the load balancer."""


def test_right_answers_let_the_release_pass(gate: Gate) -> None:
    """The right version with the right answers passes, and was asked by someone with a name."""
    assert gate.lets_pass()
    assert gate.world.agents == {"switchyard-release-gate"}


def test_wrong_answers_stop_it(gate: Gate, caplog: pytest.LogCaptureFixture) -> None:
    """A wrong answer fails, and the log says which one."""
    gate.world.prediction = 0.5
    assert not gate.lets_pass()
    assert "Probe 'typical' was answered with 0.5 instead of 0.93." in caplog.text


def test_right_answers_of_another_version_stop_it(gate: Gate, caplog: pytest.LogCaptureFixture) -> None:
    """The old version, still routed, may know the answers as well; it is waited for, then named."""
    gate.world.version = "00" * 32
    assert not gate.lets_pass(seconds=3.0)
    assert f"{gate.world.endpoint} still serves version '{'00' * 32}' instead of '{VERSION}'." in caplog.text


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PROBES_PREFIX", "elsewhere/"),
        ("PROBES_BUCKET", "nowhere"),
        ("CONTAINER", "nothing"),
        ("TOLERANCE", "none"),
        ("TEST_ENDPOINT", "127.0.0.1:not-a-port"),
    ],
)
def test_a_crash_is_an_answer_too(
    gate: Gate, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, name: str, value: str
) -> None:
    """Whatever keeps the gate from looking, there is an answer within seconds."""
    monkeypatch.setenv(name, value)
    with caplog.at_level(logging.CRITICAL):
        assert not gate.lets_pass()


def test_an_exit_is_an_answer_too(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even code that ends the process keeps the answer back."""

    def leave(_address: object) -> None:
        raise SystemExit(1)

    monkeypatch.setattr("infra.hooks.gate.examine.find_endpoints", leave)
    assert not gate.lets_pass()


def test_no_time_left_is_an_answer_too(gate: Gate) -> None:
    """With too little time for the probes there is still time for the answer."""
    assert not gate.lets_pass(seconds=-LAST_ANSWER - 4.0)


def test_an_image_by_tag_stops_it(gate: Gate) -> None:
    """Without a digest nobody knows which document belongs to the image."""
    reset(gate.world.moto)
    start_release(gate.world, deployment=DEPLOYMENT, image="registry/switchyard:latest")
    upload()
    assert not gate.lets_pass()


def test_a_public_stage_is_asked_inside_the_network(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The question goes to the private address of the load balancer's interface in use, and no other."""
    gate = Gate("codedeploy", world)
    ec2: Any = boto3.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="127.20.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="127.20.1.0/24")["Subnet"]["SubnetId"]
    ours = "ELB app/switch/50dc6c495c0c9188"
    use_interface(subnet, add_interface(subnet, INSIDE, ours))
    use_interface(subnet, add_interface(subnet, "127.20.1.6", "ELB app/other/60dc6c495c0c9188"))
    add_interface(subnet, "127.20.1.7", ours)
    inside = serve(handler_of(gate.world), INSIDE)
    monkeypatch.delenv("TEST_ENDPOINT")
    monkeypatch.setenv("LOAD_BALANCER", BALANCER)
    monkeypatch.setenv("TEST_PORT", next(inside).rpartition(":")[2])
    passed = gate.lets_pass()
    next(inside, None)
    assert passed


def test_a_load_balancer_without_addresses_stops_it(
    gate: Gate, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Where nobody can be asked, nothing passes."""
    monkeypatch.delenv("TEST_ENDPOINT")
    monkeypatch.setenv("LOAD_BALANCER", BALANCER)
    monkeypatch.setenv("TEST_PORT", "9000")
    assert not gate.lets_pass()
    assert f"Load balancer {BALANCER} has no network interface in use." in caplog.messages


@pytest.mark.parametrize("setting", ["TEST_ENDPOINT", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL_ECS"])
def test_whoever_drips_is_not_waited_for(gate: Gate, monkeypatch: pytest.MonkeyPatch, setting: str) -> None:
    """One byte at a time never times out a read, from the new version or from AWS, yet there is an answer."""
    with dripping(b"HTTP/1.1 200 OK\r\ncontent-length: 99999\r\n\r\n") as endpoint:
        monkeypatch.setenv(setting, endpoint if setting == "TEST_ENDPOINT" else f"http://{endpoint}")
        began = time.monotonic()
        assert not gate.lets_pass(seconds=1.0 - LAST_ANSWER)
        assert time.monotonic() - began < 10.0  # and not the hour for which the bytes would last


def test_what_is_asked_stands_in_the_log(gate: Gate, caplog: pytest.LogCaptureFixture) -> None:
    """Whoever reads the log of a release sees how many probes, of what, and where."""
    with caplog.at_level(logging.INFO):
        assert gate.lets_pass()
    digest = IMAGE.removeprefix("sha256:")
    where = gate.world.endpoint
    assert f"Asking 1 probes of version {VERSION}, image {digest}, at {where}." in caplog.messages
