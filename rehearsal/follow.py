"""Envoy follows the control plane: whoever changes ELBv2, traffic goes where it says a moment later."""

import threading
from typing import TYPE_CHECKING, Final, Self

from botocore.exceptions import BotoCoreError, ClientError

from rehearsal import described, traffic
from rehearsal.envoy import Envoy
from rehearsal.errors import StepFailed

if TYPE_CHECKING:
    from mypy_boto3_elbv2 import ElasticLoadBalancingv2Client

INTERVAL: Final = 0.25
"""Seconds between two looks; AWS promises none, and its load balancers take seconds."""
_PATIENCE: Final = 40


class Follower:
    """Applies every change of a load balancer's description to Envoy, for as long as the context lasts.

    A look that fails, since the control plane was busy or half way through a change, is repeated.
    """

    def __init__(
        self, client: "ElasticLoadBalancingv2Client", played: Envoy, seen: traffic.LoadBalancer
    ) -> None:
        self._client = client
        self._played = played
        self.seen = seen
        """What Envoy plays now."""
        self._failures = 0
        self._problem = ""
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="follower", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def check(self) -> None:
        """Raise when it could not follow for a while.

        Raises:
            StepFailed: Envoy plays something else than the control plane describes.
        """
        if self._failures > _PATIENCE:
            raise StepFailed(f"The load balancer no longer follows the control plane: {self._problem}")

    def _follow(self) -> None:
        while not self._done.wait(INTERVAL):
            try:
                found = described.describe(self._client, self.seen.arn)
                if found != self.seen:
                    self._played.apply(found)
                    self.seen = found
            except (BotoCoreError, ClientError, StepFailed, OSError) as error:
                self._failures += 1
                self._problem = str(error)
            else:
                self._failures = 0
