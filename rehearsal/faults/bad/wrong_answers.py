"""A version that predicts a little too much, and whose own probes do not notice."""

import sys

from service import server
from service.batch import Batch
from service.predictor import Predictor

right = Predictor.predict


def predict(self: Predictor, batch: Batch) -> list[float]:
    """Return what the model says, and one hundredth more."""
    return [number + 0.01 for number in right(self, batch)]


vars(server).update(replay_probes=lambda _predictor, _package: 1)
Predictor.predict = predict  # type: ignore[method-assign]
sys.exit(server.main())
