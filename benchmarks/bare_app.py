"""An app of the barest constructs there are, with the resources that finished templates have.

The harsher yardstick of `benchmarks/synth.py`: `python benchmarks/bare_app.py TEMPLATES`, run by the CDK CLI.
Each resource is one `CfnResource` with its properties as they are, so nothing could be left out. The modules
in which the typed L1 classes of these resources live are imported, as an app that uses them has to.
"""

import importlib
import json
import os
import sys
from pathlib import Path
from typing import Any

from aws_cdk import App, CfnCondition, CfnParameter, CfnResource, Fn, Stack, Validations
from cdk_nag import AwsSolutionsChecks, NIST80053R5Checks

AROUND = ("DependsOn", "DeletionPolicy", "UpdateReplacePolicy", "Metadata")
"""What a resource has beside its properties."""
OURS = "CheckBootstrapVersion", "BootstrapVersion"
"""What every stack of the CDK has by itself."""


def main(templates: Path) -> None:
    """Build the stacks of a folder of templates and write them where the CLI wants them."""
    app = App(analytics_reporting=False)
    if "SWITCHYARD_PLAIN" not in os.environ:
        Validations.of(app).add_plugins(AwsSolutionsChecks(app), NIST80053R5Checks(app))
    for path in sorted(templates.glob("*.template.json")):
        build(Stack(app, path.name.split(".")[0]), json.loads(path.read_text(encoding="utf-8")))
    app.synth()


def build(stack: Stack, template: dict[str, Any]) -> None:
    """Add a template's parameters, conditions and resources to a stack, under the same logical ids."""
    for name, parameter in template.get("Parameters", {}).items():
        if name not in OURS:
            said = {key.lower(): parameter.get(key) for key in ("Type", "Default", "Description")}
            CfnParameter(stack, name, **said)
    for name, condition in template.get("Conditions", {}).items():
        left, right = condition["Fn::Equals"]
        CfnCondition(stack, name, expression=Fn.condition_equals(left, right))
    for name, resource in template["Resources"].items():
        load_class_of(resource["Type"])
        bare = CfnResource(stack, name, type=resource["Type"], properties=resource.get("Properties"))
        for key in AROUND:
            if key in resource:
                bare.add_override(key, resource[key])


def load_class_of(kind: str) -> None:
    """Import the module of a type's L1 class, such as `aws_cdk.aws_s3` for `AWS::S3::Bucket`."""
    _, service, name = kind.split("::")
    vars(importlib.import_module(f"aws_cdk.aws_{service.lower()}"))[f"Cfn{name}"]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
