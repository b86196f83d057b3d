"""Envoy follows the control plane: whoever changes ELBv2, traffic goes where it says a moment later."""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Self

from botocore.exceptions import BotoCoreError, ClientError

from rehearsal import described, traffic
from rehearsal.clock import Clock
from rehearsal.envoy import Envoy
from rehearsal.errors import StepFailed
from rehearsal.private import Private, Unanswered

if TYPE_CHECKING:
    from mypy_boto3_elbv2 import ElasticLoadBalancingv2Client

INTERVAL: Final = 0.25
"""Seconds between two looks at least; AWS promises none, and its load balancers take seconds."""
_PATIENCE: Final = 40
_REAL_TIME: Final = Clock()
_WAIT: Final = 0.5
"""Seconds after which it looks although it was told of no change."""


class Follower:
    """Applies every change of a load balancer's description to Envoy, for as long as the context lasts.

    It waits to be told of changes (`rehearsal.private`) rather than to ask all the time, for that would take
    a good part of a small machine. A look that fails, since the control plane was busy or half way through a
    change, is repeated.

    Args:
        client: Describes the load balancer.
        played: Takes over what changed.
        seen: What Envoy plays at the start.
        changed: Is told what Envoy plays from now on.
        clock: How fast health checks follow each other.
    """

    def __init__(
        self,
        client: "ElasticLoadBalancingv2Client",
        played: Envoy,
        seen: traffic.LoadBalancer,
        *,
        changed: Callable[[traffic.LoadBalancer], None] = lambda _balancer: None,
        clock: Clock = _REAL_TIME,
    ) -> None:
        self._client = client
        self._played = played
        self._changed = changed
        self._clock = clock
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
        if self._failures > _PATIENCE or not self._thread.is_alive():
            raise StepFailed(f"The load balancer no longer follows the control plane: {self._problem}")

    def _follow(self) -> None:
        private, count = Private(self._client.meta.endpoint_url), -1
        while not self._done.wait(INTERVAL):
            try:
                # Counted before the look: what changes meanwhile is seen by the next one.
                count = private.changes(count, wait=_WAIT)
            except Unanswered:
                self._done.wait(INTERVAL)
            try:
                self._look()
            except (BotoCoreError, ClientError, StepFailed, OSError) as error:
                self._failures += 1
                self._problem = str(error)
            else:
                self._failures = 0

    def _look(self) -> None:
        found = described.describe(self._client, self.seen.arn).on(self._clock)
        if found != self.seen:
            # Traffic is moved before targets are taken away, if one look has seen both.
            if (kept := found.keeping(self.seen)) not in (self.seen, found):
                self._played.apply(kept)
                self._played.wait_for_routes(kept)
            self._played.apply(found)
            self.seen = found
            self._changed(found)
