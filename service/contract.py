"""What the service promises to whoever runs it: port, paths, times and limits.

The infrastructure, the rehearsal and the documentation read these constants, so that the load
balancer, the task definition and the process agree. Standard library only; importing it does nothing.
"""

from typing import Final

PORT: Final = 8080
"""TCP port that the service listens on inside its container."""

PREDICT: Final = "/predict"
"""POST: one record or many, raw as the plant writes them."""
LIVE: Final = "/health/live"
"""GET: 200 as long as the process answers at all."""
READY: Final = "/health/ready"
"""GET: 200 when traffic may come, 503 before the probes have passed and from SIGTERM on."""
VERSION: Final = "/version"
"""GET: which model package this is."""
DOCS: Final = "/docs"
"""GET: the interactive documentation."""
OPENAPI: Final = "/openapi.json"
"""GET: the OpenAPI document, made from the package's manifest."""

COMMAND: Final = ("python", "-m", "service")
"""The container's command, in exec form so that SIGTERM reaches the service itself."""
USER: Final = 10001
"""Numeric user and group of the process; the image needs no name for it."""
WORKDIR: Final = "/app"
"""Folder of the image that holds `service/`, `model/` and `package/`."""
PACKAGE_FOLDER: Final = "package"
"""Default of `SWITCHYARD_PACKAGE`, relative to the working folder."""
PACKAGE_PATH: Final = f"{WORKDIR}/{PACKAGE_FOLDER}"
"""Where the image keeps its one model package."""

ENV_HOST: Final = "SWITCHYARD_HOST"
"""Address to listen on; `DEFAULT_HOST` by default."""
ENV_PORT: Final = "SWITCHYARD_PORT"
"""Port to listen on; `PORT` by default."""
ENV_PACKAGE: Final = "SWITCHYARD_PACKAGE"
"""Folder of the model package; `PACKAGE_FOLDER` by default."""
ENV_LAME_DUCK: Final = "SWITCHYARD_LAME_DUCK"
"""Seconds of `LAME_DUCK`, for tests and rehearsals that cannot wait."""
DEFAULT_HOST: Final = "0.0.0.0"  # noqa: S104 - a container is reached from outside; `make serve` says 127.0.0.1

# Seconds. LOAD_BALANCER_IDLE < KEEP_ALIVE, or clients see 502 on a reused connection.
# REQUEST_TIMEOUT <= DEREGISTRATION_DELAY, so a draining target may finish what it took.
# REQUEST_TIMEOUT < GRACEFUL_SHUTDOWN and LAME_DUCK + GRACEFUL_SHUTDOWN < STOP_TIMEOUT, so that
# the process ends by itself before it is killed.
LOAD_BALANCER_IDLE: Final = 60
"""Idle time after which the load balancer closes a connection."""
KEEP_ALIVE: Final = 75
"""Idle time after which the service closes a connection."""
REQUEST_TIMEOUT: Final = 20
"""Longest time that the service gives one request, from its headers to its answer."""
HEAD_TIMEOUT: Final = 10
"""Longest time for a request's line and headers to arrive once they have begun; then 408."""
BODY_TIMEOUT: Final = 10
"""Longest time for a request's body to arrive once its headers have; then 408."""
LINGER: Final = 2
"""Longest time for which the rest of a body is thrown away whose request was answered without it;
and once more after the service has ended its side of a connection, so that the client sees the
answer rather than a reset."""
DEREGISTRATION_DELAY: Final = 30
"""Time for which the load balancer lets a draining target finish."""
LAME_DUCK: Final = 5
"""Time from SIGTERM, when readiness turns red, to the closing of the listener. Too short for a load
balancer to notice by its health checks, and it need not: ECS deregisters a target before it sends
SIGTERM. What still arrives meanwhile is answered, with `Connection: close`."""
GRACEFUL_SHUTDOWN: Final = 25
"""Longest wait for requests in flight once the listener has closed."""
STOP_TIMEOUT: Final = 60
"""Time from SIGTERM to SIGKILL."""
COLD_START_CPU_SECONDS: Final = 2
"""CPU time from the start of the process until it is ready, rounded up generously: 0.9 s were measured with
the example's model and no compiled Python (`benchmarks/cold_start.py`). A task of a quarter of a vCPU takes
four times as long by the clock."""

MAX_RECORDS: Final = 1000
"""Most records in one request; then 413."""
MAX_BODY_BYTES: Final = 2 * 1024 * 1024
"""Largest body in bytes; then 413. Nothing beyond it is held."""
DISCARD_BYTES: Final = 16 * 1024 * 1024
"""Largest body that is still read to its end, and thrown away, before its 413. A proxy that has not
passed all of a body on when the answer comes may cut its client off before the client has read the
answer. What is longer gets its 413 at once."""
MAX_HEAD_BYTES: Final = 64 * 1024
"""Largest request line and headers in bytes, counted as they come; also the most that may come
within a body without any of its bytes (trailers, chunk extensions); then 431."""
LINGER_BYTES: Final = 64 * 1024 * 1024
"""Most bytes that are thrown away in the time of `LINGER`; then the connection is cut."""
MAX_ERRORS: Final = 20
"""Most errors listed in one problem document; the total is stated beside them."""
INLINE_RECORDS: Final = 16
"""Most records that are answered on the event loop; larger batches go to the worker thread."""
INLINE_BODY_BYTES: Final = 32 * 1024
"""Largest body in bytes that is answered on the event loop."""
PROBE_TOLERANCE: Final = 1e-9
"""Largest difference between a probe's prediction and its expected value that still may start."""
