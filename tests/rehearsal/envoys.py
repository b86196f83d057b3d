"""A real Envoy that plays a load balancer for one test."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rehearsal import envoy, isolation, processes
from rehearsal.envoy import Envoy
from rehearsal.region import target_health
from rehearsal.region.target_health import Found
from rehearsal.tls import Certificate
from rehearsal.traffic import LoadBalancer, TargetGroup


@contextmanager
def playing(
    balancer: LoadBalancer, *, address: str, folder: Path, certificate: Certificate | None = None
) -> Iterator[Envoy]:
    """Play a load balancer while this lasts; the targets of its first group are healthy by then."""
    played = envoy.start(
        balancer,
        address=address,
        folder=folder / "envoy",
        environment=isolation.isolated(
            os.environ, marker=str(folder), temporary=folder, path=[], cache=folder
        ),
        binary=Path(sys.executable).parent / "envoy",
        log=folder / "log",
        certificate=certificate,
    )
    try:
        wait_until_healthy(played, balancer.target_groups[0])
        yield played
    finally:
        processes.end_marked(str(folder))
        played.program.process.wait()


def healthy(played: Envoy, group: TargetGroup) -> int:
    """Return how many targets of a group pass their health check."""
    found = target_health.hosts(played.clusters(), group.name).values()
    return sum(one is Found.PASSES for one in found)


def wait_until_healthy(played: Envoy, group: TargetGroup) -> None:
    """Wait until every target of a group passes its health check."""
    played.program.wait_until(
        lambda: healthy(played, group) == len(group.targets),
        within=30,
        otherwise=f"Not every target of {group.name} became healthy.",
    )
