"""The only module of a teardown that talks to AWS: what exists there, and the few calls that change it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final, Self

import boto3
from botocore.exceptions import ClientError

from infra.hooks.keeper.releases import CODEDEPLOY_UNFINISHED, ECS_UNFINISHED
from infra.settings import StageSettings
from infra.teardown.plan import GONE, PARTS, Balancer, Found, Service, Stack
from infra.teardown.stays import Leftovers

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import StackTypeDef
    from mypy_boto3_ecs import ECSClient
    from mypy_boto3_elbv2 import ElasticLoadBalancingv2Client
    from mypy_boto3_ssm import SSMClient

_PROTECTION: Final = "deletion_protection.enabled"
_NO_APPLICATION: Final = {"ApplicationDoesNotExistException", "DeploymentGroupDoesNotExistException"}


class Region:
    """One stage's region and account, through the credentials of whoever runs this."""

    def __init__(
        self, session: boto3.Session, settings: StageSettings, *, endpoint: str | None = None
    ) -> None:
        """Make the clients; `endpoint` leads all of them elsewhere, for tests."""
        self._settings = settings
        self._cloudformation: CloudFormationClient = session.client("cloudformation", endpoint_url=endpoint)
        self._ecs: ECSClient = session.client("ecs", endpoint_url=endpoint)
        self._elbv2: ElasticLoadBalancingv2Client = session.client("elbv2", endpoint_url=endpoint)
        self._ssm: SSMClient = session.client("ssm", endpoint_url=endpoint)
        # The stubs of these are not installed.
        client: Any = session.client
        self._codedeploy: Any = client("codedeploy", endpoint_url=endpoint)
        self._logs: Any = client("logs", endpoint_url=endpoint)
        self._s3: Any = client("s3", endpoint_url=endpoint)
        self._sts: Any = client("sts", endpoint_url=endpoint)

    @classmethod
    def connect(cls, settings: StageSettings) -> Self:
        """Return the stage's region, with the credentials that boto3 finds."""
        return cls(boto3.Session(region_name=settings.region), settings)

    def look(self) -> Found:
        """Return what exists of the stage; changes nothing."""
        stacks = {part: stack for part in PARTS if (stack := self._find_stack(part)) is not None}
        service = self._find_service() if "Service" in stacks else None
        return Found(
            account=str(self._sts.get_caller_identity()["Account"]),
            stacks=stacks,
            balancer=self._find_balancer() if "Traffic" in stacks else None,
            service=service,
            releases=tuple(self._running_releases(service)),
        )

    def leftovers(self, account: str) -> Leftovers:
        """Return what outlives the stage's stacks and exists now; changes nothing."""
        prefix = self._settings.prefix
        ending = f"-{account}-{self._settings.region}"
        names = [str(bucket["Name"]) for bucket in self._s3.list_buckets()["Buckets"]]
        revisions = self._ecs.get_paginator("list_task_definitions").paginate(
            familyPrefix=prefix, status="ACTIVE"
        )
        prefixes = (self._settings.stack_name(""), f"/aws/ecs/containerinsights/{prefix}/")
        return Leftovers(
            buckets=tuple(name for name in names if name.startswith(f"{prefix}-") and name.endswith(ending)),
            log_groups=tuple(name for start in prefixes for name in self._log_groups(start)),
            live_colour=self._has_live_colour(),
            task_definitions=sum(
                arn.rsplit("/", 1)[-1].split(":")[0] == prefix
                for page in revisions
                for arn in page["taskDefinitionArns"]
            ),
        )

    def status(self, stack: str) -> str:
        """Return the status of a stack, given by its ARN, also when it is gone."""
        described = self._describe(stack)
        return described["StackStatus"] if described else GONE

    def failures(self, stack: str) -> list[str]:
        """Return why a stack stays: a text for each resource that could not be deleted."""
        return [
            f"{one['LogicalResourceId']} ({one['ResourceType']}) {one.get('PhysicalResourceId', '')}: "
            f"{one.get('ResourceStatusReason', 'no reason given')}"
            for one in self._resources(stack)
            if one["ResourceStatus"] == "DELETE_FAILED"
        ]

    def unprotect_balancer(self, arn: str) -> None:
        """Let the load balancer be deleted."""
        self._elbv2.modify_load_balancer_attributes(
            LoadBalancerArn=arn, Attributes=[{"Key": _PROTECTION, "Value": "false"}]
        )

    def unprotect_stack(self, stack: str) -> None:
        """Let the stack be deleted."""
        self._cloudformation.update_termination_protection(StackName=stack, EnableTerminationProtection=False)

    def delete_service(self, cluster: str, service: str) -> None:
        """Delete the service with its tasks and task sets; a service that is gone stays so."""
        try:
            self._ecs.delete_service(cluster=cluster, service=service, force=True)
        except (
            self._ecs.exceptions.ServiceNotFoundException,
            self._ecs.exceptions.ServiceNotActiveException,
        ):
            return

    def delete_stack(self, stack: str) -> None:
        """Have CloudFormation begin to delete the stack."""
        self._cloudformation.delete_stack(StackName=stack)

    def _find_stack(self, part: str) -> Stack | None:
        described = self._describe(self._settings.stack_name(part))
        if described is None or described["StackStatus"] == GONE:
            return None
        name = described["StackName"]
        return Stack(
            name=name,
            id=described.get("StackId", name),
            status=described["StackStatus"],
            protected=described.get("EnableTerminationProtection", False),
            resources=sum(one["ResourceStatus"] != GONE for one in self._resources(name)),
        )

    def _describe(self, stack: str) -> "StackTypeDef | None":
        try:
            return self._cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
        except ClientError as error:
            if "does not exist" in str(error):
                return None
            raise

    def _resources(self, stack: str) -> Iterator[dict[str, Any]]:
        pages: Any = self._cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack)
        for page in pages:
            yield from page["StackResourceSummaries"]

    def _physical(self, part: str, kind: str) -> str | None:
        """Return the physical id of the one resource of a type, unless it is gone or never was."""
        for one in self._resources(self._settings.stack_name(part)):
            if one["ResourceType"] == kind and one["ResourceStatus"] != GONE:
                return one.get("PhysicalResourceId") or None
        return None

    def _find_balancer(self) -> Balancer | None:
        arn = self._physical("Traffic", "AWS::ElasticLoadBalancingV2::LoadBalancer")
        if arn is None:
            return None
        try:
            answer = self._elbv2.describe_load_balancer_attributes(LoadBalancerArn=arn)
        except self._elbv2.exceptions.LoadBalancerNotFoundException:
            return None
        attributes = {one["Key"]: one["Value"] for one in answer["Attributes"]}
        return Balancer(arn=arn, protected=attributes.get(_PROTECTION) == "true")

    def _find_service(self) -> Service | None:
        name = self._physical("Service", "AWS::ECS::Service")
        if name is None:
            return None
        cluster = self._settings.prefix
        try:
            services = self._ecs.describe_services(cluster=cluster, services=[name])["services"]
        except self._ecs.exceptions.ClusterNotFoundException:
            return None
        for service in services:
            if service["status"] == "ACTIVE":
                return Service(
                    cluster=cluster,
                    name=service["serviceName"],
                    task_sets=len(service.get("taskSets", [])),
                    controller=service.get("deploymentController", {}).get("type", "ECS"),
                )
        return None

    def _running_releases(self, service: Service | None) -> list[str]:
        """Ask whoever releases the service that is there; without a service nothing can be released.

        The settings may already name an engine that is not deployed.
        """
        if service is None:
            return []
        if service.controller == "ECS":
            return list(self._ecs_deployments(service))
        pages = self._codedeploy.get_paginator("list_deployments").paginate(
            applicationName=self._settings.prefix,
            deploymentGroupName=self._settings.prefix,
            includeOnlyStatuses=list(CODEDEPLOY_UNFINISHED),
        )
        try:
            return [str(one) for page in pages for one in page["deployments"]]
        except ClientError as error:
            if error.response["Error"]["Code"] in _NO_APPLICATION:
                return []
            raise

    def _ecs_deployments(self, service: Service) -> Iterator[str]:
        """Ask page by page: botocore knows no paginator here, and a page may be empty before the last one."""
        ask: Any = self._ecs.list_service_deployments
        token: dict[str, str] = {}
        while True:
            page = ask(cluster=service.cluster, service=service.name, status=list(ECS_UNFINISHED), **token)
            for one in page["serviceDeployments"]:
                yield str(one["serviceDeploymentArn"])
            if not page.get("nextToken"):
                return
            token = {"nextToken": page["nextToken"]}

    def _log_groups(self, prefix: str) -> Iterator[str]:
        pages = self._logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=prefix)
        for page in pages:
            for group in page["logGroups"]:
                yield str(group["logGroupName"])

    def _has_live_colour(self) -> bool:
        try:
            self._ssm.get_parameter(Name=self._settings.live_colour_parameter)
        except self._ssm.exceptions.ParameterNotFound:
            return False
        return True
