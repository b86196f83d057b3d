"""Which target group a revision goes to, and the weights of a rule."""

from rehearsal.ecs.traffic import placed, rules, weights

BALANCED = {
    "targetGroupArn": "blue",
    "containerName": "service",
    "containerPort": 8080,
    "advancedConfiguration": {
        "alternateTargetGroupArn": "green",
        "productionListenerRule": "production",
        "testListenerRule": "test",
    },
}


def test_a_revision_goes_where_the_one_that_runs_is_not() -> None:
    """See "Amazon ECS blue/green service deployments workflow": the two target groups take turns."""
    first = placed([BALANCED], [])
    second = placed([BALANCED], first)
    third = placed([BALANCED], second)
    assert [item["targetGroupArn"] for (item,) in (first, second, third)] == ["blue", "green", "blue"]


def test_with_one_target_group_a_revision_joins_the_other() -> None:
    """See "Deploy Amazon ECS services by replacing tasks"."""
    one = {"targetGroupArn": "blue", "containerName": "service", "containerPort": 8080}
    assert placed([one], [one]) == [one]


def test_the_weights_of_both_target_groups_make_a_hundred() -> None:
    """See "Application Load Balancer resources for blue/green deployments"; weights are whole numbers."""
    assert weights(BALANCED, "green", 12.5) == {"blue": 88, "green": 12}
    assert weights(BALANCED, "blue", 100.0) == {"blue": 100, "green": 0}
    assert weights(BALANCED, "green", 0.1) == {"blue": 99, "green": 1}
    assert weights(BALANCED, "green", 0.0) == {"blue": 100, "green": 0}


def test_a_rule_that_is_not_named_is_not_moved() -> None:
    """API Reference, "AdvancedConfiguration": the test rule is optional."""
    assert (list(rules(BALANCED, test=False)), list(rules(BALANCED, test=True))) == (["production"], ["test"])
    assert list(rules({"targetGroupArn": "blue"}, test=True)) == []
