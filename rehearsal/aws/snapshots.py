"""What CloudFormation knows of a stack: its template, its parameters as resolved, and every resource.

It knows what it wrote last, and nothing of what others did to the resources since.
"""

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rehearsal.aws.original import Moto, stacks, templates

_COMPARED = ("Type", "Properties", "Metadata")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A stack as it was last completed; `resolved` holds every resource with its functions computed."""

    text: str
    template: Mapping[str, Moto]
    inputs: Mapping[str, str]
    parameters: Mapping[str, Moto]
    tags: Mapping[str, str]
    resolved: Mapping[str, Moto]
    outputs: Mapping[str, Moto]

    @property
    def bodies(self) -> Mapping[str, Moto]:
        """The resources as the template has them."""
        bodies: Mapping[str, Moto] = self.template["Resources"]
        return bodies


@dataclass(frozen=True, slots=True)
class Difference:
    """Resources that are new, that go, and that stay and may have changed."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    kept: tuple[str, ...]


def taken(stack: Moto) -> Snapshot:
    """Take down what a stack is now."""
    resources = stack.resource_map
    bodies = stack.template_dict["Resources"]
    return Snapshot(
        text=stack.template,
        template=copy.deepcopy(stack.template_dict),
        inputs=dict(resources.input_parameters),
        parameters=copy.deepcopy(resources.resolved_parameters),
        tags=dict(stack.tags),
        resolved={name: resolved(bodies[name], resources) for name in _wanted(stack)},
        outputs=_outputs(stack),
    )


def load(stack: Moto, text: str, template: dict[str, Moto], inputs: dict[str, str]) -> None:
    """Make a template and its parameters the stack's own, reading what they stand for anew."""
    resources = stack.resource_map
    resources.resolved_parameters = {}
    _set(stack, text, template, inputs)
    resources.load_mapping()
    resources.load_parameters()
    resources.load_conditions()


def restore(stack: Moto, known: Snapshot) -> None:
    """Go back to what was known, with the values that the parameters had then."""
    resources = stack.resource_map
    _set(stack, known.text, copy.deepcopy(dict(known.template)), dict(known.inputs))
    resources.resolved_parameters = copy.deepcopy(dict(known.parameters))
    resources._parsed_resources.update(resources.resolved_parameters)
    resources.load_mapping()
    resources.load_conditions()
    stack.tags = dict(known.tags)


def difference(stack: Moto, known: Snapshot) -> Difference | None:
    """Compare a stack with what was known of it; None when nothing differs."""
    wanted = _wanted(stack)
    added = tuple(name for name in wanted if name not in known.resolved)
    removed = tuple(name for name in in_order(known.bodies) if name in known.resolved and name not in wanted)
    kept = tuple(name for name in wanted if name in known.resolved)
    if not added and not removed and stack.tags == known.tags and _outputs(stack) == known.outputs:
        bodies = stack.template_dict["Resources"]
        if all(resolved(bodies[name], stack.resource_map) == known.resolved[name] for name in kept):
            return None
    return Difference(added, removed, kept)


def resolved(body: Mapping[str, Moto], resources: Moto) -> Moto:
    """Return what is compared of a resource, with every function computed."""
    return templates.clean_json(
        {key: copy.deepcopy(body[key]) for key in _COMPARED if key in body}, resources
    )


def written(found: Mapping[str, Moto]) -> dict[str, Moto]:
    """Return what of a resource is written to the service: changed metadata stays within the stack."""
    return {key: value for key, value in found.items() if key != "Metadata"}


def in_order(bodies: Mapping[str, Moto]) -> list[str]:
    """Return the resources' names, each after all that it refers to or depends on."""
    done: dict[str, None] = {}

    def visit(name: str) -> None:
        if name in done:
            return
        for other in _references(bodies[name]):
            if other in bodies and other != name:
                visit(other)
        done[name] = None

    for name in bodies:
        visit(name)
    return list(done)


def _references(value: object) -> Iterator[str]:
    match value:
        case dict():
            for key, item in value.items():
                if key == "DependsOn":
                    yield from [item] if isinstance(item, str) else item
                elif key == "Ref" and isinstance(item, str):
                    yield item
                elif key == "Fn::GetAtt":
                    yield item[0] if isinstance(item, list) else str(item).partition(".")[0]
                else:
                    yield from _references(item)
        case list():
            for item in value:
                yield from _references(item)
        case _:
            return


def _set(stack: Moto, text: str, template: dict[str, Moto], inputs: dict[str, str]) -> None:
    stack.template, stack.template_dict = text, template
    stack.parameters = inputs
    resources = stack.resource_map
    resources._template = template
    resources._resource_json_map = template["Resources"]
    resources.input_parameters = inputs


def _wanted(stack: Moto) -> list[str]:
    """Return the resources whose condition holds."""
    conditions = stack.resource_map.lazy_condition_map
    bodies = stack.template_dict["Resources"]
    return [name for name, body in bodies.items() if "Condition" not in body or conditions[body["Condition"]]]


def _outputs(stack: Moto) -> dict[str, Moto]:
    found = stacks.OutputMap(stack.resource_map, stack.template_dict, stack.stack_id)
    written = stack.template_dict.get("Outputs") or {}
    if not all(_made(stack, item) for item in written.values()):
        return {"not": "made yet"}
    return {name: output.value for name in written if (output := found[name])}


def _made(stack: Moto, output: Moto) -> bool:
    bodies = stack.template_dict["Resources"]
    parsed = stack.resource_map._parsed_resources
    return all(
        name in parsed or templates.resource_class_from_type(bodies[name]["Type"]) is None
        for name in _references(output)
        if name in bodies
    )
