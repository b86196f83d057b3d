"""A running Envoy that plays the load balancer."""

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import psutil

from rehearsal import envoy_config, processes
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

    def clusters(self) -> Mapping[str, Any]:
        """Return what Envoy tells of its clusters and their hosts; nothing while it does not answer."""
        try:
            admin = (self.folder / ADMIN).read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return {}
        answer = get(f"http://{admin}/clusters?format=json")
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
