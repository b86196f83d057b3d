"""The command line: results on stdout, one sentence on stderr, nothing half-written."""

import csv
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO

import pytest

from model.cli import main
from model.example import example_csv
from model.manifest import MANIFEST, PIPELINE, PROBES
from model.training import Training

pytestmark = pytest.mark.slow  # trains

ROOT = Path(__file__).parents[2]


def _run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    code = main([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "the following arguments are required: command"),
        (["dance"], "invalid choice"),
        (["train"], "--out"),
        (["train", "--data", "nowhere.csv", "--out", "package"], "nowhere.csv: no such file"),
        (["train", "--seed", "x", "--out", "package"], "'x' is not a whole number from 0 to 4294967295"),
        (["train", "--seed", "-1", "--out", "package"], "'-1' is not a whole number"),
        (["train", "--seed", "99999999999", "--out", "package"], "is not a whole number"),
        (["evaluate", "--folds", "1"], "'1' is not a whole number from 2 to 10000"),
        (["evaluate", "--seeds", "0"], "'0' is not a whole number from 1 to 1000"),
        (["evaluate", "--seeds", "1001"], "'1001' is not a whole number from 1 to 1000"),
        (["train", "--seed", "7" * 5000, "--out", "package"], "is not a whole number from 0 to 4294967295"),
        (["train", "--seed", "", "--out", "package"], "'' is not a whole number"),
        (["train", "--seed", "٣", "--out", "package"], "is not a whole number"),
        (["dance" * 1000], "invalid choice"),
        (["evaluate", "--data", "x" * 5000], "File name too long"),
        (["evaluate", "--data", ""], "no such file or folder"),
        (["train", "--out", ""], "argument --out: the name is empty"),
        (["example", "--out", ""], "argument --out: the name is empty"),
        (["example", "--out", "."], "exists and is no file, so it is left alone"),
        (["example", "--out", "/"], "exists and is no file, so it is left alone"),
        (["example", "--out", "x" * 5000], "File name too long"),
        (["show", ""], "the name is empty"),
        (["show", "x" * 5000], "no such folder"),
        (["evaluate", "--data", "s3://bucket/key"], "only local paths"),
        (["example", "--rows", "0"], "'0' is not a whole number from 1 to 1000000"),
        (["example", "--rows", "1.5"], "'1.5' is not a whole number"),
        (["example", "--out", "nowhere/plant.csv"], "cannot be written"),
        (["show", "nowhere"], "no such folder"),
    ],
)  # fmt: skip
def test_misuse_is_one_sentence_and_exit_code_two(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    complaint: str,
) -> None:
    """A mistake in the arguments is named in one line; nothing is printed or written."""
    monkeypatch.chdir(tmp_path)
    code, out, err = _run(capsys, *arguments)
    assert (code, out) == (2, "")
    assert complaint in err
    assert err.count("\n") == 1
    assert len(err) < 400 or "x" * 5000 in arguments
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["train", "evaluate"])
def test_bad_data_is_one_sentence_and_exit_code_two(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, plant: Path, command: str
) -> None:
    """A mistake in the data is named with file, row and column; nothing is written."""
    rows = list(csv.reader(plant.read_text(encoding="utf-8").splitlines()))
    rows[6][rows[0].index("A5")] = "25:61"
    with plant.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    out = ["--out", str(tmp_path / "package")] if command == "train" else []
    code, stdout, err = _run(capsys, command, "--data", plant, *out)
    assert (code, stdout) == (2, "")
    assert err == f"{plant}, row 7, column A5: '25:61' is not a time of day; mend the cell.\n"
    assert list(tmp_path.iterdir()) == [plant]


def test_destination_is_checked_before_any_work(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, plant: Path
) -> None:
    """A folder that is no package is refused at once."""
    code, _, err = _run(capsys, "train", "--data", plant, "--out", tmp_path)
    assert code == 2
    assert err == f"{tmp_path}: exists and is no model package, so it is left alone; choose another --out.\n"


def test_train_prints_the_card(capsys: pytest.CaptureFixture[str], tmp_path: Path, small_plant: Path) -> None:
    """Training tells its progress on stderr and its result on stdout."""
    code, out, err = _run(capsys, "train", "--data", small_plant, "--out", tmp_path / "package")
    assert code == 0
    assert "process-yield" in out
    assert "mean squared error" in out
    assert "rows at thresholds" in out
    assert "fold 5 of 5" in err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["package", "plant.csv"]


def test_evaluate_prints_json(capsys: pytest.CaptureFixture[str], small_plant: Path) -> None:
    """The JSON has the errors per fold and seed, and adds up."""
    code, out, _ = _run(capsys, "evaluate", "--data", small_plant, "--json", "--folds", "3", "--seeds", "2")
    found = json.loads(out)
    assert code == 0
    assert (found["folds"], found["seeds"], found["rows"]) == (3, [0, 1], 20)
    assert len(found["fold_mse"]) == 6
    assert found["gain"] == pytest.approx(1 - found["mse"] / found["baseline_mse"])


def test_show_prints_card_or_manifest(capsys: pytest.CaptureFixture[str], trained: Training) -> None:
    """A package is verified and shown, for people or as the manifest's JSON."""
    folder = trained.package.folder
    code, out, _ = _run(capsys, "show", folder)
    assert code == 0
    assert trained.package.manifest.short_version in out
    code, out, _ = _run(capsys, "show", folder, "--json")
    assert json.loads(out) == json.loads((folder / MANIFEST).read_bytes())


def test_show_names_the_altered_file(
    capsys: pytest.CaptureFixture[str], trained: Training, tmp_path: Path
) -> None:
    """A package that was altered is not shown."""
    for path in trained.package.folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes() + (b" " if path.name == PROBES else b""))
    code, out, err = _run(capsys, "show", tmp_path)
    assert (code, out) == (1, "")
    assert f"{tmp_path / PROBES}: altered" in err


def test_show_says_that_the_pickle_is_absent(
    capsys: pytest.CaptureFixture[str], trained: Training, tmp_path: Path
) -> None:
    """A package without its pickle, as in an image, is shown as what it is."""
    shutil.copytree(trained.package.folder, tmp_path, dirs_exist_ok=True)
    assert "all as packed" in _run(capsys, "show", tmp_path)[1]
    (tmp_path / PIPELINE).unlink()
    code, out, _ = _run(capsys, "show", tmp_path)
    assert code == 0
    assert re.search(rf"{PIPELINE}\s+absent", out)
    assert "those present are as packed" in out
    assert "all as packed" not in out


def test_made_up_records_replace_no_other_thing(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A pipe, a folder, and links to them or to nothing stay what they are."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    for name in ("pipe", "folder", "nothing"):
        (tmp_path / f"to_{name}").symlink_to(name)
    (tmp_path / "loop").symlink_to("loop")
    before = {path.name: path.lstat() for path in tmp_path.iterdir()}
    for name in [*before, "loop/plant.csv", "nope/../pipe", "folder/."]:
        code, out, err = _run(capsys, "example", "--rows", "5", "--out", tmp_path / name)
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert "choose another --out" in err
    assert {path.name: path.lstat() for path in tmp_path.iterdir()} == before
    assert list((tmp_path / "folder").iterdir()) == []


def test_made_up_records_follow_a_link_to_a_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A link to a file stays a link; the file is replaced."""
    (tmp_path / "file").write_text("old")
    (tmp_path / "link").symlink_to("file")
    code, _, _ = _run(capsys, "example", "--rows", "5", "--seed", "1", "--out", tmp_path / "link")
    assert code == 0
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").read_bytes() == example_csv(5, 1).encode()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "link"]


def test_training_from_within_its_own_package(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    small_plant: Path,
    trained: Training,
) -> None:
    """A package is replaced even when it is the working directory, and is named in full."""
    shutil.copytree(trained.package.folder, tmp_path / "package")
    monkeypatch.chdir(tmp_path / "package")
    code, out, _ = _run(capsys, "train", "--data", small_plant, "--out", ".", "--json")
    found = json.loads(out)
    assert (code, found["package"]) == (0, str(tmp_path / "package"))
    assert found["version"] != trained.package.manifest.version
    assert sorted(path.name for path in tmp_path.iterdir()) == ["package", "plant.csv"]


def test_example_goes_to_a_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Made-up records are written as UTF-8, whole or not at all."""
    path = tmp_path / "plant.csv"
    code, out, _ = _run(capsys, "example", "--rows", "5", "--seed", "1", "--out", path)
    assert (code, out) == (0, "")
    assert path.read_bytes() == example_csv(5, 1).encode()
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("arguments", [["--help"], ["train", "--help"], ["example", "--help"]])
def test_help_teaches(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    """Every command explains itself."""
    with pytest.raises(SystemExit) as leaving:
        main(arguments)
    assert leaving.value.code == 0
    assert "python -m model" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["train", "evaluate", "show", "example"])
def test_every_option_is_explained(capsys: pytest.CaptureFixture[str], command: str) -> None:
    """Help says what each option is for, not its default alone."""
    with pytest.raises(SystemExit):
        main([command, "--help"])
    text = capsys.readouterr().out.partition("options:")[2]
    options = re.split(r"\n  (?=-)", text)[1:]
    assert options
    for option in options:
        said = re.sub(r"\(default.*?\)", "", " ".join(option.split()), flags=re.DOTALL)
        assert re.search(r"[a-z]+ [a-z]+", said), option


def _start(
    *arguments: str | Path, cwd: Path = ROOT, stdout: int | IO[bytes] = subprocess.PIPE, **environment: str
) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "model", *map(str, arguments)]
    variables = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "", **environment}
    return subprocess.Popen(command, cwd=cwd, env=variables, stdout=stdout, stderr=subprocess.PIPE)


@pytest.mark.slow
def test_trainings_from_the_same_data_are_the_same_bytes(tmp_path: Path, csv_text: str) -> None:
    """Another folder, working directory, encoding, hash seed and thread count change no byte."""
    runs = []
    for name, encoding, threads in (("one", "utf-8", "1"), ("two", "gb18030", "2")):
        folder = tmp_path / name
        folder.mkdir()
        (folder / f"{name}.csv").write_text(csv_text, encoding=encoding)
        arguments = ("train", "--data", f"{name}.csv", "--out", folder / "package", "--json")
        runs.append(_start(*arguments, cwd=folder, PYTHONHASHSEED=threads, OMP_NUM_THREADS=threads))
    versions = {json.loads(run.communicate(timeout=120)[0])["version"] for run in runs}
    one, two = (
        {path.name: path.read_bytes() for path in (tmp_path / name / "package").iterdir()}
        for name in ("one", "two")
    )
    assert len(versions) == 1
    assert one == two


@pytest.mark.slow
@pytest.mark.parametrize("kill", [signal.SIGINT, signal.SIGKILL])
def test_ended_training_leaves_nothing(tmp_path: Path, plant: Path, kill: signal.Signals) -> None:
    """Ctrl-C and a kill in the middle of training leave no package and no partial one."""
    run = _start("train", "--data", plant, "--out", tmp_path / "package")
    assert run.stderr is not None
    assert b"fold 1" in run.stderr.readline()
    run.send_signal(kill)
    _, err = run.communicate(timeout=60)
    assert run.returncode == (130 if kill is signal.SIGINT else -signal.SIGKILL)
    assert b"Traceback" not in err
    assert list(tmp_path.iterdir()) == [plant]


@pytest.mark.slow
def test_terminal_without_chinese_is_served(trained: Training) -> None:
    """Where the terminal cannot show the target's name, JSON stays JSON."""
    run = _start("show", trained.package.folder, "--json", PYTHONIOENCODING="ascii")
    out, err = run.communicate(timeout=60)
    assert json.loads(out)["model"]["target"] == "收率"
    assert err == b""


@pytest.mark.slow
def test_reader_may_leave_early(tmp_path: Path) -> None:
    """A pipe that is closed early, as by `head`, is no reason for a traceback."""
    run = _start("example", "--rows", "3000", cwd=tmp_path)
    assert run.stdout is not None
    assert run.stdout.readline().startswith("样本id".encode())
    run.stdout.close()
    assert run.stderr is not None
    assert run.stderr.read() == b""
    run.stderr.close()
    assert run.wait(timeout=60) == 1


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [["show"], ["show", "--json"], ["example"], ["--help"]], ids=" ".join)
def test_full_disk_behind_standard_output_is_one_sentence(trained: Training, arguments: list[str]) -> None:
    """When the result cannot be printed, that is said, once, and the exit code is 1."""
    folder = [str(trained.package.folder)] if "show" in arguments else []
    with Path("/dev/full").open("wb") as full:
        run = _start(*arguments, *folder, stdout=full)
    _, err = run.communicate(timeout=60)
    assert run.returncode == 1
    assert err == b"Standard output cannot be written (No space left on device); choose another.\n"


@pytest.mark.slow
@pytest.mark.parametrize("module", ["argparse", "numpy", "scipy", "sklearn"])
def test_interruption_of_the_start_is_quiet(tmp_path: Path, module: str) -> None:
    """Ctrl-C while Python still imports ends the command with 130 and without a traceback."""
    run = _start("evaluate", cwd=tmp_path, PYTHONPROFILEIMPORTTIME="1")
    assert run.stderr is not None
    assert any(line.split(b"|")[-1].strip() == module.encode() for line in run.stderr)
    run.send_signal(signal.SIGINT)
    _, err = run.communicate(timeout=60)
    assert run.returncode == 130
    assert b"Traceback" not in err
