"""Where a stack leaves what the stacks after it, and releases, must know.

Entries are SSM parameters below `/switchyard/<stage>/`, instead of CloudFormation exports, which
lock producer and consumer together: a value in use cannot change, and a consumer that is left out
for once takes its exports away.
"""

from collections.abc import Mapping

from aws_cdk import aws_ssm as ssm
from constructs import Construct

from infra.settings import StageSettings


class Directory(Construct):
    """The entries of the stacks before this one."""

    def __init__(self, scope: Construct, id_: str = "Directory", *, settings: StageSettings) -> None:
        super().__init__(scope, id_)
        self._settings = settings

    def find(self, name: str) -> str:
        """Return the value of an entry, read by CloudFormation when the stack is deployed."""
        return ssm.StringParameter.value_for_string_parameter(self, self._settings.entry(name))


class Published(Construct):
    """The entries of this stack: one parameter each, named by `StageSettings.entry`."""

    def __init__(self, scope: Construct, *, settings: StageSettings, entries: Mapping[str, str]) -> None:
        super().__init__(scope, "Published")
        for name, value in entries.items():
            ssm.StringParameter(self, name, parameter_name=settings.entry(name), string_value=value)
