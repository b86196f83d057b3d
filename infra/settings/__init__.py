"""What a stage can decide: frozen dataclasses, every field with its meaning, unit and default.

Plain data that imports no CDK, so that releases and rehearsals may read it cheaply. `infra.config` holds the
stages, `infra.checks` says whether they can work.
"""

from infra.settings.alarms import AlarmSettings
from infra.settings.network import Egress, NetworkSettings
from infra.settings.operations import OperationsSettings
from infra.settings.registry import RegistrySettings
from infra.settings.release import Engine, ReleaseSettings, Severity, Strategy
from infra.settings.stage import StageSettings
from infra.settings.tasks import Architecture, TaskSettings
from infra.settings.traffic import HostedZone, TlsPolicy, TrafficSettings

__all__ = [
    "AlarmSettings",
    "Architecture",
    "Egress",
    "Engine",
    "HostedZone",
    "NetworkSettings",
    "OperationsSettings",
    "RegistrySettings",
    "ReleaseSettings",
    "Severity",
    "StageSettings",
    "Strategy",
    "TaskSettings",
    "TlsPolicy",
    "TrafficSettings",
]
