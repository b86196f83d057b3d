"""The running service: cluster, task, colours, gate, alarms, and how a release moves between them."""

from aws_cdk import Environment, Stack
from constructs import Construct

from infra.colours import Colours
from infra.directory import Directory, Published
from infra.place import Place
from infra.service.cluster import Cluster
from infra.service.codedeploy_service import CodeDeployService, service_id
from infra.service.ecs_service import EcsService
from infra.service.prediction_service import PredictionService
from infra.service.release_gate import ReleaseGate
from infra.service.release_keeper import ReleaseKeeper
from infra.service.rollback_alarms import RollbackAlarms
from infra.service.scaling import Scaling
from infra.service.task import PredictionTask
from infra.service.traffic_shift import TrafficShift
from infra.settings import Engine, RegistrySettings, StageSettings


class ServiceStack(Stack):
    """Everything that needs an image to exist."""

    def __init__(
        self,
        scope: Construct,
        *,
        settings: StageSettings,
        registry: RegistrySettings,
        env: Environment,
        image: str,
    ) -> None:
        super().__init__(
            scope,
            settings.stack_name("Service"),
            env=env,
            tags=settings.tags,
            termination_protection=settings.protected,
        )
        self._settings = settings
        self._directory = Directory(self, settings=settings)
        self._place = Place(self, settings=settings, directory=self._directory, kind="private")
        self._colours = Colours(self, directory=self._directory, measured=settings.alarms.enabled)
        self.cluster = Cluster(self, "Cluster", settings=settings, vpc=self._place.vpc)
        self.task = PredictionTask(self, "Task", settings=settings, registry=registry, image=image)
        self.alarms = RollbackAlarms(
            self, "RollbackAlarms", settings=settings, colours=self._colours, registry=registry
        )
        self.service = (
            self._build_codedeploy() if settings.release.engine is Engine.CODEDEPLOY else self._build_ecs()
        )
        scaling = Scaling(self, "Scaling", settings=settings, service=self.service, colours=self._colours)
        ReleaseKeeper(
            self,
            "ReleaseKeeper",
            settings=settings,
            service=self.service,
            scaling=scaling,
            colours=self._colours,
            directory=self._directory,
        )
        Published(self, settings=settings, entries={"service/name": self.service.service_name})

    def _build_codedeploy(self) -> PredictionService:
        """Return the service, and have CodeDeploy move it.

        Its id tells the capacity and the zones, so that a change of either makes a new service: ECS changes
        neither the capacity nor the subnets of a service under CODE_DEPLOY.
        """
        service = CodeDeployService(
            self,
            service_id(self._settings),
            settings=self._settings,
            cluster=self.cluster,
            task=self.task,
            place=self._place,
            colours=self._colours,
        )
        TrafficShift(
            self,
            "TrafficShift",
            settings=self._settings,
            service=service,
            colours=self._colours,
            alarms=self.alarms,
            gate=self._build_gate(service),
        )
        return service

    def _build_ecs(self) -> PredictionService:
        """Return the service, which ECS moves by itself.

        It has an id of its own, so that a change of engine always makes a new service before the old one
        goes: ECS lets no service turn to CODE_DEPLOY, whatever CloudFormation would try.
        """
        service = EcsService(
            self,
            "EcsService",
            settings=self._settings,
            cluster=self.cluster,
            task=self.task,
            place=self._place,
            alarms=self.alarms,
        )
        if self._settings.release.two_colours:
            service.ask(self._build_gate(None))
            service.move_between(self._colours, self._directory)
        else:
            service.stay_in_live(self._colours, parameter_name=self._settings.live_colour_parameter)
        return service

    def _build_gate(self, service: PredictionService | None) -> ReleaseGate:
        return ReleaseGate(
            self,
            "ReleaseGate",
            settings=self._settings,
            place=self._place,
            directory=self._directory,
            service=service,
        )
