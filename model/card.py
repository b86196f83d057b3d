"""Results in words, for people at a terminal."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from model.evaluation import Evaluation
from model.manifest import ModelPackage
from model.training import Training


def of_evaluation(evaluation: Evaluation) -> str:
    """Return a small table of what cross-validation found."""
    return _table(_metrics(asdict(evaluation)))


def of_training(training: Training) -> str:
    """Return the package's card, and how close the served form is to scikit-learn."""
    parity = training.parity
    agreement = (
        f"at most {parity.largest_difference:.1e} from scikit-learn on {parity.rows:,} training rows "
        f"and {parity.threshold_rows:,} rows at thresholds"
    )
    return "\n".join([of_package(training.package), _table([("served form", agreement)])])


def of_package(package: ModelPackage) -> str:
    """Return what a package says about itself."""
    manifest = package.manifest
    absent = {name for name in manifest.files if not (package.folder / name).exists()}
    files = [
        (f"  {name}", "absent" if name in absent else f"{entry.bytes:,} bytes")
        for name, entry in sorted(manifest.files.items())
    ]
    return _table([
        ("package", str(package.folder)),
        ("model", f"{manifest.name} {manifest.short_version}"),
        ("", manifest.description),
        ("predicts", f"{manifest.target} ({manifest.target_field.meaning})"),
        ("inputs", f"{len(manifest.fields)} fields, {len(manifest.features)} features"),
        ("fitted on", f"{manifest.training['rows']:,} rows, seed {manifest.training['seed']}"),
        *_metrics(manifest.metrics),
        ("libraries", ", ".join(f"{name} {version}" for name, version in sorted(manifest.libraries.items()))),
        ("files", "those present are as packed" if absent else "all as packed"),
        *files,
    ])  # fmt: skip


def _metrics(metrics: Mapping[str, Any]) -> list[tuple[str, str]]:
    per_seed = ", ".join(f"{value:.3e}" for value in metrics["seed_mse"])
    folds = f"{len(metrics['seeds'])} x {metrics['folds']} folds"
    rows = f"{metrics['rows']:,} rows, {metrics['recipes']:,} recipes kept whole"
    return [
        ("mean squared error", f"{metrics['mse']:.3e} (sd over folds {metrics['fold_sd']:.1e})"),
        ("  per seed", per_seed),
        ("  of the mean alone", f"{metrics['baseline_mse']:.3e}"),
        ("  gain", f"{metrics['gain']:.1%}"),
        ("cross-validation", f"{folds}, {rows}"),
    ]


def _table(rows: Iterable[tuple[str, str]]) -> str:
    return "\n".join(f"{label:<20} {value}".rstrip() for label, value in rows)
