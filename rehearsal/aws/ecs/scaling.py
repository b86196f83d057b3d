"""Scalable targets of templates: the least number of tasks that a service has.

AWS documentation: CloudFormation resource reference, AWS::ApplicationAutoScaling::ScalableTarget (`Ref`
returns resource id, dimension and namespace, set apart by bars); Application Auto Scaling API Reference,
"RegisterScalableTarget" (a service that wants fewer tasks than MinCapacity is scaled out to it).

moto has no such resource. Nothing is ever scaled here beyond that minimum.
"""

from moto.core.common_models import CloudFormationModel

from rehearsal.aws.original import Moto, scaling
from rehearsal.isolation import ACCOUNT, REGION


def mend() -> None:
    """Let templates register scalable targets."""

    class ScalableTarget(CloudFormationModel):
        """A scalable target of a template."""

        def __init__(self, properties: Moto) -> None:
            self.properties = properties

        @property
        def physical_resource_id(self) -> str:
            """What `Ref` returns."""
            return "|".join(
                self.properties[name] for name in ("ResourceId", "ScalableDimension", "ServiceNamespace")
            )

        @staticmethod
        def cloudformation_name_type() -> str:
            """Return nothing: it has no name of its own."""
            return ""

        @staticmethod
        def cloudformation_type() -> str:
            """Return the type of the resource."""
            return "AWS::ApplicationAutoScaling::ScalableTarget"

        @classmethod
        def create_from_cloudformation_json(
            cls,
            resource_name: str,  # noqa: ARG003 - moto's signature
            cloudformation_json: dict[str, Moto],
            account_id: str,  # noqa: ARG003
            region_name: str,  # noqa: ARG003
            **_: Moto,
        ) -> "ScalableTarget":
            """Register it."""
            _register(cloudformation_json["Properties"])
            return cls(cloudformation_json["Properties"])

        @classmethod
        def update_from_cloudformation_json(
            cls,
            original_resource: Moto,  # noqa: ARG003 - moto's signature
            new_resource_name: str,
            cloudformation_json: dict[str, Moto],
            account_id: str,
            region_name: str,
        ) -> "ScalableTarget":
            """Register it anew."""
            return cls.create_from_cloudformation_json(
                new_resource_name, cloudformation_json, account_id, region_name
            )

        def delete(self, *_: str) -> None:
            """Deregister it."""
            where = self.properties
            _backend().deregister_scalable_target(
                where["ServiceNamespace"], where["ResourceId"], where["ScalableDimension"]
            )


def _register(properties: Moto) -> None:
    _backend().register_scalable_target(
        properties["ServiceNamespace"],
        properties["ResourceId"],
        properties["ScalableDimension"],
        int(properties["MinCapacity"]),
        int(properties["MaxCapacity"]),
        properties.get("RoleARN"),
        properties.get("SuspendedState"),
    )


def _backend() -> Moto:
    return scaling.applicationautoscaling_backends[ACCOUNT][REGION]
