"""`python -m rehearsal.codedeploy --port PORT --endpoint URL`: serve CodeDeploy's API until told to end."""

import argparse
import logging
from pathlib import Path

from rehearsal.clock import Clock
from rehearsal.codedeploy import server
from rehearsal.timeline import Timeline

parser = argparse.ArgumentParser(prog="python -m rehearsal.codedeploy")
parser.add_argument("--port", type=int, required=True, help="port of 127.0.0.1")
parser.add_argument("--endpoint", required=True, metavar="URL", help="the control plane")
parser.add_argument("--speed", type=float, default=1.0, help="how many of AWS's seconds pass in one")
parser.add_argument("--folder", type=Path, help="the run, whose timeline is told of lifecycle events")
options = parser.parse_args()
logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s: %(message)s")
timeline = Timeline.of(options.folder) if options.folder else None
server.serve(options.port, server.application(options.endpoint, Clock(options.speed), timeline))
