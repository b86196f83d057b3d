"""The resources that carry traffic, as committed files: a change of them is read before it is merged.

`python -m tests.infra.guards.contract` writes the files anew (`make golden`).
"""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from infra.config import STAGES
from tests.infra.assembly import Assembly, synthesised

GOLDEN = Path(__file__).parent / "golden"
"""One file for each stage."""
CRITICAL = (
    "AWS::CodeDeploy::DeploymentConfig",
    "AWS::CodeDeploy::DeploymentGroup",
    "AWS::ECS::Service",
    "AWS::ElasticLoadBalancingV2::Listener",
    "AWS::ElasticLoadBalancingV2::ListenerRule",
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "AWS::ElasticLoadBalancingV2::TargetGroup",
)
"""The types whose every property decides where requests go."""


def contract_of(assembly: Assembly) -> str:
    """Return what a stage promises about its traffic, as the text of a file.

    Metadata is left out: it changes nothing that runs.
    """
    found: dict[str, Any] = {"Colour": assembly.template("Colour")["Resources"]}
    for part in ("Traffic", "Service"):
        template = assembly.template(part)
        found[part] = {
            name: {key: value for key, value in resource.items() if key != "Metadata"}
            for name, resource in template["Resources"].items()
            if resource["Type"] in CRITICAL
        }
    traffic = assembly.template("Traffic")
    found["Live colour"] = {
        "parameter": traffic["Parameters"]["LiveColour"],
        "conditions": traffic["Conditions"],
    }
    return json.dumps(found, indent=1, sort_keys=True) + "\n"


def write() -> None:
    """Write every stage's file anew."""
    for stage, settings in STAGES.items():
        with tempfile.TemporaryDirectory() as folder:
            text = contract_of(synthesised(settings, Path(folder)))
        (GOLDEN / f"{stage}.json").write_text(text, encoding="utf-8")
        sys.stdout.write(f"{stage}.json written\n")


if __name__ == "__main__":
    write()
