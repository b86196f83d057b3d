"""The ECS service whose tasks CodeDeploy replaces."""

import re

from aws_cdk import aws_ecs as ecs
from constructs import Construct

from infra.colours import Colours
from infra.place import Place
from infra.service.cluster import Cluster
from infra.service.prediction_service import PredictionService
from infra.service.task import PredictionTask
from infra.settings import StageSettings


class CodeDeployService(PredictionService):
    """A service under the CODE_DEPLOY controller, created behind blue.

    ECS refuses nearly every later change of such a service, so its properties are frozen by a test.
    It says nothing of zone rebalancing: ECS switches that on for every service that is created
    without a word about it, and does not list it among what may change afterwards.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        settings: StageSettings,
        cluster: Cluster,
        task: PredictionTask,
        place: Place,
        colours: Colours,
    ) -> None:
        super().__init__(
            scope,
            id_,
            settings=settings,
            cluster=cluster,
            task=task,
            place=place,
            deployment_controller=ecs.DeploymentController(type=ecs.DeploymentControllerType.CODE_DEPLOY),
        )
        self.attach_to_application_target_group(colours.blue)


def service_id(settings: StageSettings) -> str:
    """Return the id of a service under CODE_DEPLOY, such as `ServiceAB` or `SpotServiceAB`.

    It tells whatever a setting decides and ECS refuses to change: the capacity, and the zones in their
    order, each of which stands for a subnet. A zone is named by its letter, a local zone in full.
    """
    zones = (_letters(zone, settings.region) for zone in settings.network.zones)
    return f"{'Spot' if settings.tasks.spot else ''}Service{''.join(zones)}"


def _letters(zone: str, region: str) -> str:
    return re.sub("[^0-9a-z]", "", zone.removeprefix(region)).capitalize()
