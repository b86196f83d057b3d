"""What the command line may say, checked before anybody asks AWS."""

import argparse
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from infra.config import STAGES
from infra.errors import unknown_stage
from release.patience import Pace
from release.release_id import is_id

Run = Callable[..., Any]
_IMAGE: Final = re.compile(r"[^@\s]+@sha256:[0-9a-f]{64}")
_POLLS: Final = (0.05, 60.0)
_LEASES: Final = (0.5, 600.0)
_STAGES: Final = ", ".join(STAGES)

_DESCRIPTION: Final = """\
Move a stage's production traffic to one image, by digest: gated, gradually, and back by itself when it turns
bad. Everything about a release is kept in AWS, so any of these commands may be killed at any moment: the next
one says how things stand, and finishes or undoes what is left."""

_EPILOG: Final = """\
examples:
  python -m release ship --stage dev --image REPOSITORY@sha256:DIGEST
  python -m release promote --from staging --to production     the digest that staging runs
  python -m release rollback --stage production                to what was shipped before
  python -m release rollback --stage production --to r-20261120T161200Z-0a1b2c
  python -m release status --stage production --json           what runs, and what to do next
  python -m release stop --stage production                    have traffic go back, whoever releases

The result goes to standard output, progress to standard error.

exit codes: 0 what was asked for is so, 1 rolled back, stopped or refused (the sentence says why), 2 misuse,
130 interrupted: what was begun goes on in AWS.
"""


def parser(runs: Mapping[str, Run]) -> argparse.ArgumentParser:
    """Return the parser; what it finds has the function of its command as `run`."""
    whole = argparse.ArgumentParser(
        prog="python -m release",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parsers = whole.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def command(name: str, does: str) -> argparse.ArgumentParser:
        one = parsers.add_parser(name, help=does, description=does[0].upper() + does[1:] + ".")
        one.set_defaults(run=runs[name], command=name, json=False, stage=None)
        one.add_argument(
            "--poll", type=_poll, default=Pace().poll, metavar="SECONDS", help="between two looks (5)"
        )
        one.add_argument(
            "--lease",
            type=_lease,
            default=Pace().lease,
            metavar="SECONDS",
            help="without a sign of life of this command's before another one may finish its release (30)",
        )
        if name != "idle":
            one.add_argument("--json", action="store_true", help="the result as JSON, for pipelines")
        if name != "promote":
            one.add_argument("--stage", required=True, type=_stage, help=f"the stage: {_STAGES}")
        return one

    ship = command("ship", "release an image to a stage")
    ship.add_argument("--image", required=True, type=_image, metavar="REPO@sha256:…", help="by its digest")
    back = command("rollback", "release the image of an earlier release again")
    back.add_argument(
        "--to", type=_release, metavar="ID", help="which release; by default the one before what is live"
    )
    promote = command("promote", "release to a stage what another one runs")
    promote.add_argument("--from", dest="from_stage", required=True, type=_stage, metavar="STAGE")
    promote.add_argument("--to", dest="to_stage", required=True, type=_stage, metavar="STAGE")
    command("status", "tell what runs, what is under way and what to do next; changes nothing")
    history = command("history", "list the releases of a stage, newest first")
    history.add_argument("--limit", type=_limit, default=20, metavar="N", help="at most so many (20)")
    command("stop", "stop the release under way and wait until traffic is back")
    command("idle", "end with 0 when no release is under way, else with 1; for what deploys")
    return whole


def _stage(name: str) -> str:
    if name not in STAGES:
        raise argparse.ArgumentTypeError(unknown_stage(name, STAGES, how="--stage NAME"))
    return name


def _image(reference: str) -> str:
    if not _IMAGE.fullmatch(reference):
        raise argparse.ArgumentTypeError(
            f"{reference!r} names no image by its digest: give the repository, @sha256: and 64 hexadecimal "
            "digits, as `docker push` prints them. Tags can be moved, so they are not taken."
        )
    return reference


def _release(name: str) -> str:
    if not is_id(name):
        raise argparse.ArgumentTypeError(f"{name!r} is no id of a release: `history` lists them.")
    return name


def _poll(text: str) -> float:
    return _seconds(text, *_POLLS)


def _lease(text: str) -> float:
    return _seconds(text, *_LEASES)


def _seconds(text: str, low: float, high: float) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1
    if not low <= seconds <= high:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds from {low:g} to {high:g}.")
    return seconds


def _limit(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 500:  # noqa: PLR2004 - what the help says
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 to 500.")
    return int(text)
