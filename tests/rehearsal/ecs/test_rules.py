"""The page of rules says what the tests promise."""

from . import rules


def test_the_page_has_every_rule_that_is_tested_and_no_other() -> None:
    """It is written by `python -m tests.rehearsal.ecs.rules`."""
    assert rules.PAGE.read_text(encoding="utf-8") == rules.page(), (
        "stale: run python -m tests.rehearsal.ecs.rules"
    )


def test_every_rule_says_where_it_comes_from() -> None:
    """A page of AWS's by its title; or that it is the rehearsal's own, or only seen."""
    own = ("Ours:", "Seen so")
    assert [
        test
        for _, source, test in rules.rows()
        if '"' not in source and "AWS::" not in source and not source.startswith(own)
    ] == []
