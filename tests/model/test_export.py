"""The exporter: each estimator that it knows, exact at every threshold; each other one refused by name."""

import numpy as np
import pytest
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import (
    ExtraTreesRegressor,
    GradientBoostingRegressor,
    HistGradientBoostingRegressor,
    RandomForestRegressor,
    VotingRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeRegressor

from model.errors import ExportError, ParityError
from model.export import export
from model.parity import TOLERANCE, prove_parity, threshold_rows
from model.served import ServedModel
from model.trees import Floats, Forest, Tree

FILL = SimpleImputer(strategy="constant", fill_value=-1.5)
MEDIANS = SimpleImputer(strategy="median")
CATEGORIES = OneHotEncoder(min_frequency=4, handle_unknown="infrequent_if_exist")


def _data(missing: float = 0.15) -> tuple[Floats, Floats]:
    random = np.random.default_rng(1)
    rows = np.column_stack([
        random.normal(size=150),
        random.integers(0, 6, size=150) / 10,
        random.normal(size=150) * 1e5,
        np.round(random.normal(size=150), 1),
    ])  # fmt: skip
    target = rows[:, 0] + 3 * rows[:, 1] + (rows[:, 2] > 1e4) + random.normal(size=150) / 10
    rows[random.random(rows.shape) < missing] = np.nan
    return rows, target


def _clipped(regressor: object) -> TransformedTargetRegressor:
    clip = FunctionTransformer(np.clip, kw_args={"a_min": -1.0, "a_max": 2.0})
    return TransformedTargetRegressor(regressor, transformer=clip, check_inverse=False)


ESTIMATORS = {
    "tree": DecisionTreeRegressor(random_state=0),
    "random forest": RandomForestRegressor(7, random_state=0),
    "extra trees": ExtraTreesRegressor(5, random_state=0),
    "histogram boosting": HistGradientBoostingRegressor(max_iter=20),
    "stump of one leaf": HistGradientBoostingRegressor(max_iter=2, min_samples_leaf=100),
    "boosting behind a fill": make_pipeline(FILL, GradientBoostingRegressor(n_estimators=9, random_state=0)),
    "histogram boosting behind a fill": make_pipeline(FILL, HistGradientBoostingRegressor(max_iter=5)),
    "forest behind medians": make_pipeline(MEDIANS, RandomForestRegressor(3, random_state=0)),
    "ridge on categories": make_pipeline(FILL, CATEGORIES, Ridge()),
    "ridge on known categories": make_pipeline(FILL, OneHotEncoder(handle_unknown="ignore"), Ridge()),
    "ridge on missing categories": make_pipeline(
        OneHotEncoder(min_frequency=3, handle_unknown="ignore"), Ridge()
    ),
    "clipped target": _clipped(HistGradientBoostingRegressor(max_iter=5)),
    "weighted vote": VotingRegressor(
        [("a", HistGradientBoostingRegressor(max_iter=4)), ("b", RandomForestRegressor(3, random_state=0))],
        weights=[3, 1],
    ),
}


@pytest.mark.parametrize("name", ESTIMATORS)
def test_served_form_agrees_at_every_threshold(name: str) -> None:
    """Served form and scikit-learn agree on the rows, on every threshold, and next to it."""
    rows, target = _data()
    pipeline = make_pipeline(ESTIMATORS[name]).fit(rows, target)
    found = prove_parity(pipeline, ServedModel.from_bytes(export(pipeline)), rows)
    assert found.largest_difference <= TOLERANCE
    assert found.rows == len(rows)
    assert found.threshold_rows > 0 or name == "stump of one leaf"


def test_export_gives_the_same_bytes_each_time() -> None:
    """The served form is a function of the fit."""
    rows, target = _data()
    pipeline = make_pipeline(RandomForestRegressor(3, random_state=0)).fit(rows, target)
    assert export(pipeline) == export(pipeline)


REFUSED = {
    "KNeighborsRegressor": KNeighborsRegressor(),
    "LinearRegression": LinearRegression(),
    "StandardScaler": make_pipeline(StandardScaler(), Ridge()),
    "OneHotEncoder": make_pipeline(OneHotEncoder(), Ridge()),
    "SimpleImputer": make_pipeline(SimpleImputer(add_indicator=True), RandomForestRegressor(2)),
    "HistGradientBoostingRegressor with categories or": HistGradientBoostingRegressor(loss="poisson"),
    "HistGradientBoostingRegressor": HistGradientBoostingRegressor(categorical_features=[1], max_iter=2),
    "GradientBoostingRegressor": GradientBoostingRegressor(init=LinearRegression(), n_estimators=2),
    "TransformedTargetRegressor": TransformedTargetRegressor(
        RandomForestRegressor(2), func=np.log1p, inverse_func=np.expm1
    ),
}


@pytest.mark.parametrize("named", REFUSED)
def test_what_cannot_be_expressed_is_refused_by_name(named: str) -> None:
    """An estimator beyond the served form is named, instead of being served almost right."""
    rows, target = _data(missing=0.0)
    rows[:, 1] = np.round(rows[:, 1] * 10)
    pipeline = make_pipeline(REFUSED[named]).fit(rows, np.abs(target))
    with pytest.raises(ExportError, match=f"cannot express {named}"):
        export(pipeline)


def test_another_model_fails_the_proof() -> None:
    """A served form that is not the pipeline's is found out."""
    rows, target = _data()
    one, other = (
        Pipeline([("trees", RandomForestRegressor(3, random_state=seed))]).fit(rows, target)
        for seed in (0, 1)
    )
    with pytest.raises(ParityError, match="nothing was written"):
        prove_parity(one, ServedModel.from_bytes(export(other)), rows)


@pytest.mark.parametrize("towards", [-np.inf, np.inf])
@pytest.mark.parametrize(
    "estimator",
    [HistGradientBoostingRegressor(max_iter=1, max_leaf_nodes=3), DecisionTreeRegressor(max_depth=2)],
    ids=["double precision", "single precision"],
)
def test_a_threshold_moved_by_one_step_fails_the_proof(estimator: object, towards: float) -> None:
    """The rows at the thresholds find each split that is off by one representable number, either way."""
    rows, target = _data(missing=0.0)
    pipeline = make_pipeline(estimator).fit(rows, target)
    served_form = export(pipeline)
    splits = np.flatnonzero(np.isfinite(ServedModel.from_bytes(served_form).threshold))
    assert len(splits) > 1
    for split in splits:
        served = ServedModel.from_bytes(served_form)
        served.threshold[split] = np.nextafter(served.threshold[split], towards)
        on_training_rows = served.predict(rows) - pipeline.predict(rows)
        assert np.abs(on_training_rows).max() <= TOLERANCE
        with pytest.raises(ParityError):
            prove_parity(pipeline, served, rows)


def test_rows_at_thresholds_reach_their_splits() -> None:
    """The row that is put on a threshold is one that comes to that split, deep in a tree as at its root."""
    tree = Tree(  # column 0 up to 0 ends at once; beyond, column 1 up to 5
        column=np.array([0, 0, 1, 0, 0]),
        threshold=np.array([0.0, 0.0, 5.0, 0.0, 0.0]),
        left=np.array([1, 1, 3, 3, 4]),
        right=np.array([2, 1, 4, 3, 4]),
        missing_left=np.zeros(5, dtype=np.bool_),
        value=np.array([0.0, 1.0, 0.0, 2.0, 3.0]),
    )
    rows = np.array([[-1.0, 9.0], [1.0, 9.0]])
    placed = threshold_rows(Forest((tree,), 0.0), rows)
    assert {1.0} == set(placed[np.isclose(placed[:, 1], 5.0), 0])
    assert {4, 5, 6} <= {int(np.sign(value - 5) + 5) for value in placed[np.isclose(placed[:, 1], 5.0), 1]}


def test_column_that_is_empty_in_the_fit_is_served_exactly() -> None:
    """A feature that no row of the fit has is kept by the fill; whatever it is later, both say the same."""
    rows, target = _data()
    rows[:, 3] = np.nan
    fill = SimpleImputer(strategy="constant", fill_value=-1.5, keep_empty_features=True)
    pipeline = make_pipeline(fill, HistGradientBoostingRegressor(max_iter=5)).fit(rows, target)
    served = ServedModel.from_bytes(export(pipeline))
    assert prove_parity(pipeline, served, rows).largest_difference <= TOLERANCE
    rows[:, 3] = 7.0
    assert np.abs(served.predict(rows) - pipeline.predict(rows)).max() <= TOLERANCE
