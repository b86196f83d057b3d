"""What people look at and what calls them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from infra.config import STAGES
from infra.runbooks import RUNBOOKS
from infra.settings import Engine, RegistrySettings, Strategy
from tests.infra.assembly import Assembly, synthesised
from tests.infra.variants import changed

pytestmark = pytest.mark.slow

TOPIC = "<NotificationsTopic>"
ACCOUNT = "<AWS::AccountId>"


def operations_of(
    folder: Path, stage: str, changes: Mapping[str, Any], github: str | None = None
) -> Assembly:
    """Return a stage whose settings differ in some fields."""
    registry = RegistrySettings(github=github)
    return synthesised(changed(STAGES[stage], changes), folder, registry=registry)


def alarm_names(assembly: Assembly, part: str) -> list[str]:
    """Return the names of a stack's alarms over metrics, without the stage's prefix."""
    found = assembly.resources(part, "AWS::CloudWatch::Alarm").values()
    return [one["Properties"]["AlarmName"].removeprefix(f"switchyard-{assembly.stage}-") for one in found]


def test_only_the_dashboard_names_a_rollback_alarm(assembly: Assembly) -> None:
    """CloudWatch deletes none that another alarm names, and this stack is deployed after theirs."""
    resources = assembly.template("Operations")["Resources"].values()
    names = [f"switchyard-{assembly.stage}-{name}" for name in (*alarm_names(assembly, "Service"), "unwell")]
    naming = [one["Type"] for one in resources if any(name in json.dumps(one) for name in names)]
    assert naming == ["AWS::CloudWatch::Dashboard"]
    assert "AWS::CloudWatch::CompositeAlarm" not in {one["Type"] for one in resources}


def test_the_dashboard_shows_every_alarm(assembly: Assembly) -> None:
    """Those that turn a release around, and all others beside them."""
    start = f"arn:<AWS::Partition>:cloudwatch:eu-central-1:{ACCOUNT}:alarm:switchyard-{assembly.stage}-"
    shown = {
        one["properties"]["title"]: [arn.removeprefix(start) for arn in one["properties"]["alarms"]]
        for one in widgets(assembly)
        if one["type"] == "alarm"
    }
    assert shown == {
        "Rollback alarms": alarm_names(assembly, "Service"),
        "Other alarms": ["unwell", *alarm_names(assembly, "Operations")],
    }


def test_the_alarm_for_all_of_them_reaches_the_topic(assembly: Assembly) -> None:
    """It is in a stack before and names the topic by its ARN, which this stack then gives it."""
    topic = assembly.only("Operations", "AWS::SNS::Topic")["Properties"]["TopicName"]
    unwell = assembly.only("Service", "AWS::CloudWatch::CompositeAlarm")["Properties"]
    assert unwell["AlarmActions"] == [f"arn:<AWS::Partition>:sns:eu-central-1:{ACCOUNT}:{topic}"]


def expected_watches(stage: str) -> dict[str, tuple[Any, ...]]:
    """Return what each alarm of the Operations stack watches: metric, statistic, limit, time, silence."""
    tasks = STAGES[stage].tasks
    return {
        "gate-errors": ("Errors", "Sum", "GreaterThanThreshold", 0, 1, "notBreaching"),
        "gate-throttles": ("Throttles", "Sum", "GreaterThanThreshold", 0, 1, "notBreaching"),
        "release-keeper-errors": ("Errors", "Sum", "GreaterThanThreshold", 2, 1, "notBreaching"),
        "release-news-lost": ("FailedInvocations", "Sum", "GreaterThanThreshold", 0, 1, "notBreaching"),
        "too-few-tasks": (
            "RunningTaskCount",
            "Minimum",
            "LessThanThreshold",
            tasks.min_tasks,
            5,
            "breaching",
        ),
        "no-room-to-scale": (
            "DesiredTaskCount",
            "Minimum",
            "GreaterThanOrEqualToThreshold",
            tasks.max_tasks,
            30,
            "notBreaching",
        ),
    }


def test_each_alarm_of_operations_watches_one_thing(assembly: Assembly) -> None:
    """Gate and tasks: what the rollback alarms cannot see; each says what silence means."""
    start = f"switchyard-{assembly.stage}-"
    found = [one["Properties"] for one in assembly.resources("Operations", "AWS::CloudWatch::Alarm").values()]
    assert {
        one["AlarmName"].removeprefix(start): (
            one["MetricName"],
            one["Statistic"],
            one["ComparisonOperator"],
            one["Threshold"],
            one["EvaluationPeriods"],
            one["TreatMissingData"],
        )
        for one in found
    } == expected_watches(assembly.stage)
    assert [one["Period"] for one in found] == [60, 60, 1800, 60, 60, 60]
    service = [
        {"Name": "ClusterName", "Value": f"switchyard-{assembly.stage}"},
        {"Name": "ServiceName", "Value": f"/switchyard/{assembly.stage}/service/name"},
    ]
    gate = [{"Name": "FunctionName", "Value": f"{start}release-gate"}]
    pause = [{"Name": "FunctionName", "Value": f"{start}release-keeper"}]
    rule = assembly.only("Operations", "AWS::Events::Rule")["Properties"]["Name"]
    news = [{"Name": "RuleName", "Value": rule}]
    assert [one["Dimensions"] for one in found] == [gate, gate, pause, news, service, service]


@pytest.mark.parametrize("github", [None, "plant/yield"])
def test_every_alarm_that_calls_people_leads_to_a_runbook(tmp_path: Path, github: str | None) -> None:
    """Its description ends with one that exists, as a link where the repository is known."""
    operations = operations_of(tmp_path, "dev", {}, github).template("Operations")["Resources"].values()
    alarms = [one["Properties"] for one in operations if one["Type"].startswith("AWS::CloudWatch::")]
    alarms = [one for one in alarms if "AlarmName" in one]
    place = f"https://github.com/{github}/blob/main/" if github else ""
    endings = tuple(f" See {place}docs/runbooks/{name}.md." for name in RUNBOOKS)
    assert [one["AlarmName"] for one in alarms if not one["AlarmDescription"].endswith(endings)] == []
    assert [one["AlarmName"] for one in alarms if one["AlarmActions"] != [TOPIC]] == []
    assert len(alarms) == 6


@pytest.mark.parametrize(
    ("strategy", "meaning", "name"),
    [
        (
            Strategy.CANARY,
            (
                "Traffic is not with one colour that answers, or the release keeper cannot pause scale-in "
                "for releases or resume it after, or it cannot keep the live colour."
            ),
            "wrong-colour",
        ),
        (
            Strategy.ROLLING,
            "The release keeper cannot pause scale-in for releases or resume it after.",
            "release-stuck",
        ),
    ],
)
def test_the_keepers_alarm_leads_to_what_it_saw(
    tmp_path: Path, strategy: Strategy, meaning: str, name: str
) -> None:
    """To traffic where there are two colours; with one it has nothing to see but scale-in."""
    changes = {"release.engine": Engine.ECS, "release.strategy": strategy}
    alarms = operations_of(tmp_path, "dev", changes).resources("Operations", "AWS::CloudWatch::Alarm")
    (found,) = (one["Properties"] for key, one in alarms.items() if "keeper" in key)
    assert found["AlarmDescription"] == f"{meaning} See docs/runbooks/{name}.md."


def test_a_stage_without_alarms_has_none_here_either(tmp_path: Path) -> None:
    """Neither over metrics nor over other alarms, and the dashboard does without their states."""
    operations = operations_of(tmp_path, "dev", {"alarms.enabled": False})
    kinds = {one["Type"] for one in operations.template("Operations")["Resources"].values()}
    assert not kinds & {"AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"}
    assert [one for one in widgets(operations) if one["type"] == "alarm"] == []
    drawn = {one["properties"]["title"] for one in widgets(operations) if "annotations" in one["properties"]}
    assert drawn == {
        "Tasks wanted, running and starting",
        "Scaling: CPU (% of the tasks' size)",
        "Scaling: requests per task and minute",
    }


def test_nothing_warns_of_no_room_where_the_number_of_tasks_is_fixed(tmp_path: Path) -> None:
    """A stage that always wants its most tasks would be red for ever."""
    operations = operations_of(tmp_path, "staging", {"tasks.min_tasks": 4, "tasks.max_tasks": 4})
    assert "no-room-to-scale" not in alarm_names(operations, "Operations")


def statement(sid: str, service: str, source: str | None) -> dict[str, Any]:
    """Return the statement that lets one AWS service publish: for one source of this account, or for any."""
    condition = {
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
        "ArnLike": {"aws:SourceArn": f"arn:<AWS::Partition>:{source}"},
    }
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"Service": f"{service}.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": TOPIC,
        **({"Condition": condition} if source else {}),
    }


@pytest.mark.parametrize("budget", [None, 50])
def test_only_this_stage_may_publish_and_nobody_in_the_clear(tmp_path: Path, budget: int | None) -> None:
    """The policy replaces the default one, so it names each publisher; budgets only where there is one.

    EventBridge publishes under no condition: with one, its messages are dropped.
    """
    operations = operations_of(tmp_path, "dev", {"operations.monthly_budget": budget})
    here = f"eu-central-1:{ACCOUNT}"
    allowed = [
        statement("AllowAlarmsOfThisStage", "cloudwatch", f"cloudwatch:{here}:alarm:switchyard-dev-*"),
        statement("AllowNewsOfReleases", "events", None),
        statement("AllowBudgets", "budgets", f"budgets::{ACCOUNT}:*"),
    ]
    assert operations.only("Operations", "AWS::SNS::TopicPolicy")["Properties"] == {
        "Topics": [TOPIC],
        "PolicyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "AllowPublishThroughSSLOnly",
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": "sns:Publish",
                    "Resource": TOPIC,
                    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                },
                *(allowed if budget else allowed[:2]),
            ],
        },
    }


@pytest.mark.parametrize("address", [None, "oncall@plant.example"])
def test_whoever_is_to_be_told_subscribes(tmp_path: Path, address: str | None) -> None:
    """The address in `notify` gets mail; without one nobody does."""
    operations = operations_of(tmp_path, "dev", {"operations.notify": address})
    found = operations.resources("Operations", "AWS::SNS::Subscription").values()
    assert [one["Properties"] for one in found] == (
        [{"Protocol": "email", "TopicArn": TOPIC, "Endpoint": address}] if address else []
    )


def test_a_budget_counts_what_carries_the_stages_tag(tmp_path: Path) -> None:
    """A monthly one, told through the topic at 80 % forecast and 100 % spent, after its policy is there."""
    operations = operations_of(tmp_path, "dev", {"operations.monthly_budget": 50})

    def told(kind: str, percent: int) -> dict[str, Any]:
        return {
            "Notification": {
                "NotificationType": kind,
                "ComparisonOperator": "GREATER_THAN",
                "Threshold": percent,
                "ThresholdType": "PERCENTAGE",
            },
            "Subscribers": [{"SubscriptionType": "SNS", "Address": TOPIC}],
        }

    budget = operations.only("Operations", "AWS::Budgets::Budget")
    assert budget["Properties"] == {
        "Budget": {
            "BudgetName": "switchyard-dev-monthly",
            "BudgetType": "COST",
            "TimeUnit": "MONTHLY",
            "BudgetLimit": {"Amount": 50, "Unit": "USD"},
            "CostFilters": {"TagKeyValue": ["user:stage$dev"]},
        },
        "NotificationsWithSubscribers": [told("FORECASTED", 80), told("ACTUAL", 100)],
    }
    (dependency,) = budget["DependsOn"]
    assert dependency.startswith("NotificationsTopicPolicy")


def news(operations: Assembly) -> tuple[dict[str, Any], str]:
    """Return what the rule listens for, and the message that it sends to the topic."""
    rule = operations.only("Operations", "AWS::Events::Rule")["Properties"]
    (target,) = rule["Targets"]
    assert target["Arn"] == TOPIC
    return rule["EventPattern"], json.loads(target["InputTransformer"]["InputTemplate"])


def test_releases_of_codedeploy_that_end_badly_are_told(dev: Assembly) -> None:
    """Failed and stopped ones of this stage's group, with the command that says why and the runbook."""
    assert news(dev) == (
        {
            "source": ["aws.codedeploy"],
            "detail-type": ["CodeDeploy Deployment State-change Notification"],
            "detail": {
                "application": ["switchyard-dev"],
                "deploymentGroup": ["switchyard-dev"],
                "state": ["FAILURE", "STOP"],
            },
        },
        (
            "Release <release> of dev ended with <state> at <time>. Traffic goes back to the version before, "
            "or stays there. Why: aws deploy get-deployment --deployment-id <release> --region eu-central-1 "
            ". See docs/runbooks/rolled-back.md."
        ),
    )


def test_releases_of_ecs_that_end_badly_are_told(tmp_path: Path) -> None:
    """Failed ones of a service in this stage's cluster, and those whose reason announces a rollback."""
    pattern, message = news(operations_of(tmp_path, "dev", {"release.engine": Engine.ECS}))
    assert pattern == {
        "source": ["aws.ecs"],
        "detail-type": ["ECS Deployment State Change"],
        "resources": [
            {"prefix": f"arn:<AWS::Partition>:ecs:eu-central-1:{ACCOUNT}:service/switchyard-dev/"},
        ],
        "detail": {
            "$or": [
                {"eventName": ["SERVICE_DEPLOYMENT_FAILED"]},
                {"reason": [{"wildcard": "*rolling back*"}]},
            ]
        },
    }
    assert message == (
        "Release <release> of dev: <state> at <time>. ECS says: <reason> Look: aws ecs describe-services "
        "--cluster switchyard-dev --services <service> --region eu-central-1 . "
        "See docs/runbooks/rolled-back.md."
    )


def test_a_rolling_stage_has_no_gate_to_watch(tmp_path: Path) -> None:
    """No alarm, no graph and no question is about a function that is not there."""
    changes = {"release.engine": Engine.ECS, "release.strategy": Strategy.ROLLING}
    rolling = operations_of(tmp_path, "dev", changes)
    assert "release-gate" not in json.dumps(rolling.template("Operations"))
    assert "logs/gate" not in json.dumps(rolling.template("Operations"))


def test_each_question_to_the_logs_names_its_log_group(dev: Assembly) -> None:
    """By the directory where the name is generated; the firewall's log has a name of its own."""
    found = dev.resources("Operations", "AWS::Logs::QueryDefinition").values()
    asked = {one["Properties"]["Name"]: one["Properties"]["LogGroupNames"] for one in found}
    assert asked.pop("switchyard-dev/requests that the firewall blocked") == ["aws-waf-logs-switchyard-dev"]
    assert asked == {
        f"switchyard-dev/{name}": [f"/switchyard/dev/logs/{group}"]
        for name, group in (
            ("errors by minute", "service"),
            ("one request by its id", "service"),
            ("last words of tasks", "service"),
            ("verdicts of the release gate", "gate"),
            ("what the release keeper did", "keeper"),
            ("refused connections", "refusals"),
        )
    }


def test_every_function_that_is_watched_exists(assembly: Assembly) -> None:
    """An alarm on a function of another name would be green for ever."""
    names = {
        one["Properties"]["FunctionName"]
        for one in assembly.resources("Service", "AWS::Lambda::Function").values()
    }
    watched = {
        dimension["Value"]
        for one in assembly.resources("Operations", "AWS::CloudWatch::Alarm").values()
        for dimension in one["Properties"]["Dimensions"]
        if dimension["Name"] == "FunctionName"
    }
    assert watched == names


def test_every_log_group_that_is_asked_publishes_its_name(dev: Assembly) -> None:
    """What the Operations stack reads is what the stacks before it write."""
    published = {
        one["Properties"]["Name"]: one["Properties"]["Value"]
        for part in ("Network", "Service")
        for one in dev.resources(part, "AWS::SSM::Parameter").values()
        if "/logs/" in one["Properties"]["Name"]
    }
    assert published == {
        "/switchyard/dev/logs/refusals": "<Refusals>",
        "/switchyard/dev/logs/service": "<TaskLogs>",
        "/switchyard/dev/logs/gate": "<ReleaseGateLogs>",
        "/switchyard/dev/logs/keeper": "<ReleaseKeeperLogs>",
    }


def widgets(assembly: Assembly) -> list[dict[str, Any]]:
    """Return the dashboard's widgets from top to bottom."""
    dashboard = assembly.only("Operations", "AWS::CloudWatch::Dashboard")["Properties"]
    assert dashboard["DashboardName"] == f"switchyard-{assembly.stage}"
    body = json.loads(dashboard["DashboardBody"])
    assert (body["start"], body["periodOverride"]) == ("-PT3H", "inherit")
    return list(body["widgets"])


def test_the_dashboard_answers_three_questions_in_their_order(dev: Assembly) -> None:
    """Is the live colour healthy, what is being released, what does it cost."""
    shown = [
        one["properties"].get("title") or one["properties"]["markdown"].splitlines()[0]
        for one in widgets(dev)
    ]
    assert shown == [
        "# dev: is the live colour healthy?",
        "Rollback alarms",
        "Other alarms",
        "Which colour is live: share of requests, last minute (%)",
        "Requests per minute",
        "Answers with status 5xx (% of a colour's requests)",
        "Response time (seconds)",
        "Tasks that answer, and that do not",
        "5xx that the load balancer answered itself (per minute)",
        "# What is being released?",
        "Share of requests by colour (%)",
        "Tasks wanted, running and starting",
        "Task sets and deployments of the service (2: a release runs)",
        "Release gate: calls in five minutes",
        "Release gate: longest call (milliseconds)",
        "Scaling: CPU (% of the tasks' size)",
        "Scaling: requests per task and minute",
        "# What does it cost?",
        "Fargate: vCPU and GB in use (hourly average)",
        "Load balancer: capacity units (hourly sum of LCU)",
        "NAT gateways: bytes sent per hour (all of this region)",
    ]


def test_no_widget_covers_another(assembly: Assembly) -> None:
    """Every cell of the grid belongs to one widget at most, and rows are as wide as the page."""
    cells = [
        (one["x"] + column, one["y"] + row)
        for one in widgets(assembly)
        for column in range(one["width"])
        for row in range(one["height"])
    ]
    assert len(cells) == len(set(cells))
    assert {x for x, _ in cells} == set(range(24))


def test_the_share_of_requests_shows_which_colour_is_live(dev: Assembly) -> None:
    """As numbers, from the requests that each target group took, by the minute."""
    (shown,) = (
        one["properties"] for one in widgets(dev) if "is live:" in str(one["properties"].get("title"))
    )
    entry = "/switchyard/dev/traffic"
    balancer = f"{entry}/load-balancer.split(:loadbalancer/)[1]"

    def requests(colour: str) -> list[Any]:
        group = f"{entry}/{colour}.split(:)[5]"
        how = {"stat": "Sum", "label": colour, "id": colour, "visible": False}
        return ["AWS/ApplicationELB", "RequestCount", "TargetGroup", group, "LoadBalancer", balancer, how]

    assert shown == {
        "title": "Which colour is live: share of requests, last minute (%)",
        "region": "eu-central-1",
        "view": "singleValue",
        "stacked": False,
        "period": 60,
        "metrics": [
            requests("blue"),
            requests("green"),
            *([{"expression": f"100 * {c} / SUM([blue, green])", "label": c}] for c in ("blue", "green")),
        ],
    }


def test_limits_are_drawn_where_something_begins_to_be_wrong(assembly: Assembly) -> None:
    """The thresholds of the alarms and the aims of scaling, as lines with words."""
    settings = STAGES[assembly.stage]
    drawn = {
        one["properties"]["title"]: {
            line["label"]: line["value"] for line in one["properties"]["annotations"]["horizontal"]
        }
        for one in widgets(assembly)
        if "annotations" in one["properties"]
    }
    assert drawn == {
        "Answers with status 5xx (% of a colour's requests)": {
            "turns a release around": settings.alarms.max_error_percent
        },
        "Response time (seconds)": {"p99 turns a release around": settings.alarms.max_latency},
        "5xx that the load balancer answered itself (per minute)": {
            "turns a release around": settings.alarms.max_balancer_errors
        },
        "Tasks wanted, running and starting": {
            "fewest": settings.tasks.min_tasks,
            "most": settings.tasks.max_tasks,
        },
        "Scaling: CPU (% of the tasks' size)": {"aimed at": settings.tasks.cpu_target},
        "Scaling: requests per task and minute": {"aimed at": settings.tasks.requests_target},
    }


def test_the_dashboard_leads_to_every_runbook(tmp_path: Path) -> None:
    """As links where the repository is known; the first words also lead to the releases and the logs."""
    head = widgets(operations_of(tmp_path, "dev", {}, "plant/yield"))[0]["properties"]["markdown"]
    for name in RUNBOOKS:
        assert f"[{name}](https://github.com/plant/yield/blob/main/docs/runbooks/{name}.md)" in head
    for link in ("codedeploy/applications/switchyard-dev", "ecs/v2/clusters/switchyard-dev", "logs-insights"):
        assert link in head


def test_a_dashboard_fits_into_what_cloudwatch_takes(assembly: Assembly) -> None:
    """At most 500 metrics on a widget and 2,500 on a dashboard; here a tenth of that."""
    lines = [len(one["properties"].get("metrics", [])) for one in widgets(assembly)]
    assert max(lines) <= 10
    assert sum(lines) <= 100
