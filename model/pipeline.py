"""The estimator: a seeded scikit-learn Pipeline.

This is one of the files to replace for a model of your own (with `schema.py` and `features.py`).
Build it from what `model.export` can express.
"""

import numpy as np
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestRegressor, VotingRegressor
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

LOWEST_YIELD, HIGHEST_YIELD = 0.80, 1.0
"""Beyond these a batch went wrong in a way that the inputs do not tell; it should not pull as hard."""

MISSING = -999.0
"""Stands for a missing value: below every value that there is, so that any tree can tell it apart."""


def build_pipeline(seed: int) -> Pipeline:
    """Return the pipeline, not yet fitted; the same seed and data give the same fit.

    A feature that is missing in every row of a fit is kept, and says nothing. Histogram boosting knows
    missing values by itself, but fails on such a feature (scikit-learn 1.9.1); hence the fill before it.
    """
    fill = SimpleImputer(strategy="constant", fill_value=MISSING, keep_empty_features=True)
    members = [("boosting", _boosting(seed)), ("random_trees", _random_trees(seed))]
    clip = FunctionTransformer(np.clip, kw_args={"a_min": LOWEST_YIELD, "a_max": HIGHEST_YIELD})
    vote = TransformedTargetRegressor(VotingRegressor(members), transformer=clip, check_inverse=False)
    return Pipeline([("fill", fill), ("vote", vote)])


def _boosting(seed: int) -> HistGradientBoostingRegressor:
    return HistGradientBoostingRegressor(
        max_iter=250,
        learning_rate=0.035,
        max_leaf_nodes=12,
        min_samples_leaf=8,
        l2_regularization=1,
        max_features=0.3,
        early_stopping=False,
        random_state=seed,
    )


def _random_trees(seed: int) -> RandomForestRegressor:
    return RandomForestRegressor(100, max_depth=12, max_features=0.4, random_state=seed)
