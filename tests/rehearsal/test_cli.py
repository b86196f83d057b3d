import io
import re
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from rich.console import Console

from rehearsal import arguments, cli
from rehearsal.errors import StepFailed
from rehearsal.progress import Progress
from rehearsal.region.ending import Pretend
from rehearsal.report import summary
from tests.rehearsal.report.sample import passing, pretending


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


@pytest.mark.parametrize("pretend", ["", *(mistake.value for mistake in Pretend)])
def test_the_data_plane_is_told_which_mistake_to_make(tmp_path: Path, pretend: str) -> None:
    """The one that the command line names, and by default none."""
    told = [f"--pretend={pretend}"] if pretend else []
    options = arguments.parser(build=tmp_path).parse_args(told)
    space = cast("Any", SimpleNamespace(marker="", temporary=tmp_path, cleared=0))
    assert cli._provision(options, space, None).pretend == ([pretend] if pretend else [])


@pytest.mark.slow
def test_a_run_that_pretends_says_so_in_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    """In the table's title and in the last line; a real run says nothing of it."""
    stage = cast("Any", SimpleNamespace(box=SimpleNamespace(workspace=SimpleNamespace(page="", logs=""))))
    cli._tell(pretending(), stage, kept=False, as_json=False)
    said = capsys.readouterr().out
    assert "Rehearsal of staging, pretending sigterm-first: " in said
    assert "THIS RUN PRETENDED (sigterm-first): " in " ".join(said.splitlines()[-2:])
    cli._tell(passing(), stage, kept=False, as_json=False)
    assert "pretend" not in capsys.readouterr().out.casefold()


@pytest.mark.parametrize(
    "name", ["STAGE", "BUILD", "SPEED", "RUNTIME", "BASE_IMAGE", "DATA", "PRETEND", "FAULT"]
)
def test_no_quote_in_an_argument_of_make_ends_a_word(name: str) -> None:
    """The shell reads it from its environment, and never as text of its own."""
    for target in ("rehearse-faults",) if name == "FAULT" else ("rehearse", "rehearse-faults"):
        command = ["make", "--dry-run", target, f'{name}="; touch broken; "']
        shown = subprocess.run(command, cwd=cli.ROOT, check=True, capture_output=True, text=True).stdout
        assert f'"${name}"' in shown
        assert "broken" not in shown


def test_the_curl_line_survives_a_shell() -> None:
    """Quotes within a record are quoted for the shell."""
    assert summary.curl("http://127.80.0.1:8080", {"A1": 300, "A5": "it's 21:00"}) == (
        "curl --noproxy '*' -H 'Content-Type: application/json' "
        """-d '{"A1": 300, "A5": "it'\\''s 21:00"}' http://127.80.0.1:8080/predict"""
    )


@pytest.mark.parametrize("speed", ["0", "-1", "nan", "inf", "1e9", "fast"])
def test_a_speed_that_is_none_is_refused(capsys: pytest.CaptureFixture[str], speed: str) -> None:
    """Before anything is started."""
    with pytest.raises(SystemExit) as ended:
        cli.main([f"--speed={speed}"])
    assert ended.value.code == 2
    assert "is no number from 1 to 1000" in capsys.readouterr().err


def test_away_from_a_terminal_progress_is_plain_lines() -> None:
    """One when a step begins and one when it has ended, with its time and without colour."""
    console = Console(file=io.StringIO(), width=100)
    progress = Progress(console)
    with progress.step("deploy", "every [stack]") as note:
        note.doing("is not shown here")
        note.text = "61 [deployed]"
    shown = console.file.getvalue()  # type: ignore[attr-defined]  # a StringIO
    assert re.sub(r"[\d.]+ s", "0.0 s", shown) == (
        "… deploy         every [stack]\n✓ deploy         61 [deployed]  (0.0 s)\n"
    )
    assert [(step.name, step.outcome) for step in progress.steps] == [("deploy", "61 [deployed]")]


def test_a_terminal_that_knows_only_ascii_is_spared_the_ticks() -> None:
    """The marks are words there."""
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors="backslashreplace")
    progress = Progress(Console(file=stream, width=100))
    with progress.step("deploy", "every stack"):
        pass
    stream.flush()
    shown = stream.buffer.getvalue()
    assert re.sub(rb"[\d.]+ s", b"0.0 s", shown) == (
        b".. deploy         every stack\nok deploy         every stack  (0.0 s)\n"
    )


def test_a_step_that_fails_is_marked_and_not_counted() -> None:
    """The last line names the step that did not succeed."""
    console = Console(file=io.StringIO(), width=100)
    progress = Progress(console)
    with pytest.raises(StepFailed), progress.step("deploy", "every stack"):
        raise StepFailed("no")
    assert "✗ deploy" in console.file.getvalue()  # type: ignore[attr-defined]  # a StringIO
    assert progress.steps == []
