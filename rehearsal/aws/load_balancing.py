"""Load balancers, target groups, listeners and rules as a template describes them, whole.

AWS documentation (CloudFormation resource reference, AWS::ElasticLoadBalancingV2::LoadBalancer,
TargetGroup, Listener, ListenerRule): every property is applied when the resource is created and when it is
updated. An update of a listener writes all of it, its default actions too, whatever property made the
update necessary: that is what puts a colour back (aws/aws-cdk#36649). A listener's certificate must exist
(CertificateNotFound), and a port has one listener (DuplicateListener: "A listener with the specified port
already exists", ELBv2 API, CreateListener).

moto applies no attributes, forgets the weights of a forward, updates no target group, allows two listeners
on a port, and deletes neither listeners nor rules.
"""

import contextlib
import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from rehearsal.aws.existing import is_certificate
from rehearsal.aws.original import Moto, balancing, balancing_errors

Properties = Mapping[str, Moto]

_REPLACED_BY: Final[Mapping[type, tuple[str, ...]]] = {
    balancing.FakeLoadBalancer: ("Name", "Scheme", "Type"),
    balancing.FakeTargetGroup: ("Name", "Port", "Protocol", "ProtocolVersion", "TargetType", "VpcId"),
    balancing.FakeListener: ("LoadBalancerArn",),
    balancing.FakeListenerRule: ("ListenerArn",),
}
"""Properties whose change asks for a new resource (resource reference, "Update requires: Replacement")."""


class ReplacementNeeded(Exception):  # noqa: N818 - says what is needed
    """The local control plane updates in place only."""


def mend() -> None:
    """Give moto's four models what a template says of them, at creation and at every update."""
    balancing.ELBv2Backend.convert_and_validate_properties = _default_actions
    for model, apply in (
        (balancing.FakeLoadBalancer, _write_load_balancer),
        (balancing.FakeTargetGroup, _write_target_group),
        (balancing.FakeListener, _write_listener),
        (balancing.FakeListenerRule, _write_rule),
    ):
        model.create_from_cloudformation_json = _created(model, apply)
        model.update_from_cloudformation_json = _updated(model, apply)
    balancing.FakeTargetGroup.delete = lambda self, *where: _backend(*where).delete_target_group(self.arn)
    balancing.FakeListener.delete = _deleted(lambda backend, arn: backend.delete_listener(arn))
    balancing.FakeListenerRule.delete = _deleted(lambda backend, arn: backend.delete_rule(arn))


def _deleted(delete: Callable[[Moto, str], None]) -> Callable[..., None]:
    """Return how a resource is deleted; one that went with its load balancer is gone already."""

    def gone(resource: Moto, *where: str) -> None:
        with contextlib.suppress(balancing_errors.ListenerNotFoundError, balancing_errors.RuleNotFoundError):
            delete(_backend(*where), resource.arn)

    return gone


def _created(model: Moto, write: Callable[[Moto, Moto, Properties], None]) -> Moto:
    original = model.create_from_cloudformation_json.__func__

    def create(_cls: Moto, /, name: str, body: Moto, account: str, region: str, **rest: Moto) -> Moto:
        backend, properties = _backend(account, region), copy.deepcopy(body["Properties"])
        if model is balancing.FakeListener:
            _check_listener(backend, properties["LoadBalancerArn"], properties, own="")
        first = copy.deepcopy(body)
        first["Properties"].pop("Certificates", None)  # checked and written below
        made = original(model, name, first, account, region, **rest)
        made.cf_properties = copy.deepcopy(properties)
        write(backend, made, properties)
        return made

    return classmethod(create)


def _updated(model: Moto, write: Callable[[Moto, Moto, Properties], None]) -> Moto:
    def update(
        _cls: Moto,
        /,
        *,
        original_resource: Moto,
        cloudformation_json: Moto,
        account_id: str,
        region_name: str,
        **_rest: str,
    ) -> Moto:
        properties = copy.deepcopy(cloudformation_json["Properties"])
        for name in _REPLACED_BY[model]:
            if properties.get(name) != original_resource.cf_properties.get(name):
                raise ReplacementNeeded(
                    f"A change of {name} replaces the resource, which is not played here."
                )
        write(_backend(account_id, region_name), original_resource, properties)
        original_resource.cf_properties = copy.deepcopy(cloudformation_json["Properties"])
        return original_resource

    return classmethod(update)


def _write_load_balancer(backend: Moto, balancer: Moto, properties: Properties) -> None:
    backend.modify_load_balancer_attributes(balancer.arn, _pairs(properties, "LoadBalancerAttributes"))
    if "SecurityGroups" in properties:
        balancer.security_groups = list(properties["SecurityGroups"])


def _write_target_group(backend: Moto, group: Moto, properties: Properties) -> None:
    backend.modify_target_group(
        group.arn,
        health_check_proto=properties.get("HealthCheckProtocol"),
        health_check_port=properties.get("HealthCheckPort"),
        health_check_path=properties.get("HealthCheckPath"),
        health_check_interval=properties.get("HealthCheckIntervalSeconds"),
        health_check_timeout=properties.get("HealthCheckTimeoutSeconds"),
        healthy_threshold_count=properties.get("HealthyThresholdCount"),
        unhealthy_threshold_count=properties.get("UnhealthyThresholdCount"),
        http_codes=properties.get("Matcher", {}).get("HttpCode"),
    )
    backend.modify_target_group_attributes(group.arn, _pairs(properties, "TargetGroupAttributes"))


def _write_listener(backend: Moto, listener: Moto, properties: Properties) -> None:
    """Write the whole listener, its default actions included, as the template has them now."""
    _check_listener(backend, listener.load_balancer_arn, properties, own=listener.arn)
    actions = [balancing.FakeAction(action) for action in copy.deepcopy(properties["DefaultActions"])]
    certificates = [item["CertificateArn"] for item in properties.get("Certificates", [])]
    backend._validate_actions(actions)
    listener.port = properties["Port"]
    listener.protocol = properties["Protocol"]
    listener.ssl_policy = properties.get("SslPolicy")
    listener.certificate = certificates[0] if certificates else None
    listener.certificates = certificates
    listener.default_actions = actions
    listener._default_rule[0].actions = actions
    listener.attributes.update(_pairs(properties, "ListenerAttributes"))


def _write_rule(backend: Moto, rule: Moto, properties: Properties) -> None:
    backend.modify_rule(rule.arn, properties["Conditions"], copy.deepcopy(properties["Actions"]))
    rule.priority = properties["Priority"]


def _default_actions(_backend: Moto, properties: Properties) -> Sequence[Mapping[str, Moto]]:
    """Hand on the actions as they are; moto would keep one target group and no weights."""
    actions: Sequence[Mapping[str, Moto]] = copy.deepcopy(properties["DefaultActions"])
    return actions


def _check_listener(backend: Moto, balancer: str, properties: Properties, *, own: str) -> None:
    for listener in backend.load_balancers[balancer].listeners.values():
        if int(listener.port) == int(properties["Port"]) and listener.arn != own:
            raise balancing_errors.DuplicateListenerError
    for item in properties.get("Certificates", []):
        if not is_certificate(backend, item["CertificateArn"]):
            raise balancing_errors.ELBClientError(
                "CertificateNotFound", f"Certificate '{item['CertificateArn']}' not found"
            )


def _pairs(properties: Properties, name: str) -> dict[str, str]:
    return {item["Key"]: item["Value"] for item in properties.get(name, []) if "Value" in item}


def _backend(account: str, region: str) -> Moto:
    return balancing.elbv2_backends[account][region]
