"""Loopback addresses: one for the load balancer and one for every task, like network interfaces in a VPC."""

import secrets
import socket
from dataclasses import dataclass

from rehearsal.errors import Misuse

_ATTEMPTS = 20
_UNPRIVILEGED = 1024
_SHIFT = 8000


@dataclass(frozen=True, slots=True)
class Subnet:
    """A /24 of 127.0.0.0/8 that belongs to one run."""

    prefix: str

    @property
    def load_balancer(self) -> str:
        """The address of the load balancer."""
        return f"{self.prefix}.1"

    def url(self, port: int, scheme: str = "http") -> str:
        """Return where the listener with this port stands."""
        return f"{scheme}://{self.load_balancer}:{unprivileged(port)}"

    def task(self, index: int) -> str:
        """The address of the task with this index, counted from 0."""
        return f"{self.prefix}.{index + 10}"


def choose(ports: tuple[int, ...]) -> Subnet:
    """Choose a subnet on which these ports are free.

    Raises:
        Misuse: No address besides 127.0.0.1 can be bound, or another program holds a port on every address.
    """
    for _ in range(_ATTEMPTS):
        subnet = Subnet(f"127.{64 + secrets.randbelow(128)}.{secrets.randbelow(256)}")
        if all(_is_free(subnet.load_balancer, port) for port in ports):
            return subnet
    if not _is_free("127.64.0.1", 0):
        raise Misuse(
            "Only 127.0.0.1 can be bound here: the rehearsal needs all of 127.0.0.0/8, as Linux has it."
        )
    taken = [port for port in sorted(set(ports)) if not _is_free(subnet.load_balancer, port)]
    named = " and ".join(map(str, taken))
    raise Misuse(f"Another program holds port {named} on every address: end it and run the rehearsal again.")


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def unprivileged(port: int) -> int:
    """Return the port that stands for a listener's port where only root may bind below 1024."""
    return port if port >= _UNPRIVILEGED else port + _SHIFT


def _is_free(address: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
        return True
