"""From records to a model package: vectorise, evaluate, fit, export, prove, write."""

import hashlib
import io
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped] # ships no types

from model import schema
from model.errors import InputError
from model.evaluation import Evaluation, evaluate
from model.export import export
from model.features import FEATURES, RecordError, source_sha256, vectorise
from model.manifest import (
    FORMAT,
    PIPELINE,
    PROBES,
    REFERENCE,
    SERVED_FORM,
    ModelPackage,
    canonical,
    open_package,
)
from model.package import check_destination, write_package
from model.parity import Parity, prove_parity
from model.pipeline import build_pipeline
from model.probes import choose_probes
from model.records import Dataset
from model.reference import distributions
from model.served import ServedModel
from model.trees import Floats

FOLDS = 5
"""Folds of the evaluation unless asked otherwise."""

_LIBRARIES = ("joblib", "numpy", "safetensors", "scikit-learn", "scipy")
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Training:
    """What came of a training."""

    package: ModelPackage
    """As it lies on disk, opened and verified."""
    evaluation: Evaluation
    """How well it predicts."""
    parity: Parity
    """How close the served form is to scikit-learn."""


def train(data: Dataset, out: Path, *, seed: int, progress: Progress) -> Training:
    """Fit a model on all records and write its package.

    The same data, code and locked libraries give the same bytes.

    Raises:
        InputError: the data do not suffice, or `out` is not free.
        TrainingError: the served form cannot be made or proven.
    """
    out = check_destination(out)
    rows = _vectors(data)
    evaluation = assess(data, folds=FOLDS, seeds=(seed,), progress=progress)
    with threadpool_limits(limits=1):
        progress(f"fitting on {len(rows)} rows")
        pipeline = build_pipeline(seed).fit(rows, data.target)
        served_form = export(pipeline)
        served = ServedModel.from_bytes(served_form)
        progress("comparing the served form with scikit-learn")
        parity = prove_parity(pipeline, served, rows)
    files = {
        SERVED_FORM: served_form,
        PIPELINE: _pickled(pipeline),
        PROBES: canonical({"probes": choose_probes(data.records, served.predict(rows))}),
        REFERENCE: canonical(distributions(data)),
    }
    write_package(out, _content(data, evaluation, seed), files)
    return Training(open_package(out), evaluation, parity)


def assess(data: Dataset, *, folds: int, seeds: Sequence[int], progress: Progress) -> Evaluation:
    """Cross-validate the pipeline on the records.

    One thread alone: sums then come out the same whatever the machine.

    Raises:
        InputError: too few records for the folds, or a target that is constant.
    """
    rows = _vectors(data)
    try:
        with threadpool_limits(limits=1):
            found = evaluate(build_pipeline, rows, data.target, folds=folds, seeds=seeds, progress=progress)
    except InputError as error:
        raise InputError(f"{data.source}: {error}") from None
    return found


def data_sha256(data: Dataset) -> str:
    """Return the sum over the records as read: file names and encodings do not count."""
    return hashlib.sha256(canonical([list(data.records), data.target.tolist()])).hexdigest()


def _vectors(data: Dataset) -> Floats:
    if np.ptp(data.target) == 0 and len(data.target) > 1:
        raise InputError(
            f"{data.source}, column {schema.TARGET.name}: {data.target[0]:g} in every row, "
            "so there is nothing to learn; check the data."
        )
    try:
        return vectorise(data.records)
    except RecordError as error:
        place = f"{data.places[error.index]}, column {error.field}"
        raise InputError(f"{place}: {error.reason}; mend the cell.") from None


def _content(data: Dataset, evaluation: Evaluation, seed: int) -> Mapping[str, Any]:
    target = schema.TARGET
    return {
        "format": FORMAT,
        "model": {"name": schema.MODEL_NAME, "target": target.name, "description": schema.DESCRIPTION},
        "schema": {
            "identifier": schema.IDENTIFIER,
            "fields": [asdict(field) for field in schema.FIELDS],
            "target": asdict(target),
        },
        "features": list(FEATURES),
        "features_sha256": source_sha256(),
        "metrics": asdict(evaluation),
        "training": {
            "data_sha256": data_sha256(data),
            "rows": len(data.records),
            "columns": len(schema.FIELDS),
            "seed": seed,
        },
        "libraries": {name: version(name) for name in _LIBRARIES} | {"python": _python()},
    }


def _python() -> str:
    """The series alone: a bug-fix release of Python does not make another model."""
    return ".".join(platform.python_version_tuple()[:2])


def _pickled(pipeline: object) -> bytes:
    buffer = io.BytesIO()
    joblib.dump(pipeline, buffer)
    return buffer.getvalue()
