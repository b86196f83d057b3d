"""CodeDeploy's resources of templates, made through its own API.

AWS documentation (CloudFormation resource reference): AWS::CodeDeploy::Application, DeploymentConfig and
DeploymentGroup have the properties of CreateApplication, CreateDeploymentConfig, CreateDeploymentGroup and
UpdateDeploymentGroup; `Ref` is the name. A deployment configuration cannot change: it is replaced, whatever
changed. Another name of an application makes another application.

moto knows none of the three. They are there only when the launcher was told of a CodeDeploy server.
"""

from collections.abc import Mapping
from typing import Any, Final

from botocore.exceptions import ClientError
from moto.core.common_models import CloudFormationModel

from rehearsal import sessions
from rehearsal.aws.ecs.shapes import from_template
from rehearsal.aws.original import Moto

Properties = Mapping[str, Moto]
_CREATE: Final = {
    "Application": "CreateApplication",
    "DeploymentConfig": "CreateDeploymentConfig",
    "DeploymentGroup": "CreateDeploymentGroup",
}
"""Operations by kind of resource; the property that names it is the kind's with `Name` at its end."""


def mend(url: str) -> None:
    """Give CloudFormation the three types, whose resources live in the CodeDeploy server at a URL."""
    client = sessions.client("codedeploy", url)
    for kind in _CREATE:
        _model(kind, client)


class _Resource:
    """One resource; its kind and the client are its class's."""

    kind = ""
    client: Any = None

    def __init__(self, name: str, said: Properties) -> None:
        self.name = name
        self.said = said

    @property
    def physical_resource_id(self) -> str:
        """What `Ref` returns."""
        return self.name

    @classmethod
    def cloudformation_type(cls) -> str:
        """Return the resource's type."""
        return f"AWS::CodeDeploy::{cls.kind}"

    @classmethod
    def cloudformation_name_type(cls) -> str:
        """Return the property that names it."""
        return f"{cls.kind}Name"

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        """Whether there is such an attribute: there is none that templates use."""
        return bool(attr) and False

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: dict[str, Moto], *_: Moto, **__: Moto
    ) -> Moto:
        """Create what a template describes."""
        return cls._created(resource_name, cloudformation_json.get("Properties", {}))

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: Moto,
        new_resource_name: str,
        cloudformation_json: dict[str, Moto],
        *_: Moto,
        **__: Moto,
    ) -> Moto:
        """Change a group in place; replace what cannot change."""
        properties = cloudformation_json.get("Properties", {})
        if cls.kind == "DeploymentGroup":
            return original_resource.changed(properties)
        named = properties.get(cls.cloudformation_name_type())
        if cls.kind == "Application" and named in (None, original_resource.name):
            return original_resource
        made = cls._created(named or new_resource_name, properties)
        original_resource.delete()
        return made

    @classmethod
    def _created(cls, name: str, properties: Properties) -> Moto:
        said = from_template(_CREATE[cls.kind], properties, service="codedeploy")
        key = cls.cloudformation_name_type()
        request = {**said, f"{key[0].lower()}{key[1:]}": name}
        method = {
            "Application": cls.client.create_application,
            "DeploymentConfig": cls.client.create_deployment_config,
            "DeploymentGroup": cls.client.create_deployment_group,
        }[cls.kind]
        method(**request)
        return cls(name, request)

    def changed(self, properties: Properties) -> Moto:
        """Update a deployment group in place; what the template no longer says is as at its creation."""
        name = properties.get("DeploymentGroupName") or self.name
        said = from_template("UpdateDeploymentGroup", properties, service="codedeploy")
        cleared: dict[str, Moto] = {
            "alarmConfiguration": {"enabled": False, "alarms": []},
            "autoRollbackConfiguration": {"enabled": False, "events": []},
            "triggerConfigurations": [],
        }
        gone = {key: cleared[key] for key in cleared if key in self.said and key not in said}
        self.client.update_deployment_group(
            **{**gone, **said}, currentDeploymentGroupName=self.name, newDeploymentGroupName=name
        )
        return type(self)(name, {**said, "applicationName": self.said["applicationName"]})

    def delete(self, *_: Moto) -> None:
        """Delete it; a configuration that a group still has stays, as AWS says that it is in use."""
        match self.kind:
            case "Application":
                self.client.delete_application(applicationName=self.name)
            case "DeploymentGroup":
                self.client.delete_deployment_group(
                    applicationName=self.said["applicationName"], deploymentGroupName=self.name
                )
            case _:
                try:
                    self.client.delete_deployment_config(deploymentConfigName=self.name)
                except ClientError as error:
                    if error.response["Error"]["Code"] != "DeploymentConfigInUseException":
                        raise


def _model(kind: str, client: Moto) -> type[_Resource]:
    """Return a class that moto finds by its being one of CloudFormationModel's."""
    return type(f"CodeDeploy{kind}", (_Resource, CloudFormationModel), {"kind": kind, "client": client})
