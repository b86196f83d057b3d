"""Why the service does not start, named for what the caller must do.

    ServiceError
    ├── MisuseError     the environment has to be mended; exit code 2
    └── RefusalError    the model package or the machine has to be mended; exit code 1

What goes wrong with a single request is a `service.problems.Problem`.
"""


class ServiceError(Exception):
    """The root: one sentence for the person who reads it, and what to do next."""

    exit_code = 1


class MisuseError(ServiceError):
    """The environment has to be mended."""

    exit_code = 2


class RefusalError(ServiceError):
    """The package cannot be served, or the port cannot be had."""
