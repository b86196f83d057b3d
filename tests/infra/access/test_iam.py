"""The evaluator of policies says what the IAM user guide says."""

from typing import Any

import pytest

from tests.infra.access.iam import Request, allows

BUCKET = "arn:aws:s3:::data"


def statement(effect: str = "Allow", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """Return a statement about reading the objects of one bucket, with other elements in place of its own."""
    return {"Effect": effect, "Action": "s3:GetObject", "Resource": f"{BUCKET}/*", **more}


READ = Request("s3:GetObject", f"{BUCKET}/models/a")


@pytest.mark.parametrize(
    ("statements", "request_", "expected"),
    [
        ([], READ, False),
        ([statement()], READ, True),
        ([statement(), statement("Deny")], READ, False),
        ([statement(), statement("Deny", Resource=f"{BUCKET}/secret/*")], READ, True),
        ([statement(Action=["s3:PutObject", "S3:getobject"])], READ, True),
        ([statement(Action="s3:Get*")], READ, True),
        ([statement(Action="s3:Get")], READ, False),
        ([statement(Action="s3:GetObjec?")], READ, True),
        ([statement(Resource=BUCKET)], READ, False),
        ([statement(Resource=f"{BUCKET}/MODELS/*")], READ, False),
        ([statement(Resource="arn:aws:s3:::dat.*")], READ, False),
        ([statement(Resource=[BUCKET, "*"])], READ, True),
    ],
)
def test_statements(statements: list[dict[str, Any]], request_: Request, expected: bool) -> None:  # noqa: FBT001
    """A denial wins; actions ignore case and resources do not; only stars and question marks are wild."""
    assert allows(statements, request_) is expected


@pytest.mark.parametrize(
    ("condition", "context", "expected"),
    [
        ({"StringEquals": {"k": "a"}}, {"k": "a"}, True),
        ({"StringEquals": {"k": "a"}}, {"k": "A"}, False),
        ({"StringEquals": {"k": "a*"}}, {"k": "ab"}, False),
        ({"StringEquals": {"k": ["a", "b"]}}, {"k": "b"}, True),
        ({"StringEquals": {"k": "a"}}, {}, False),
        ({"StringEquals": {"k": "a", "l": "b"}}, {"k": "a"}, False),
        ({"StringEqualsIfExists": {"k": "a"}}, {}, True),
        ({"StringNotEquals": {"k": "a"}}, {"k": "a"}, False),
        ({"StringNotEquals": {"k": ["a", "b"]}}, {"k": "b"}, False),
        ({"StringNotEquals": {"k": "a"}}, {}, True),
        ({"StringNotEqualsIfExists": {"k": "a"}}, {"k": "b"}, True),
        ({"StringLike": {"k": "a*"}}, {"k": "ab"}, True),
        ({"StringLike": {"k": "a*"}}, {"k": "b"}, False),
        ({"Bool": {"k": "false"}}, {"k": "false"}, True),
        ({"Bool": {"k": "false"}}, {"k": "true"}, False),
        ({"Null": {"k": "true"}}, {}, True),
        ({"Null": {"k": "true"}}, {"k": "a"}, False),
        ({"Null": {"k": "false"}}, {}, False),
        ({"Null": {"k": "false"}}, {"k": "a"}, True),
        ({"ArnEquals": {"k": "arn:aws:ecs:r:1:cluster/c"}}, {"k": "arn:aws:ecs:r:1:cluster/c"}, True),
        (
            {"ArnLike": {"k": "arn:aws:ecs:r:1:task-definition/c:*"}},
            {"k": "arn:aws:ecs:r:1:task-definition/c:7"},
            True,
        ),
        ({"ArnLike": {"k": "arn:aws:ecs:*:cluster/c"}}, {"k": "arn:aws:ecs:r:1:cluster/c"}, False),
        ({"ForAllValues:StringEquals": {"k": ["a", "b"]}}, {"k": ("a", "b")}, True),
        ({"ForAllValues:StringEquals": {"k": ["a", "b"]}}, {"k": ("a", "c")}, False),
        ({"ForAllValues:StringEquals": {"k": ["a"]}}, {}, True),
        ({"ForAnyValue:StringEquals": {"k": ["a"]}}, {"k": ("a", "c")}, True),
        ({"ForAnyValue:StringEquals": {"k": ["a"]}}, {}, False),
    ],
)
def test_conditions(condition: dict[str, Any], context: dict[str, Any], expected: bool) -> None:  # noqa: FBT001
    """Every key must hold; one that is missing fails all but negated operators, IfExists and ForAllValues."""
    request = Request(READ.action, READ.resource, context)
    assert allows([statement(Condition=condition)], request) is expected


@pytest.mark.parametrize(
    "more",
    [
        {"NotResource": "a"},
        {"Condition": {"NumericEquals": {"k": "1"}}},
        {"Resource": "arn:aws:s3:::${aws:username}"},
    ],
)
def test_what_is_not_known_is_not_judged(more: dict[str, Any]) -> None:
    """An element, an operator or a variable beyond the evaluator's language is an error, not a refusal."""
    with pytest.raises(ValueError, match="cannot judge"):
        allows([statement(**more)], Request(READ.action, READ.resource, {"k": "1"}))
