"""A report of the made-up run, to build and to look at the page before anything was really played.

`python -m tests.rehearsal.report.sample FOLDER` writes it.
"""

import sys
from dataclasses import replace
from pathlib import Path

from rehearsal.judge.judgement import judge
from rehearsal.judge.played import Fault
from rehearsal.judge.requests import Requests
from rehearsal.report import page
from rehearsal.report.document import Document, Setting, document, write
from rehearsal.report.machine import machine
from rehearsal.resources import Fate, Resource
from tests.rehearsal.judge.sample import START, failed, three_releases

_TYPES: tuple[tuple[Fate, str, int], ...] = (
    ("rehearsed", "AWS::ECS::Service", 1),
    ("rehearsed", "AWS::ElasticLoadBalancingV2::TargetGroup", 2),
    ("deployed", "AWS::EC2::Subnet", 6),
    ("deployed", "AWS::IAM::Role", 9),
    ("not rehearsed", "AWS::WAFv2::WebACL", 1),
)
SETTING = Setting(
    stage="staging",
    speed=30.0,
    facts={"endpoint": "https://127.99.0.1:8443", "image": "sha256:" + "5e" * 32},
    machine=machine(),
    resources=[
        Resource("Stack", f"{kind}{number}", kind, fate)
        for fate, kind, count in _TYPES
        for number in range(count)
    ],
    duration_s=118.4,
)
FAULTS = (
    Fault(
        name="5xx under production traffic only",
        expected="rolled back to the version before, within the canary's share",
        observed="rolled back by the alarm on errors after 5 s",
        passed=True,
        started=START + 36,
        ended=START + 56,
        recovered_s=13.2,
    ),
    Fault(
        name="old task killed while nothing happens",
        expected="replaced, nothing lost",
        observed="replaced after 1.4 s",
        passed=True,
        started=START + 96,
        ended=START + 102,
        recovered_s=1.4,
        struck=START + 97,
        speed=240.0,
    ),
)


def passing() -> Document:
    """Return the report of a run that kept every promise."""
    played, requests = three_releases()
    return document(judge(replace(played, faults=FAULTS), Requests.of(requests)), SETTING)


def failing() -> Document:
    """Return the report of a run that lost requests while a good version was shifted."""
    played, requests = three_releases()
    broken = [failed(one) if START + 19 <= one.due < START + 19.3 else one for one in requests]
    return document(judge(played, Requests.of(broken)), SETTING)


def pretending() -> Document:
    """Return the report of a run that made a mistake on purpose, and that the judge took for a good one."""
    played, requests = three_releases()
    return document(judge(played, Requests.of(requests)), replace(SETTING, pretend="sigterm-first"))


def main(folder: Path) -> None:
    """Write both reports."""
    for name, report in (("passing", passing()), ("failing", failing())):
        write(report, folder / f"{name}.json")
        page.write(report, folder / f"{name}.html")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
