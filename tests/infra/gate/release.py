"""A release in moto: its service, its task sets, its task definition, and its gate document."""

import json
from typing import Any, Final

import boto3
import httpx

from tests.infra.assembly import IMAGE
from tests.infra.gate.servers import VERSION, World

DIGEST: Final = IMAGE.removeprefix("sha256:")
DEPLOYMENT: Final = "d-RELEASE01"
REVISION: Final = (
    "arn:aws:ecs:eu-central-1:123456789012:service-revision/switchyard-dev/yield/9313423515462893900"
)
EVENTS: Final[dict[str, dict[str, Any]]] = {
    "codedeploy": {"DeploymentId": DEPLOYMENT, "LifecycleEventHookExecutionId": "execution-1"},
    "ecs": {
        "executionId": "3a0345ba-b029-404b-890d-7da2a4b266aa",
        "lifecycleStage": "POST_TEST_TRAFFIC_SHIFT",
        "resourceArn": "arn:aws:ecs:eu-central-1:123456789012:service-deployment/switchyard-dev/yield/EZe5RN",
        "executionDetails": {
            "serviceArn": "arn:aws:ecs:eu-central-1:123456789012:service/switchyard-dev/yield",
            "targetServiceRevisionArn": REVISION,
            "testTrafficWeights": {},
            "productionTrafficWeights": {},
        },
    },
}
"""What each engine says when it calls; ECS's is the example of its developer guide."""
DOCUMENT: Final = {
    "version": VERSION,
    "probes": [{"name": "typical", "record": {"B1": 320.0}, "prediction": 0.93}],
}


def start_release(world: World, *, deployment: str, image: str = f"registry/switchyard@{IMAGE}") -> None:
    """Create the service, the replacement task set of a deployment and a service revision of ECS's own."""
    ecs: Any = boto3.client("ecs", endpoint_url=world.moto)
    ecs.create_cluster(clusterName="switchyard-dev")
    task = ecs.register_task_definition(
        family="switchyard-dev",
        containerDefinitions=[
            {"name": "sidecar", "image": "registry/sidecar:latest", "memory": 64},
            {"name": "service", "image": image, "memory": 64},
        ],
    )["taskDefinition"]["taskDefinitionArn"]
    ecs.create_service(
        cluster="switchyard-dev",
        serviceName="yield",
        desiredCount=1,
        deploymentController={"type": "EXTERNAL"},  # the one whose task sets moto lets others make
    )
    for name in ("d-EARLIER", deployment):
        ecs.create_task_set(cluster="switchyard-dev", service="yield", taskDefinition=task, externalId=name)
    world.revisions[REVISION] = task


def upload(document: object = DOCUMENT) -> None:
    """Put the release's gate document into the data bucket."""
    s3: Any = boto3.client("s3")
    where = {"LocationConstraint": "eu-central-1"}
    s3.create_bucket(Bucket="switchyard-data", CreateBucketConfiguration=where)
    s3.put_object(
        Bucket="switchyard-data", Key=f"releases/probes/{DIGEST}.json", Body=json.dumps(document).encode()
    )


def add_interface(subnet: str, host: str, description: str) -> str:
    """Create a network interface and return its id."""
    ec2: Any = boto3.client("ec2")
    answer = ec2.create_network_interface(SubnetId=subnet, PrivateIpAddress=host, Description=description)
    return str(answer["NetworkInterface"]["NetworkInterfaceId"])


def use_interface(subnet: str, interface: str) -> None:
    """Attach a network interface, which makes it one in use."""
    ec2: Any = boto3.client("ec2")
    image = ec2.describe_images()["Images"][0]["ImageId"]
    launched = ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1, SubnetId=subnet)
    instance = launched["Instances"][0]["InstanceId"]
    ec2.attach_network_interface(NetworkInterfaceId=interface, InstanceId=instance, DeviceIndex=1)


def reset(moto: str) -> None:
    """Forget everything in moto."""
    httpx.post(f"{moto}/moto-api/reset").raise_for_status()
