"""The ECS service whose tasks CodeDeploy replaces."""

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
