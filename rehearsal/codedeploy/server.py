"""The server: the API at `/`, and below `/rehearsal/` rules of mishaps (`faults`), `speed` and `process`."""

import json
import signal
import sys
from typing import TYPE_CHECKING, ClassVar, Final

from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from rehearsal import identity, mishaps
from rehearsal.clock import Clock
from rehearsal.codedeploy.api import Api
from rehearsal.codedeploy.clients import Clients
from rehearsal.codedeploy.control import Control
from rehearsal.codedeploy.news import News
from rehearsal.codedeploy.runner import Runner
from rehearsal.codedeploy.service import Service
from rehearsal.codedeploy.state import Given
from rehearsal.codedeploy.store import Deployment, Store
from rehearsal.timeline import Timeline

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

SPEED: Final = "/rehearsal/speed"
"""Where a PUT of `{"speed": 240}` sets how fast the deployments go that are created from then on."""
_TYPE: Final = "application/x-amz-json-1.1"


class _QuietHandler(WSGIRequestHandler):
    """Writes no line for each request, and sends each answer at once."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm: ClassVar[bool] = True

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing; errors are still logged."""


class Playing:
    """The deployments that are being played."""

    def __init__(self, clients: Clients, store: Store, timeline: Timeline | None) -> None:
        self._store = store
        self._control = Control(clients)
        self._news = News(clients, store, timeline)
        self._runners: dict[str, Runner] = {}
        self.task_sets = self._control.task_sets
        """Describes the task sets of a scene."""

    def start(self, deployment: Deployment) -> None:
        """Take up a deployment that was just stored."""
        runner = Runner(deployment, store=self._store, control=self._control, news=self._news)
        self._runners[deployment.id] = runner
        runner.start()

    def give(self, deployment: Deployment, given: Given) -> None:
        """Let something happen to a deployment; rollbacks take nothing."""
        if deployment.id in self._runners:
            self._runners[deployment.id].give(given)


def application(endpoint: str, clock: Clock, timeline: Timeline | None = None) -> "WSGIApplication":
    """Return the server's application for a control plane at a URL."""
    store = Store()
    playing = Playing(Clients.connect(endpoint), store, timeline)
    service = Service(
        start=playing.start, give=playing.give, task_sets=playing.task_sets, clock=clock, store=store
    )
    return mishaps.around(answering(Api(service), service), mishaps.Mishaps())


def answering(api: Api, service: Service) -> "WSGIApplication":
    """Return an application that answers requests of the API."""

    @Request.application
    def answer(request: Request) -> Response:
        if request.path == SPEED and request.method == "PUT":
            service.clock = Clock(float(request.get_json()["speed"]))
            return Response("{}", content_type="application/json")
        if request.path == identity.PATH:
            return Response(json.dumps(identity.told()), content_type="application/json")
        status, document = api.answer(request.headers.get("X-Amz-Target", ""), request.get_data())
        response = Response(json.dumps(document), status=status, content_type=_TYPE)
        if "__type" in document:
            response.headers["x-amzn-ErrorType"] = str(document["__type"])
        return response

    return answer


def serve(port: int, whole: "WSGIApplication") -> None:
    """Answer on 127.0.0.1 until SIGTERM or SIGINT; what is being played ends with the process."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    make_server("127.0.0.1", port, whole, threaded=True, request_handler=_QuietHandler).serve_forever()
