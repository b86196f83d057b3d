"""`python -m rehearsal.aws --port PORT`: serve the AWS API on loopback until told to end."""

import argparse
from functools import partial
from pathlib import Path

from rehearsal import mishaps
from rehearsal.aws import existing, mends, registry, server
from rehearsal.aws.launch import Launch
from rehearsal.clock import Clock
from rehearsal.mishaps import Mishaps

parser = argparse.ArgumentParser(prog="python -m rehearsal.aws")
parser.add_argument("--port", type=int, required=True, help="port of 127.0.0.1")
parser.add_argument("--speed", type=float, default=1.0, help="how many of AWS's seconds pass in one")
parser.add_argument(
    "--certificate",
    nargs=3,
    metavar=("ARN", "PEM", "KEY"),
    help="a certificate that ACM holds from the start, for the ARN in a stage's settings",
)
parser.add_argument(
    "--zone", nargs=2, metavar=("ID", "NAME"), help="a hosted zone that Route 53 holds from the start"
)
parser.add_argument("--codedeploy", default="", metavar="URL", help="the server that answers for CodeDeploy")
parser.add_argument("--folder", type=Path, help="where logs of what is started are written")
options = parser.parse_args()
launch = Launch(
    port=options.port,
    clock=Clock(options.speed),
    codedeploy=options.codedeploy,
    folder=options.folder,
)
routes = mends.apply(launch)
if options.certificate:
    arn, chain, key = options.certificate
    existing.add_certificate(arn, chain=Path(chain), key=Path(key))
if options.zone:
    existing.add_zone(*options.zone)
middlewares: list[server.Middleware] = [  # the first is the outermost
    partial(mishaps.around, mishaps=Mishaps()),
    registry.serving,
]
server.serve(launch.port, server.application(routes, launch.changes, middlewares))
