"""The command line of the teardown: show, ask, do, and say what stays."""

import argparse
import sys
from collections.abc import Sequence

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.table import Table

from infra.config import STAGES
from infra.errors import unknown_stage
from infra.settings import StageSettings
from infra.teardown.errors import Occupied, Refused, TeardownError
from infra.teardown.plan import Found, Kind, Step, obstacles, steps
from infra.teardown.region import Region
from infra.teardown.run import carry_out
from infra.teardown.stays import Kept, kept

INTERRUPTED = 130
"""Exit code after Ctrl-C, as a shell has it."""
_PLAIN_WIDTH = 120

_DESCRIPTION = """\
Take a stage down, stack by stack, in order. What holds data stays: buckets, logs, the registry and the
parameter with the live colour. Killed at any moment, it goes on when it is run again."""

_EPILOG = """\
examples:
  python -m infra.teardown --stage dev --dry-run   show what would go and what stays; change nothing
  python -m infra.teardown --stage dev             ask for the stage's name, then do it
  python -m infra.teardown --stage dev --confirm dev        the same where nobody can be asked

exit codes: 0 it is down (or was), 1 it stopped half way, 2 misuse, 130 interrupted.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Take a stage down, or show how; return the exit code."""
    options = _parser().parse_args(arguments)
    try:
        settings = _settings(options)
        _tear_down(settings, Region.connect(settings), options)
    except TeardownError as error:
        return _fail(str(error), error.exit_code)
    except (BotoCoreError, ClientError) as error:
        reason = str(error).rstrip(".")
        return _fail(f"a request to AWS failed: {reason}. Mend it and run this again to go on.", 1)
    except KeyboardInterrupt:
        return _fail("interrupted; run this again to go on.", INTERRUPTED)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m infra.teardown",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--stage", required=True, help=f"the stage: {', '.join(STAGES)}")
    parser.add_argument("--dry-run", action="store_true", help="show what would be done and change nothing")
    parser.add_argument("--confirm", metavar="STAGE", help="the stage's name again, instead of typing it")
    parser.add_argument("--unlock", action="store_true", help="needed to take a protected stage down")
    return parser


def _fail(sentence: str, exit_code: int) -> int:
    print(f"teardown: {sentence}", file=sys.stderr)
    return exit_code


def _settings(options: argparse.Namespace) -> StageSettings:
    """Return the settings, unchecked: a stage that can no longer be built can still be taken down."""
    settings = STAGES.get(options.stage)
    if settings is None:
        raise Refused(unknown_stage(options.stage, STAGES, how="--stage NAME"))
    if options.dry_run:
        return settings
    if settings.protected and not options.unlock:
        raise Refused(f"{settings.name} is protected: add --unlock (make: UNLOCK=1) if it is to go.")
    if options.confirm is None and not sys.stdin.isatty():
        raise Refused(f"Nobody can be asked here: add --confirm {options.stage} (make: CONFIRM=...).")
    if options.confirm not in {None, options.stage}:
        raise Refused(
            f"--confirm says {options.confirm!r} and --stage {options.stage!r}: nothing was changed."
        )
    return settings


def _tear_down(settings: StageSettings, region: Region, options: argparse.Namespace) -> None:
    console = _console()
    found = _look(settings, region, console)
    todo = steps(found)
    _show(console, settings, found, todo)
    if options.dry_run:
        for sentence in obstacles(found):
            console.print(f"It would not begin: {sentence}", markup=False)
        _show_kept(console, kept(settings, region.leftovers(found.account)))
        console.print("Nothing was changed.")
        return
    if todo:
        _refuse_while_occupied(found)
        if options.confirm is None:
            _ask(settings, found.account)
        found = _look(settings, region, console)  # an answer can take long
        _refuse_while_occupied(found)
        carry_out(steps(found), region, say=lambda line: console.print(line, markup=False))
    _show_kept(console, kept(settings, region.leftovers(found.account)))


def _console() -> Console:
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = _PLAIN_WIDTH
    return console


def _look(settings: StageSettings, region: Region, console: Console) -> Found:
    console.print(f"Looking at {settings.name} in {settings.region} ...", markup=False)
    found = region.look()
    if settings.account is not None and found.account != settings.account:
        raise Refused(
            f"The credentials belong to account {found.account}, and {settings.name} lives in "
            f"{settings.account}: nothing was changed."
        )
    return found


def _refuse_while_occupied(found: Found) -> None:
    sentences = obstacles(found)
    if sentences:
        raise Occupied(sentences)


def _ask(settings: StageSettings, account: str) -> None:
    question = f"Type the stage's name to take {settings.name} in account {account} down: "
    try:
        answer = input(question)
    except EOFError:
        raise Refused("No answer came: nothing was changed.") from None
    if answer.strip() != settings.name:
        raise Refused(f"That was {answer.strip()!r}, not {settings.name!r}: nothing was changed.")


def _show(console: Console, settings: StageSettings, found: Found, todo: Sequence[Step]) -> None:
    if not todo:
        console.print(f"No stack of {settings.name} is left in account {found.account}.", markup=False)
        return
    table = Table(title=f"{settings.name} in account {found.account}, {settings.region}: what goes, in order")
    for column in ("", "stack", "what is done", "state now"):
        table.add_column(column, overflow="fold")
    for number, step in enumerate(todo, start=1):
        is_stack = step.kind in {Kind.DELETE_STACK, Kind.AWAIT_STACK}
        state = f"{step.stack.status}, {step.stack.resources} resources" if is_stack else step.target
        table.add_row(str(number), step.stack.name, str(step.kind), state)
    console.print(table)


def _show_kept(console: Console, things: Sequence[Kept]) -> None:
    console.print("What stays, what it costs, and how to remove it by hand:")
    for thing in things:
        console.print(f"- {thing.what}: {thing.why}. Costs {thing.costs}.", markup=False, soft_wrap=True)
        console.print(f"    {thing.removal}", markup=False, soft_wrap=True)
