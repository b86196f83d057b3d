"""What the checks accept, the CDK and every validator accept as well."""

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from infra.checks import problems_of
from infra.config import STAGES
from infra.settings import Engine, HostedZone, RegistrySettings, StageSettings
from tests.infra.assembly import Assembly, synthesised
from tests.infra.settings.strategies import stages
from tests.infra.variants import changed

pytestmark = pytest.mark.slow

LIMITS: Final = {
    "AlarmName": 255,
    "ApplicationName": 100,
    "BucketName": 63,
    "BudgetName": 100,
    "ClusterName": 255,
    "DashboardName": 255,
    "DeploymentConfigName": 100,
    "DeploymentGroupName": 100,
    "Family": 255,
    "FunctionName": 64,
    "GroupName": 255,
    "LogGroupName": 512,
    "QueryDefinitionName": 255,
    "RoleName": 64,
    "TopicName": 256,
}
"""Characters that AWS allows for each property that names a resource."""
LONGEST: Final[dict[str, Any]] = {
    "name": "abcdefghijk",
    "region": "ap-southeast-2",
    "account": "1" * 12,
    "network.zones": ("ap-southeast-2a", "ap-southeast-2b"),
    "traffic.internet_facing": True,
    "traffic.domain": "yield.example.org",
    "traffic.hosted_zone": HostedZone(id="Z0123456789ABC", name="example.org"),
    "operations.notify": "team@example.org",
    "operations.monthly_budget": 300,
}
"""The most characters that a name may have where regions have the longest names."""


@settings(
    derandomize=True,
    deadline=None,
    max_examples=8,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
@given(stages())
def test_whatever_is_accepted_synthesises_without_a_finding(drawn: StageSettings) -> None:
    """Drawn settings make templates that the CDK's own rules and both cdk-nag packs pass."""
    with tempfile.TemporaryDirectory() as folder:
        settings = changed(drawn, {"github_provider": False})  # there is no repository on GitHub
        registry = RegistrySettings(account=drawn.account, region=drawn.region)
        synthesised(settings, Path(folder), registry=registry)


@pytest.mark.parametrize("engine", Engine)
def test_the_longest_name_fits_everywhere(tmp_path: Path, engine: Engine) -> None:
    """With the longest name that a stage may have, no physical name is longer than AWS allows."""
    longest = changed(STAGES["staging"], LONGEST | {"release.engine": engine})
    assert problems_of(longest) == ()
    (problem,) = problems_of(changed(longest, {"name": "abcdefghijkl"}))
    assert problem.startswith("name must be 1 characters shorter")
    registry = RegistrySettings(account="1" * 12, region=longest.region, github="owner/name")
    names = list(physical_names(synthesised(longest, tmp_path, registry=registry)))
    assert len(names) > 15
    assert [found for found in names if len(found[1]) > LIMITS.get(found[0], 32)] == []


def physical_names(assembly: Assembly) -> Iterator[tuple[str, str]]:
    """Yield each property that names a resource, with the name as it will be in an account."""
    parts = [path.name.split(".")[0].rpartition("-")[2] for path in assembly.folder.glob("*.template.json")]
    for part in parts:
        for resource in assembly.template(part)["Resources"].values():
            for key, value in resource.get("Properties", {}).items():
                if (
                    re.fullmatch(r"[A-Z]\w*Name|Family", key)
                    and isinstance(value, str)
                    and "-abcdefghijk" in value
                ):
                    yield key, value.replace("<AWS::AccountId>", "1" * 12)
