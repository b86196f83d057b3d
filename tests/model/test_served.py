"""The served form: exact, independent of the batch, and checked before it is believed."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from safetensors.numpy import load, save
from sklearn.ensemble import RandomForestRegressor
from sklearn.pipeline import Pipeline

import model.served
from model.export import export
from model.served import ServedFormError, ServedModel

WIDTH = 6


def _rows(count: int, seed: int) -> NDArray[np.float64]:
    random = np.random.default_rng(seed)
    rows = random.normal(size=(count, WIDTH))
    rows[random.random(rows.shape) < 0.2] = np.nan
    return rows


@pytest.fixture(scope="module")
def served_form() -> bytes:
    """The bytes of a small forest that knows missing values."""
    rows = _rows(200, seed=0)
    forest = RandomForestRegressor(25, random_state=0).fit(rows, np.nansum(rows, axis=1))
    return export(Pipeline([("forest", forest)]))


@settings(max_examples=25, deadline=None)
@given(count=st.integers(1, 300), seed=st.integers(0, 9))
def test_a_row_predicts_alike_alone_and_in_any_batch(served_form: bytes, count: int, seed: int) -> None:
    """The result of a row is the same, bit by bit, whichever rows come with it."""
    model, rows = ServedModel.from_bytes(served_form), _rows(count, seed)
    alone = [model.predict(rows[at : at + 1])[0] for at in range(count)]
    assert model.predict(rows).tolist() == alone
    assert model.predict(np.asfortranarray(rows)).tolist() == alone
    assert model.predict(rows[::-1])[::-1].tolist() == alone


def test_no_rows_give_no_predictions(served_form: bytes) -> None:
    """An empty batch is answered with an empty array."""
    assert ServedModel.from_bytes(served_form).predict(np.empty((0, WIDTH))).shape == (0,)


@pytest.mark.parametrize("shape", [(1, WIDTH - 1), (1, WIDTH + 1), (WIDTH,)])
def test_rows_of_another_width_are_refused(served_form: bytes, shape: tuple[int, ...]) -> None:
    """Rows that are not those of the model are no reason to guess."""
    with pytest.raises(ValueError, match="features"):
        ServedModel.from_bytes(served_form).predict(np.zeros(shape))


@pytest.mark.parametrize("data", [b"", b"not a model", b"\x80\x04N."])
def test_other_bytes_are_refused(data: bytes) -> None:
    """What is no safetensors file is refused; nothing in it is executed."""
    with pytest.raises(ServedFormError, match="not a safetensors file"):
        ServedModel.from_bytes(data)


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("extra", np.zeros(1), "arrays are not those"),
        ("value", np.zeros(3, dtype=np.float32), "arrays are not those"),
        ("value", np.zeros(3), "do not fit"),
        ("offset", np.zeros(2), "do not fit"),
        ("root", np.array([-1], dtype=np.int32), "points outside"),
        ("root", np.array([1 << 30], dtype=np.int32), "points outside"),
        ("active", np.array([1, 2], dtype=np.int32), "not closed"),
        ("active", np.array([1000], dtype=np.int32), "more trees"),
        ("offset", np.array([np.nan]), "not finite"),
    ],
)
def test_contradicting_arrays_are_refused(
    served_form: bytes, name: str, value: NDArray[np.generic], reason: str
) -> None:
    """Arrays that would lead the walk astray are refused before the first prediction."""
    with pytest.raises(ServedFormError, match=reason):
        ServedModel.from_bytes(save({**load(served_form), name: value}))


@pytest.mark.parametrize("name", ["column", "child"])
def test_nodes_that_point_outside_are_refused(served_form: bytes, name: str) -> None:
    """No node compares a column or leads to a node that is not there."""
    arrays = load(served_form)
    arrays[name][0] = len(arrays["column"])
    with pytest.raises(ServedFormError, match="points outside"):
        ServedModel.from_bytes(save(arrays))


SHIPPED = ("__init__", "clock", "features", "manifest", "served")
UNSAFE = {"importlib", "marshal", "pickle", "shelve", "subprocess"}  # they run, or fetch, other code


@pytest.mark.parametrize("name", SHIPPED)
def test_what_is_shipped_needs_numpy_alone(name: str) -> None:
    """What the service runs imports the standard library, numpy, safetensors and its own kind only."""
    source = Path(model.served.__file__).with_name(f"{name}.py").read_text(encoding="utf-8")
    allowed = {"numpy", "safetensors"} | sys.stdlib_module_names - UNSAFE
    allowed |= {"model", *(f"model.{module}" for module in SHIPPED)}
    imported = {module if module.startswith("model") else module.split(".")[0] for module in _imports(source)}
    assert imported <= allowed


def _imports(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parent = "." * node.level + (node.module or "")
            yield from ([f"model.{alias.name}" for alias in node.names] if parent == "model" else [parent])
