"""Roles out of synthesised templates, with everything that CloudFormation would put in filled in."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from tests.infra.access.iam import Statement
from tests.infra.assembly import Assembly

ACCOUNT: Final = "123456789012"
REGION: Final = "eu-central-1"
_PSEUDO: Final = {"AWS::AccountId": ACCOUNT, "AWS::Partition": "aws", "AWS::Region": REGION}

_NAMED: Final = {
    "AWS::ECR::Repository": "RepositoryName",
    "AWS::ECS::Cluster": "ClusterName",
    "AWS::IAM::Role": "RoleName",
    "AWS::Lambda::Function": "FunctionName",
}
"""Property that names a resource, by type; others are named by CloudFormation."""
_KINDS: Final = {
    "AWS::ECR::Repository": "ecr:{region}:{account}:repository/",
    "AWS::ECS::Cluster": "ecs:{region}:{account}:cluster/",
    "AWS::Lambda::Function": "lambda:{region}:{account}:function:",
    "AWS::Logs::LogGroup": "logs:{region}:{account}:log-group:",
}
"""Start of an ARN after its partition, by type."""


@dataclass(frozen=True)
class Role:
    """A role as it would be in an account."""

    name: str
    trust: tuple[Statement, ...]
    statements: tuple[Statement, ...]


def roles(assembly: Assembly, part: str) -> dict[str, Role]:
    """Return the roles of one stack by their logical ids without the hash.

    Raises:
        ValueError: a role has a policy that stands elsewhere, or one that cannot be read here.
    """
    name = "Switchyard-Registry" if part == "Registry" else f"Switchyard-{assembly.stage}-{part}"
    resources = json.loads((assembly.folder / f"{name}.template.json").read_text(encoding="utf-8"))[
        "Resources"
    ]
    names = Names(resources)
    found = {}
    for key, resource in resources.items():
        if resource["Type"] == "AWS::IAM::Role":
            properties = names.resolve(resource["Properties"])
            if "ManagedPolicyArns" in properties:
                raise ValueError(f"{key} has managed policies")
            documents = [policy["PolicyDocument"] for policy in properties.get("Policies", [])]
            documents += [
                names.resolve(policy["Properties"]["PolicyDocument"])
                for policy in resources.values()
                if policy["Type"] == "AWS::IAM::Policy" and {"Ref": key} in policy["Properties"]["Roles"]
            ]
            found[key[:-8]] = Role(
                properties.get("RoleName", f"{assembly.stage}-{key}"),
                tuple(properties["AssumeRolePolicyDocument"]["Statement"]),
                tuple(statement for document in documents for statement in document["Statement"]),
            )
    return found


class Names:
    """What references in one template stand for."""

    def __init__(self, resources: Mapping[str, Any]) -> None:
        self._resources = resources

    def resolve(self, value: Any) -> Any:  # noqa: ANN401 - any JSON
        """Return a value of the template with its references replaced by names."""
        match value:
            case {"Ref": str(target), **rest} if not rest:
                return _PSEUDO.get(target) or self._arn(target)
            case {"Fn::GetAtt": [str(target), "Arn"], **rest} if not rest:
                return self._arn(target)
            case {"Fn::Join": [str(separator), list(parts)], **rest} if not rest:
                return separator.join(str(self.resolve(part)) for part in parts)
            case dict():
                return {key: self.resolve(item) for key, item in value.items()}
            case list():
                return [self.resolve(item) for item in value]
        return value

    def _arn(self, target: str) -> str:
        """Return a resource's ARN, with its logical id for the name that CloudFormation would give it."""
        resource = self._resources.get(target, {"Type": "AWS::SSM::Parameter::Value"})
        properties = resource.get("Properties", {})
        name = properties.get(_NAMED.get(resource["Type"], ""), target)
        match resource["Type"]:
            case "AWS::IAM::Role":
                return f"arn:aws:iam::{ACCOUNT}:role/{name}"
            case "AWS::ECS::Service":
                cluster = self.resolve(properties["Cluster"]).rpartition("/")[2]
                return f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/{cluster}/{target}"
            case "AWS::Logs::LogGroup":
                name = f"{name}:*"  # its streams
        kind = _KINDS.get(resource["Type"], "unknown:")
        return f"arn:aws:{kind.format(region=REGION, account=ACCOUNT)}{name}"
