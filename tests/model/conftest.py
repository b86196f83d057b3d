"""Made-up records and a package of them, shared by the tests of the model."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped] # ships no types

from model.example import example_csv
from model.records import Dataset, parse
from model.training import Training, train

ROWS, FEW = 120, 20


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """Fit on one thread: on data this small, waiting for a second one takes longer than the work."""
    with threadpool_limits(limits=1):
        yield


@pytest.fixture(scope="session")
def csv_text() -> str:
    """A small file of made-up records."""
    return example_csv(ROWS, seed=7)


@pytest.fixture(scope="session")
def data(csv_text: str) -> Dataset:
    """The same records, read."""
    return parse(csv_text, "plant.csv")


@pytest.fixture
def plant(tmp_path: Path, csv_text: str) -> Path:
    """The same records as a file of the test's own."""
    path = tmp_path / "plant.csv"
    path.write_text(csv_text, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def few() -> Dataset:
    """A few records: what is not about a model's quality is told from a training half as long."""
    return parse(example_csv(FEW, seed=7), "plant.csv")


@pytest.fixture
def small_plant(tmp_path: Path) -> Path:
    """A few records as a file of the test's own."""
    path = tmp_path / "plant.csv"
    path.write_text(example_csv(FEW, seed=7), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory, data: Dataset) -> Training:
    """A package of the same records; tests read it and leave it as it is."""
    return train(data, tmp_path_factory.mktemp("trained") / "package", seed=0, progress=lambda _: None)
