"""What runs a function's handler in a process of its own, as Lambda's runtime for Python does.

A program of the standard library alone, given by its path, so that the handler finds its own modules and none
of this checkout. Its argument is a JSON document (see `main`); one line of JSON on its input is one
invocation, and one line of JSON is its answer. What the handler prints goes to standard error.

AWS documentation (Lambda Developer Guide): "Using the Lambda context object to retrieve Python function
information", "Log and monitor Python Lambda functions", "AWS Lambda function errors in Python".
"""

import importlib
import json
import logging
import os
import socket
import sys
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TextIO

_FIRST_UNPRIVILEGED = 1024
_NOBODY = "127.0.0.1"
"""No load balancer stands here: each has a subnet of its own."""


@dataclass(frozen=True)
class Context:
    """The context object of one invocation."""

    function_name: str
    invoked_function_arn: str
    aws_request_id: str
    deadline: float
    """Unix time at which the function is ended."""
    memory_limit_in_mb: str
    log_group_name: str
    log_stream_name: str
    function_version: str = "$LATEST"

    def get_remaining_time_in_millis(self) -> int:
        """Return how long the function may still run."""
        return max(0, int((self.deadline - time.time()) * 1000))


def main(setting: Mapping[str, Any]) -> None:
    """Answer invocations until the input ends.

    Args:
        setting: `handler` as in `module.function`, `folder` with the code, and under `network` the
            `addresses` to which names of load balancers lead, where ports below 1024 are `shift` higher, and
            the `ending` of such names: one without an address leads to nobody.
    """
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    lead(setting["network"])
    sys.path.insert(0, setting["folder"])
    request_ids = _log()
    handler: Callable[[Any, Context], Any] | None = None
    for line in sys.stdin:
        call = json.loads(line)
        context = Context(**call["context"])
        request_ids.append(context.aws_request_id)
        try:
            handler = handler or _load(setting["handler"])
            answer = {"result": json.loads(json.dumps(handler(call["event"], context)))}
        except BaseException as error:  # noqa: BLE001 - whatever it raised is its answer
            answer = {"error": _described(error, context.aws_request_id)}
            _tell(error)
        _answer(answers, answer)


def lead(network: Mapping[str, Any]) -> None:
    """Let names of load balancers lead to where they stand here, with ports that no root is needed for."""
    look_up, addresses = socket.getaddrinfo, network["addresses"]

    def found(host: Any, port: Any, *rest: Any, **named: Any) -> Any:  # noqa: ANN401 - as socket has it
        if isinstance(host, str) and (name := host.rstrip(".")).endswith(network["ending"]):
            host = addresses.get(name, _NOBODY)
        here = host in addresses.values()
        if here and isinstance(port, int | str) and int(port) < _FIRST_UNPRIVILEGED:
            port = int(port) + network["shift"]
        return look_up(host, port, *rest, **named)

    socket.getaddrinfo = found


def _load(handler: str) -> Callable[[Any, Context], Any]:
    """Import a handler; what fails is named as the runtime names it."""
    module, _, name = handler.rpartition(".")
    try:
        loaded = importlib.import_module(module)
    except ImportError as error:
        raise _Failed("Runtime.ImportModuleError", f"Unable to import module '{module}': {error}") from error
    found: Callable[[Any, Context], Any] | None = getattr(loaded, name, None)
    if found is None:
        raise _Failed("Runtime.HandlerNotFound", f"Handler '{name}' missing on module '{module}'")
    return found


class _Failed(Exception):  # noqa: N818 - what has failed is the runtime
    """The handler could not be called; the kind is the runtime's own word for it."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def _described(error: BaseException, request_id: str) -> Mapping[str, Any]:
    kind = error.kind if isinstance(error, _Failed) else type(error).__name__
    trace = [] if isinstance(error, _Failed) else traceback.format_tb(error.__traceback__)[1:]
    return {"errorMessage": str(error), "errorType": kind, "requestId": request_id, "stackTrace": trace}


def _tell(error: BaseException) -> None:
    kind = error.kind if isinstance(error, _Failed) else type(error).__name__
    trace = traceback.format_tb(error.__traceback__)[1:]
    sys.stderr.write(f"[ERROR] {kind}: {error}\nTraceback (most recent call last):\n{''.join(trace)}")


def _answer(answers: TextIO, document: Mapping[str, Any]) -> None:
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    answers.write(json.dumps(document) + "\n")
    answers.flush()


def _log() -> list[str]:
    """Write logging's records as the runtime does; return the list whose last item is the request's id."""
    request_ids: list[str] = [""]

    class WithRequest(logging.Formatter):
        def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802
            return time.strftime(datefmt or "", time.gmtime(record.created))

        def format(self, record: logging.LogRecord) -> str:
            record.request_id = request_ids[-1]
            return super().format(record)

    handler = logging.StreamHandler(sys.stderr)
    form = "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(request_id)s\t%(message)s"
    handler.setFormatter(WithRequest(form, datefmt="%Y-%m-%dT%H:%M:%S"))
    logging.getLogger().addHandler(handler)
    return request_ids


def _argument(arguments: Sequence[str]) -> Mapping[str, Any]:
    document: Mapping[str, Any] = json.loads(arguments[1])
    return document


if __name__ == "__main__":
    main(_argument(sys.argv))
