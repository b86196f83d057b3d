"""Which resources an update may touch: what is decided, and that updates of the control plane heed it."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from rehearsal.aws.stack_policies import DELETE, MODIFY, Permission, Resource

from .stacks import Stacks, forward
from .test_updates import PREVIOUS

LISTENER = Resource("Listener", "AWS::ElasticLoadBalancingV2::Listener")
RULE = Resource("Rule", "AWS::ElasticLoadBalancingV2::ListenerRule")


def statement(effect: str, **others: object) -> dict[str, Any]:
    """Return a statement about every update of every resource, but for what `others` say."""
    return {"Effect": effect, "Action": "Update:*", "Principal": "*", "Resource": "*"} | others


def policy(*statements: dict[str, Any]) -> str:
    """Return a policy of these statements."""
    return json.dumps({"Statement": statements})


def denied(number: int, actions: str, name: str) -> str:
    """Return how CloudFormation tells that a statement denies something."""
    said = f"Action denied by stack policy: Statement [#{number}] does not allow [{actions}]"
    return f"{said} for resource [LogicalResourceId/{name}]"


NOT_ALLOWED = (
    "Action not allowed by stack policy: no statement allows [Update:Modify] "
    "for resource [LogicalResourceId/Listener]"
)
ALLOW, DENY = policy(statement("Allow")), policy(statement("Deny"))
ALLOW_ALL = statement("Allow")
TYPED = {"StringEquals": {"ResourceType": ["AWS::ElasticLoadBalancingV2::ListenerRule"]}}


@pytest.mark.parametrize(
    ("body", "action", "resource", "reason"),
    [
        ("", MODIFY, LISTENER, None),
        (ALLOW, MODIFY, LISTENER, None),
        (
            policy(),
            MODIFY,
            LISTENER,
            NOT_ALLOWED,
        ),
        (
            DENY,
            MODIFY,
            LISTENER,
            denied(1, "Update:*", "Listener"),
        ),
        (
            policy(ALLOW_ALL, statement("Deny", Action=["Update:Replace", "Update:Delete"])),
            DELETE,
            RULE,
            denied(2, "Update:Replace, Update:Delete", "Rule"),
        ),
        (policy(ALLOW_ALL, statement("Deny", Action="Update:Delete")), MODIFY, RULE, None),
        (policy(ALLOW_ALL, statement("Deny", Resource="LogicalResourceId/List*")), MODIFY, RULE, None),
        (
            policy(ALLOW_ALL, statement("Deny", Resource="LogicalResourceId/List*")),
            MODIFY,
            LISTENER,
            denied(2, "Update:*", "Listener"),
        ),
        (policy(ALLOW_ALL, statement("Deny", Condition=TYPED)), MODIFY, LISTENER, None),
        (
            policy(ALLOW_ALL, statement("Deny", Condition=TYPED)),
            MODIFY,
            RULE,
            denied(2, "Update:*", "Rule"),
        ),
        (
            policy({"Effect": "Allow", "NotAction": "Update:Delete", "Principal": "*", "NotResource": "x"}),
            MODIFY,
            RULE,
            None,
        ),
    ],
)
def test_a_policy_decides_what_an_update_may_do(
    body: str, action: str, resource: Resource, reason: str | None
) -> None:
    """CloudFormation User Guide, "Prevent updates to stack resources"."""
    assert Permission(body).refusal(action, resource) == reason


def test_an_update_may_touch_only_the_types_that_its_caller_named() -> None:
    """CloudFormation API Reference, UpdateStack, ResourceTypes."""
    permission = Permission(types=("AWS::ElasticLoadBalancingV2::Listener",))
    assert permission.refusal(MODIFY, LISTENER) is None
    assert permission.refusal(MODIFY, RULE) == (
        "Resource type AWS::ElasticLoadBalancingV2::ListenerRule is not allowed by parameter "
        "ResourceTypes ['AWS::ElasticLoadBalancingV2::Listener']"
    )


def _hold(stacks: Stacks, body: str = DENY) -> None:
    stacks.plane.cloudformation.set_stack_policy(StackName=stacks.name, StackPolicyBody=body)


@pytest.mark.slow
def test_an_update_of_a_protected_resource_fails_and_touches_nothing(stacks: Stacks) -> None:
    """So a release holds deployments off, and a listener that was moved stays where it is."""
    stacks.create()
    stacks.swap(Blue=0, Green=100)
    _hold(stacks)
    stacks.template["Resources"]["Listener"]["Properties"]["Port"] = 8081
    assert stacks.update() == "UPDATE_ROLLBACK_COMPLETE"
    assert stacks.destination() == {"Blue": 0, "Green": 100}
    assert stacks.described_listener()["Port"] == 80
    assert stacks.events() == [
        (stacks.name, "UPDATE_IN_PROGRESS"),
        ("Listener", "UPDATE_FAILED"),
        (stacks.name, "UPDATE_ROLLBACK_IN_PROGRESS"),
        (stacks.name, "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS"),
        (stacks.name, "UPDATE_ROLLBACK_COMPLETE"),
    ]


@pytest.mark.slow
def test_a_protected_resource_is_not_deleted(stacks: Stacks) -> None:
    """Although deletions come last."""
    stacks.create()
    _hold(stacks, policy(ALLOW_ALL, statement("Deny", Action="Update:Delete")))
    removed = stacks.template["Resources"].pop("Test")
    assert stacks.update() == "UPDATE_ROLLBACK_COMPLETE"
    assert stacks.destination("Test") == {"Green": 1}
    stacks.template["Resources"]["Test"] = removed


@pytest.mark.slow
def test_what_does_not_change_and_what_is_added_is_not_hindered(stacks: Stacks) -> None:
    """A policy speaks of updates of resources that are there."""
    stacks.create()
    _hold(stacks)
    stacks.template["Resources"]["Third"] = stacks.listener(9001, forward(Blue=1))
    assert stacks.update() == "UPDATE_COMPLETE"


@pytest.mark.slow
def test_one_update_may_be_let_through_and_the_policy_holds_on(stacks: Stacks) -> None:
    """How a release, during which all is held, tells CloudFormation of the new colour."""
    stacks.create()
    _hold(stacks)
    stacks.colour("green")
    types = ["AWS::ElasticLoadBalancingV2::Listener", "AWS::ElasticLoadBalancingV2::ListenerRule"]
    assert stacks.update(**PREVIOUS, StackPolicyDuringUpdateBody=ALLOW, ResourceTypes=types) == (
        "UPDATE_COMPLETE"
    )
    assert stacks.destination() == {"Green": 1}
    stacks.colour("blue")
    assert stacks.update(**PREVIOUS) == "UPDATE_ROLLBACK_COMPLETE"
    found = stacks.plane.cloudformation.get_stack_policy(StackName=stacks.name)
    assert found["StackPolicyBody"] == DENY


@pytest.mark.slow
def test_types_and_capabilities_are_not_said_together(stacks: Stacks) -> None:
    """UpdateStack takes one of the two; nothing is updated."""
    stacks.create()
    both = {"ResourceTypes": ["AWS::ElasticLoadBalancingV2::Listener"], "Capabilities": ["CAPABILITY_IAM"]}
    with pytest.raises(ClientError, match="Only one of the Capabilities and ResourceTypes"):
        stacks.update(**PREVIOUS, **both)
    assert stacks.described()["StackStatus"] == "CREATE_COMPLETE"


@pytest.mark.slow
@pytest.mark.parametrize("body", ["none", policy(statement("Allow", Action="Update:Add"))])
def test_what_is_no_policy_is_refused(stacks: Stacks, body: str) -> None:
    """Rather than protecting everything, or nothing."""
    stacks.create()
    with pytest.raises(ClientError, match="Error validating stack policy: Invalid stack policy"):
        _hold(stacks, body)
