"""One synth of each stage for the whole session: a synth takes seconds."""

from collections.abc import Mapping

import pytest

from infra.config import STAGES
from tests.infra.assembly import IMAGE, Assembly, synthesised


def synthesise(folder: pytest.TempPathFactory, stage: str, image: str | None) -> Assembly:
    """Synthesise one stage as the repository ships it."""
    return synthesised(STAGES[stage], folder.mktemp(f"{stage}-{'full' if image else 'bare'}"), image=image)


@pytest.fixture(scope="session")
def assemblies(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Assembly]:
    """Return every stage, complete."""
    return {stage: synthesise(tmp_path_factory, stage, IMAGE) for stage in STAGES}


@pytest.fixture(scope="session", params=STAGES)
def assembly(request: pytest.FixtureRequest, assemblies: Mapping[str, Assembly]) -> Assembly:
    """Return one stage after the other."""
    return assemblies[request.param]


@pytest.fixture(scope="session")
def dev(assemblies: Mapping[str, Assembly]) -> Assembly:
    """Return the dev stage."""
    return assemblies["dev"]


@pytest.fixture(scope="session")
def without_image(tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    """Return the dev stage before there is an image."""
    return synthesise(tmp_path_factory, "dev", None)
