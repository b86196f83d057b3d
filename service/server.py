"""The process: open, verify, warm up, serve, and stop without losing a request.

The only module here that reads the environment.
"""

import gc
import logging
import os
import signal
import socket
import sys
import time
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

from model.manifest import PackageError, open_package
from service import contract
from service.app import build_app
from service.errors import RefusalError, ServiceError
from service.lifecycle import Lifecycle
from service.predictor import Predictor, replay_probes
from service.protocol import Protocol
from service.settings import Settings


def main() -> int:
    """Serve until told to stop.

    Returns:
        0 after SIGTERM or Ctrl-C, 1 when the package is refused, 2 when the environment is wrong.
    """
    logging.basicConfig(format="%(message)s", level=logging.ERROR)
    try:
        serve(Settings.of(os.environ))
    except ServiceError as error:
        sys.stderr.write(f"switchyard: {error}\n")
        return error.exit_code
    return 0


def serve(settings: Settings) -> None:
    """Serve one model package at one address; returns when it has stopped cleanly.

    Raises:
        ServiceError: the package cannot be served or the address cannot be had.
    """
    predictor = load(settings)
    lifecycle = Lifecycle()
    lifecycle.warm()
    listener = _bind(settings)
    host, port = listener.getsockname()[:2]
    greeting = (
        f"switchyard: {predictor.manifest.name} {predictor.manifest.short_version} on http://{host}:{port}\n"
    )
    config = server_config(build_app(predictor, lifecycle))
    server = DrainingServer(config, lifecycle, lame_duck=settings.lame_duck, greeting=greeting)
    # What has been loaded stays for good: keep the collector from walking it again and again.
    gc.freeze()
    server.run(sockets=[listener])


def load(settings: Settings) -> Predictor:
    """Return a predictor whose every probe has passed.

    Raises:
        RefusalError: the package was altered, does not fit this code, or answers differently.
    """
    try:
        package = open_package(settings.package)
        predictor = Predictor.load(package)
        replay_probes(predictor, package)
    except PackageError as error:
        raise RefusalError(str(error)) from None
    return predictor


class DrainingServer(uvicorn.Server):
    """A server that turns readiness red some time before it stops listening.

    ECS deregisters a target before it sends SIGTERM, so hardly anything new comes. What still does
    is answered for `lame_duck` seconds, each answer with `Connection: close`, and whoever asks hears
    that the service is not ready; health checks need not notice in so short a time. Then the
    listener closes and what is in flight is finished. On Ctrl-C nobody is waiting, and it stops at
    once.
    """

    def __init__(
        self, config: uvicorn.Config, lifecycle: Lifecycle, *, lame_duck: float, greeting: str
    ) -> None:
        super().__init__(config)
        self._lifecycle = lifecycle
        self._lame_duck = lame_duck
        self._greeting = greeting
        self._close_at: float | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen, and say so."""
        await super().startup(sockets)
        sys.stdout.write(self._greeting)
        sys.stdout.flush()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - uvicorn's signature
        """Begin to stop; a second Ctrl-C stops waiting for requests in flight."""
        self.force_exit = sig == signal.SIGINT and self.should_exit
        self.should_exit = self.should_exit or sig == signal.SIGINT
        self._lifecycle.drain()
        if self._close_at is None:
            self._close_at = time.monotonic() + self._lame_duck

    async def on_tick(self, counter: int) -> bool:
        """Run ten times a second; tell whether to stop listening."""
        if self._close_at is not None and time.monotonic() >= self._close_at:
            self.should_exit = True
        return await super().on_tick(counter)


def server_config(app: ASGIApp) -> uvicorn.Config:
    """Return how uvicorn serves the application."""
    return uvicorn.Config(
        app,
        loop="uvloop",
        http=Protocol,
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        log_level="error",
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=contract.KEEP_ALIVE,
        timeout_graceful_shutdown=contract.GRACEFUL_SHUTDOWN,
    )


def _bind(settings: Settings) -> socket.socket:
    """Return the bound socket, so that a port in use is a sentence and not a log line."""
    listener = None
    try:
        found = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)
        family, kind, protocol, _, address = found[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        if listener is not None:
            listener.close()
        where, reason = f"{settings.host}:{settings.port}", error.strerror or error
        variables = f"{contract.ENV_HOST} and {contract.ENV_PORT}"
        raise RefusalError(f"cannot listen on {where} ({reason}); choose another with {variables}.") from None
    return listener
