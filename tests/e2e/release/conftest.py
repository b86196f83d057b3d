"""The one stage by CodeDeploy at which every module here looks, in the order of their names."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from .opening import opened
from .world import World


@pytest.fixture(scope="package")
def world(tmp_path_factory: pytest.TempPathFactory, records: Path) -> Iterator[World]:
    """A stage whose releases are canaries, under a light load; at the end, what each step came to is told."""
    with opened(tmp_path_factory.mktemp("world"), records, "codedeploy-canary") as found:
        yield found
        print("", *found.told, sep="\n")  # noqa: T201
