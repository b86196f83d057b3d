"""When the service refuses to start, and what it says then."""

import json
import shutil
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from service import contract
from service.errors import MisuseError
from service.server import load, main
from service.settings import Settings

FILES = ("manifest.json", "model.safetensors", "probes.json")
Change = Callable[[dict[str, Any]], object]
Repack = Callable[[Change], Path]


class Start:
    """Starts the service on a package that it should refuse."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def __call__(self, package: Path | str, **environment: str) -> tuple[int, str]:
        """Return the exit code and the one line on standard error."""
        given = {contract.ENV_HOST: "127.0.0.1", contract.ENV_PORT: "0", contract.ENV_PACKAGE: str(package)}
        for name, value in {**given, **environment}.items():
            self._monkeypatch.setenv(name, value)
        code = main()
        output = self._capsys.readouterr()
        assert output.out == ""
        [line] = output.err.splitlines()
        assert "Traceback" not in line
        return code, line


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Start:
    """Start the service where it will not come up."""
    return Start(monkeypatch, capsys)


@pytest.fixture
def copied(package_folder: Path, tmp_path: Path) -> Path:
    """A copy of the small package, free to be damaged."""
    return Path(shutil.copytree(package_folder, tmp_path / "copy"))


def places(data: bytes) -> dict[str, int]:
    """Return an offset for every kind of place that a byte can be changed in."""
    digit = next(at for at in range(len(data) // 2, len(data)) if chr(data[at]).isdigit() or data[at] > 127)
    return {
        "first": 0,
        "header": 8,
        "text": data.index(b"a"),
        "quote": data.index(b'"'),
        "digit": digit,
        "middle": len(data) // 2,
        "near the end": len(data) - 3,
        "last": len(data) - 1,
    }


@pytest.mark.parametrize(
    "place", ["first", "header", "text", "quote", "digit", "middle", "near the end", "last"]
)
@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("flip", [0x01, 0x80])
def test_one_byte_changed_is_refused(start: Start, copied: Path, name: str, place: str, flip: int) -> None:
    """A package altered by one byte anywhere is not served, and the sentence names the file."""
    data = bytearray((copied / name).read_bytes())
    data[places(bytes(data))[place]] ^= flip
    (copied / name).write_bytes(bytes(data))
    code, line = start(copied)
    assert code == 1
    assert f"{copied / name}:" in line


@pytest.mark.parametrize("name", [*FILES, "reference.json"])
@pytest.mark.parametrize("damage", ["missing", "empty", "longer", "shorter"])
def test_files_cut_or_missing_are_refused(start: Start, copied: Path, name: str, damage: str) -> None:
    """A file that is gone, empty, longer or shorter is named as well."""
    path = copied / name
    data = path.read_bytes()
    path.unlink()
    if damage != "missing":
        path.write_bytes({"empty": b"", "longer": data + b"\n", "shorter": data[:-1]}[damage])
    code, line = start(copied)
    assert code == 1
    assert str(path) in line


def test_white_space_in_the_manifest_counts(start: Start, copied: Path) -> None:
    """A manifest that only looks the same is not the same."""
    path = copied / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()), ensure_ascii=False))
    assert start(copied) == (
        1,
        f"switchyard: {path}: altered since it was packed; train or fetch the package anew.",
    )


def _other_prediction(parts: dict[str, Any]) -> None:
    parts["probes"]["probes"][1]["prediction"] += 2e-9


def _unknown_field(parts: dict[str, Any]) -> None:
    parts["probes"]["probes"][0]["record"]["ZZ"] = 1


def _no_probes(parts: dict[str, Any]) -> None:
    parts["probes"]["probes"] = []


def _odd_probes(parts: dict[str, Any]) -> None:
    parts["probes"] = {"probes": [{"record": {}}]}


def _other_features(parts: dict[str, Any]) -> None:
    parts["manifest"]["features"].reverse()


def _other_feature_code(parts: dict[str, Any]) -> None:
    parts["manifest"]["features_sha256"] = "0" * 64


def _other_arrays(parts: dict[str, Any]) -> None:
    parts["served"] = b"\x02\x00\x00\x00\x00\x00\x00\x00{}"


@pytest.mark.parametrize(
    ("change", "name", "words"),
    [
        (_other_prediction, "probes.json", "was packed with"),
        (_unknown_field, "probes.json", "/ZZ"),
        (_no_probes, "probes.json", "no probe"),
        (_odd_probes, "probes.json", ""),
        (_other_features, "manifest.json", "other feature code"),
        (_other_feature_code, "manifest.json", "other feature code"),
        (_other_arrays, "model.safetensors", "arrays"),
    ],
)
def test_a_package_of_other_code_is_refused(
    start: Start, repack: Repack, change: Change, name: str, words: str
) -> None:
    """A package that vouches for itself still has to fit this code and to answer its own probes."""
    folder = repack(change)
    code, line = start(folder)
    assert code == 1
    assert line.startswith(f"switchyard: {folder / name}: ")
    assert words in line


def test_a_difference_below_the_tolerance_is_accepted(package_folder: Path, repack: Repack) -> None:
    """The comparison allows for another machine's arithmetic, and no more."""

    def nudge(parts: dict[str, Any]) -> None:
        parts["probes"]["probes"][1]["prediction"] += 5e-10

    assert (
        load(Settings(package=repack(nudge))).manifest.name
        == load(Settings(package=package_folder)).manifest.name
    )


@pytest.mark.parametrize("port", ["abc", "-1", "80.5", "65536", "１", "9" * 5000])
def test_a_bad_port_is_misuse(start: Start, package_folder: Path, port: str) -> None:
    """A port that is none ends with code 2 and names the variable."""
    code, line = start(package_folder, SWITCHYARD_PORT=port)
    assert code == 2
    assert "SWITCHYARD_PORT" in line
    assert len(line) < 250


def test_a_missing_package_is_misuse(start: Start, tmp_path: Path) -> None:
    """Without a folder there is nothing to refuse: the sentence says how to make one."""
    code, line = start(tmp_path / "nowhere")
    assert code == 2
    assert str(tmp_path / "nowhere") in line
    assert "python -m model train" in line


def test_a_folder_that_is_no_package_is_refused(start: Start, tmp_path: Path) -> None:
    """An empty folder has no manifest."""
    reason = "cannot be read (No such file or directory); is this a model package?"
    assert start(tmp_path) == (1, f"switchyard: {tmp_path}/manifest.json: {reason}")


@pytest.mark.parametrize(("host", "words"), [("127.0.0.1", "in use"), ("192.0.2.1", "Cannot assign")])
def test_an_address_that_cannot_be_had_is_refused(
    start: Start, package_folder: Path, host: str, words: str
) -> None:
    """A port in use or a host that is not ours is one sentence with what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, line = start(package_folder, SWITCHYARD_HOST=host, SWITCHYARD_PORT=str(port))
    assert code == 1
    assert words in line
    assert "SWITCHYARD_PORT" in line


def test_settings_have_the_contract_s_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty environment is the container's: every address, the contract's port, ./package."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "package").mkdir()
    assert Settings.of({}) == Settings(contract.DEFAULT_HOST, 8080, Path("package"), 5)


def test_settings_tell_everything_that_is_wrong_at_once(tmp_path: Path) -> None:
    """Nobody has to mend the environment one variable at a time."""
    with pytest.raises(MisuseError) as caught:
        Settings.of(
            {
                "SWITCHYARD_PORT": "x",
                "SWITCHYARD_LAME_DUCK": "soon",
                "SWITCHYARD_PACKAGE": str(tmp_path / "none"),
            }
        )
    for name in ("SWITCHYARD_PORT", "SWITCHYARD_LAME_DUCK", "SWITCHYARD_PACKAGE"):
        assert name in str(caught.value)
