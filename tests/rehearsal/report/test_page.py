"""`report.html` needs nothing but itself, shows what the report says, and lets nothing in it act."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from rehearsal.judge.judgement import judge
from rehearsal.judge.played import Fault
from rehearsal.judge.requests import Requests
from rehearsal.report.document import Document, document
from rehearsal.report.page import digest, page
from rehearsal.resources import Resource
from tests.rehearsal.judge.sample import START, V1, V2, Sample, failed, three_releases
from tests.rehearsal.report.sample import SETTING, failing, passing, pretending

pytestmark = pytest.mark.slow  # judges whole runs

HOSTILE = "</title></style><script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{ 7 * 7 }}"
LARGEST = 1_000_000
VOID = {"meta", "br", "img"}


class Outline(HTMLParser):
    """The elements of a page in order, with what matters of them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element that begins."""
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """See that the innermost element ends, and no other."""
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element without content."""
        self.tags.append((tag, dict(attrs)))

    def names(self) -> list[str]:
        """The elements' names in order."""
        return [tag for tag, _ in self.tags]


@pytest.fixture(scope="module")
def report() -> Document:
    """The report of a run that kept every promise."""
    return passing()


def test_the_verdict_and_every_promise_stand_in_words(report: Document) -> None:
    """Neither colour nor a picture is needed to know them."""
    text = page(report)
    assert "PASS</strong>" in text
    assert "9 of 9 promises were kept." in re.sub(r"\s+", " ", text)
    assert all(f"{promise['promise']}<span".replace("'", "&#39;") in text for promise in report["promises"])
    broken = re.sub(r"\s+", " ", page(failing()))
    assert "FAIL</strong> 1 of 9 promises were broken: “Every request is answered”." in broken


def test_the_page_of_a_run_that_pretends_says_so_before_its_verdict(report: Document) -> None:
    """In its title and above all else, also when the bench saw nothing; a real run's page does not."""
    text = page(pretending())
    assert "<title>PRETENDED, PASS: rehearsal of staging</title>" in text
    assert "THIS RUN PRETENDED (sigterm-first): " in text.partition('id="verdict"')[0]
    assert "pretend" not in page(report).casefold()


def test_the_page_says_how_much_waits_were_shortened(report: Document) -> None:
    """In the run, and in each fault that was played at another speed."""
    text = re.sub(r"\s+", " ", page(report))
    assert "shortened 30 times, in some faults more or less (see their table);" in text
    rows = text.partition("Every fault that was played")[2].partition("</table>")[0]
    assert re.findall(r'<td class="n">(\d+)</td>', rows) == ["30", "240"]
    assert "shortened 30 times;" in re.sub(r"\s+", " ", page(failing()))


def test_the_page_needs_nothing_but_itself(report: Document) -> None:
    """No script, no style attribute, no address to load from; its policy allows its own style sheet alone."""
    text = page(report)
    outline = Outline(text)
    assert not {"script", "link", "img", "iframe", "object", "base", "form"} & set(outline.names())
    attributes = {(name, value) for _, attrs in outline.tags for name, value in attrs.items()}
    assert not [name for name, _ in attributes if name.startswith("on") or name in {"style", "src"}]
    assert {value for name, value in attributes if name == "href"} == {"#promises"}
    style = text.partition("<style>")[2].partition("</style>")[0]
    assert not re.search(r"@import|url\((?!#)", style)
    policy = next(attrs["content"] for tag, attrs in outline.tags if attrs.get("http-equiv"))
    assert policy == f"default-src 'none'; style-src '{digest(style)}'; base-uri 'none'; form-action 'none'"


def test_the_page_can_be_found_ones_way_in(report: Document) -> None:
    """One h1, no level left out, a caption for every table, a title and a description for every chart."""
    outline = Outline(page(report))
    assert outline.open == []
    levels = [int(tag[1]) for tag in outline.names() if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    names = outline.names()
    assert names.count("table") == names.count("caption") > 10
    charts = [attrs for tag, attrs in outline.tags if tag == "svg" and attrs.get("role") == "img"]
    ids = [attrs["id"] for _, attrs in outline.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert len(charts) == 4
    assert all(set(str(attrs["aria-labelledby"]).split()) <= set(map(str, ids)) for attrs in charts)
    assert all(attrs.get("scope") for tag, attrs in outline.tags if tag == "th")


def test_hostile_text_is_shown_and_does_nothing() -> None:
    """In reasons, versions, ids, names, evidence and settings: it adds no element and no attribute."""
    played, requests = three_releases()
    told = [{**event, "text": HOSTILE, "event": HOSTILE, "release": HOSTILE} for event in played.events]
    for event in told:
        if "production" in event:
            event["production"] = {HOSTILE: 100}
    releases = [
        replace(one, id=HOSTILE, outcome=HOSTILE, kind=HOSTILE, fault=HOSTILE) for one in played.releases
    ]
    fault = Fault(
        name=HOSTILE,
        expected=HOSTILE,
        observed=HOSTILE,
        passed=False,
        started=START,
        ended=START + 3,
        recovered_s=None,
    )
    lost = [replace(failed(one), version=HOSTILE, reason=HOSTILE, kind=HOSTILE) for one in requests[:50]]
    setting = replace(
        SETTING,
        stage=HOSTILE,
        facts={HOSTILE: HOSTILE},
        machine={HOSTILE: HOSTILE},
        resources=[Resource(HOSTILE, HOSTILE, HOSTILE, "deployed")],
    )
    run = replace(played, events=told, releases=releases, faults=[fault])
    text = page(document(judge(run, Requests.of([*lost, *requests[50:]])), setting))
    outline = Outline(text)
    assert not {"script", "img"} & set(outline.names())
    assert outline.open == []
    assert "{{ 7 * 7 }}" in text
    assert [name for _, attrs in outline.tags for name in attrs if name.startswith("on")] == []


def test_a_run_without_releases_weights_or_answers_has_a_page_too() -> None:
    """Nothing was played and nobody answered: the page says so."""
    sample = Sample(seconds=3)
    text = page(document(judge(sample.played(), Requests.of([])), replace(SETTING, resources=[])))
    assert "FAIL</strong>" in text
    assert "No release was played." in text


@pytest.mark.slow
def test_a_quarter_of_an_hour_of_everything_stays_below_a_megabyte() -> None:
    """At 200 requests per second, with faults and events without end, all of it lost at the end."""
    sample = Sample(seconds=900)
    sample.weigh(0, blue=100, green=0)
    for number in range(17):
        at = number * 50 + 5
        sample.weigh(at + 5, blue=90, green=10)
        sample.weigh(at + 20, blue=100, green=0)
        sample.release(f"release-{number}", at, at + 40, version=V2, serves=V1, fault=f"fault {number}")
        sample.lifecycle(f"release-{number}", *((at + step, "Install", "Succeeded") for step in range(40)))
    for number in range(5000):
        sample.tell(number / 6, "alarm", f"alarm {number} is red", state="ALARM")
    requests = [
        failed(sample.request(number, V1), "status 503: " + "x" * 160)
        if number > 90_000
        else sample.request(number, V1)
        for number in range(180_000)
    ]
    text = page(document(judge(sample.played(), Requests.of(requests)), SETTING))
    assert LARGEST / 5 < len(text.encode()) < LARGEST
