"""The pages of rules say what the tests promise."""

import pytest

from .rules import SERVICES, Rules

each = pytest.mark.parametrize("rules", SERVICES, ids=[rules.service for rules in SERVICES])


@each
def test_the_page_has_every_rule_that_is_tested_and_no_other(rules: Rules) -> None:
    """It is written by `python -m tests.rehearsal.rules`."""
    assert rules.page.read_text(encoding="utf-8") == rules.written(), (
        "stale: run python -m tests.rehearsal.rules"
    )


@each
def test_every_rule_says_where_it_comes_from(rules: Rules) -> None:
    """A page of AWS's by its title; or that it is the rehearsal's own, or only seen."""
    own = ("Ours:", "Seen so")
    assert [
        test
        for _, source, test in rules.rows()
        if '"' not in source and "AWS::" not in source and not source.startswith(own)
    ] == []
