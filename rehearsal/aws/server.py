"""The control plane as a server: middlewares around private routes around moto.

    request -> middlewares (mishaps) -> /rehearsal/... -> counted -> moto

It listens on loopback only and answers every connection in a thread of its own.
"""

import json
import os
import signal
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, Final, TypeAlias

from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.exceptions import BadRequest, HTTPException, MethodNotAllowed, NotFound
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from rehearsal import identity
from rehearsal.aws.changes import Changes, counted

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Handler: TypeAlias = Callable[[Request], object]
"""Answers a private route with a JSON document; raises one of werkzeug's HTTP exceptions to refuse."""
Routes: TypeAlias = Mapping[tuple[str, str], Handler]
"""Handlers by method and path, such as `("PUT", "/rehearsal/tasks")`."""
Middleware: TypeAlias = "Callable[[WSGIApplication], WSGIApplication]"

PREFIX: Final = "/rehearsal/"
_LONGEST_WAIT: Final = 20.0


class _QuietHandler(MotoRequestHandler):
    """Writes no line for each request, and sends each answer at once."""

    disable_nagle_algorithm: ClassVar[bool] = True

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing; errors are still logged."""


def application(
    routes: Routes, changes: Changes, middlewares: Sequence[Middleware] = ()
) -> "WSGIApplication":
    """Return the whole control plane; the first middleware is the outermost."""
    whole = private(
        counted(DomainDispatcherApplication(create_backend_app), changes),
        {
            ("GET", "/rehearsal/changes"): _waiting(changes),
            ("GET", identity.PATH): lambda _request: identity.told(),
            **routes,
        },
        changes,
    )
    for wrap in reversed(middlewares):
        whole = wrap(whole)
    return whole


def private(inner: "WSGIApplication", routes: Routes, changes: Changes) -> "WSGIApplication":
    """Return an application that answers the private routes itself; a successful PUT counts as a change."""

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path, method = environ.get("PATH_INFO", ""), environ["REQUEST_METHOD"]
        if not path.startswith(PREFIX):
            return inner(environ, start_response)
        try:
            _check(routes, method, path)
            response = _json(_handled(routes[method, path], Request(environ)))
            if method == "PUT":
                changes.note()
        except HTTPException as error:
            response = _json({"error": error.description}, status=error.code or 500)
        return response(environ, start_response)

    return answer


def serve(port: int, whole: "WSGIApplication") -> None:
    """Answer on 127.0.0.1 until SIGTERM or SIGINT."""
    os.environ["MOTO_PORT"] = str(port)  # moto asks itself there
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    make_server("127.0.0.1", port, whole, threaded=True, request_handler=_QuietHandler).serve_forever()


def _check(routes: Routes, method: str, path: str) -> None:
    methods = [verb for verb, at in routes if at == path]
    if not methods:
        raise NotFound(f"There is no private route {path}.")
    if method not in methods:
        raise MethodNotAllowed(methods)


def _waiting(changes: Changes) -> Handler:
    def wait(request: Request) -> object:
        since = int(request.args.get("since", -1))
        seconds = min(float(request.args.get("wait", 0)), _LONGEST_WAIT)
        return {"count": changes.wait(since, seconds)}

    return wait


def _handled(handler: Handler, request: Request) -> object:
    try:
        return handler(request)
    except (KeyError, TypeError, ValueError) as error:
        raise BadRequest(f"The request does not say what this route needs: {error!r}.") from error


def _json(document: object, *, status: int = 200) -> Response:
    return Response(json.dumps(document), status=status, mimetype="application/json")
