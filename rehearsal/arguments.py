"""What a rehearsal may be told on the command line."""

import argparse
import math
from pathlib import Path
from typing import Final

from rehearsal.region.ending import Pretend

SPEED: Final = 40.0
"""How many of AWS's seconds pass in one of this machine, unless told otherwise."""
FAULTS_SPEED: Final = 60.0
"""The same where faults are played."""
SLOWEST: Final = 1.0
FASTEST: Final = 1000.0

_DESCRIPTION = """\
Play releases on this machine: train the model, provision the stage with the real CDK CLI, and under a
constant load ship a version, a retrained one and a bad one that must be turned back. No AWS account is
needed, and none is reached."""

_EPILOG = """\
examples:
  python -m rehearsal                          play staging with made-up plant records
  python -m rehearsal --data plant.csv --keep  play it with your records and leave it running
  python -m rehearsal --stage production --speed 120
  python -m rehearsal --faults                 play every fault of the catalogue
  python -m rehearsal --faults --fault crash-loop,terminal-killed
  python -m rehearsal --pretend sigterm-first  make a mistake on purpose, and see that it is noticed
  python -m rehearsal --stop                   end what --keep left running

exit codes: 0 every promise was kept, 1 one was broken or a step failed, 2 misuse, 130 interrupted.
"""


def parser(*, build: Path) -> argparse.ArgumentParser:
    """Return what reads the command line.

    Args:
        build: Folder for everything that is made, when none is named.
    """
    made = argparse.ArgumentParser(
        prog="python -m rehearsal",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("--stage", default="staging", help="the stage to play (default: staging)")
    made.add_argument(
        "--speed",
        type=_speed,
        help=f"how many of AWS's seconds pass in one of this machine (default: {SPEED:g}; "
        f"{FAULTS_SPEED:g} with --faults)",
    )
    made.add_argument(
        "--data", type=Path, help="raw records: a CSV file or a folder (default: made-up records)"
    )
    made.add_argument("--build", type=Path, default=build, help="folder for everything that is made")
    made.add_argument("--faults", action="store_true", help="play the catalogue of faults instead")
    made.add_argument("--fault", default="", metavar="NAME,…", help="only these of them")
    made.add_argument(
        "--faults-from", type=Path, action="append", default=[], metavar="FILE.py", help="more faults"
    )
    made.add_argument(
        "--runtime",
        choices=["process", "docker"],
        default="process",
        help="what a task is: a process, or a hardened container of this machine's Docker (default: process)",
    )
    made.add_argument(
        "--base-image", default="", help="for --runtime docker: what stands for the Dockerfile's BASE_IMAGE"
    )
    made.add_argument(
        "--pretend",
        default="",
        choices=[mistake.value for mistake in Pretend],
        help="let the data plane end tasks in a wrong order, so that the run is seen to turn red",
    )
    made.add_argument("--keep", action="store_true", help="leave it running and print a curl line")
    made.add_argument("--stop", action="store_true", help="end a rehearsal that was left running, and exit")
    made.add_argument("--json", action="store_true", help="print the report as JSON on stdout")
    return made


def _speed(text: str) -> float:
    """Return a speed; what is not one raises argparse's own error."""
    try:
        speed = float(text)
    except ValueError:
        speed = math.nan
    if not SLOWEST <= speed <= FASTEST:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from {SLOWEST:g} to {FASTEST:g}")
    return speed
