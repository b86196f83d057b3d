"""A running Envoy that plays the load balancer."""

import contextlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import psutil

from rehearsal import envoy_config, processes
from rehearsal.errors import StepFailed
from rehearsal.metrics import access_log
from rehearsal.processes import Program
from rehearsal.tls import Certificate
from rehearsal.traffic import LoadBalancer
from rehearsal.web import get
from service import contract

ADMIN = "admin.txt"
"""The file in Envoy's folder that says where its admin interface stands."""
_DRAIN_SECONDS = contract.LOAD_BALANCER_IDLE + contract.REQUEST_TIMEOUT
"""How long connections to a listener live that has changed: whoever uses one within it is told to connect
anew, and one that nobody uses is closed for being idle before, so that no request is cut off."""

_ROUTES_SECONDS = 5.0
_LOOK_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Envoy:
    """The process, the address it listens on and the folder it reads."""

    program: Program
    address: str
    folder: Path
    certificate: Certificate | None = None

    def apply(self, balancer: LoadBalancer) -> None:
        """Take over a changed description; no request is lost."""
        write(
            balancer,
            address=self.address,
            folder=self.folder,
            certificate=self.certificate,
        )

    def wait_for_routes(self, balancer: LoadBalancer) -> None:
        """Wait until requests go by the routes of a description that has been applied.

        Envoy watches each of its files apart, and may take an endpoint file over before a route file that
        was written first.

        Raises:
            StepFailed: It did not take them over in time.
        """
        files = envoy_config.route_files(balancer)
        written = {document["resources"][0]["name"]: document["version_info"] for document in files.values()}
        deadline = time.monotonic() + _ROUTES_SECONDS
        while not written.items() <= self._routes().items():
            if time.monotonic() > deadline:
                raise StepFailed(f"Envoy did not take its routes over within {_ROUTES_SECONDS:g} s.")
            time.sleep(_LOOK_SECONDS)

    def clusters(self) -> Mapping[str, Any]:
        """Return what Envoy tells of its clusters and their hosts; nothing while it does not answer."""
        return self._admin("/clusters?format=json")

    def _routes(self) -> Mapping[str, str]:
        """Return the version of each route file that Envoy has taken over, by the name of what it holds."""
        dump = self._admin("/config_dump?resource=dynamic_route_configs")
        return {
            one["route_config"]["name"]: one.get("version_info", "")
            for one in dump.get("configs", [])
            if "route_config" in one
        }

    def _admin(self, question: str) -> Mapping[str, Any]:
        """Return what the admin interface answers; nothing while it does not."""
        try:
            admin = (self.folder / ADMIN).read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return {}
        answer = get(f"http://{admin}{question}")
        found: Mapping[str, Any] = answer.json() if answer.status == HTTPStatus.OK else {}
        return found


def start(
    balancer: LoadBalancer,
    *,
    address: str,
    folder: Path,
    environment: Mapping[str, str],
    binary: Path,
    log: Path,
    certificate: Certificate | None = None,
) -> Envoy:
    """Write Envoy's files below `folder` and start it."""
    folder.mkdir(parents=True, exist_ok=True)
    write(balancer, address=address, folder=folder, certificate=certificate)
    entry = envoy_config.bootstrap(folder, admin_address=address)
    (folder / "bootstrap.json").write_text(json.dumps(entry, indent=1), encoding="utf-8")
    # Envoy asks the kernel to end it together with its parent. A shell that waits for it is a parent that
    # stays when the rehearsal is left running.
    command = ["/bin/sh", "-c", '"$@" & wait', "sh", str(binary), "--config-path", "bootstrap.json"]
    # Without hot restart it leaves no shared memory behind.
    command += ["--disable-hot-restart", "--concurrency", "1", "--log-level", "warning"]
    # A client of a listener that changes is told with its next answer to connect anew.
    command += ["--drain-strategy", "immediate", "--drain-time-s", str(_DRAIN_SECONDS)]
    command += ["--admin-address-path", ADMIN]
    command += ["--file-flush-interval-msec", str(access_log.FLUSH_MS)]
    program = processes.start("envoy", command, environment=environment, cwd=folder, log=log)
    return Envoy(program, address, folder, certificate)


def stop(played: Envoy) -> None:
    """End Envoy and the shell that waits for it."""
    with contextlib.suppress(psutil.NoSuchProcess):
        processes.end(psutil.Process(played.program.process.pid).children(recursive=True))
    played.program.process.wait()


def write(
    balancer: LoadBalancer,
    *,
    address: str,
    folder: Path,
    certificate: Certificate | None = None,
) -> None:
    """Write every file that changes by renaming it into place, which is what Envoy watches for."""
    files = envoy_config.documents(balancer, address=address, folder=folder, certificate=certificate)
    for name, document in files.items():
        path, text = folder / name, json.dumps(document, indent=1)
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        draft = folder / f".{name}"
        draft.write_text(text, encoding="utf-8")
        draft.rename(path)
