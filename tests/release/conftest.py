"""A control plane for the parts of a release that talk to AWS, and a patient client of it."""

import os
from collections.abc import Iterator

import pytest

from rehearsal import isolation
from rehearsal.control_plane import ControlPlane
from release.clients import Clients
from release.patience import Pace, Patient
from tests.rehearsal import planes


@pytest.fixture(scope="package")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """The mended control plane, as a rehearsal starts it."""
    with planes.started(tmp_path_factory.mktemp("release-control-plane")) as started:
        yield started


@pytest.fixture(scope="package")
def local(plane: ControlPlane) -> Iterator[dict[str, str]]:
    """The environment in which AWS is that control plane, for this process and those that it starts."""
    patched = pytest.MonkeyPatch()
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        patched.delenv(name)
    for name, value in isolation.with_local_aws({}, plane.endpoint).items():
        patched.setenv(name, value)
    yield dict(os.environ)
    patched.undo()


@pytest.fixture(scope="package")
def ask(local: dict[str, str]) -> Patient:
    """Somebody who asks that control plane, often."""
    del local
    return Patient(Clients(isolation.REGION), Pace(poll=0.1, patience=20))
