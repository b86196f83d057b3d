"""Service deployments and revisions as the API tells of them.

Amazon ECS API Reference, "ServiceDeployment", "ServiceRevision", "ServiceRevisionSummary".
"""

from datetime import UTC, datetime
from typing import Any

from rehearsal.aws.ecs import store, task_sets
from rehearsal.aws.ecs.model import Document, Service
from rehearsal.aws.original import Moto
from rehearsal.ecs import questions
from rehearsal.ecs.progress import current
from rehearsal.ecs.records import Revision, ServiceDeployment
from rehearsal.ecs.state import Asked, Monitor, State, Verdict

_PERCENT = {"maximumPercent": 200, "minimumHealthyPercent": 100}


def brief(deployment: ServiceDeployment) -> Document:
    """Return a deployment as ListServiceDeployments has it."""
    return _said(
        serviceDeploymentArn=deployment.arn,
        serviceArn=deployment.service.arn,
        clusterArn=deployment.service.cluster_arn,
        targetServiceRevisionArn=deployment.target.arn,
        status=str(deployment.state.status),
        statusReason=deployment.state.reason,
        createdAt=deployment.created_at,
        startedAt=_time(deployment.state.started),
        finishedAt=_time(deployment.state.finished),
    )


def whole(kept: Moto, deployment: ServiceDeployment) -> Document:
    """Return a deployment as DescribeServiceDeployments has it."""
    state, step = deployment.state, current(deployment.plan, deployment.state)
    stage = str(step.stage) if step is not None and step.stage and not state.status.ended else None
    found = brief(deployment)
    del found["targetServiceRevisionArn"]
    return found | _said(
        stoppedAt=_time(state.stopped),
        updatedAt=deployment.updated_at,
        sourceServiceRevisions=[]
        if deployment.source is None
        else [_side(kept, deployment, deployment.source)],
        targetServiceRevision=_side(kept, deployment, deployment.target),
        lifecycleStage=stage,
        lifecycleHookDetails=[_hook(deployment, index, item) for index, item in enumerate(state.asked)],
        deploymentConfiguration=_PERCENT | dict(deployment.configuration),
        rollback=_rollback(deployment),
        deploymentCircuitBreaker=_breaker(deployment),
        alarms=_alarms(deployment, state),
    )


def revision(kept: Moto, item: Revision) -> Document:
    """Return a revision as DescribeServiceRevisions has it."""
    asked = item.fleet.asked
    same = ("capacityProviderStrategy", "launchType", "platformVersion", "networkConfiguration")
    return {
        "serviceRevisionArn": item.arn,
        "serviceArn": item.service_arn,
        "clusterArn": item.cluster_arn,
        "taskDefinition": item.fleet.task_definition,
        **{name: asked[name] for name in same if name in asked},
        "platformFamily": "Linux",
        "loadBalancers": item.load_balancers,
        "serviceRegistries": asked.get("serviceRegistries", []),
        "containerImages": _images(kept, item),
        "guardDutyEnabled": False,
        "createdAt": item.created_at,
        "resolvedConfiguration": {
            "loadBalancers": [_resolved(load) for load in asked.get("loadBalancers", [])]
        },
    }


def revision_summary(kept: Moto, service: Service, item: Revision) -> Document:
    """Return how many tasks a revision should have, and has."""
    alive = store.tasks_of(kept, service, item.fleet)
    counts = store.counts(alive)
    return {
        "arn": item.arn,
        "requestedTaskCount": task_sets.wanted(service, item.fleet),
        "runningTaskCount": counts["runningCount"],
        "pendingTaskCount": counts["pendingCount"],
    }


def _side(kept: Moto, deployment: ServiceDeployment, item: Revision) -> Document:
    summary = revision_summary(kept, deployment.service, item)
    if not deployment.plan.two_colours:
        return summary
    state = deployment.state
    return summary | {
        "requestedTestTrafficWeight": questions.weights(deployment, state.test_weight)[item.arn],
        "requestedProductionTrafficWeight": questions.weights(deployment, state.weight)[item.arn],
    }


def _images(kept: Moto, item: Revision) -> list[Document]:
    """Return the images, with their digests where the task definition, or a task, tells them."""
    ran: dict[str, str] = {
        container["name"]: container["imageDigest"]
        for task in store.tasks(kept)
        if task.fleet == item.fleet.id
        for container in task.containers
        if container.get("imageDigest")
    }
    defined = kept.describe_task_definition(item.fleet.task_definition).container_definitions
    return [
        _said(
            containerName=container["name"],
            image=container["image"],
            imageDigest=container["image"].partition("@")[2] or ran.get(container["name"]),
        )
        for container in defined
    ]


def _resolved(load_balancer: Document) -> Document:
    advanced = load_balancer.get("advancedConfiguration", {})
    return _said(
        targetGroupArn=load_balancer.get("targetGroupArn"),
        productionListenerRule=advanced.get("productionListenerRule"),
    )


def _hook(deployment: ServiceDeployment, index: int, asked: Asked) -> Document:
    hook = deployment.plan.hooks[asked.hook]
    return {
        "hookId": f"ecs-lambda-{deployment.arn.rpartition('/')[2]}-{deployment.state.step}-{index}",
        "targetType": "AWS_LAMBDA",
        "targetArn": hook.function,
        "status": str(asked.verdict) if asked.verdict is not Verdict.IN_PROGRESS else "IN_PROGRESS",
        "expiresAt": _time(asked.expires),
        "timeoutAction": "CONTINUE" if hook.continues else "ROLLBACK",
    }


def _rollback(deployment: ServiceDeployment) -> Document | None:
    state = deployment.state
    if state.back_since is None:
        return None
    arn = None if deployment.source is None else deployment.source.arn
    return _said(reason=state.back_reason, startedAt=_time(state.back_since), serviceRevisionArn=arn)


def _breaker(deployment: ServiceDeployment) -> Document:
    state, breaker = deployment.state, deployment.plan.breaker
    if breaker is None:
        return {"status": str(Monitor.DISABLED), "failureCount": 0, "threshold": 0}
    threshold = state.threshold or breaker.threshold(store.desired_count(deployment.service))
    return {"status": str(state.breaker), "failureCount": state.failures, "threshold": threshold}


def _alarms(deployment: ServiceDeployment, state: State) -> Document:
    names = deployment.configuration.get("alarms", {}).get("alarmNames", [])
    return {
        "status": str(state.alarms),
        "alarmNames": list(names),
        "triggeredAlarmNames": list(state.red),
    }


def _time(at: float | None) -> datetime | None:
    return None if at is None else datetime.fromtimestamp(at, UTC)


def _said(**members: Any) -> Document:  # noqa: ANN401 - whatever the API has
    """Return the members that have a value."""
    return {name: value for name, value in members.items() if value not in (None, "")}
