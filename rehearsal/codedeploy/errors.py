"""What the API refuses, by the names of CodeDeploy's own service model."""


class ApiError(Exception):
    """An answer with status 400; botocore makes the modeled exception of its code."""

    status = 400

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        """The exception's name in the service model, or one of the errors common to all actions."""
        self.message = message
        """The sentence."""


class Unusable(Exception):
    """The control plane has refused a command for good, or the service is not what a deployment needs."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        """One of the codes of ErrorInformation."""
        self.message = message
        """The sentence."""
