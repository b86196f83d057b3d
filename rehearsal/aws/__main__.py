"""`python -m rehearsal.aws --port PORT`: serve the AWS API on loopback until told to end."""

import argparse
from pathlib import Path

from moto import server

from rehearsal.aws import certificates, mends, updates

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
options = parser.parse_args()
mends.apply()
if options.certificate:
    arn, chain, key = options.certificate
    certificates.issue(arn, chain=Path(chain), key=Path(key))
updates.rest_between_resources(options.pace)
server.main(["-H", "127.0.0.1", "-p", str(options.port)])
