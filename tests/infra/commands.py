"""Commands of the AWS CLI in a text, held against the API descriptions that come with botocore."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from botocore import xform_name
from botocore.model import ServiceModel
from botocore.session import Session

_SERVICES = {"deploy": "codedeploy", "s3api": "s3"}
"""Services that the CLI names otherwise than botocore."""
_CUSTOM = {("logs", "tail"), ("s3", "cp"), ("ecr", "get-login-password"), ("deploy", "wait")}
"""Commands that the CLI brings itself."""
_GLOBAL = {"--query", "--output", "--region", "--max-items", "--cli-input-yaml"}
"""Options that every command has."""


@dataclass(frozen=True, slots=True)
class Command:
    """One call of the CLI."""

    service: str
    operation: str
    options: frozenset[str]


def commands(text: str) -> Iterator[Command]:
    """Yield every `aws SERVICE OPERATION --options` of a text, those inside others included."""
    text = re.sub(r"'[^'\n]*'|\"[^\"\n]*\"", "QUOTED", text)
    inner = re.compile(r"\$\(([^()]*)\)")
    while found := inner.search(text):
        yield from _calls(found.group(1))
        text = f"{text[: found.start()]}INNER{text[found.end() :]}"
    yield from _calls(text)


def _calls(text: str) -> Iterator[Command]:
    for service, operation, rest in re.findall(r"\baws ([a-z][a-z0-9-]+) ([a-z][a-z0-9-]+)([^\n|;`]*)", text):
        yield Command(service, operation, frozenset(re.findall(r"(?<=\s)--[a-z][a-z-]*", rest)))


def problems(command: Command) -> list[str]:
    """Return what the AWS CLI would not know of a command."""
    if (command.service, command.operation) in _CUSTOM:
        return []
    name = _SERVICES.get(command.service, command.service)
    model = _model(name)
    if model is None:
        return [f"aws {command.service}"]
    by_command = {xform_name(operation, "-"): operation for operation in model.operation_names}
    if command.operation not in by_command:
        return [f"aws {command.service} {command.operation}"]
    shape = model.operation_model(by_command[command.operation]).input_shape
    known = {f"--{xform_name(member, '-')}" for member in (shape.members if shape else ())}
    return [
        f"aws {command.service} {command.operation} {option}"
        for option in sorted(command.options - known - _GLOBAL)
    ]


@cache
def _model(service: str) -> ServiceModel | None:
    """Return the description of an API, or nothing when there is none; reading one takes a while."""
    session = Session()
    return session.get_service_model(service) if service in session.get_available_services() else None
