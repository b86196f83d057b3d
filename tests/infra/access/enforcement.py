"""moto, refusing what a role's policy does not allow.

Of IAM, moto 5.2.5 does this itself: it finds out whose session a call belongs to, checks its signature, finds
the action and the policies of the role. Its verdict, though, takes every condition for unmet, a resource for
`*` in all services but S3 and STS, and CloudWatch's actions for those of a service `monitoring`. So the
verdict is replaced by `tests.infra.access.iam` over the same policies, asked about the requests that
`tests.infra.access.authorization` makes of the call. Policies of resources are not looked at.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import boto3
import pytest
from moto import mock_aws, settings
from moto.core.authorization import ActionAuthenticatorMixin
from moto.iam.access_control import IAMPolicy, IAMRequestBase

from tests.infra.access.authorization import requests_of
from tests.infra.access.calls import Call
from tests.infra.access.iam import Statement, allows
from tests.infra.access.roles import ACCOUNT, REGION, Role

_PREFIX: Final = {"monitoring": "cloudwatch"}
"""Prefix of a service's actions where the name that signs its calls is another."""


@dataclass
class _Asked:
    """The call that is under way, and whether moto has asked IAM about it."""

    parameters: dict[str, Any] = field(default_factory=dict)
    judged: bool = False


_asked: Final = _Asked()


class Account:
    """An account of moto's with these roles, each of which can be taken on."""

    def __init__(self, roles: Iterable[Role]) -> None:
        roles = list(roles)
        iam = boto3.client("iam", REGION)
        for role in roles:
            iam.create_role(RoleName=role.name, AssumeRolePolicyDocument=_json(role.trust))
            iam.put_role_policy(RoleName=role.name, PolicyName="All", PolicyDocument=_json(role.statements))
        self._clients: dict[tuple[str, str], Any] = {}
        sts = boto3.client("sts", REGION)
        self._sessions = {
            role.name: sts.assume_role(
                RoleArn=f"arn:aws:iam::{ACCOUNT}:role/{role.name}", RoleSessionName="test"
            )["Credentials"]
            for role in roles
        }

    def may(self, role: Role, call: Call) -> bool:
        """Make a call as a role; return whether it got past IAM, whatever came of it then."""
        service, operation, parameters = call
        client = self._client(role.name, service)
        _asked.parameters, _asked.judged = parameters, False
        refused = False
        try:
            getattr(client, operation)(**parameters)
        except client.exceptions.ClientError as error:
            refused = "AccessDenied" in str(error)  # in JSON services moto writes the error as XML
        except Exception:  # moto lacks the call or what it is about, and asks IAM before it says so
            if not _asked.judged:
                raise
        if not _asked.judged:
            raise AssertionError(f"moto did not ask IAM about {service}.{operation}")
        return not refused

    def _client(self, role: str, service: str) -> Any:  # noqa: ANN401 - clients have no type in common
        if (role, service) not in self._clients:
            keys = self._sessions[role]
            self._clients[role, service] = boto3.client(
                service,
                REGION,
                aws_access_key_id=keys["AccessKeyId"],
                aws_secret_access_key=keys["SecretAccessKey"],
                aws_session_token=keys["SessionToken"],
            )
        return self._clients[role, service]


@contextmanager
def enforcing(roles: Iterable[Role]) -> Iterator[Account]:
    """Yield an account in which moto enforces the policies of these roles."""
    with mock_aws(), pytest.MonkeyPatch.context() as patch:
        account = Account(roles)
        patch.setattr(settings, "INITIAL_NO_AUTH_ACTION_COUNT", 0)
        patch.setattr(ActionAuthenticatorMixin, "request_count", 0)
        patch.setattr(IAMRequestBase, "check_action_permitted", _judge)
        yield account


def _judge(self: IAMRequestBase, _: str) -> None:
    """Refuse what the policies that moto found do not allow; in place of moto's own verdict."""
    service, action = self._action.split(":")
    action = f"{_PREFIX.get(service, service)}:{action}"
    statements = [
        statement
        for policy in self._access_key.collect_policies()
        for statement in IAMPolicy(policy)._policy_json["Statement"]
    ]
    allowed = all(allows(statements, request) for request in requests_of(action, _asked.parameters))
    _asked.judged = True
    if not allowed:
        self._raise_access_denied()


def _json(statements: Iterable[Statement]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
