"""Questions to the logs that somebody asked once and the next one need not write."""

from collections.abc import Iterator
from dataclasses import dataclass

from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.directory import Directory
from infra.settings import StageSettings


@dataclass(frozen=True, slots=True)
class Question:
    """One saved query of CloudWatch Logs Insights."""

    name: str
    """Its name in the list of saved queries, below a folder for the stage."""
    asked_of: str
    """Directory entry with the name of the log group."""
    query: tuple[str, ...]
    """Its steps, one to a line."""
    named: bool = False
    """Whether `asked_of` is the log group's own name, because that is fixed."""


class SavedQueries(Construct):
    """The stage's questions, in the console under Logs Insights > Saved queries."""

    def __init__(self, scope: Construct, id_: str, *, settings: StageSettings, directory: Directory) -> None:
        super().__init__(scope, id_)
        for question in questions(settings):
            logs.CfnQueryDefinition(
                self,
                question.name.replace(" ", "-"),
                name=f"{settings.prefix}/{question.name}",
                log_group_names=[question.asked_of if question.named else directory.find(question.asked_of)],
                query_string="\n| ".join(question.query),
            )


def questions(settings: StageSettings) -> Iterator[Question]:
    """Return the questions that a stage with these settings can answer."""
    yield from _of_service()
    if settings.release.two_colours:
        yield Question(
            "verdicts of the release gate",
            "logs/gate",
            (
                "fields @timestamp, @requestId, @message",
                "filter @message like /Reporting|Probe|ERROR|Task timed out/",
                "sort @timestamp desc",
                "limit 200",
            ),
        )
    yield Question(
        "what the release keeper did",
        "logs/keeper",
        (
            "fields @timestamp, @requestId, @message",
            "filter @message like /scale-in|live colour|stays|ERROR|Task timed out/",
            "sort @timestamp desc",
            "limit 200",
        ),
    )
    yield from _of_network(settings)


def _of_service() -> Iterator[Question]:
    yield Question(
        "errors by minute",
        "logs/service",
        ('filter level = "error"', "stats count(*) as errors by bin(1m) as minute", "sort minute desc"),
    )
    yield Question(
        "one request by its id",
        "logs/service",
        (
            "fields @timestamp, request_id, method, path, message, exception, @logStream",
            'filter request_id = "PUT-THE-ID-HERE"',
            "sort @timestamp asc",
        ),
    )
    yield Question(
        "last words of tasks",
        "logs/service",
        (
            "fields @timestamp, @logStream, @message",
            'filter ispresent(exception) or @message like "switchyard:"',
            "sort @timestamp desc",
            "limit 200",
        ),
    )


def _of_network(settings: StageSettings) -> Iterator[Question]:
    yield Question(
        "refused connections",
        "logs/refusals",
        (
            'filter action = "REJECT"',
            "stats count(*) as refused by srcAddr, dstAddr, dstPort",
            "sort refused desc",
            "limit 100",
        ),
    )
    if settings.traffic.internet_facing:
        yield Question(
            "requests that the firewall blocked",
            f"aws-waf-logs-{settings.prefix}",
            (
                "stats count(*) as blocked by terminatingRuleId, httpRequest.clientIp, httpRequest.uri",
                "sort blocked desc",
                "limit 100",
            ),
            named=True,
        )
