"""Sending events to EventBridge, at best effort: nobody waits for it."""

import logging
import queue
import threading
from collections.abc import Callable, Mapping
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

Event = Mapping[str, Any]
"""An entry of PutEvents."""
_log: Final = logging.getLogger(__name__)


class EventSender:
    """Sends events one after the other from a thread of its own, which starts with the first of them.

    Args:
        connect: Returns a client of EventBridge; called in that thread, once.
    """

    def __init__(self, connect: Callable[[], Any]) -> None:
        self._connect = connect
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def send(self, event: Event) -> None:
        """Send an event, soon; one that EventBridge refuses is logged."""
        self._events.put(event)
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="eventbridge", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        client = self._connect()
        while True:
            event = self._events.get()
            try:
                client.put_events(Entries=[event])
            except (BotoCoreError, ClientError) as error:
                _log.warning("EventBridge was not told: %s", error)
