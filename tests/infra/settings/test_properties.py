"""Properties of the rules over whole settings, drawn by Hypothesis."""

import re
from dataclasses import fields, is_dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from infra.checks import RULES, problems_of
from infra.settings import StageSettings
from tests.infra.settings.faults import Fault, faults
from tests.infra.settings.strategies import junk, stages
from tests.infra.variants import changed

FIXED = settings(derandomize=True, deadline=None, max_examples=100)
PATHS = {
    path
    for group in fields(StageSettings)
    for path in (
        [group.name, *(f"{group.name}.{field.name}" for field in fields(group.type))]
        if is_dataclass(group.type)
        else [group.name]
    )
} | {"traffic.hosted_zone.id", "traffic.hosted_zone.name"}


@FIXED
@given(stages())
def test_nothing_is_told_about_settings_that_can_work(drawn: StageSettings) -> None:
    """Whatever is allowed by each field's own documentation is allowed together."""
    assert problems_of(drawn) == ()


def without_reasons(problems: tuple[str, ...]) -> list[str]:
    """Return clauses without the reasons of protected stages, which `test_protected` compares."""
    return [re.sub("( on a protected stage): .*", r"\1", problem) for problem in problems]


@st.composite
def broken_stages(draw: st.DrawFn) -> tuple[StageSettings, list[Fault]]:
    """Draw settings that work, and break some of their fields, none of which decides about another."""
    drawn = draw(stages())
    possible = faults(drawn)
    size = draw(st.sampled_from((2, 4, 8, 16)))
    wanted = draw(st.permutations(range(len(possible))))[:size]
    chosen: list[int] = []
    for number in wanted:
        if all(possible[number].touches.isdisjoint(possible[other].touches) for other in chosen):
            chosen.append(number)
    made = [possible[number] for number in sorted(chosen)]
    return changed(drawn, {each.path: each.value for each in made}), made


@settings(FIXED, max_examples=30)
@given(stages())
def test_each_mistake_alone_is_told(drawn: StageSettings) -> None:
    """Whatever settings it is made in: one clause, and no other rule speaks up."""
    for each in faults(drawn):
        assert without_reasons(problems_of(changed(drawn, {each.path: each.value}))) == [each.told]


@settings(FIXED, max_examples=100)
@given(broken_stages())
def test_mistakes_are_told_all_at_once_and_in_order(drawn: tuple[StageSettings, list[Fault]]) -> None:
    """As many clauses as mistakes, none lost behind another, and always in the same order."""
    broken, made = drawn
    assert without_reasons(problems_of(broken)) == [each.told for each in made]
    assert problems_of(broken) == problems_of(broken)


@FIXED
@given(junk())
def test_whatever_is_written_is_answered_in_words(drawn: StageSettings) -> None:
    """No value makes the checks fail: each clause is one line that begins with its field."""
    for problem in problems_of(drawn):
        assert re.fullmatch(r"[^\n\r\u2028\u2029]{10,900}", problem), problem
        assert problem.split(" ")[0] in PATHS, problem
        assert problem.split(" ")[1] == "must", problem
        assert not problem.endswith("."), problem
        assert problem.isprintable(), problem


def test_every_rule_is_about_a_field() -> None:
    """So that whoever reads a clause knows what to edit."""
    assert {path for rule in RULES for path in (rule.field, *rule.reads)} <= PATHS
