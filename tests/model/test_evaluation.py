"""Cross-validation that does not leak."""

import numpy as np
import pytest
from sklearn.dummy import DummyRegressor
from sklearn.tree import DecisionTreeRegressor

from model.errors import InputError
from model.evaluation import evaluate, grouped_folds, recipes_of


def test_recipes_stay_on_one_side() -> None:
    """No group is divided, every row is held out once, and folds are of about equal size."""
    groups = np.random.default_rng(0).integers(0, 60, size=200)
    held_out = []
    for fit, test in grouped_folds(groups, 5, seed=1):
        assert not set(groups[fit]) & set(groups[test])
        assert 36 <= len(test) <= 44
        held_out += test.tolist()
    assert sorted(held_out) == list(range(200))


def test_seeds_shuffle_the_folds() -> None:
    """The same seed gives the same folds; another one gives others."""
    groups = np.arange(50)
    first, again, other = (
        [test.tolist() for _, test in grouped_folds(groups, 5, seed)] for seed in (1, 1, 2)
    )
    assert first == again != other


def test_recipes_are_equal_rows() -> None:
    """Rows that are alike, missing values included, are one recipe."""
    rows = np.array([[1.0, np.nan], [1.0, 2.0], [1.0, np.nan], [np.nan, 1.0]])
    first, second, third, fourth = recipes_of(rows)
    assert first == third
    assert len({first, second, fourth}) == 3


def test_repeated_recipes_do_not_flatter() -> None:
    """A model that only remembers gains nothing from having seen the recipe's repeats."""
    random = np.random.default_rng(0)
    rows = np.repeat(np.arange(100.0), 3)[:, None]
    target = np.repeat(random.normal(size=100), 3)
    found = evaluate(lambda seed: DecisionTreeRegressor(random_state=seed), rows, target, folds=5, seeds=(0,))
    assert found.mse > found.baseline_mse
    assert found.recipes == 100


def test_baseline_predicts_the_mean_of_the_other_folds() -> None:
    """A model that predicts the training mean is exactly the baseline, and gains nothing."""
    rows, target = np.arange(40.0)[:, None], np.random.default_rng(0).normal(size=40)
    found = evaluate(lambda _: DummyRegressor(), rows, target, folds=4, seeds=(0, 1))
    assert found.mse == pytest.approx(found.baseline_mse)
    assert found.gain == pytest.approx(0)
    assert len(found.fold_mse) == 8
    assert found.mse == pytest.approx(np.mean(found.seed_mse))
    assert (found.seeds, found.folds, found.rows) == ((0, 1), 4, 40)


def test_fewer_recipes_than_folds_are_refused() -> None:
    """Folds without rows are refused, however often the few recipes are repeated."""
    rows = np.repeat(np.arange(4.0), 10)[:, None]
    with pytest.raises(InputError, match="40 rows with 4 distinct recipes are too few for 5 folds"):
        evaluate(lambda _: DummyRegressor(), rows, rows[:, 0], folds=5, seeds=(0,))
