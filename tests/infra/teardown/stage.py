"""A small stage in moto: stacks with the real names, and in each what makes its deletion hard."""

import json
from functools import cache
from typing import Any

import boto3
from moto.ecs.models import ecs_backends

from infra.settings import StageSettings
from infra.teardown.plan import PARTS

ACCOUNT = "123456789012"
"""moto's account."""


@cache
def session(region: str) -> boto3.Session:
    """Return a session that belongs to nobody; one for all, since each reads every service's model anew."""
    return boto3.Session(
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 - moto takes any
        region_name=region,
    )


class SmallStage:
    """The stacks of a stage, brought up and looked at through the AWS API."""

    def __init__(self, endpoint: str, settings: StageSettings) -> None:
        """Make clients of a moto server."""
        self.settings = settings
        self.session = session(settings.region)
        self.endpoint = endpoint
        client: Any = self.session.client
        self.cloudformation = client("cloudformation", endpoint_url=endpoint)
        self.ecs = client("ecs", endpoint_url=endpoint)
        self.elbv2 = client("elbv2", endpoint_url=endpoint)
        self.codedeploy = client("codedeploy", endpoint_url=endpoint)
        self.ssm = client("ssm", endpoint_url=endpoint)
        self.s3 = client("s3", endpoint_url=endpoint)

    def bring_up(self) -> None:
        """Deploy every stack; protect the load balancer, Colour, and all of a protected stage."""
        for part in reversed(PARTS):
            self.cloudformation.create_stack(
                StackName=self.settings.stack_name(part),
                TemplateBody=json.dumps({"Resources": template(self.settings, part)}),
                EnableTerminationProtection=part == "Colour" or self.settings.protected,
            )
        self.release_by("CODE_DEPLOY")
        (balancer,) = self.balancers()
        self.elbv2.modify_load_balancer_attributes(
            LoadBalancerArn=balancer, Attributes=[{"Key": "deletion_protection.enabled", "Value": "true"}]
        )

    def release_by(self, controller: str) -> None:
        """Give the service its deployment controller, which moto's CloudFormation leaves out."""
        for service in ecs_backends[ACCOUNT][self.settings.region].services.values():
            if service.cluster_name == self.settings.prefix:
                service.deployment_controller = {"type": controller}

    def begin_a_release(self) -> str:
        """Have CodeDeploy begin a release, and return its id; in moto it never ends."""
        name = self.settings.prefix
        self.codedeploy.create_application(applicationName=name, computePlatform="ECS")
        self.codedeploy.create_deployment_group(
            applicationName=name,
            deploymentGroupName=name,
            deploymentConfigName="CodeDeployDefault.ECSAllAtOnce",
            serviceRoleArn=f"arn:aws:iam::{ACCOUNT}:role/any",
        )
        begun = self.codedeploy.create_deployment(applicationName=name, deploymentGroupName=name, revision={})
        return str(begun["deploymentId"])

    def stacks(self) -> list[str]:
        """Return the parts whose stacks exist, in the order of a teardown."""
        pages = self.cloudformation.get_paginator("describe_stacks").paginate()
        there = {stack["StackName"] for page in pages for stack in page["Stacks"]}
        return [part for part in PARTS if self.settings.stack_name(part) in there]

    def protected(self) -> list[str]:
        """Return the parts whose stacks are protected against deletion, in the order of a teardown."""
        pages = self.cloudformation.get_paginator("describe_stacks").paginate()
        there = {
            stack["StackName"]
            for page in pages
            for stack in page["Stacks"]
            if stack.get("EnableTerminationProtection")
        }
        return [part for part in PARTS if self.settings.stack_name(part) in there]

    def balancers(self) -> list[str]:
        """Return the ARNs of this stage's load balancers."""
        name = f"{self.settings.prefix}-balancer"
        found = self.elbv2.describe_load_balancers()["LoadBalancers"]
        return [one["LoadBalancerArn"] for one in found if one["LoadBalancerName"] == name]

    def services(self) -> list[str]:
        """Return the ARNs of this stage's active services."""
        clusters = self.ecs.list_clusters()["clusterArns"]
        if not any(arn.endswith(f"/{self.settings.prefix}") for arn in clusters):
            return []
        return list(self.ecs.list_services(cluster=self.settings.prefix)["serviceArns"])

    def everything(self) -> dict[str, Any]:
        """Return all that a teardown might touch, to compare before and after."""
        return {
            "stacks": [
                self.cloudformation.describe_stacks(StackName=self.settings.stack_name(part))["Stacks"]
                for part in self.stacks()
            ],
            "balancers": [
                self.elbv2.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
                for arn in self.balancers()
            ],
            "services": self.services(),
            "kept": self.kept(),
        }

    def kept(self) -> dict[str, Any]:
        """Return what must outlive the stacks."""
        names = [one["Name"] for one in self.s3.list_buckets()["Buckets"]]
        found = self.ssm.get_parameters(Names=[self.settings.live_colour_parameter])["Parameters"]
        revisions = self.ecs.list_task_definitions(familyPrefix=self.settings.prefix)["taskDefinitionArns"]
        return {
            "buckets": [name for name in names if name.startswith(f"{self.settings.prefix}-")],
            "colours": [one["Value"] for one in found],
            "revisions": len(revisions),
        }


def template(settings: StageSettings, part: str) -> dict[str, Any]:
    """Return the resources of one stack."""
    retained = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
    match part:
        case "Data":
            name = settings.data_bucket(ACCOUNT)
            return {"Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": name}, **retained}}
        case "Colour":
            colour = {"Name": settings.live_colour_parameter, "Type": "String", "Value": "green"}
            return {"LiveColour": {"Type": "AWS::SSM::Parameter", "Properties": colour, **retained}}
        case "Traffic":
            return _traffic(settings)
        case "Service":
            return _service(settings, retained)
        case _:
            topic = f"{settings.prefix}-{part.lower()}"
            return {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": topic}}}


def _traffic(settings: StageSettings) -> dict[str, Any]:
    subnet = {"VpcId": {"Ref": "Vpc"}}
    zones = zip(settings.network.zones, ("10.0.0.0/24", "10.0.1.0/24"), ("A", "B"), strict=False)
    subnets = {
        f"Subnet{letter}": {
            "Type": "AWS::EC2::Subnet",
            "Properties": {**subnet, "CidrBlock": block, "AvailabilityZone": zone},
        }
        for zone, block, letter in zones
    }
    return {
        "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
        **subnets,
        "LoadBalancer": {
            "Type": "AWS::ElasticLoadBalancingV2::LoadBalancer",
            "Properties": {
                "Name": f"{settings.prefix}-balancer",
                "Scheme": "internal",
                "Subnets": [{"Ref": name} for name in subnets],
            },
        },
    }


def _service(settings: StageSettings, retained: dict[str, str]) -> dict[str, Any]:
    return {
        "Cluster": {"Type": "AWS::ECS::Cluster", "Properties": {"ClusterName": settings.prefix}},
        "Task": {
            "Type": "AWS::ECS::TaskDefinition",
            "Properties": {
                "Family": settings.prefix,
                "ContainerDefinitions": [{"Name": "service", "Image": "image", "Memory": 128}],
            },
            **retained,
        },
        "Service": {
            "Type": "AWS::ECS::Service",
            "Properties": {
                "Cluster": {"Ref": "Cluster"},
                "TaskDefinition": {"Ref": "Task"},
                "DesiredCount": 1,
            },
        },
    }
