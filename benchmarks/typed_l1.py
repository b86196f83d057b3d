"""Finished templates as the source of an app of typed L1 constructs, as people write them by hand.

Each resource becomes a call such as `aws_s3.CfnBucket(stack, "Data", versioning_configuration=...)`, with the
nested classes that belong to it. A reference to something else is one call of the CDK's Node process, as
`bucket.ref` is; policies and other free JSON stay as they are. `benchmarks/synth.py` writes the source to a
file before it measures, so finding out the types costs the app nothing.
"""

import importlib
import inspect
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

OURS: Final = ("CheckBootstrapVersion", "BootstrapVersion")
"""What every stack of the CDK has by itself."""
AROUND: Final = ("DependsOn", "DeletionPolicy", "UpdateReplacePolicy", "Metadata")
"""What a resource has beside its properties."""
HEAD: Final = '''"""Written by benchmarks/typed_l1.py."""

import os

import aws_cdk
from cdk_nag import AwsSolutionsChecks, NIST80053R5Checks

app = aws_cdk.App(analytics_reporting=False)
if "SWITCHYARD_PLAIN" not in os.environ:
    aws_cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app), NIST80053R5Checks(app))
'''


def source_of(templates: Path) -> str:
    """Return the source of an app that synthesises a folder's templates."""
    bodies = [
        _stack(path.name.split(".")[0], json.loads(path.read_text(encoding="utf-8")))
        for path in sorted(templates.glob("*.template.json"))
    ]
    body = "".join(bodies)
    imports = "".join(
        f"from aws_cdk import {name}\n"
        for name in sorted({*re.findall(r"\b(aws_[a-z0-9]+)\.Cfn", body)} - {"aws_cdk"})
    )
    return f"{HEAD}{imports}{body}\napp.synth()\n"


def _stack(name: str, template: dict[str, Any]) -> str:
    lines = [f'\nstack = aws_cdk.Stack(app, "{name}")']
    for key, parameter in template.get("Parameters", {}).items():
        if key not in OURS:
            said = "".join(
                f", {word.lower()}={parameter[word]!r}"
                for word in ("Type", "Default", "Description")
                if word in parameter
            )
            lines.append(f"aws_cdk.CfnParameter(stack, {key!r}{said})")
    for key, condition in template.get("Conditions", {}).items():
        left, right = condition["Fn::Equals"]
        equals = f"aws_cdk.Fn.condition_equals({left!r}, {right!r})"
        lines.append(f"aws_cdk.CfnCondition(stack, {key!r}, expression={equals})")
    for key, resource in template["Resources"].items():
        lines += _resource(key, resource)
    return "\n".join(lines) + "\n"


def _resource(key: str, resource: Mapping[str, Any]) -> list[str]:
    _, service, name = resource["Type"].split("::")
    module = f"aws_{service.lower()}"
    made = getattr(importlib.import_module(f"aws_cdk.{module}"), f"Cfn{name}")
    given = _arguments(made, f"{module}.Cfn{name}", resource.get("Properties", {}))
    around = [f"made.add_override({word!r}, {resource[word]!r})" for word in AROUND if word in resource]
    return [f"made = {module}.Cfn{name}(stack, {key!r}{''.join(', ' + one for one in given)})", *around]


def _arguments(made: Any, owner: str, properties: Mapping[str, Any]) -> list[str]:  # noqa: ANN401 - a class of the CDK
    """Return the keywords of a class for the properties as a template has them."""
    known = {
        name.replace("_", "").lower(): one
        for name, one in inspect.signature(made.__init__).parameters.items()
    }
    found = [(known[key.lower()], value) for key, value in properties.items()]
    return [f"{one.name}={_written(value, str(one.annotation), owner)}" for one, value in found]


def _written(value: object, kind: str, owner: str) -> str:
    """Return a template's value as source, where something of a kind is asked for."""
    nested = re.search(r"'\w+\.(\w+Property)'", kind)
    if isinstance(value, dict):
        if len(value) == 1 and next(iter(value)).partition("::")[0] in {"Fn", "Ref"}:
            return _reference(value, kind)
        if kind.find("Mapping[") >= 0 and (not nested or kind.find("Mapping[") < nested.start()):
            inner = kind.split("Mapping[", 1)[1].partition(",")[2]
            items = (f"{key!r}: {_written(one, inner, owner)}" for key, one in value.items())
            return f"{{{', '.join(items)}}}"
        if nested:
            name = f"{owner}.{nested[1]}"
            return f"{name}({', '.join(_arguments(_class(name), owner, value))})"
        if ".CfnTag'" in kind:
            return f"aws_cdk.CfnTag(key={value['Key']!r}, value={_written(value['Value'], 'str', owner)})"
    if isinstance(value, list) and "Sequence" in kind:
        inner = kind.split("Sequence", 1)[1]
        return "[" + ", ".join(_written(one, inner, owner) for one in value) + "]"
    return repr(value)


def _reference(value: object, kind: str) -> str:
    kind = kind.replace("typing.Dict[builtins.str, typing.Any]", "")
    if "Sequence" in kind:
        return f"aws_cdk.Token.as_list({value!r})"
    if re.search(r"\bstr\b", kind):
        return f"aws_cdk.Token.as_string({value!r})"
    if re.search(r"\b(?:int|float)\b", kind):
        return f"aws_cdk.Token.as_number({value!r})"
    return repr(value)


def _class(name: str) -> Any:  # noqa: ANN401 - a class of the CDK
    module, *names = name.split(".")
    found: Any = importlib.import_module(f"aws_cdk.{module}")
    for one in names:
        found = getattr(found, one)
    return found
