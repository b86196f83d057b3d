"""The application: which path answers what."""

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import Any, Final

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from service import contract
from service.body import read_body
from service.edge import Edge
from service.lifecycle import Lifecycle, Phase
from service.openapi import openapi_document
from service.predictor import Predictor
from service.problems import BUSY, NOT_FOUND, NOT_READY, WRONG_METHOD, Kind, Problem
from service.responses import JSON, problem_response

_KINDS: Final[dict[int, Kind]] = {404: NOT_FOUND, 405: WRONG_METHOD}
_COMPUTE_TIMEOUT: Final = contract.REQUEST_TIMEOUT - contract.BODY_TIMEOUT


def build_app(predictor: Predictor, lifecycle: Lifecycle) -> FastAPI:
    """Return the application over one model.

    Args:
        predictor: the model, loaded and verified.
        lifecycle: says whether `/health/ready` is green; the caller moves it on.
    """
    app = _Service(predictor)
    app.add_route(contract.PREDICT, _predict(predictor), methods=["POST"])
    app.add_route(contract.LIVE, _constant(b'{"status":"live"}'), methods=["GET"])
    app.add_route(contract.READY, _ready(lifecycle), methods=["GET"])
    app.add_route(contract.VERSION, _constant(_version(predictor)), methods=["GET"])
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_middleware(Edge, lifecycle=lifecycle)
    return app


class _Service(FastAPI):
    """FastAPI serves the documentation; its document comes from the manifest, not from annotations.

    Validation stays ours, so that there is one source of truth and every fault has its pointer.
    """

    def __init__(self, predictor: Predictor) -> None:
        super().__init__(
            title=predictor.manifest.name,
            openapi_url=contract.OPENAPI,
            docs_url=contract.DOCS,
            redoc_url=None,
            swagger_ui_oauth2_redirect_url=None,
            redirect_slashes=False,
            telemetry={"auto_configure": False, "tracing": False, "metrics": False, "logs": False},
        )
        self._document = openapi_document(predictor.manifest)

    def openapi(self) -> dict[str, Any]:
        """Return the OpenAPI document."""
        return self._document


def _predict(predictor: Predictor) -> Callable[[Request], Any]:
    # One thread: the arithmetic holds the interpreter anyway, and a queue of one keeps order.
    worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="predict")

    async def predict(request: Request) -> Response:
        body = await read_body(request.scope["headers"], request.receive)
        if _is_small(body):
            return Response(predictor.answer(body), media_type=JSON)
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(_COMPUTE_TIMEOUT):
                answer = await loop.run_in_executor(worker, predictor.answer, body)
        except TimeoutError:
            raise _busy() from None
        return Response(answer, media_type=JSON)

    return predict


def _is_small(body: bytes) -> bool:
    """Tell whether a body is answered sooner than other requests would notice.

    Every record opens one brace, so the braces bound the number of records before they are parsed.
    """
    return len(body) <= contract.INLINE_BODY_BYTES and body.count(b"{") <= contract.INLINE_RECORDS


def _busy() -> Problem:
    detail = f"The prediction did not start or finish within {_COMPUTE_TIMEOUT} seconds; try again."
    return Problem(BUSY, detail, headers={"retry-after": "1"})


def _constant(body: bytes) -> Callable[[Request], Any]:
    async def answer(_request: Request) -> Response:
        return Response(body, media_type=JSON)

    return answer


def _ready(lifecycle: Lifecycle) -> Callable[[Request], Any]:
    async def ready(_request: Request) -> Response:
        if lifecycle.phase is Phase.READY:
            return Response(b'{"status":"ready"}', media_type=JSON)
        raise Problem(NOT_READY, f"The service is {lifecycle.phase.value}; send traffic elsewhere.")

    return ready


def _version(predictor: Predictor) -> bytes:
    manifest = predictor.manifest
    document = {
        "name": manifest.name,
        "version": manifest.version,
        "short_version": manifest.short_version,
        "description": manifest.description,
        "target": asdict(manifest.target_field),
        "features_sha256": manifest.features_sha256,
        "files": {name: asdict(file) for name, file in manifest.files.items()},
        "metrics": manifest.metrics,
        "training": manifest.training,
        "libraries": manifest.libraries,
    }
    return json.dumps(document, allow_nan=False, ensure_ascii=False).encode()


async def _on_problem(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)  # noqa: S101 - what it is registered for
    return problem_response(error)


async def _on_http_exception(_request: Request, error: Exception) -> Response:
    """Turn what the router raises into a problem document."""
    assert isinstance(error, HTTPException)  # noqa: S101 - what it is registered for
    kind = _KINDS.get(error.status_code, NOT_FOUND)
    allowed = dict(error.headers or {})
    detail = {
        NOT_FOUND: "See /docs for what there is.",
        WRONG_METHOD: f"This path takes {allowed.get('Allow', 'other methods')}.",
    }[kind]
    return problem_response(Problem(kind, detail, headers=allowed))
