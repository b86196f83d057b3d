"""The running service: cluster, task, colours, gate, alarms, and how a release moves between them."""

from aws_cdk import Environment, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from constructs import Construct

from infra.blue_green_service import BlueGreenService
from infra.colours import Colours
from infra.directory import Directory, Published
from infra.place import Place
from infra.release_gate import ReleaseGate
from infra.rollback_alarms import RollbackAlarms
from infra.settings import StageSettings
from infra.task import PredictionTask
from infra.traffic_shift import TrafficShift


class ServiceStack(Stack):
    """Everything that needs an image to exist."""

    def __init__(self, scope: Construct, *, settings: StageSettings, env: Environment, image: str) -> None:
        super().__init__(scope, settings.stack_name("Service"), env=env, tags=settings.tags)
        directory = Directory(self, settings=settings)
        place = Place(self, settings=settings, directory=directory, kind="private")
        colours = Colours(self, directory=directory)
        self.cluster = self._build_cluster(settings, place.vpc)
        self.task = PredictionTask(self, "Task", settings=settings, image=image)
        self.service = BlueGreenService(
            self,
            "Service",
            settings=settings,
            cluster=self.cluster,
            task=self.task,
            place=place,
            colours=colours,
        )
        self.gate = ReleaseGate(
            self,
            "ReleaseGate",
            settings=settings,
            place=place,
            service=self.service,
            directory=directory,
        )
        self.alarms = RollbackAlarms(self, "RollbackAlarms", settings=settings, colours=colours)
        self.shift = TrafficShift(
            self,
            "TrafficShift",
            settings=settings,
            service=self.service,
            colours=colours,
            alarms=self.alarms,
            gate=self.gate,
        )
        Published(self, settings=settings, entries={"service/name": self.service.service_name})

    def _build_cluster(self, settings: StageSettings, vpc: ec2.IVpc) -> ecs.Cluster:
        return ecs.Cluster(
            self,
            "Cluster",
            cluster_name=settings.prefix,
            vpc=vpc,
            container_insights_v2=ecs.ContainerInsights.ENABLED,
        )
