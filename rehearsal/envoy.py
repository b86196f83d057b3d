"""A running Envoy that plays the load balancer."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from rehearsal import envoy_config, processes
from rehearsal.errors import StepFailed
from rehearsal.processes import Program
from rehearsal.traffic import LoadBalancer
from rehearsal.web import get

_START_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Envoy:
    """The process, the address it listens on and the folder it reads."""

    program: Program
    address: str
    folder: Path

    def apply(self, balancer: LoadBalancer) -> None:
        """Take over a changed description; connections stay open."""
        write(balancer, address=self.address, folder=self.folder)

    def wait_until_healthy(self, url: str) -> None:
        """Wait until a request through the load balancer is answered with 200.

        Raises:
            StepFailed: That did not happen within half a minute.
        """
        deadline = time.monotonic() + _START_SECONDS
        while get(url).status != HTTPStatus.OK:
            if self.program.has_ended or time.monotonic() > deadline:
                raise StepFailed(
                    f"No healthy target behind the load balancer at {url}.\n{self.program.tail()}"
                )
            time.sleep(0.1)


def start(
    balancer: LoadBalancer,
    *,
    address: str,
    folder: Path,
    environment: Mapping[str, str],
    binary: Path,
    log: Path,
) -> Envoy:
    """Write Envoy's files below `folder` and start it."""
    folder.mkdir(parents=True, exist_ok=True)
    write(balancer, address=address, folder=folder)
    # A socket file needs no port; its path is relative because the kernel takes at most 107 bytes of it.
    entry = envoy_config.bootstrap(folder, admin_socket=Path("admin.sock"))
    (folder / "bootstrap.json").write_text(json.dumps(entry, indent=1), encoding="utf-8")
    # Envoy asks the kernel to end it together with its parent. A shell that waits for it is a parent that
    # stays when the rehearsal is left running.
    command = ["/bin/sh", "-c", '"$@" & wait', "sh", str(binary), "--config-path", "bootstrap.json"]
    command += ["--use-dynamic-base-id", "--concurrency", "1", "--log-level", "warning"]
    program = processes.start("envoy", command, environment=environment, cwd=folder, log=log)
    return Envoy(program, address, folder)


def write(balancer: LoadBalancer, *, address: str, folder: Path) -> None:
    """Write every file by renaming it into place, which is what Envoy watches for."""
    for name, document in envoy_config.documents(balancer, address=address, folder=folder).items():
        draft = folder / f".{name}"
        draft.write_text(json.dumps(document, indent=1), encoding="utf-8")
        draft.rename(folder / name)
