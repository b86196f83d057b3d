"""Lambda functions that really run: the handler that was deployed, in a process of its own.

AWS documentation:
- Lambda API Reference, "Invoke": a synchronous call answers 200 with what the handler returned; when it
  failed, `X-Amz-Function-Error: Unhandled` and the error as the payload. An asynchronous call answers 202.
- Lambda Developer Guide, "AWS Lambda function errors in Python" and "Configure Lambda function timeout": the
  error's message, type and stack; a function that takes longer than its timeout is ended.
- "How Lambda handles errors and retries with asynchronous invocation": two more attempts, after one minute
  and after two. These waits are shortened; the timeout is not, since a handler really runs.
- "Configuring CloudWatch log groups": what it prints goes to the group that its logging configuration names.

The environment is the function's own, with the endpoints and credentials of the rehearsal. Names of load
balancers lead to where they stand here. moto runs no function without Docker.
"""

import atexit
import base64
import hashlib
import io
import json
import os
import shutil
import tempfile
import threading
import time
import uuid
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from rehearsal.aws import interfaces
from rehearsal.aws.launch import Launch
from rehearsal.aws.original import Moto
from rehearsal.aws.sandbox import Exited, Recipe, Sandboxes, TimedOut
from rehearsal.isolation import with_local_aws

_RETRIES: Final = (60.0, 120.0)
_TAIL: Final = 4096
_models: Final[Moto] = import_module("moto.awslambda.models")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an invocation came to."""

    payload: bytes
    failed: bool
    output: str
    """What the handler printed, between the lines in which Lambda says when it began and ended."""


@dataclass(frozen=True, slots=True)
class Runner:
    """Runs functions for one control plane."""

    launch: Launch
    folder: Path
    """Where code is unpacked."""
    sandboxes: Sandboxes = field(default_factory=Sandboxes)
    _unpacking: threading.Lock = field(default_factory=threading.Lock)

    def run(self, function: Moto, event: object) -> Outcome:
        """Invoke a function and wait for what comes of it."""
        request_id, began = str(uuid.uuid4()), time.time()
        until = began + int(function.timeout)
        stream = time.strftime("%Y/%m/%d/[$LATEST]", time.gmtime()) + request_id.replace("-", "")
        sandbox = self.sandboxes.take(self._recipe(function))
        said = ""
        try:
            answer = sandbox.call(
                {"event": event, "context": _context(function, request_id, until, stream)}, until=until
            )
        except TimedOut:
            said = f"RequestId: {request_id} Error: Task timed out after {int(function.timeout)}.00 seconds"
            answer = {"error": {"errorType": "Sandbox.Timedout", "errorMessage": said}}
        except Exited as error:
            said = f"RequestId: {request_id} Error: Runtime exited with error: {error}"
            answer = {"error": {"errorType": "Runtime.ExitError", "errorMessage": said}}
        output = _report(sandbox.output(), said, request_id, time.time() - began)
        self.sandboxes.give_back(sandbox)
        self._log(function, stream, output)
        failed = "error" in answer
        return Outcome(json.dumps(answer["error" if failed else "result"]).encode(), failed, output)

    def run_later(self, function: Moto, event: object) -> None:
        """Invoke a function in the background, up to three times."""

        def attempt() -> None:
            for wait in (*_RETRIES, None):
                if not self.run(function, event).failed or wait is None:
                    return
                self.launch.clock.sleep(wait)

        threading.Thread(target=attempt, daemon=True).start()

    def close(self) -> None:
        """End every process and remove the code."""
        self.sandboxes.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _recipe(self, function: Moto) -> Recipe:
        own = {
            "AWS_LAMBDA_FUNCTION_NAME": function.function_name,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_size),
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.run_time}",
            "_HANDLER": function.handler,
            "TZ": ":UTC",
        }
        local = with_local_aws(os.environ, self.launch.endpoint, codedeploy=self.launch.codedeploy)
        environment = {**local, **own, **function.environment_vars}
        return Recipe(
            handler=function.handler,
            folder=self._unpacked(function.code_bytes),
            environment=tuple(sorted(environment.items())),
            load_balancers=interfaces.by_name(self.launch),
        )

    def _unpacked(self, code: bytes) -> Path:
        """Return the folder of a function's code, unpacked once for all that share it."""
        folder = self.folder / hashlib.sha256(code).hexdigest()[:16]
        with self._unpacking:
            if not folder.is_dir():
                with zipfile.ZipFile(io.BytesIO(code)) as archive:
                    archive.extractall(folder)
        return folder

    def _log(self, function: Moto, stream: str, output: str) -> None:
        """Write what a function printed to its log group and to the run's folder."""
        now = int(time.time() * 1000)
        events = [{"timestamp": now, "message": line} for line in output.splitlines() if line]
        logs, group = function.logs_backend, function.logs_group_name
        logs.ensure_log_group(group)
        logs.create_log_stream(group, stream)
        logs.put_log_events(group, stream, events)
        if self.launch.folder is not None:
            path = self.launch.folder / f"lambda-{function.function_name}.log"
            with path.open("a", encoding="utf-8") as log:
                log.write(output)


def mend(launch: Launch) -> Runner:
    """Run functions when they are invoked; end what was begun when this process ends."""
    runner = Runner(launch, Path(tempfile.mkdtemp(prefix="functions-")))
    atexit.register(runner.close)
    model = _models.LambdaFunction
    model.invoke = _invoke(runner)
    model.create_from_cloudformation_json = _logged(model.create_from_cloudformation_json)
    model.update_from_cloudformation_json = _logged(model.update_from_cloudformation_json)
    return runner


def _invoke(runner: Runner) -> Callable[..., bytes]:
    def invoke(function: Moto, body: Moto, asked: Moto, answered: dict[str, str]) -> bytes:
        event = json.loads(body) if body else {}
        kind = asked.get("X-Amz-Invocation-Type", "RequestResponse")
        if kind == "Event":
            runner.run_later(function, event)
        if kind != "RequestResponse":
            return b""
        outcome = runner.run(function, event)
        if outcome.failed:
            answered["x-amz-function-error"] = "Unhandled"
        answered["x-amz-executed-version"] = "$LATEST"
        answered["x-amz-log-result"] = base64.b64encode(outcome.output.encode()[-_TAIL:]).decode()
        return outcome.payload

    return invoke


def _logged(original: Moto) -> Moto:
    """Return a way to make or update a function that heeds its logging configuration, which moto drops."""

    def make(_cls: Moto, /, *arguments: Moto, **named: Moto) -> Moto:
        function = original.__func__(_cls, *arguments, **named)
        body = named.get("cloudformation_json") or next(item for item in arguments if isinstance(item, dict))
        group = body["Properties"].get("LoggingConfig", {}).get("LogGroup")
        if group:
            function.logs_group_name = group
        return function

    return classmethod(make)


def _context(function: Moto, request_id: str, until: float, stream: str) -> Mapping[str, Any]:
    return {
        "function_name": function.function_name,
        "invoked_function_arn": function.function_arn,
        "aws_request_id": request_id,
        "deadline": until,
        "memory_limit_in_mb": str(function.memory_size),
        "log_group_name": function.logs_group_name,
        "log_stream_name": stream,
    }


def _report(printed: str, said: str, request_id: str, seconds: float) -> str:
    """Return a function's log: what it printed, and what Lambda writes around it."""
    lines = [
        f"START RequestId: {request_id} Version: $LATEST",
        printed.rstrip("\n"),
        said,
        f"END RequestId: {request_id}",
        f"REPORT RequestId: {request_id}\tDuration: {seconds * 1000:.2f} ms",
    ]
    return "".join(f"{line}\n" for line in lines if line)
