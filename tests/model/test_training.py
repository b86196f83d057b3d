"""A package says what was trained, and holds what was proven."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load, save
from sklearn.pipeline import Pipeline
from threadpoolctl import threadpool_info, threadpool_limits  # type: ignore[import-untyped] # ships no types

from model import schema, training
from model.errors import InputError, ParityError
from model.example import example_csv
from model.export import export
from model.features import FEATURES, RecordError, source_sha256, vectorise
from model.manifest import MANIFEST, PROBES, REFERENCE, SERVED_FORM, version_of
from model.parity import TOLERANCE
from model.pipeline import build_pipeline
from model.probes import is_dirty
from model.records import Dataset, parse
from model.reference import distributions
from model.served import ServedModel
from model.training import Training, data_sha256, train


def test_manifest_says_what_was_trained(trained: Training, data: Dataset) -> None:
    """Schema, features, data and metrics stand in the manifest as they were used."""
    manifest = trained.package.manifest
    assert (manifest.name, manifest.target, manifest.identifier) == ("process-yield", "收率", "样本id")
    assert (manifest.fields, manifest.target_field) == (schema.FIELDS, schema.TARGET)
    assert (manifest.features, manifest.features_sha256) == (FEATURES, source_sha256())
    assert manifest.training == {
        "data_sha256": data_sha256(data), "rows": 120, "columns": 42, "seed": 0,
    }  # fmt: skip
    assert set(manifest.libraries) == {"joblib", "numpy", "python", "safetensors", "scikit-learn", "scipy"}
    assert manifest.metrics["mse"] == trained.evaluation.mse
    assert len(manifest.metrics["fold_mse"]) == manifest.metrics["folds"] == 5
    content = json.loads((trained.package.folder / MANIFEST).read_bytes())
    assert manifest.version == version_of(content)
    assert manifest.version.startswith(manifest.short_version)


def test_package_names_no_time_place_or_person(trained: Training) -> None:
    """Nothing that differs between machines or days stands in a package."""
    text = "".join(
        (trained.package.folder / name).read_text(encoding="utf-8") for name in (MANIFEST, PROBES, REFERENCE)
    )
    assert str(trained.package.folder) not in text
    assert "plant.csv" not in text


def test_probes_are_answered_as_they_say(trained: Training) -> None:
    """Served form and features answer every probe exactly; gaps and slips of the pen are among them."""
    probes = json.loads(trained.package.read(PROBES))["probes"]
    served = ServedModel.from_bytes(trained.package.read(SERVED_FORM))
    records = [probe["record"] for probe in probes]
    assert served.predict(vectorise(records)).tolist() == [probe["prediction"] for probe in probes]
    assert len({probe["name"] for probe in probes}) == len(probes) == 10
    assert all(set(record) == {field.name for field in schema.FIELDS} for record in records)
    assert any(is_dirty(record) for record in records)
    assert any(record["A2"] is None for record in records)


def test_reference_counts_every_record(trained: Training) -> None:
    """Per field, bins and missing values add up to the rows; edges ascend."""
    reference = json.loads(trained.package.read(REFERENCE))
    fields = {**reference["fields"], **reference["target"]}
    assert list(fields) == [*sorted(reference["fields"]), "收率"]
    for entry in fields.values():
        assert sum(entry["counts"]) + entry["missing"] == reference["rows"] == 120
        assert len(entry["counts"]) == len(entry["edges"]) + 1
        assert entry["edges"] == sorted(set(entry["edges"]))


def test_reference_bins_end_at_their_edges(data: Dataset) -> None:
    """A value on an edge belongs to the bin below it, as the reference promises; nothing is its own bin."""
    records = [{**data.records[0], "A6": value} for value in (20, 20, 30, 40, 50)]
    made = replace(data, records=tuple(records), target=data.target[:5])
    entry = distributions(made)["fields"]["A6"]
    assert entry == {"edges": [20, 30, 40, 50], "counts": [2, 1, 1, 1, 0], "missing": 0}


def test_parity_was_proven(trained: Training) -> None:
    """The proof covers the training rows and many more at the thresholds."""
    assert trained.parity.rows == 120
    assert trained.parity.threshold_rows > 1000
    assert trained.parity.largest_difference <= TOLERANCE


def test_unproven_model_is_not_written(few: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the served form does not agree, nothing is written."""

    def off_by_a_little(pipeline: Pipeline) -> bytes:
        arrays = load(export(pipeline))
        return save({**arrays, "offset": arrays["offset"] + 1e-6})

    monkeypatch.setattr(training, "export", off_by_a_little)
    with pytest.raises(ParityError):
        train(few, tmp_path / "package", seed=0, progress=lambda _: None)
    assert list(tmp_path.iterdir()) == []


def test_constant_target_is_refused(data: Dataset, tmp_path: Path) -> None:
    """A target that never changes is a mistake in the data."""
    flat = replace(data, target=np.full(120, 0.9))
    with pytest.raises(InputError, match=r"plant.csv, column 收率: 0.9 in every row"):
        train(flat, tmp_path / "package", seed=0, progress=lambda _: None)


def test_too_few_rows_are_refused(data: Dataset, tmp_path: Path) -> None:
    """Fewer rows than folds are named with the file."""
    few = replace(data, records=data.records[:4], target=data.target[:4], places=data.places[:4])
    with pytest.raises(InputError, match=r"plant.csv: 4 rows .* too few for 5 folds"):
        train(few, tmp_path / "package", seed=0, progress=lambda _: None)


def test_value_that_features_refuse_is_named(
    data: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Features that are stricter than the schema still name file, row and column."""

    def strict(_: object) -> None:
        error = RecordError("A6", "is too warm")
        error.index = 3
        raise error

    monkeypatch.setattr(training, "vectorise", strict)
    with pytest.raises(InputError, match=r"plant.csv, row 5, column A6: is too warm"):
        train(data, tmp_path / "package", seed=0, progress=lambda _: None)


def test_data_sum_ignores_the_file_but_not_the_data(data: Dataset) -> None:
    """The sum is over the records: another name gives the same, another value another one."""
    assert data_sha256(replace(data, source="other.csv")) == data_sha256(data)
    assert data_sha256(replace(data, target=data.target + 0.001)) != data_sha256(data)


def test_fits_on_one_thread(few: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Folds and final fit run on one thread, so that sums come out the same whatever the machine."""
    seen = []

    def watched(seed: int) -> Pipeline:
        seen.append({pool["num_threads"] for pool in threadpool_info()})
        return build_pipeline(seed)

    monkeypatch.setattr(training, "build_pipeline", watched)
    with threadpool_limits(limits=2):
        assert {pool["num_threads"] for pool in threadpool_info()} == {2}
        train(few, tmp_path / "package", seed=0, progress=lambda _: None)
    assert seen == [{1}] * 6


def test_field_that_is_missing_throughout_is_packed(few: Dataset, tmp_path: Path) -> None:
    """A field without a single value is no reason to fail: it says nothing, then and in the service."""
    empty = tuple({**record, "A2": None} for record in few.records)
    made = train(replace(few, records=empty), tmp_path / "package", seed=0, progress=lambda _: None)
    assert made.parity.largest_difference <= TOLERANCE
    served = ServedModel.from_bytes(made.package.read(SERVED_FORM))
    with_a2 = [{**record, "A2": 125} for record in empty]
    assert served.predict(vectorise(with_a2)).tolist() == served.predict(vectorise(empty)).tolist()


@pytest.mark.parametrize("rows", [8, 10, 20])
def test_few_rows_are_enough(rows: int, tmp_path: Path) -> None:
    """A handful of rows will do: there is a package, though most fields are missing in some fold."""
    data = parse(example_csv(rows, seed=2019), "plant.csv")
    made = train(data, tmp_path / "package", seed=0, progress=lambda _: None)
    assert np.isfinite(made.evaluation.fold_mse).all()
    assert made.parity.largest_difference <= TOLERANCE
