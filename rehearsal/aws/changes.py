"""How many changes the control plane has seen, and a way to wait for the next one.

Who follows the control plane asks `GET /rehearsal/changes?since=N&wait=SECONDS` and looks when the count has
grown, rather than describing everything four times a second on a machine that also carries the load.

Counted is every API call that succeeded and may have changed something, every event of a stack (so that the
resources of an update count while it runs), and every PUT below /rehearsal/. Calls that hand over
measurements and logs are left out: they change nothing that is described here, and there are many.
"""

import re
import threading
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs

from rehearsal.aws.original import Moto, stacks

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_READS: Final = re.compile(
    r"(Describe|Get|List|Head|Lookup|BatchGet|BatchCheck|Filter|Query|Select|Search|Validate|Estimate|Simulate"
    r"|AssumeRole|PutMetricData|PutLogEvents|CreateLogStream|CreateLogGroup)"
)
_OPERATION: Final = re.compile(r"/operation/(\w+)$")
_SAFE: Final = ("GET", "HEAD", "OPTIONS")
_REFUSED: Final = 400


class Changes:
    """A count that only grows; safe to use from many threads."""

    def __init__(self) -> None:
        self._count = 0
        self._grown = threading.Condition()

    @property
    def count(self) -> int:
        """How many there have been."""
        return self._count

    def note(self) -> None:
        """Count one, and wake everybody who waits."""
        with self._grown:
            self._count += 1
            self._grown.notify_all()

    def note_in(self, seconds: float) -> None:
        """Count one later: something will have come to its end by itself."""
        timer = threading.Timer(seconds, self.note)
        timer.daemon = True
        timer.start()

    def wait(self, since: int, seconds: float) -> int:
        """Return the count once it is another than `since`, or after so many seconds."""
        with self._grown:
            self._grown.wait_for(lambda: self._count != since, timeout=seconds)
            return self._count


def mend(changes: Changes) -> None:
    """Count the events of stacks."""
    original: Callable[..., None] = stacks.Event.__init__

    def told(event: Moto, *arguments: Moto, **named: Moto) -> None:
        original(event, *arguments, **named)
        changes.note()

    stacks.Event.__init__ = told


def counted(application: "WSGIApplication", changes: Changes) -> "WSGIApplication":
    """Return an application whose successful calls are counted, when they change something."""

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        changing = may_change(environ)
        statuses: list[int] = []

        def started(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:  # noqa: ANN401 - WSGI's
            statuses.append(int(status.split(maxsplit=1)[0]))
            return start_response(status, headers, *rest)

        body = application(environ, started)
        if changing and statuses and statuses[-1] < _REFUSED:
            changes.note()
        return body

    return answer


def may_change(environ: "WSGIEnvironment") -> bool:
    """Return whether a request is of a kind that changes something; its body can be read afterwards."""
    action = action_of(environ)
    if action:
        return _READS.match(action) is None
    return environ["REQUEST_METHOD"] not in _SAFE


def action_of(environ: "WSGIEnvironment") -> str:
    """Return the API action of a request by its header, its path or its form; empty for REST services."""
    target: str = environ.get("HTTP_X_AMZ_TARGET", "")
    if target:
        return target.rpartition(".")[2]
    if operation := _OPERATION.search(environ.get("PATH_INFO", "")):
        return operation[1]
    if not environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        return ""
    body: bytes = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = BytesIO(body)
    return parse_qs(body.decode(errors="replace")).get("Action", [""])[0]
