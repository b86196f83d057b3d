"""Where the release gate asks: by name on internal stages, by private addresses on internet-facing ones."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs

import pytest

from infra.hooks.gate.addresses import (
    Interfaces,
    find_endpoints,
    interface_description,
    private_hosts,
    read_address,
)
from infra.hooks.gate.errors import GateError

ARN = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/Switc-LoadB-x/50dc6c495c0c9188"


def test_an_internal_load_balancer_is_asked_by_its_name() -> None:
    """Its name resolves to the private addresses that the firewall knows, so nothing is looked up."""
    address = read_address({"TEST_ENDPOINT": "internal.example:9000"})
    assert find_endpoints(address) == ("internal.example:9000",)


def test_an_internet_facing_load_balancer_is_asked_by_its_interfaces() -> None:
    """Its name resolves to public addresses, which no rule between security groups lets through."""
    assert read_address({"LOAD_BALANCER": ARN, "TEST_PORT": "9000"}) == Interfaces(ARN, 9000)


def test_an_address_that_is_given_goes_first() -> None:
    """A rehearsal says where its own load balancer listens."""
    given = {"LOAD_BALANCER": ARN, "TEST_PORT": "9000", "TEST_ENDPOINT": "127.0.0.1:9000"}
    assert read_address(given) == "127.0.0.1:9000"


def test_the_description_follows_from_the_arn() -> None:
    """AWS describes the interfaces of an application load balancer with its name and its id."""
    assert interface_description(ARN) == "ELB app/Switc-LoadB-x/50dc6c495c0c9188"


@pytest.mark.parametrize("arn", ["", ARN.replace("/app/", "/net/"), "switchyard"])
def test_another_arn_is_refused(arn: str) -> None:
    """A description that fits nothing would only look like a load balancer without addresses."""
    with pytest.raises(GateError, match="not the ARN of an application load balancer"):
        interface_description(arn)


def test_only_interfaces_in_use_count() -> None:
    """An interface that is being attached or removed answers nothing."""
    interfaces: list[dict[str, object]] = [
        {"PrivateIpAddress": "10.20.32.9", "Status": "in-use"},
        {"PrivateIpAddress": "10.20.0.7", "Status": "in-use", "Association": {"PublicIp": "3.120.1.1"}},
        {"PrivateIpAddress": "10.20.0.8", "Status": "available"},
        {"PrivateIpAddress": "10.20.0.9", "Status": "detaching"},
    ]
    assert private_hosts(interfaces) == ("10.20.0.7", "10.20.32.9")


class TwoPages(BaseHTTPRequestHandler):
    """EC2's answer about our load balancer's interfaces, one interface a page."""

    def do_POST(self) -> None:
        """Answer the page that is asked for."""
        asked = parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
        assert asked["Filter.1.Name"] == ["description"]
        assert asked["Filter.1.Value.1"] == ["ELB app/Switc-LoadB-x/50dc6c495c0c9188"]
        first = "NextToken" not in asked
        body = (
            "<DescribeNetworkInterfacesResponse><networkInterfaceSet><item><status>in-use</status>"
            f"<privateIpAddress>10.20.{0 if first else 32}.7</privateIpAddress></item></networkInterfaceSet>"
            f"{'<nextToken>more</nextToken>' if first else ''}</DescribeNetworkInterfacesResponse>"
        ).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""


@pytest.fixture
def ec2(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let boto3 find an EC2 that answers in two pages."""
    with ThreadingHTTPServer(("127.0.0.1", 0), TwoPages) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        monkeypatch.setenv("AWS_ENDPOINT_URL_EC2", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, "testing")
        yield
        server.shutdown()
        thread.join()


@pytest.mark.slow
@pytest.mark.usefixtures("ec2")
def test_every_page_of_interfaces_is_read() -> None:
    """No node is left out because EC2 answers in pages."""
    assert find_endpoints(Interfaces(ARN, 9000)) == ("10.20.0.7:9000", "10.20.32.7:9000")
