"""A model package small enough to be made in milliseconds, and ways to ask a service over it."""

import asyncio
import copy
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

import httpx
import numpy as np
import pytest
from fastapi import FastAPI
from safetensors.numpy import save

from model import package, schema
from model.features import FEATURES, source_sha256, vectorise
from model.manifest import PIPELINE, PROBES, REFERENCE, SERVED_FORM, canonical, open_package
from model.served import ServedModel
from service.app import build_app
from service.lifecycle import Lifecycle
from service.predictor import Predictor

Record = dict[str, Any]

EXAMPLE: Record = {field.name: field.example for field in schema.FIELDS}
RECORDS: list[Record] = [
    EXAMPLE,
    {**EXAMPLE, "A6": 20.5, "A5": "9:30:00", "A2": None},
    {**EXAMPLE, "A6": 60, "A5": 700, "样本id": "sample_7"},
    {name: value for name, value in EXAMPLE.items() if name not in ("A2", "A3", "B11")},
    {**EXAMPLE, "A25": "1900/3/10 0:00", "A20": "23:30-0；15"},
]
"""Records as the plant writes them, with what is missing and what is dirty."""


class Ask(Protocol):
    """Sends one request to the application, in this process."""

    def __call__(
        self,
        content: object = b"",
        *,
        path: str = "/predict",
        method: str = "POST",
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Return the response; what is not bytes is sent as JSON."""


@pytest.fixture(scope="session")
def package_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package whose model is two trees, on `A6` and on the minutes of `A5`."""
    folder: Path = tmp_path_factory.mktemp("service") / "package"
    write_package(folder)
    return folder


@pytest.fixture(scope="session")
def predictor(package_folder: Path) -> Predictor:
    """The predictor of that package."""
    return Predictor.load(open_package(package_folder))


@pytest.fixture
def example() -> Record:
    """A record that the model accepts, free to be changed."""
    return copy.deepcopy(EXAMPLE)


@pytest.fixture
def records() -> list[Record]:
    """Records with what the plant leaves out and gets wrong."""
    return copy.deepcopy(RECORDS)


@pytest.fixture
def lifecycle() -> Lifecycle:
    """The life of a service that is ready."""
    ready = Lifecycle()
    ready.warm()
    return ready


@pytest.fixture
def app(predictor: Predictor, lifecycle: Lifecycle) -> FastAPI:
    """The application over the small package."""
    return build_app(predictor, lifecycle)


@pytest.fixture
def ask(app: FastAPI) -> Ask:
    """Ask the application without a server in between."""

    async def exchange(content: bytes, path: str, method: str, headers: Mapping[str, str]) -> httpx.Response:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
            return await client.request(method, path, content=content, headers=headers)

    def ask(
        content: object = b"",
        *,
        path: str = "/predict",
        method: str = "POST",
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        given = {"content-type": "application/json"} if headers is None else headers
        return asyncio.run(exchange(body, path, method, given))

    return ask


@pytest.fixture
def repack(tmp_path: Path) -> Callable[[Callable[[dict[str, Any]], object]], Path]:
    """Write the package anew with something changed in its probes or manifest, sums and all."""

    def repack(change: Callable[[dict[str, Any]], object]) -> Path:
        folder = tmp_path / "package"
        write_package(folder, change)
        return folder

    return repack


def write_package(folder: Path, change: Callable[[dict[str, Any]], object] = lambda _: None) -> None:
    """Write a package that vouches for itself.

    Args:
        folder: where to; made anew.
        change: may alter the parts, a mapping with `manifest`, `probes` and `served`.
    """
    served = _served_form()
    model = ServedModel.from_bytes(served)
    probes = [
        {
            "name": f"record {at}",
            "record": dict(record),
            "prediction": model.predict(vectorise([record])).item(),
        }
        for at, record in enumerate(RECORDS)
    ]
    parts: dict[str, Any] = {"manifest": _manifest(), "probes": {"probes": probes}, "served": served}
    change(parts)
    files = {
        SERVED_FORM: parts["served"],
        PIPELINE: b"never opened by the service",
        PROBES: canonical(parts["probes"]),
        REFERENCE: canonical({}),
    }
    package.write_package(folder, parts["manifest"], files)


def _served_form() -> bytes:
    """Two trees of one split each: `A6 <= 40` and `A5 <= 12:00`."""
    arrays = {
        "column": np.array([FEATURES.index("A6"), 0, 0, FEATURES.index("A5"), 0, 0], np.int32),
        "threshold": np.array([40.0, np.inf, np.inf, 720.0, np.inf, np.inf]),
        "child": np.array([1, 1, 2, 4, 4, 5], np.int32),
        "value": np.array([0.0, 0.013, -0.0071, 0.0, 0.0003, 0.0042]),
        "root": np.array([0, 3], np.int32),
        "active": np.array([2], np.int32),
        "offset": np.array([0.92]),
        "width": np.array([len(FEATURES)], np.int32),
    }
    return save(arrays)


def _manifest() -> dict[str, Any]:
    return {
        "format": 1,
        "model": {
            "name": schema.MODEL_NAME,
            "target": schema.TARGET.name,
            "description": schema.DESCRIPTION,
        },
        "schema": {
            "identifier": schema.IDENTIFIER,
            "fields": [asdict(field) for field in schema.FIELDS],
            "target": asdict(schema.TARGET),
        },
        "features": list(FEATURES),
        "features_sha256": source_sha256(),
        "metrics": {"mse": 2.8e-4, "baseline_mse": 9.5e-4},
        "training": {"rows": 2},
        "libraries": {"numpy": np.__version__},
    }
