"""`python -m rehearsal.aws --port PORT`: serve the AWS API on loopback until told to end."""

import argparse
from pathlib import Path

from moto import server

from rehearsal.aws import existing, mends, updates

parser = argparse.ArgumentParser(prog="python -m rehearsal.aws")
parser.add_argument("--port", type=int, required=True, help="port of 127.0.0.1")
parser.add_argument(
    "--pace",
    type=float,
    default=0.0,
    help="seconds that an update of a stack rests after each resource, so that others see it half done",
)
parser.add_argument(
    "--certificate",
    nargs=3,
    metavar=("ARN", "PEM", "KEY"),
    help="a certificate that ACM holds from the start, for the ARN in a stage's settings",
)
parser.add_argument(
    "--zone", nargs=2, metavar=("ID", "NAME"), help="a hosted zone that Route 53 holds from the start"
)
options = parser.parse_args()
mends.apply()
if options.certificate:
    arn, chain, key = options.certificate
    existing.add_certificate(arn, chain=Path(chain), key=Path(key))
if options.zone:
    existing.add_zone(*options.zone)
updates.rest_between_resources(options.pace)
server.main(["-H", "127.0.0.1", "-p", str(options.port)])
