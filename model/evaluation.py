"""How well a pipeline predicts records that it has not seen, and how well the mean alone would.

Repeated recipes stay on one side of every split, so no fold is asked what it was told. Everything that
learns from the data, learns inside the fold.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.errors import InputError
from model.trees import Floats

Split = tuple[NDArray[np.int64], NDArray[np.int64]]
"""Numbers of the rows to fit on and of those to predict."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Mean squared errors of cross-validation, in squared units of the target."""

    mse: float
    """Over all rows and seeds."""
    baseline_mse: float
    """Of predicting the mean of the rows fitted on."""
    fold_mse: tuple[float, ...]
    """Per seed and fold, seed by seed."""
    seed_mse: tuple[float, ...]
    """Per seed, over all rows."""
    fold_sd: float
    """Standard deviation of `fold_mse`."""
    gain: float
    """Share of the baseline's error that the model takes away."""
    seeds: tuple[int, ...]
    """Seeds of the folds and of the fits."""
    folds: int
    """Number of folds."""
    rows: int
    """Number of rows."""
    recipes: int
    """Number of distinct recipes, which are never divided between folds."""


def evaluate(
    build: Callable[[int], Any],
    rows: Floats,
    target: Floats,
    *,
    folds: int,
    seeds: Sequence[int],
    progress: Callable[[str], None] = lambda _: None,
) -> Evaluation:
    """Cross-validate the pipelines that `build(seed)` returns.

    Args:
        build: returns a pipeline that is not fitted.
        rows: features, NaN where missing.
        target: what to predict.
        folds: number of folds, at least 2.
        seeds: one cross-validation each.
        progress: is told what happens, in words.

    Raises:
        InputError: too few recipes for the folds.
    """
    recipes = recipes_of(rows)
    _check(recipes, folds)
    errors, baseline = np.empty((len(seeds), len(rows))), np.empty((len(seeds), len(rows)))
    fold_mse = []
    for index, seed in enumerate(seeds):
        for number, (fit, held_out) in enumerate(grouped_folds(recipes, folds, seed), start=1):
            predicted = build(seed).fit(rows[fit], target[fit]).predict(rows[held_out])
            errors[index, held_out] = (predicted - target[held_out]) ** 2
            baseline[index, held_out] = (target[fit].mean() - target[held_out]) ** 2
            fold_mse.append(float(errors[index, held_out].mean()))
            progress(f"seed {seed}, fold {number} of {folds}: mean squared error {fold_mse[-1]:.3e}")
    return Evaluation(
        mse=float(errors.mean()),
        baseline_mse=float(baseline.mean()),
        fold_mse=tuple(fold_mse),
        seed_mse=tuple(errors.mean(axis=1).tolist()),
        fold_sd=float(np.std(fold_mse)),
        gain=float(1 - errors.mean() / baseline.mean()),
        seeds=tuple(seeds),
        folds=folds,
        rows=len(rows),
        recipes=int(recipes.max()) + 1,
    )


def recipes_of(rows: Floats) -> NDArray[np.int64]:
    """Return a number per row, the same for rows whose features are all alike."""
    _, recipes = np.unique(
        np.nan_to_num(rows, nan=-np.inf, posinf=None, neginf=None), axis=0, return_inverse=True
    )
    return recipes.reshape(-1).astype(np.int64)


def grouped_folds(groups: NDArray[np.int64], folds: int, seed: int) -> Iterator[Split]:
    """Yield splits of about equal size that keep every group on one side.

    Groups are shuffled, then each goes to the fold that is smallest so far.
    """
    sizes, filled = np.bincount(groups), np.zeros(folds)
    fold_of = np.empty(len(sizes), dtype=np.int64)
    for group in np.random.default_rng(seed).permutation(len(sizes)):
        fold_of[group] = filled.argmin()
        filled[fold_of[group]] += sizes[group]
    for fold in range(folds):
        held_out = fold_of[groups] == fold
        yield np.flatnonzero(~held_out), np.flatnonzero(held_out)


def _check(recipes: NDArray[np.int64], folds: int) -> None:
    distinct = len(np.unique(recipes))
    if distinct < folds:
        raise InputError(
            f"{len(recipes)} rows with {distinct} distinct recipes are too few for {folds} folds; "
            "give more rows or fewer folds."
        )
