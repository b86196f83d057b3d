"""From a fitted scikit-learn Pipeline to the served form: everything becomes trees.

- Boosted and random trees are trees already. What they compare in single precision, `model.trees`
  turns into thresholds for double precision.
- An imputation in front of them becomes the direction that missing values take.
- Ridge over one-hot categories is a sum of steps: one search tree per column.
- A vote is the weighted sum of its members.

`docs/decisions/0001-served-form.md` says why. An estimator that is not listed here is refused by name.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from sklearn.compose import TransformedTargetRegressor
from sklearn.dummy import DummyRegressor
from sklearn.ensemble import (
    ExtraTreesRegressor,
    GradientBoostingRegressor,
    HistGradientBoostingRegressor,
    RandomForestRegressor,
    VotingRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import Ridge
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder
from sklearn.tree import DecisionTreeRegressor, ExtraTreeRegressor

from model.errors import ExportError
from model.trees import Floats, Forest, Tree, search_tree


def export(pipeline: Pipeline) -> bytes:
    """Return the served form of a fitted pipeline.

    Raises:
        ExportError: a part of the pipeline cannot be expressed; the message names it.
    """
    return forest_of(pipeline).to_bytes(int(pipeline.n_features_in_))


def forest_of(estimator: Any) -> Forest:  # noqa: ANN401 - scikit-learn ships no types
    """Return the forest that predicts what a fitted estimator predicts.

    Raises:
        ExportError: a part of the estimator cannot be expressed; the message names it.
    """
    if isinstance(estimator, Pipeline):
        return _pipeline([step for _, step in estimator.steps if step not in ("passthrough", None)])
    for kind, convert in _CONVERTERS.items():
        if type(estimator) is kind:
            return convert(estimator)
    raise _refusal(estimator)


def _pipeline(steps: Sequence[Any]) -> Forest:
    fill: Floats | None = None
    if steps and type(steps[0]) is SimpleImputer:
        fill, steps = _fill(steps[0]), steps[1:]
    if [type(step) for step in steps] == [OneHotEncoder, Ridge]:
        encoder, ridge = steps
        return _categories(encoder, ridge, fill)
    if len(steps) != 1:
        raise _refusal(steps[0] if steps else None)
    forest = forest_of(steps[0])
    return forest if fill is None else Forest(tuple(t.filled(fill) for t in forest.trees), forest.offset)


def _fill(imputer: Any) -> Floats:  # noqa: ANN401 - scikit-learn ships no types
    fill = np.asarray(imputer.statistics_, dtype=np.float64)
    gone = len(imputer.get_feature_names_out()) != imputer.n_features_in_
    if imputer.add_indicator or gone or not np.isfinite(fill).all() or not np.isnan(imputer.missing_values):
        raise _refusal(imputer, "with an indicator, with dropped columns or for other values than NaN")
    return fill


def _vote(vote: Any) -> Forest:  # noqa: ANN401 - scikit-learn ships no types
    members = [forest_of(member) for member in vote.estimators_]
    weights = [1.0] * len(members) if vote.weights is None else list(vote.weights)
    if len(weights) != len(members):
        raise _refusal(vote, "with dropped members")
    parts = [m.scaled(weight / sum(weights)) for m, weight in zip(members, weights, strict=True)]
    return Forest(tuple(tree for part in parts for tree in part.trees), sum(part.offset for part in parts))


def _other_target(wrapper: Any) -> Forest:  # noqa: ANN401 - scikit-learn ships no types
    """Fitted to a changed target; predictions are taken as they are, or the wrapper is refused."""
    transformer = wrapper.transformer_
    if type(transformer) is not FunctionTransformer or transformer.inverse_func is not None:
        raise _refusal(wrapper, "that changes predictions back")
    return forest_of(wrapper.regressor_)


def _mean_of_trees(forest: Any) -> Forest:  # noqa: ANN401 - scikit-learn ships no types
    trees = [_tree(member).scaled(1 / len(forest.estimators_)) for member in forest.estimators_]
    return Forest(tuple(trees), 0.0)


def _boosted(boosting: Any) -> Forest:  # noqa: ANN401 - scikit-learn ships no types
    if type(boosting.init_) is not DummyRegressor:
        raise _refusal(boosting, "that starts from another estimator")
    trees = [_tree(member).scaled(boosting.learning_rate) for member in boosting.estimators_[:, 0]]
    return Forest(tuple(trees), float(boosting.init_.constant_.item()))


def _histogram(boosting: Any) -> Forest:  # noqa: ANN401 - scikit-learn ships no types
    if boosting.is_categorical_ is not None or boosting.loss not in ("squared_error", "absolute_error"):
        raise _refusal(boosting, "with categories or a loss that needs a link")
    trees = [_histogram_tree(predictor.nodes) for (predictor,) in boosting._predictors]  # noqa: SLF001 - the trees have no public name
    return Forest(tuple(trees), float(boosting._baseline_prediction.item()))  # noqa: SLF001 - nor has the start


def _histogram_tree(nodes: Any) -> Tree:  # noqa: ANN401 - a structured array
    leaf, here = nodes["is_leaf"].astype(np.bool_), np.arange(len(nodes))
    return Tree(
        column=nodes["feature_idx"].astype(np.int64),
        threshold=nodes["num_threshold"].astype(np.float64),
        left=np.where(leaf, here, nodes["left"]).astype(np.int64),
        right=np.where(leaf, here, nodes["right"]).astype(np.int64),
        missing_left=nodes["missing_go_to_left"].astype(np.bool_),
        value=nodes["value"].astype(np.float64),
    )


def _tree(estimator: Any) -> Tree:  # noqa: ANN401 - scikit-learn ships no types
    tree = estimator.tree_
    leaf, here = tree.children_left < 0, np.arange(tree.node_count)
    return Tree(
        column=np.where(leaf, 0, tree.feature).astype(np.int64),
        threshold=tree.threshold.astype(np.float64),
        left=np.where(leaf, here, tree.children_left).astype(np.int64),
        right=np.where(leaf, here, tree.children_right).astype(np.int64),
        missing_left=np.asarray(tree.missing_go_to_left).astype(np.bool_),
        value=tree.value[:, 0, 0].astype(np.float64),
        single=True,
    )


def _one_tree(estimator: Any) -> Forest:  # noqa: ANN401 - scikit-learn ships no types
    return Forest((_tree(estimator),), 0.0)


def _categories(encoder: Any, ridge: Any, fill: Floats | None) -> Forest:  # noqa: ANN401 - scikit-learn ships no types
    if encoder.drop is not None or encoder.handle_unknown not in ("ignore", "infrequent_if_exist"):
        raise _refusal(encoder, "that drops a category or fails on an unknown one")
    coefficients, trees = np.ravel(ridge.coef_), []
    infrequent = getattr(encoder, "infrequent_categories_", [None] * len(encoder.categories_))
    for column, (known, rare) in enumerate(zip(encoder.categories_, infrequent, strict=True)):
        rare_ones = [] if rare is None else list(rare)
        kept = [c for c in known if not any(_same(c, other) for other in rare_ones)]
        mine, coefficients = np.split(coefficients, [len(kept) + bool(rare_ones)])
        unknown = float(mine[-1]) if rare_ones and encoder.handle_unknown != "ignore" else 0.0
        weight = {float(c): float(w) for c, w in zip(kept, mine, strict=False)}
        weight |= {float(c): float(mine[-1]) for c in rare_ones}
        trees.append(_lookup(column, weight, unknown, None if fill is None else float(fill[column])))
    return Forest(tuple(trees), float(np.ravel(ridge.intercept_)[0]))


def _lookup(column: int, weight: dict[float, float], unknown: float, fill: float | None) -> Tree:
    """Return the tree that gives each category its weight and everything else `unknown`."""
    steps: list[tuple[float, float]] = []
    for category in sorted(c for c in weight if not math.isnan(c)):
        steps += [(math.nextafter(category, -math.inf), unknown), (category, weight[category])]
    absent = next((w for c, w in weight.items() if math.isnan(c)), unknown)
    missing = absent if fill is None else weight.get(fill, unknown)
    return search_tree(column, [*steps, (math.inf, unknown)], missing)


def _same(one: float, other: float) -> bool:
    return one == other or (math.isnan(one) and math.isnan(other))


def _refusal(estimator: object, form: str = "") -> ExportError:
    name = type(estimator).__name__ if estimator is not None else "a pipeline without an estimator"
    known = ", ".join(sorted(kind.__name__ for kind in _CONVERTERS))
    return ExportError(
        f"The served form cannot express {name} {form}".rstrip()
        + f"; build the pipeline from SimpleImputer, OneHotEncoder with Ridge, {known}."
    )


_CONVERTERS: dict[type, Callable[[Any], Forest]] = {
    DecisionTreeRegressor: _one_tree,
    ExtraTreeRegressor: _one_tree,
    ExtraTreesRegressor: _mean_of_trees,
    GradientBoostingRegressor: _boosted,
    HistGradientBoostingRegressor: _histogram,
    RandomForestRegressor: _mean_of_trees,
    TransformedTargetRegressor: _other_target,
    VotingRegressor: _vote,
}
