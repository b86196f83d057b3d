"""The API as AWS JSON 1.1: a request in, an answer or a refusal out.

A request is checked against botocore's own model of the service. What a model requires and a request lacks
is refused by the exception that the model has for it (`ApplicationNameRequiredException`), anything else
that does not fit by `ValidationException`, one of the errors common to all actions.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

import botocore.session
from botocore.model import OperationModel, ServiceModel
from botocore.validate import ParamValidator

from rehearsal.codedeploy import applications, deployments, groups, targets
from rehearsal.codedeploy.errors import ApiError
from rehearsal.codedeploy.service import Operation, Service

PREFIX: Final = "CodeDeploy_20141006."
OPERATIONS: Final[Mapping[str, Operation]] = {
    **applications.OPERATIONS,
    **groups.OPERATIONS,
    **deployments.OPERATIONS,
    **targets.OPERATIONS,
}
_REQUIRED: Final = "Missing required parameter"


class Api:
    """Answers requests; what reads and writes several things that belong together has the store to itself."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._model: ServiceModel = botocore.session.get_session().get_service_model("codedeploy")

    def answer(self, target: str, body: bytes) -> tuple[int, Mapping[str, Any]]:
        """Return the status and the document that answer a request.

        Args:
            target: The header X-Amz-Target.
            body: The request's JSON.
        """
        try:
            name = self._operation(target)
            said = self._checked(self._model.operation_model(name), body)
            if name in targets.OPERATIONS:  # these only read, and may wait for the control plane
                return 200, OPERATIONS[name](self._service, said)
            with self._service.store.lock:
                return 200, OPERATIONS[name](self._service, said)
        except ApiError as error:
            return error.status, {"__type": error.code, "message": error.message}

    def _operation(self, target: str) -> str:
        name = target.removeprefix(PREFIX)
        if name == target or name not in OPERATIONS:
            raise ApiError("UnknownOperationException", f"The rehearsal does not play {target}.")
        return name

    def _checked(self, operation: OperationModel, body: bytes) -> Mapping[str, Any]:
        try:
            said = json.loads(body or b"{}")
        except ValueError as error:
            raise ApiError("SerializationException", "The request is not JSON.") from error
        shape = operation.input_shape
        if not isinstance(said, dict) or shape is None:
            raise ApiError("SerializationException", "The request is not a JSON object.")
        for name in shape.required_members:
            if said.get(name, "") in ("", None):
                raise self._lacking(operation, name)
        report = ParamValidator().validate(said, shape)
        if report.has_errors():
            raise ApiError("ValidationException", report.generate_report())
        return said

    def _lacking(self, operation: OperationModel, name: str) -> ApiError:
        modeled = {shape.name for shape in operation.error_shapes}
        wanted = f"{name[0].upper()}{name[1:]}RequiredException"
        aliases = {
            "ServiceRoleArnRequiredException": "RoleRequiredException",
            "TargetIdRequiredException": "DeploymentTargetIdRequiredException",
            "TargetIdsRequiredException": "DeploymentTargetIdRequiredException",
            "DeploymentIdsRequiredException": "DeploymentIdRequiredException",
            "CurrentDeploymentGroupNameRequiredException": "DeploymentGroupNameRequiredException",
        }
        code = aliases.get(wanted, wanted)
        return ApiError(code if code in modeled else "ValidationException", f"{_REQUIRED}: {name}")
