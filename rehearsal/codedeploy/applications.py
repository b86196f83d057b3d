"""Applications, configurations and revisions (CodeDeploy API Reference, the actions of these names)."""

import uuid
from collections.abc import Mapping
from typing import Any, Final

from rehearsal.codedeploy import appspec, schedule
from rehearsal.codedeploy.errors import ApiError
from rehearsal.codedeploy.paging import page
from rehearsal.codedeploy.service import Operation, Said, Service
from rehearsal.codedeploy.store import Application, Revision

_LONGEST_DESCRIPTION: Final = 256


def create_application(service: Service, said: Said) -> Mapping[str, Any]:
    """Create an application for Amazon ECS, the one platform that is played here."""
    store, name = service.store, said["applicationName"]
    if said.get("computePlatform") != "ECS":
        raise ApiError(
            "InvalidComputePlatformException", "The rehearsal deploys to the compute platform ECS only."
        )
    if name in store.applications:
        raise ApiError("ApplicationAlreadyExistsException", f"Application already exists: {name}")
    made = Application(name, str(uuid.uuid4()), store.now())
    store.applications[name] = made
    return {"applicationId": made.id}


def get_application(service: Service, said: Said) -> Mapping[str, Any]:
    """Describe an application."""
    found = service.store.application(said["applicationName"])
    return {
        "application": {
            "applicationId": found.id,
            "applicationName": found.name,
            "createTime": found.created,
            "linkedToGitHub": False,
            "computePlatform": "ECS",
        }
    }


def list_applications(service: Service, said: Said) -> Mapping[str, Any]:
    """List the names of the applications."""
    return page("applications", sorted(service.store.applications), said.get("nextToken"))


def delete_application(service: Service, said: Said) -> Mapping[str, Any]:
    """Delete an application with its groups; one that is not there is no error."""
    service.store.applications.pop(said["applicationName"], None)
    return {}


def create_config(service: Service, said: Said) -> Mapping[str, Any]:
    """Create a deployment configuration for Amazon ECS."""
    store, name = service.store, said["deploymentConfigName"]
    if said.get("computePlatform") != "ECS":
        raise ApiError(
            "InvalidComputePlatformException", "The rehearsal deploys to the compute platform ECS only."
        )
    if name.startswith("CodeDeployDefault."):
        raise ApiError(
            "InvalidDeploymentConfigNameException",
            "The prefix CodeDeployDefault. belongs to the predefined ones.",
        )
    if name in store.configs:
        raise ApiError(
            "DeploymentConfigAlreadyExistsException", f"Deployment Configuration already exists: {name}"
        )
    routing = said.get("trafficRoutingConfig", {"type": "AllAtOnce"})
    schedule.check(routing)
    store.configs[name] = {
        "deploymentConfigId": str(uuid.uuid4()),
        "createTime": store.now(),
        "computePlatform": "ECS",
        "trafficRoutingConfig": routing,
    }
    return {"deploymentConfigId": store.configs[name]["deploymentConfigId"]}


def get_config(service: Service, said: Said) -> Mapping[str, Any]:
    """Describe a deployment configuration."""
    name = said["deploymentConfigName"]
    return {"deploymentConfigInfo": {"deploymentConfigName": name} | dict(service.store.config(name))}


def list_configs(service: Service, said: Said) -> Mapping[str, Any]:
    """List the names of the deployment configurations, the predefined ones included."""
    return page("deploymentConfigsList", sorted(service.store.configs), said.get("nextToken"))


def delete_config(service: Service, said: Said) -> Mapping[str, Any]:
    """Delete a deployment configuration that no group uses."""
    store, name = service.store, said["deploymentConfigName"]
    if name.startswith("CodeDeployDefault."):
        raise ApiError(
            "InvalidOperationException", "A predefined deployment configuration cannot be deleted."
        )
    groups = [group for application in store.applications.values() for group in application.groups.values()]
    if any(group.said["deploymentConfigName"] == name for group in groups):
        raise ApiError("DeploymentConfigInUseException", f"Deployment Configuration is in use: {name}")
    store.configs.pop(name, None)
    return {}


def register_revision(service: Service, said: Said) -> Mapping[str, Any]:
    """Remember an AppSpec of an application."""
    application = service.store.application(said["applicationName"])
    revision = remember(service, application, said["revision"])
    revision.description = checked_description(said)
    return {}


def get_revision(service: Service, said: Said) -> Mapping[str, Any]:
    """Give an AppSpec's text by its SHA-256 (API Reference, "GetDeployment": the only way to get it)."""
    application = service.store.application(said["applicationName"])
    found = find(application, said["revision"])
    times = {"registerTime": found.registered, "description": found.description}
    used = {} if found.used is None else {"firstUsedTime": found.used, "lastUsedTime": found.used}
    return {
        "applicationName": application.name,
        "revision": location(found) | {"appSpecContent": {"content": found.content, "sha256": found.sha256}},
        "revisionInfo": times | used | {"deploymentGroups": sorted(application.groups)},
    }


def remember(service: Service, application: Application, said: Said) -> Revision:
    """Return the revision that a request means, kept from now on.

    Raises:
        ApiError: InvalidRevisionException, or RevisionDoesNotExistException.
    """
    content = said.get("appSpecContent", {}).get("content")
    if content is None:
        return find(application, said)
    appspec.parse(content)
    made = Revision(content, service.store.now())
    told = said["appSpecContent"].get("sha256", made.sha256)
    if said.get("revisionType") != "AppSpecContent" or told != made.sha256:
        raise ApiError(
            "InvalidRevisionException", "The revision's type or its SHA-256 does not fit its content."
        )
    return application.revisions.setdefault(made.sha256, made)


def find(application: Application, said: Said) -> Revision:
    """Return a revision that an application has, by its SHA-256.

    Raises:
        ApiError: InvalidRevisionException, or RevisionDoesNotExistException.
    """
    named = said.get("appSpecContent", {})
    sha256 = named.get("sha256") or Revision(named.get("content", ""), 0.0).sha256
    if said.get("revisionType") != "AppSpecContent" or not named:
        raise ApiError(
            "InvalidRevisionException", "The rehearsal takes revisions of the type AppSpecContent only."
        )
    if sha256 not in application.revisions:
        raise ApiError("RevisionDoesNotExistException", f"No revision found with the SHA-256 {sha256}")
    return application.revisions[sha256]


def location(revision: Revision) -> dict[str, Any]:
    """Return where a revision is, as deployments tell it: without its content."""
    return {"revisionType": "AppSpecContent", "appSpecContent": {"sha256": revision.sha256}}


def checked_description(said: Said) -> str:
    """Return the description of a request; it has at most 256 characters ("CodeDeploy quotas").

    Raises:
        ApiError: DescriptionTooLongException.
    """
    description: str = said.get("description", "")
    if len(description) > _LONGEST_DESCRIPTION:
        raise ApiError("DescriptionTooLongException", "The description is longer than 256 characters.")
    return description


OPERATIONS: Final[Mapping[str, Operation]] = {
    "CreateApplication": create_application,
    "GetApplication": get_application,
    "ListApplications": list_applications,
    "DeleteApplication": delete_application,
    "CreateDeploymentConfig": create_config,
    "GetDeploymentConfig": get_config,
    "ListDeploymentConfigs": list_configs,
    "DeleteDeploymentConfig": delete_config,
    "RegisterApplicationRevision": register_revision,
    "GetApplicationRevision": get_revision,
}
