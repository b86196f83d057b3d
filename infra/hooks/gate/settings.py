"""What the function is told by its environment, whichever engine calls it."""

from collections.abc import Mapping
from dataclasses import dataclass

from .addresses import TestAddress, read_address


@dataclass(frozen=True, slots=True)
class GateSettings:
    """Where the gate documents are, and where and how to ask the new version."""

    container: str
    """Name of the container that answers, among those of the task."""
    bucket: str
    """Bucket that holds the gate documents."""
    prefix: str
    """Where in the bucket they are."""
    address: TestAddress
    """Where the test listener is."""
    ready_path: str
    """Path that answers 200 when the service takes traffic."""
    version_path: str
    """Path that answers which model package it is."""
    predict_path: str
    """Path that takes one record and answers its prediction."""
    tolerance: float
    """Largest difference between an answer and the prediction that was promised."""

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> "GateSettings":
        """Return the settings; raises KeyError or ValueError when one is missing or not a number."""
        return cls(
            container=environment["CONTAINER"],
            bucket=environment["PROBES_BUCKET"],
            prefix=environment["PROBES_PREFIX"],
            address=read_address(environment),
            ready_path=environment["READY_PATH"],
            version_path=environment["VERSION_PATH"],
            predict_path=environment["PREDICT_PATH"],
            tolerance=float(environment["TOLERANCE"]),
        )
