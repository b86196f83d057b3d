"""Alarms of CloudWatch as templates and the API describe them, whole.

AWS documentation:
- CloudFormation resource reference, AWS::CloudWatch::Alarm and AWS::CloudWatch::CompositeAlarm: properties
  are those of PutMetricAlarm and PutCompositeAlarm, `Ref` is the name, `Arn` the ARN. Another name replaces
  the alarm, which is not played here.
- CloudWatch API Reference, PutMetricAlarm: a new alarm is INSUFFICIENT_DATA until it is first evaluated; an
  update overwrites the configuration and leaves the state unchanged.
- DescribeAlarms: without `AlarmTypes` only metric alarms are returned.
- DeleteAlarms: a composite alarm must be deleted before the alarms that it depends on.

moto has neither type, no PutCompositeAlarm, begins with OK, and starts anew at every update.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from moto.core.common_models import CloudFormationModel

from rehearsal.aws.load_balancing import ReplacementNeeded
from rehearsal.aws.original import Moto, cloudwatch, cloudwatch_api

Properties = Mapping[str, Moto]

_INITIAL: Final = "INSUFFICIENT_DATA"
_KEPT: Final = ("state_value", "state_reason", "state_reason_data", "state_updated_timestamp", "history")


def mend() -> None:
    """Put in what a release asks of alarms."""
    backend, api = cloudwatch.CloudWatchBackend, cloudwatch_api.CloudWatchResponse
    backend.put_metric_alarm = _keeping_the_state(backend.put_metric_alarm)
    backend.delete_alarms = _delete
    api.put_composite_alarm = api.put_metric_alarm  # moto's reads a rule as well
    api.describe_alarms = _describe


class _AlarmModel:
    """What both types have in common: made and updated by the API's own parameters."""

    def __init__(self, name: str, region: str, account: str) -> None:
        self.name = name
        self.arn = f"arn:aws:cloudwatch:{region}:{account}:alarm:{name}"

    @property
    def physical_resource_id(self) -> str:
        """What `Ref` returns."""
        return self.name

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        """Whether there is such an attribute."""
        return attr == "Arn"

    def get_cfn_attribute(self, attribute_name: str) -> str:
        """Return what `Fn::GetAtt` returns."""
        if attribute_name != "Arn":
            raise AttributeError(attribute_name)
        return self.arn

    @staticmethod
    def cloudformation_name_type() -> str:
        """Return the property that names it."""
        return "AlarmName"

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: dict[str, Moto],
        account_id: str,
        region_name: str,
        **_: Moto,
    ) -> Moto:
        """Create the alarm that a template describes."""
        _put(_backend(account_id, region_name), resource_name, cloudformation_json["Properties"])
        return cls(resource_name, region_name, account_id)

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: Moto,
        new_resource_name: str,  # noqa: ARG003 - made up anew where the template gives no name
        cloudformation_json: dict[str, Moto],
        account_id: str,
        region_name: str,
    ) -> Moto:
        """Overwrite it.

        Raises:
            ReplacementNeeded: the template has another name for it.
        """
        properties = cloudformation_json["Properties"]
        if properties.get("AlarmName", original_resource.name) != original_resource.name:
            raise ReplacementNeeded("Another AlarmName replaces the alarm, which is not played here.")
        _put(_backend(account_id, region_name), original_resource.name, properties)
        return original_resource

    def delete(self, account: str, region: str) -> None:
        """Delete it."""
        _backend(account, region).delete_alarms([self.name])


class _MetricAlarm(_AlarmModel, CloudFormationModel):
    @staticmethod
    def cloudformation_type() -> str:
        return "AWS::CloudWatch::Alarm"


class _CompositeAlarm(_AlarmModel, CloudFormationModel):
    @staticmethod
    def cloudformation_type() -> str:
        return "AWS::CloudWatch::CompositeAlarm"


def _put(backend: Moto, name: str, properties: Properties) -> None:
    backend.put_metric_alarm(
        name=name,
        namespace=properties.get("Namespace"),
        metric_name=properties.get("MetricName"),
        metric_data_queries=_queries(properties.get("Metrics", [])),
        comparison_operator=properties.get("ComparisonOperator"),
        evaluation_periods=_integer(properties.get("EvaluationPeriods")),
        datapoints_to_alarm=_integer(properties.get("DatapointsToAlarm")),
        period=_integer(properties.get("Period")),
        threshold=None if "Threshold" not in properties else float(properties["Threshold"]),
        statistic=properties.get("Statistic"),
        extended_statistic=properties.get("ExtendedStatistic"),
        description=properties.get("AlarmDescription"),
        dimensions=properties.get("Dimensions", []),
        alarm_actions=properties.get("AlarmActions", []),
        ok_actions=properties.get("OKActions", []),
        insufficient_data_actions=properties.get("InsufficientDataActions", []),
        unit=properties.get("Unit"),
        actions_enabled=_is_true(properties.get("ActionsEnabled", True)),
        treat_missing_data=properties.get("TreatMissingData"),
        evaluate_low_sample_count_percentile=properties.get("EvaluateLowSampleCountPercentile"),
        threshold_metric_id=properties.get("ThresholdMetricId"),
        rule=properties.get("AlarmRule"),
        tags=properties.get("Tags"),
    )


def _queries(described: Sequence[Properties]) -> list[Moto]:
    return [
        cloudwatch.MetricDataQuery(
            query_id=query["Id"],
            label=query.get("Label"),
            period=_integer(query.get("Period")),
            return_data=_is_true(query.get("ReturnData", True)),
            expression=query.get("Expression"),
            metric_stat=_metric_stat(query["MetricStat"]) if "MetricStat" in query else None,
        )
        for query in described
    ]


def _metric_stat(described: Properties) -> Moto:
    metric = described["Metric"]
    dimensions = [cloudwatch.Dimension(item["Name"], item["Value"]) for item in metric.get("Dimensions", [])]
    return cloudwatch.MetricStat(
        metric=cloudwatch.Metric(metric["MetricName"], metric["Namespace"], dimensions),
        period=_integer(described["Period"]),
        stat=described["Stat"],
        unit=described.get("Unit"),
    )


def _keeping_the_state(original: Moto) -> Moto:
    def put(backend: Moto, name: str, **properties: Moto) -> Moto:
        before = backend.alarms.get(name)
        alarm = original(backend, name=name, **properties)
        alarm.state_value = _INITIAL
        for part in _KEPT if before is not None else ():
            setattr(alarm, part, getattr(before, part))
        return alarm

    return put


def _describe(api: Moto) -> Moto:
    names = api._get_param("AlarmNames", [])
    types = api._get_param("AlarmTypes", []) or ["MetricAlarm"]
    prefixes = (api._get_param("AlarmNamePrefix"), api._get_param("ActionPrefix"))
    chosen = _chosen(api.cloudwatch_backend.alarms.values(), names, *prefixes, api._get_param("StateValue"))
    kinds = {
        "MetricAlarms": [alarm for alarm in chosen if alarm.rule is None and "MetricAlarm" in types],
        "CompositeAlarms": [
            alarm for alarm in chosen if alarm.rule is not None and "CompositeAlarm" in types
        ],
    }
    return cloudwatch_api.ActionResult(kinds)


def _chosen(
    alarms: Iterable[Moto], names: Sequence[str], prefix: str | None, action: str | None, state: str | None
) -> list[Moto]:
    """Return the alarms that fit all that is asked for."""
    return [
        alarm
        for alarm in list(alarms)
        if (not names or alarm.name in names)
        and alarm.name.startswith(prefix or "")
        and (not state or alarm.state_value == state)
        and (not action or any(one.startswith(action) for one in alarm.alarm_actions))
    ]


def _delete(backend: Moto, alarm_names: Sequence[str]) -> None:
    gone = [backend.alarms[name] for name in alarm_names if name in backend.alarms]
    staying = [alarm for alarm in backend.alarms.values() if alarm not in gone and alarm.rule is not None]
    for alarm in gone:
        for composite in staying:
            if {alarm.name, alarm.alarm_arn} & set(re.findall(r"[^\s()\"]+", composite.rule)):
                raise cloudwatch.ValidationError(
                    f"Cannot delete {alarm.name} as there are composite alarm(s) depending on it."
                )
    for alarm in gone:
        del backend.alarms[alarm.name]


def _integer(value: Moto) -> int | None:
    return None if value is None else int(value)


def _is_true(value: Moto) -> bool:
    return value is True or str(value).lower() == "true"


def _backend(account: str, region: str) -> Moto:
    return cloudwatch.cloudwatch_backends[account][region]
