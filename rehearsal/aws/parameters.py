"""Parameters of a stack that stand for entries of Parameter Store.

AWS documentation (CloudFormation User Guide, "Specify existing resources at runtime with
CloudFormation-supplied parameter types", Systems Manager parameter types): the parameter's value is the
*name* of the entry; `UsePreviousValue` keeps that name and not what stood behind it; CloudFormation fetches
the latest value whenever it creates or updates a stack; DescribeStacks tells both, as ParameterValue and
ResolvedValue; an entry that does not exist is a validation error. moto keeps what it once read, and tells
only that.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from rehearsal.aws.original import Moto, ssm, stacks, templates

_SSM: Final = "AWS::SSM::Parameter::"


def mend() -> None:
    """Read entries anew, and tell names and values apart."""
    stacks.Stack.parameter_list = property(_described)
    stacks.ResourceMap.parse_ssm_parameter = _fetched


def given(
    stack: Moto, incoming: Sequence[Mapping[str, Moto]], template: Mapping[str, Moto]
) -> dict[str, str]:
    """Return what an update gives each parameter of its template; what is left out has its default."""
    slots = template.get("Parameters", {})
    previous = _raw(stack)
    values: dict[str, str] = {}
    for item in incoming:
        name = item["ParameterKey"]
        if name not in slots:
            raise templates.ValidationError(message=f"Parameters: [{name}] do not exist in the template")
        if not item.get("UsePreviousValue"):
            values[name] = item["ParameterValue"]
        elif name in previous:
            values[name] = previous[name]
        else:
            raise templates.ValidationError(
                message=f"Invalid input for parameter key {name}. Cannot specify usePreviousValue as true "
                "for a parameter key not in the previous template"
            )
    return values


def _raw(stack: Moto) -> dict[str, str]:
    slots = stack.template_dict.get("Parameters", {})
    defaults = {name: slot["Default"] for name, slot in slots.items() if "Default" in slot}
    return {**defaults, **stack.resource_map.input_parameters}


def _described(stack: Moto) -> list[dict[str, Moto]]:
    slots = stack.template_dict.get("Parameters", {})
    raw = _raw(stack)
    described: list[dict[str, Moto]] = []
    for name, value in stack.resource_map.resolved_parameters.items():
        slot = slots.get(name, {})
        entry = {
            "ParameterKey": name,
            "ParameterValue": "****" if slot.get("NoEcho") else raw.get(name, value),
        }
        if slot.get("Type", "").startswith(_SSM):
            entry["ResolvedValue"] = ",".join(value) if isinstance(value, list) else value
        described.append(entry)
    return described


def _fetched(resources: Moto, name: str, kind: str) -> Moto:
    found = ssm.ssm_backends[resources._account_id][resources._region_name].get_parameter(name)
    if found is None:
        raise templates.ValidationError(
            message=f"Unable to fetch parameters [{name}] from parameter store for this account."
        )
    return found.value.split(",") if "List" in kind else found.value
