"""What the function is told by its environment."""

from collections.abc import Mapping
from dataclasses import dataclass

from .addresses import TestAddress, read_address


@dataclass(frozen=True, slots=True)
class GateSettings:
    """What is released, where its probes are, and where and how to ask it."""

    cluster: str
    """Name of the ECS cluster."""
    service: str
    """Name of the ECS service."""
    container: str
    """Name of the container that answers, among those of the task."""
    bucket: str
    """Bucket that holds the probes."""
    prefix: str
    """Where in the bucket they are."""
    address: TestAddress
    """Where the test listener is."""
    ready_path: str
    """Path that answers 200 when the service takes traffic."""
    predict_path: str
    """Path that takes one record and answers its prediction."""
    tolerance: float
    """Largest difference between an answer and the prediction that was promised."""

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> "GateSettings":
        """Return the settings; raises KeyError or ValueError when one is missing or not a number."""
        return cls(
            cluster=environment["CLUSTER"],
            service=environment["SERVICE"],
            container=environment["CONTAINER"],
            bucket=environment["PROBES_BUCKET"],
            prefix=environment["PROBES_PREFIX"],
            address=read_address(environment),
            ready_path=environment["READY_PATH"],
            predict_path=environment["PREDICT_PATH"],
            tolerance=float(environment["TOLERANCE"]),
        )
