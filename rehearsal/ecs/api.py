"""The API of service deployments and revisions.

Amazon ECS API Reference, "ListServiceDeployments", "DescribeServiceDeployments", "DescribeServiceRevisions",
"StopServiceDeployment". The newest deployment is listed first.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from rehearsal.aws.ecs import native
from rehearsal.aws.ecs.store import answered_by, find_service, refused
from rehearsal.aws.launch import Launch
from rehearsal.aws.original import Moto, ecs_api, ecs_errors
from rehearsal.ecs import description
from rehearsal.ecs.engine import Deployer
from rehearsal.ecs.records import ServiceDeployment

_PAGE: Final = 100
_AT_ONCE: Final = 20


def mend(launch: Launch) -> None:
    """Let ECS carry out its own deployments, and answer for them."""
    api = _Api(Deployer(launch))
    native.use(api.deployer)
    response = ecs_api.EC2ContainerServiceResponse
    response.list_service_deployments = answered_by(api.list)
    response.describe_service_deployments = answered_by(api.describe)
    response.describe_service_revisions = answered_by(api.describe_revisions)
    response.stop_service_deployment = answered_by(api.stop)


class _Api:
    """Answers from an engine's records."""

    def __init__(self, deployer: Deployer) -> None:
        self.deployer = deployer

    def list(self, kept: Moto, request: Mapping[str, Any]) -> Mapping[str, Any]:
        service = find_service(kept, request, request["service"])
        found = [
            item
            for item in reversed(self.deployer.records.of(service.arn).deployments)
            if _fits(item, request)
        ]
        start = int(request.get("nextToken") or 0)
        end = start + min(int(request.get("maxResults") or _PAGE), _PAGE)
        more = {"nextToken": str(end)} if end < len(found) else {}
        return {"serviceDeployments": [description.brief(item) for item in found[start:end]], **more}

    def describe(self, kept: Moto, request: Mapping[str, Any]) -> Mapping[str, Any]:
        arns = _few(request.get("serviceDeploymentArns", []))
        known = {item.arn: item for item in self.deployer.records.deployments()}
        return {
            "serviceDeployments": [description.whole(kept, known[arn]) for arn in arns if arn in known],
            "failures": _missing(arns, known),
        }

    def describe_revisions(self, kept: Moto, request: Mapping[str, Any]) -> Mapping[str, Any]:
        arns = _few(request.get("serviceRevisionArns", []))
        known = {item.arn: item for item in self.deployer.records.revisions()}
        return {
            "serviceRevisions": [description.revision(kept, known[arn]) for arn in arns if arn in known],
            "failures": _missing(arns, known),
        }

    def stop(self, _kept: Moto, request: Mapping[str, Any]) -> Mapping[str, Any]:
        arn = request["serviceDeploymentArn"]
        for deployment in self.deployer.records.deployments():
            if deployment.arn == arn:
                if deployment.state.status.ended:
                    raise ecs_errors.ECSException(
                        "ConflictException",
                        f"The service deployment is in {deployment.state.status} and cannot be stopped.",
                    )
                self.deployer.stop(deployment, rollback=request.get("stopType", "ROLLBACK") == "ROLLBACK")
                return {"serviceDeploymentArn": arn}
        raise ecs_errors.ECSException(
            "ServiceDeploymentNotFoundException",
            "The service deployment ARN that you specified was not found.",
        )


def _fits(deployment: ServiceDeployment, request: Mapping[str, Any]) -> bool:
    statuses, created = request.get("status"), request.get("createdAt", {})
    at = deployment.created_at.timestamp()
    return (
        (not statuses or str(deployment.state.status) in statuses)
        and ("after" not in created or at >= _seconds(created["after"]))
        and ("before" not in created or at <= _seconds(created["before"]))
    )


def _seconds(time: float | str | datetime) -> float:
    if isinstance(time, datetime):
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
    return float(time)


def _few(arns: list[str]) -> list[str]:
    if not arns or len(arns) > _AT_ONCE:
        raise refused(f"Between 1 and {_AT_ONCE} ARNs are described at once.")
    return arns


def _missing(arns: Iterable[str], known: Mapping[str, object]) -> list[Mapping[str, str]]:
    return [{"arn": arn, "reason": "MISSING"} for arn in arns if arn not in known]
