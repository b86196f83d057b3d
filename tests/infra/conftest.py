"""One synth of each stage for the whole session: a synth takes seconds."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from infra.config import STAGES
from tests.infra.assembly import IMAGE, Assembly, synthesised
from tests.infra.guards.combinations import Combination, covering_set, synthesise
from tests.infra.shaped import Shaped
from tests.infra.variants import changed


def shipped(folder: pytest.TempPathFactory, stage: str, image: str | None) -> Assembly:
    """Synthesise one stage as the repository ships it."""
    return synthesised(STAGES[stage], folder.mktemp(f"{stage}-{'full' if image else 'bare'}"), image=image)


@pytest.fixture(scope="session")
def assemblies(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Assembly]:
    """Return every stage, complete."""
    return {stage: shipped(tmp_path_factory, stage, IMAGE) for stage in STAGES}


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
    return shipped(tmp_path_factory, "dev", None)


@pytest.fixture(scope="session")
def shaped(tmp_path_factory: pytest.TempPathFactory) -> Shaped:
    """Return a function that synthesises a stage with some settings changed, each such stage once."""
    known: dict[str, Assembly] = {}

    def synthesise_once(
        stage: str, changes: Mapping[str, Any] | None = None, *, image: str | None = None
    ) -> Assembly:
        key = repr((stage, changes, image))
        if key not in known:
            settings = changed(STAGES[stage], changes or {})
            known[key] = synthesised(settings, tmp_path_factory.mktemp("shaped"), image=image)
        return known[key]

    return synthesise_once


@pytest.fixture(scope="session")
def covered(tmp_path_factory: pytest.TempPathFactory) -> tuple[Mapping[Combination, str | None], Path]:
    """Return every combination of the covering set with what was wrong with it, and the templates."""
    templates = tmp_path_factory.mktemp("combinations")
    work = tmp_path_factory.mktemp("work")
    combinations, _ = covering_set()
    wrong = {
        combination: synthesise(combination, work / str(number), templates)
        for number, combination in enumerate(combinations)
    }
    return wrong, templates


@pytest.fixture(scope="session")
def distinct(covered: tuple[Mapping[Combination, str | None], Path]) -> tuple[Path, ...]:
    """Return every template that some combination of the covering set has."""
    return tuple(sorted(covered[1].glob("*.template.json")))
