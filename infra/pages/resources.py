"""The reviewer's table: every resource of the shipped stages."""

import re
from collections.abc import Iterator
from typing import Final

from infra.config import STAGES
from infra.pages.markdown import code, generated, table
from infra.pages.purposes import LIFETIMES
from infra.pages.templates import REPOSITORY, Resource, resources

COLUMNS: Final = ("type", "construct", "name", "purpose", "stages", "removal")
HEAD: Final = f"""# Resources

Everything that the shipped stages have on AWS, stack by stack in the order of deployment, as the templates of
`make synth STAGE=all` say it; with `github="{REPOSITORY}"`, so that the roles of workflows show. Settings add
to it or take away from it: see [settings](settings.md). There is a [picture](../architecture.svg). What the
subnets have alike is one row, with how often.

"Stays" means that CloudFormation leaves the resource in the account when its stack is deleted: see the
[runbook on teardown](../runbooks/teardown.md).

"""


def resources_page() -> str:
    """Return `docs/reference/resources.md`."""
    every = resources()
    summary = [
        (f"[{stack}](#{stack.lower()})", *(str(_number(every, stack, stage)) for stage in STAGES), lifetime)
        for stack, lifetime in LIFETIMES.items()
    ]
    sections = [
        f"\n## {stack}\n\n{lifetime}\n\n{table(COLUMNS, [*_rows(every, stack)])}"
        for stack, lifetime in LIFETIMES.items()
    ]
    return generated("resources.py") + HEAD + table(("stack", *STAGES, "lives"), summary) + "".join(sections)


def _number(every: tuple[Resource, ...], stack: str, stage: str) -> int:
    return sum(one.stack == stack and (stage in one.stages or "" in one.stages) for one in every)


def _rows(every: tuple[Resource, ...], stack: str) -> Iterator[tuple[str, ...]]:
    """Yield a row for each resource of a stack, or one for those that only their subnet sets apart."""
    alike: dict[tuple[object, ...], list[Resource]] = {}
    for one in every:
        if one.stack == stack:
            alike.setdefault((_pattern(one.path), *_row(one)[2:]), []).append(one)
    for (pattern, *_), found in alike.items():
        row = _row(found[0])
        number = len(found)
        yield row if number == 1 else (row[0], f"{code(str(pattern))} ×{number}", *row[2:])


def _pattern(path: str) -> str:
    return re.sub(r"Subnet\d+", "Subnet*", path)


def _row(one: Resource) -> tuple[str, ...]:
    stages = "all" if set(one.stages) in ({""}, set(STAGES)) else ", ".join(one.stages)
    return (
        code(one.type),
        code(one.path),
        code(one.name) if one.name else "",
        one.purpose,
        stages,
        one.removal,
    )
