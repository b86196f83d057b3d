"""The command line of the rehearsal."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from infra.config import STAGES, settings_for
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
    try:
        if options.stop:
            return _stop(options.build)
        report = _play(options)
    except (RehearsalError, Interrupted) as error:
        print(f"rehearsal: {error}", file=sys.stderr)
        return error.exit_code
    except (BotoCoreError, ClientError) as error:
        logs = f"its log is {options.build / 'rehearsal' / 'logs' / 'control-plane.log'}."
        print(f"rehearsal: the control plane refused a request ({error}); {logs}", file=sys.stderr)
        return StepFailed.exit_code
    if options.json:
        sys.stdout.write(report.as_json())
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


def _stop(build: Path) -> int:
    count = workspace.stop(build)
    print(f"Ended {count} processes." if count else "No rehearsal was running.")
    return 0


def _play(options: argparse.Namespace) -> Report:
    _check(options)
    isolation.forget_aws(os.environ)
    with Interruptible() as interruptible, workspace.opened(ROOT, options.build) as space:
        kept = False
        try:
            report = _rehearsal(options, space).play()
            interruptible.check()
            report.write(space.report)
            interruptible.disarm()
            kept = options.keep
        finally:
            interruptible.disarm()
            if not kept:
                workspace.close(space)
    _tell(report, kept=kept, quiet=options.json)
    return report


def _rehearsal(options: argparse.Namespace, space: Workspace) -> Rehearsal:
    environment = isolation.isolated(
        os.environ, marker=space.marker, temporary=str(space.temporary), path=str(ROOT / ".venv" / "bin")
    )
    data = options.data.resolve() if options.data else None
    return Rehearsal(space, settings_for(options.stage), data, environment, Progress())


def _check(options: argparse.Namespace) -> None:
    if options.stage not in STAGES:
        raise Misuse(f"There is no stage {options.stage!r}: choose one of {', '.join(STAGES)}.")
    if options.data is not None and not options.data.exists():
        raise Misuse(f"{options.data} does not exist: DATA takes a CSV file or a folder of them.")


def _tell(report: Report, *, kept: bool, quiet: bool) -> None:
    console = Console(stderr=quiet, highlight=False)
    if not console.is_terminal:
        console.width = _PLAIN_WIDTH
    report.show(console)
    if kept:
        console.print("It is left running; `make rehearse-stop` ends it. Ask it yourself:")
        console.print(report.curl(), markup=False, soft_wrap=True)
