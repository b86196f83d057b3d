"""Properties of templates as the API of ECS, or of another service, would be given them.

CloudFormation's names are the API's with a capital letter, and its numbers and booleans may be strings. The
service's own model tells which is which; keys of maps, such as the options of a log driver, stay as they are.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

import botocore.session

from rehearsal.aws.ecs.model import Document

_SCALARS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "integer": int,
    "long": int,
    "double": float,
    "float": float,
    "boolean": lambda value: value in (True, "true", "True"),
}


def from_template(operation: str, properties: Mapping[str, Any], *, service: str = "ecs") -> Document:
    """Return a template's properties as an operation's request; what it does not take is left out."""
    document: Document = _shaped(properties, _input(service, operation))
    return document


@cache
def _input(service: str, operation: str) -> Any:  # noqa: ANN401 - botocore's shapes differ by their type
    model = botocore.session.Session().get_service_model(service)
    return model.operation_model(operation).input_shape


def _shaped(value: Any, shape: Any) -> Any:  # noqa: ANN401 - whatever a template holds
    if getattr(shape, "is_document_type", False):
        return value
    match shape.type_name:
        case "structure":
            members = {name.lower(): (name, member) for name, member in shape.members.items()}
            known = ((members[key.lower()], item) for key, item in value.items() if key.lower() in members)
            return {name: _shaped(item, member) for (name, member), item in known}
        case "list":
            return [_shaped(item, shape.member) for item in value]
        case "map":
            return {key: _shaped(item, shape.value) for key, item in value.items()}
        case kind:
            return _SCALARS.get(kind, str)(value)
