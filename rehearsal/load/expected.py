"""What a version predicts, asked of its service alone: no load balancer, no traffic, no release in between.

The service starts only when its predictions for the package's probes are those that scikit-learn gave when
the package was made. So what it answers here is what the package predicts, and what a client gets through the
load balancer must be the same.
"""

import contextlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Final

from rehearsal import addresses, processes, web
from rehearsal.errors import StepFailed
from rehearsal.load.plan import Body, Predictions
from service import contract

_ADDRESS: Final = "127.0.0.1"
_READY_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a service runs, and with what."""

    python: Path
    """The interpreter with the service's packages."""
    root: Path
    """Where `service` and `model` are found: a checkout or an image's folder."""
    environment: Mapping[str, str]
    """An isolated one."""
    log: Path
    """Where the service's output goes."""


def predict(package: Path, bodies: Sequence[Body], place: Place) -> tuple[str, Predictions]:
    """Return a model package's version and what it predicts for each body.

    Raises:
        StepFailed: The service did not start, or refused a body.
    """
    with serving(package, place) as url:
        version: str = web.get(url + contract.VERSION).json()["version"]
        return version, tuple(_ask(url, body) for body in bodies)


@contextlib.contextmanager
def serving(package: Path, place: Place) -> Iterator[str]:
    """Serve a model package on loopback; yield the address.

    Raises:
        StepFailed: The service did not start.
    """
    url = f"http://{_ADDRESS}:{addresses.free_port()}"
    own = {
        contract.ENV_PACKAGE: str(package),
        contract.ENV_HOST: _ADDRESS,
        contract.ENV_PORT: url.rpartition(":")[2],
        contract.ENV_LAME_DUCK: "0",
    }
    command = [str(place.python), *contract.COMMAND[1:]]
    environment = {**place.environment, **own}
    program = processes.start("expected", command, environment=environment, cwd=place.root, log=place.log)
    try:
        program.wait_until(
            lambda: web.get(url + contract.READY, timeout=1).status == HTTPStatus.OK,
            within=_READY_SECONDS,
            otherwise="The service that tells what is right did not start.",
        )
        yield url
    finally:
        program.process.terminate()
        program.process.wait()


def _ask(url: str, body: Body) -> tuple[float, ...]:
    answer = web.send(url + contract.PREDICT, body.text.encode())
    if answer.status != HTTPStatus.OK:
        raise StepFailed(f"The service refused a body of the load: {answer.body.decode(errors='replace')}")
    document = json.loads(answer.body)
    return tuple(document["predictions"] if "predictions" in document else [document["prediction"]])
