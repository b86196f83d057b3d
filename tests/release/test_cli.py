"""The command line without AWS: what it refuses, what it teaches, and how errors read."""

import argparse
import io
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from infra.config import STAGES
from rehearsal import isolation
from release import cli
from release.acts import Result
from release.arguments import parser
from release.errors import (
    BadRecord,
    Busy,
    Interrupted,
    LostSight,
    Misuse,
    NotRemembered,
    Outrun,
    Refused,
    TakenOver,
)
from release.record import Outcome, Step
from release.sentences import interrupted, refused_by_aws
from release.view.audience import Watcher
from release.view.plain import PlainView
from tests.release.memory import MemoryStage, course, record

ROOT = Path(__file__).resolve().parents[2]
IMAGE = f"example.org/switchyard@sha256:{'a' * 64}"


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ([], "the following arguments are required: COMMAND"),
        (["ship", "--stage", "dev"], "the following arguments are required: --image"),
        (["ship", "--stage", "prod", "--image", IMAGE], "There is no stage 'prod': give one of dev, staging"),
        (["ship", "--stage", "dev", "--image", "switchyard:latest"], "names no image by its digest"),
        (["ship", "--stage", "dev", "--image", f"{IMAGE}0"], "names no image by its digest"),
        (["rollback", "--stage", "dev", "--to", "yesterday"], "'yesterday' is no id of a release"),
        (["promote", "--from", "dev"], "the following arguments are required: --to"),
        (["status", "--stage", "dev", "--poll", "0"], "'0' is no number of seconds from 0.05 to 60"),
        (["status", "--stage", "dev", "--poll", "nan"], "'nan' is no number of seconds"),
        (["history", "--stage", "dev", "--limit", "0"], "'0' is no number from 1 to 500"),
    ],
)
def test_misuse_ends_with_2_and_a_sentence(
    said: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anybody asks AWS."""
    with pytest.raises(SystemExit) as ended:
        cli.main(said)
    assert ended.value.code == 2
    assert sentence in capsys.readouterr().err


def test_a_stage_is_not_promoted_to_itself(capsys: pytest.CaptureFixture[str]) -> None:
    """Two names, or nothing."""
    assert cli.main(["promote", "--from", "dev", "--to", "dev"]) == 2
    assert capsys.readouterr().err == "release: dev cannot be promoted to itself: name two stages.\n"


def test_help_teaches(capsys: pytest.CaptureFixture[str]) -> None:
    """Every command with what it does, examples that can be parsed, and the exit codes."""
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    text = capsys.readouterr().out
    assert set(re.findall(r"^    (\w+)  ", text, flags=re.MULTILINE)) == set(cli._RUNS)
    examples = re.findall(r"^  python -m release (.+?)(?:   .*)?$", text, flags=re.MULTILINE)
    assert len(examples) > 4
    for example in examples:
        said = example.replace("REPOSITORY@sha256:DIGEST", IMAGE).split()
        assert parser(cli._RUNS).parse_args(said).command == said[0]
    assert re.findall(r"\b(\d+) ", text.partition("exit codes:")[2]) == ["0", "1", "2", "130"]


def test_every_error_has_its_exit_code() -> None:
    """Misuse is the caller's to mend; the rest is 1, and an interruption what a shell makes of it."""
    ones = (BadRecord, Busy, LostSight, NotRemembered, Outrun, Refused, TakenOver)
    assert {kind.exit_code for kind in ones} == {1}
    assert (Misuse.exit_code, Interrupted.exit_code) == (2, 130)


def test_what_aws_denies_names_the_call_and_the_role() -> None:
    """No traceback: what was refused, and where the right comes from."""
    denied = ClientError({"Error": {"Code": "AccessDenied", "Message": "no\nway"}}, "CreateDeployment")
    assert refused_by_aws(denied, "AccessDenied", STAGES["dev"]) == (
        "AWS refused CreateDeployment (AccessDenied): no way. Releases need the rights of the role "
        "switchyard-dev-release-eu-central-1, which the stage's Access stack gives (infra/access); run this "
        "as that role or with its rights."
    )


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (
            {"step": Step.FOLLOW, "deployment": "d-0"},
            "goes on in AWS: see how with `python -m release status --stage dev`",
        ),
        ({"step": Step.SHIFT}, "may go on in AWS"),
        ({"step": Step.PREPARE}, "nothing goes on in AWS"),
        ({"step": Step.REMEMBER}, "nothing goes on in AWS"),
        ({"step": Step.FREE, "outcome": Outcome.ABANDONED}, "nothing goes on in AWS"),
    ],
)
def test_an_interruption_says_whether_the_release_goes_on(more: dict[str, object], said: str) -> None:
    """And how to look and to stop it; what is being undone does not."""
    assert said in interrupted(record("b", **more), "dev")


def test_the_result_is_told_though_the_summary_cannot_be_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A release that has shipped has; and what others wrote into a reason cannot steer the terminal."""
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path))
    done = Result(record=None, done=True, sentence="It is\x1b[2J\nso.")
    options = argparse.Namespace(json=False)
    watcher = Watcher(PlainView(io.StringIO()))
    assert cli._carried_out(course(MemoryStage()), lambda: done, options, watcher) == 0
    told = capsys.readouterr()
    assert told.out == "It is [2J so.\n"
    assert told.err == f"release: The summary could not be written to {tmp_path} (Is a directory).\n"


@pytest.mark.slow
def test_without_credentials_it_says_so_at_once(tmp_path: Path) -> None:
    """As a program: a sentence on standard error, none of Python's own, and JSON where it was asked for."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "AWS_EC2_METADATA_DISABLED": "true",
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
    }
    command = [sys.executable, "-m", "release", "ship", "--stage", "dev", "--image", IMAGE, "--json"]
    ended = subprocess.run(
        command, cwd=ROOT, env=environment, check=False, capture_output=True, text=True, timeout=60
    )
    assert ended.returncode == 2
    assert ended.stderr == (
        "release: There are no AWS credentials that work: Unable to locate credentials.\n"
    )
    assert '"done": false' in ended.stdout
    assert (tmp_path / "summary.md").read_text(encoding="utf-8").startswith("## Not done\n")


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_command_that_waits_for_aws(tmp_path: Path, number: signal.Signals) -> None:
    """At once, also in the middle of a request: the libraries in between do not take it for a lost answer."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        environment = isolation.with_local_aws(
            {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}, f"http://127.0.0.1:{silent.getsockname()[1]}"
        )
        command = [sys.executable, "-m", "release", "status", "--stage", "dev"]
        with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True) as begun:
            silent.settimeout(30)
            try:
                asked, _ = silent.accept()
                with asked:
                    begun.send_signal(number)
                    _, told = begun.communicate(timeout=10)
            finally:
                begun.kill()
    assert (begun.returncode, told) == (130, "release: Interrupted; nothing was begun.\n")
