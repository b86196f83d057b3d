"""Calls of the AWS API that go wrong on request: throttled, failed, hanging, or done without an answer.

Rules say which calls are struck; `around` makes a server heed them, whatever it serves. They are set and
read at /rehearsal/faults, which is never struck itself.
"""

import json
import random
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, Self

from rehearsal import refusals
from rehearsal.calls import Call, call_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PATH: Final = "/rehearsal/faults"
_PRIVATE: Final = ("/rehearsal/", "/moto-api")


class Kind(StrEnum):
    """What happens to a call."""

    THROTTLE = "throttle"
    ERROR = "error"
    """An error of the server's: 500 and 503 in turn; the call had no effect."""
    STALL_BEFORE = "stall-before"
    """It hangs until the rules change, and then fails without having had an effect."""
    STALL_AFTER = "stall-after"
    """It takes effect, and its answer hangs until the rules change."""
    DROP_ANSWER = "drop-answer"
    """It takes effect, and the connection ends without an answer."""

    @property
    def takes_effect(self) -> bool:
        """Whether the call is carried out all the same."""
        return self in (Kind.STALL_AFTER, Kind.DROP_ANSWER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Which calls are struck, by what, and how often."""

    kind: Kind
    service: str = "*"
    """As boto3 names it."""
    action: str = "*"
    agent: str = ""
    """What the User-Agent must contain."""
    path: str = ""
    """What the request's path must contain, such as an object's key."""
    skip: int = 0
    """How many calls that match are let through before the first is struck."""
    rate: float = 1.0
    """Which share of the calls that match is struck."""
    times: int | None = None
    """After how many strikes the rule has done its work; None: never."""

    @classmethod
    def parse(cls, document: Mapping[str, Any]) -> Self:
        """Read a rule.

        Raises:
            ValueError: it has no kind, or says something that no rule says.
        """
        unknown = set(document) - {field.name for field in fields(cls)}
        if unknown or "kind" not in document:
            raise ValueError(f"A rule has a kind and says nothing else than {[f.name for f in fields(cls)]}.")
        return cls(**(dict(document) | {"kind": Kind(document["kind"])}))

    def matches(self, call: Call) -> bool:
        """Return whether it speaks of a call."""
        named = self.service in ("*", call.service) and self.action in ("*", call.action)
        return named and self.agent in call.agent and self.path in call.path

    def strikes(self, seed: int, number: int) -> bool:
        """Return whether the call that is its `number`-th match is struck: the same each time for a seed."""
        chance = random.Random(f"{seed} {asdict(self)} {number}").random()  # noqa: S311 - no secret
        return number > self.skip and chance < self.rate


class Mishaps:
    """The rules of one server and what came of them; safe to use from many threads."""

    def __init__(self, seed: int = 0) -> None:
        self._seed = seed
        self._changed = threading.Condition()
        self._edition = 0
        self.replace([])

    def replace(self, rules: Sequence[Rule]) -> None:
        """Forget all rules for these; every call that hangs goes on."""
        with self._changed:
            self._rules = list(rules)
            self._matches: Counter[int] = Counter()
            self._strikes: Counter[int] = Counter()
            self._hits: Counter[str] = Counter()
            self._stalled: list[str] = []
            self._edition += 1
            self._changed.notify_all()

    def strike(self, call: Call) -> Kind | None:
        """Return what happens to a call: the first rule that matches and strikes says it."""
        with self._changed:
            for index, rule in enumerate(self._rules):
                spent = rule.times is not None and self._strikes[index] >= rule.times
                if spent or not rule.matches(call):
                    continue
                self._matches[index] += 1
                if rule.strikes(self._seed, self._matches[index]):
                    self._strikes[index] += 1
                    self._hits[call.name] += 1
                    return rule.kind
            return None

    def stall(self, call: Call) -> None:
        """Return when the rules have changed."""
        with self._changed:
            edition = self._edition
            self._stalled.append(call.name)
            self._changed.wait_for(lambda: self._edition != edition)

    def told(self) -> dict[str, Any]:
        """Return the rules, the calls that hang and how often each call was struck, as JSON."""
        with self._changed:
            return {
                "rules": [asdict(rule) for rule in self._rules],
                "stalled": list(self._stalled),
                "hits": dict(self._hits),
            }


def around(application: "WSGIApplication", mishaps: Mishaps) -> "WSGIApplication":
    """Return an application whose calls go wrong as the rules say, and that lets the rules be set."""

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == PATH:
            return _rules(environ, start_response, mishaps)
        struck = None if path.startswith(_PRIVATE) else mishaps.strike(call := call_of(environ))
        if struck is None:
            return application(environ, start_response)
        if struck.takes_effect:
            return _late(application, environ, start_response, mishaps, struck)
        if struck is Kind.STALL_BEFORE:
            mishaps.stall(call)
        if struck is Kind.THROTTLE:
            return _answered(start_response, refusals.throttled(call.service))
        number = sum(mishaps.told()["hits"].values())
        return _answered(start_response, refusals.failed(call.service, number))

    return answer


def _answered(start_response: "StartResponse", refusal: refusals.Refusal) -> list[bytes]:
    headers = [("Content-Type", refusal.kind), ("Content-Length", str(len(refusal.body)))]
    start_response(refusal.status, [*headers, ("x-amzn-ErrorType", refusal.code)])
    return [refusal.body]


def _late(
    application: "WSGIApplication",
    environ: "WSGIEnvironment",
    start_response: "StartResponse",
    mishaps: Mishaps,
    struck: Kind,
) -> Iterable[bytes]:
    """Carry a call out, and answer it when the rules change, or never."""
    call = call_of(environ)
    body = list(application(environ, start_response))
    if struck is Kind.DROP_ANSWER:
        raise _hung_up(environ)
    mishaps.stall(call)
    return body


def _hung_up(environ: "WSGIEnvironment") -> ConnectionResetError:
    """End the connection and return what tells the server so."""
    connection: socket.socket | None = environ.get("werkzeug.socket")
    if connection is not None:
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
    return ConnectionResetError("The answer was dropped, as a rule of the rehearsal says.")


def _rules(environ: "WSGIEnvironment", start_response: "StartResponse", mishaps: Mishaps) -> Iterable[bytes]:
    """Answer GET and PUT of the rules."""
    status = "200 OK"
    document: Callable[[], Mapping[str, Any]] = mishaps.told
    if environ["REQUEST_METHOD"] == "PUT":
        try:
            sent = json.loads(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)))
            mishaps.replace([Rule.parse(rule) for rule in sent["rules"]])
        except (ValueError, KeyError, TypeError) as error:
            status, said = "400 Bad Request", f"These are no rules: {error}"
            document = lambda: {"error": said}  # noqa: E731
    body = json.dumps(document()).encode()
    start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]
