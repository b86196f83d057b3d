"""The command line: what it is asked, what it says, and with which code it ends."""

import argparse
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from infra.config import STAGES, settings_for
from infra.errors import InfraError
from release import commands
from release.acts import Order, Result
from release.arguments import parser
from release.aws_errors import code_of
from release.claim import Claims, described
from release.course import Course
from release.errors import Interrupted, Misuse, ReleaseError
from release.on_aws import OnAws, connect, course, greet
from release.patience import Pace
from release.records import Records
from release.sentences import clean, interrupted, refused_by_aws
from release.status import as_json, status_of
from release.view.audience import Watcher, chosen
from release.view.summary import failure, summary
from release.view.tables import show_history, show_status

_PLAIN_WIDTH: Final = 200


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; return the exit code."""
    options = parser(_RUNS).parse_args(arguments)
    watcher = Watcher(chosen())
    try:
        with _signals():
            code: int = options.run(options, watcher)
            return code
    except (ReleaseError, Interrupted) as error:
        return _fail(options, watcher, str(error), error.exit_code)
    except InfraError as error:
        return _fail(options, watcher, str(error), Misuse.exit_code)
    except ClientError as error:
        stage = STAGES.get(options.stage or options.to_stage)
        return _fail(options, watcher, refused_by_aws(error, code_of(error), stage), 1)
    except BotoCoreError as error:
        return _fail(options, watcher, f"AWS could not be asked: {str(error).rstrip('.')}.", 1)
    finally:
        watcher.view.close()


@contextmanager
def _signals() -> Iterator[None]:
    """Have the first Ctrl-C end the command in order; a second one ends it at once."""
    known = (signal.SIGINT, signal.SIGTERM)

    def first(number: int, frame: FrameType | None) -> None:
        del number, frame
        for one in known:
            signal.signal(one, signal.SIG_DFL)
        raise Interrupted("Interrupted; nothing was begun.")

    before = [signal.signal(one, first) for one in known]
    try:
        yield
    finally:
        for one, handler in zip(known, before, strict=True):
            signal.signal(one, handler)


def _open(stage: str, options: argparse.Namespace, watcher: Watcher) -> Course:
    settings = settings_for(stage)
    ask = connect(settings, Pace(poll=options.poll, lease=options.lease))
    greet(ask, settings)
    return course(OnAws.open(settings, ask), watcher)


def _ship(options: argparse.Namespace, watcher: Watcher) -> int:
    opened = _open(options.stage, options, watcher)
    return _carried_out(opened, lambda: opened.ship(Order(reference=options.image)), options, watcher)


def _rollback(options: argparse.Namespace, watcher: Watcher) -> int:
    opened = _open(options.stage, options, watcher)
    return _carried_out(opened, lambda: commands.roll_back(opened, to=options.to), options, watcher)


def _promote(options: argparse.Namespace, watcher: Watcher) -> int:
    if options.from_stage == options.to_stage:
        raise Misuse(f"{options.to_stage} cannot be promoted to itself: name two stages.")
    order = commands.promotion(_open(options.from_stage, options, watcher))
    opened = _open(options.to_stage, options, watcher)
    return _carried_out(opened, lambda: opened.ship(order), options, watcher)


def _stop(options: argparse.Namespace, watcher: Watcher) -> int:
    opened = _open(options.stage, options, watcher)
    return _carried_out(opened, lambda: commands.stop(opened), options, watcher)


def _carried_out(
    opened: Course, command: Callable[[], Result], options: argparse.Namespace, watcher: Watcher
) -> int:
    """Carry a command out and tell what it came to."""
    try:
        result = command()
    except Interrupted:
        record = opened.held.record if opened.held else None
        raise Interrupted(interrupted(record, opened.acts.stage)) from None
    watcher.view.close()
    if options.json:
        _print_json(
            {
                "done": result.done,
                "outcome": result.outcome,
                "sentence": result.sentence,
                "warnings": list(result.warnings),
                "release": result.record.to_json() if result.record else None,
            }
        )
    else:
        print(clean(result.sentence))
    _summarise(summary(result, watcher.last))
    return 0 if result.done else 1


def _status(options: argparse.Namespace, watcher: Watcher) -> int:
    status = status_of(_open(options.stage, options, watcher))
    if options.json:
        _print_json(as_json(status))
    else:
        show_status(_console(), status)
    return 0


def _history(options: argparse.Namespace, watcher: Watcher) -> int:
    """List what was released, also of a stage that is being replaced or repaired."""
    del watcher
    settings = settings_for(options.stage)
    ask = connect(settings, Pace(poll=options.poll))
    history = Records(ask, settings.data_bucket(greet(ask, settings))).newest(options.limit)
    for sentence in history.unreadable:
        print(f"release: {clean(sentence)}", file=sys.stderr)
    if options.json:
        _print_json([record.to_json() for record in history.records])
    else:
        show_history(_console(), options.stage, history)
    return 0


def _idle(options: argparse.Namespace, watcher: Watcher) -> int:
    """Tell whether a release is under way, also of a stage that is not provisioned yet."""
    del watcher
    settings = settings_for(options.stage)
    ask = connect(settings, Pace(poll=options.poll))
    account = greet(ask, settings)
    try:
        seen = Claims(ask, settings.data_bucket(account)).read()
    except ClientError as error:
        if code_of(error) not in {"AccessDenied", "403"}:
            raise
        print(
            "release: these credentials may not see whether a release is under way; while one is, "
            "CloudFormation itself refuses updates of listeners and service.",
            file=sys.stderr,
        )
        return 0
    if seen is None or not seen.record.runs:
        return 0
    print(f"release: {clean(described(seen))}", file=sys.stderr)
    return 1


def _console() -> Console:
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = _PLAIN_WIDTH
    return console


def _print_json(found: object) -> None:
    print(json.dumps(found, ensure_ascii=False))


def _summarise(text: str) -> None:
    """Write the workflow's summary; that it cannot be written changes nothing of what was done."""
    if not (path := os.environ.get("GITHUB_STEP_SUMMARY")):
        return
    try:
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        print(f"release: The summary could not be written to {path} ({error.strerror}).", file=sys.stderr)


def _fail(options: argparse.Namespace, watcher: Watcher, sentences: str, code: int) -> int:
    watcher.view.close()
    for sentence in sentences.splitlines():
        print(f"release: {clean(sentence)}", file=sys.stderr)
    if options.command not in {"status", "history", "idle"}:
        if options.json:
            _print_json(
                {"done": False, "outcome": None, "sentence": sentences, "warnings": [], "release": None}
            )
        _summarise(failure(sentences))
    return code


_RUNS: Final = {
    "ship": _ship,
    "rollback": _rollback,
    "promote": _promote,
    "status": _status,
    "history": _history,
    "stop": _stop,
    "idle": _idle,
}
