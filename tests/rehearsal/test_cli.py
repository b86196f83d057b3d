import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from rehearsal import cli
from rehearsal.errors import StepFailed
from rehearsal.progress import Progress, Step
from rehearsal.report import Asked, Report
from rehearsal.resources import Resource

MODEL = {
    "version": "0123456789abcdef",
    "model": {"name": "process-yield", "target": "收率"},
    "metrics": {"mse": 0.000263, "baseline_mse": 0.000955},
}


@pytest.fixture
def report() -> Report:
    """A report of a rehearsal with one task."""
    return Report.of(
        stage="dev",
        asked=Asked("http://127.80.0.1:8080", {"A1": 300, "A5": "it's 21:00"}, {"prediction": 0.93}),
        test_endpoint="http://127.80.0.1:9000",
        model=MODEL,
        image="sha256:00",
        tasks=["http://127.80.0.10:8080"],
        steps=[Step("train", "the model", 1.25), Step("deploy", "it", 2.5)],
        surveyed=[Resource("Data", "Bucket", "AWS::S3::Bucket", "deployed")],
    )


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["--stage", "moon"],
            "There is no stage 'moon': give one of dev, staging, production with --stage NAME (make: ",
        ),
        (["--data", "nowhere.csv"], "nowhere.csv does not exist"),
    ],
)
def test_misuse_is_one_sentence_and_exit_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], sentence: str
) -> None:
    """And nothing is started or written."""
    assert cli.main(["--build", str(tmp_path / "build"), *arguments]) == 2
    said = capsys.readouterr().err
    assert sentence in said
    assert said.count("\n") == 1
    assert not (tmp_path / "build").exists()


def test_stopping_when_nothing_runs_is_no_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`make clean` does it every time."""
    assert cli.main(["--build", str(tmp_path), "--stop"]) == 0
    assert capsys.readouterr().out == "No rehearsal was running.\n"


def test_the_help_teaches_by_example(capsys: pytest.CaptureFixture[str]) -> None:
    """It shows command lines and explains the exit codes."""
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    said = capsys.readouterr().out
    assert "python -m rehearsal --data plant.csv --keep" in said
    assert "exit codes" in said


def test_the_report_has_the_members_that_machines_read(report: Report) -> None:
    """Endpoint, prediction, steps and resources stand at the top."""
    document = json.loads(report.as_json())
    assert document["endpoint"] == "http://127.80.0.1:8080"
    assert document["prediction"] == 0.93
    assert document["steps"][0] == {"name": "train", "outcome": "the model", "seconds": 1.25}
    assert document["seconds"] == 3.75
    assert document["resources"]["deployed"] == document["resources"]["total"] == 1
    assert document["resources"]["types"]["deployed"] == {"AWS::S3::Bucket": 1}


def test_the_table_shows_what_people_look_for(report: Report) -> None:
    """Address, prediction, tasks, version, score and what became of the resources."""
    console = Console(file=io.StringIO(), width=120)
    report.show(console)
    shown = console.file.getvalue()  # type: ignore[attr-defined]  # a StringIO
    for text in (
        "http://127.80.0.1:8080/predict",
        "0.930000 (收率)",
        "http://127.80.0.10:8080",
        "0123456789ab",
        "0.000263",
        "1 deployed, 0 rehearsed, 0 not rehearsed",
    ):
        assert text in shown


def test_the_curl_line_survives_a_shell(report: Report) -> None:
    """Quotes within a record are quoted for the shell."""
    assert report.curl() == (
        "curl --noproxy '*' -H 'Content-Type: application/json' "
        """-d '{"A1": 300, "A5": "it'\\''s 21:00"}' http://127.80.0.1:8080/predict"""
    )


def test_away_from_a_terminal_progress_is_plain_lines() -> None:
    """One when a step begins and one when it has ended, with its time and without colour."""
    console = Console(file=io.StringIO(), width=100)
    progress = Progress(console)
    with progress.step("deploy", "every [stack]") as note:
        note.doing("is not shown here")
        note.text = "61 [deployed]"
    shown = console.file.getvalue()  # type: ignore[attr-defined]  # a StringIO
    assert shown == "… deploy         every [stack]\n✓ deploy         61 [deployed]  (0.0 s)\n"
    assert [(step.name, step.outcome) for step in progress.steps] == [("deploy", "61 [deployed]")]


def test_a_terminal_that_knows_only_ascii_is_spared_the_ticks() -> None:
    """The marks are words there."""
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors="backslashreplace")
    progress = Progress(Console(file=stream, width=100))
    with progress.step("deploy", "every stack"):
        pass
    stream.flush()
    shown = stream.buffer.getvalue()
    assert shown == b".. deploy         every stack\nok deploy         every stack  (0.0 s)\n"


def test_a_step_that_fails_is_marked_and_not_counted() -> None:
    """The last line names the step that did not succeed."""
    console = Console(file=io.StringIO(), width=100)
    progress = Progress(console)
    with pytest.raises(StepFailed), progress.step("deploy", "every stack"):
        raise StepFailed("no")
    assert "✗ deploy" in console.file.getvalue()  # type: ignore[attr-defined]  # a StringIO
    assert progress.steps == []
