"""The region as a program."""

import argparse
import signal
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from rehearsal.clock import Clock
from rehearsal.errors import RehearsalError
from rehearsal.region import priorities
from rehearsal.region.ending import Pretend
from rehearsal.region.region import Options, Region
from rehearsal.tls import Certificate

_ROOT = Path(__file__).resolve().parents[2]


def main(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Play until SIGTERM or SIGINT; return 0 then, and 1 with a sentence when it cannot go on."""
    done = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: done.set())
    priorities.stand_back_as_session()
    try:
        Region(parse(arguments), environment).run(done)
    except RehearsalError as error:
        print(f"region: {error}", flush=True)
        return error.exit_code
    return 0


def parse(arguments: Sequence[str]) -> Options:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m rehearsal.region", description=__doc__)
    parser.add_argument("--endpoint", required=True, metavar="URL", help="the control plane")
    parser.add_argument("--speed", type=float, default=1.0, help="how many of AWS's seconds pass in one")
    parser.add_argument("--load-balancer", required=True, metavar="ARN")
    parser.add_argument(
        "--prefix",
        default="",
        metavar="NAME",
        help="play the services of this cluster and the alarms whose names begin with it; by default all",
    )
    parser.add_argument("--address", required=True, help="where the load balancer stands, such as 127.80.0.1")
    parser.add_argument("--folder", required=True, type=Path, metavar="RUN", help="the run's folder")
    parser.add_argument("--images", required=True, type=Path, metavar="STORE", help="the store of images")
    parser.add_argument("--root", type=Path, default=_ROOT, help="the repository; by default this one")
    parser.add_argument("--certificate", nargs=2, type=Path, metavar=("PEM", "KEY"), help="for HTTPS")
    parser.add_argument(
        "--colour",
        nargs=2,
        action="append",
        default=[],
        metavar=("NAME", "ARN"),
        help="what the timeline calls a target group",
    )
    parser.add_argument(
        "--pretend",
        choices=[pretend.value for pretend in Pretend],
        help="end tasks in a wrong order",
    )
    read = parser.parse_args(arguments)
    return Options(
        endpoint=read.endpoint,
        load_balancer=read.load_balancer,
        prefix=read.prefix,
        address=read.address,
        run=read.folder.resolve(),
        images=read.images.resolve(),
        root=read.root.resolve(),
        clock=Clock(read.speed),
        colours={arn: name for name, arn in read.colour},
        certificate=Certificate(*read.certificate) if read.certificate else None,
        pretend=Pretend(read.pretend) if read.pretend else None,
    )
