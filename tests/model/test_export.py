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
from model.parity import TOLERANCE, prove_parity
from model.served import ServedModel
from model.trees import Floats

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


def test_a_threshold_moved_by_one_step_fails_the_proof() -> None:
    """The rows at the thresholds find a split that is off by one representable number."""
    rows, target = _data(missing=0.0)
    pipeline = make_pipeline(HistGradientBoostingRegressor(max_iter=1, max_leaf_nodes=3)).fit(rows, target)
    served = ServedModel.from_bytes(export(pipeline))
    splits = np.isfinite(served.threshold)
    served.threshold[splits] = np.nextafter(served.threshold[splits], -np.inf)
    on_training_rows = served.predict(rows) - pipeline.predict(rows)
    assert np.abs(on_training_rows).max() <= TOLERANCE
    with pytest.raises(ParityError):
        prove_parity(pipeline, served, rows)
