"""The model package, read from an image's layers by whoever made them."""

import gzip
import io
import json
import tarfile

import pytest

from infra.hooks.gate.document import parse_document
from infra.names import PROBES_PREFIX
from release import layers
from release.blobs import BadBlobError
from release.errors import Refused
from release.gate_document import gate_document
from release.layers import FOLDER, Content, Package, content_of, hidden_by, package_of
from service.contract import PACKAGE_PATH
from tests.release.packages import PROBES, manifest

Entry = tuple[str, bytes | str]


def archive(*entries: Entry) -> bytes:
    """Return a layer: files with their bytes, or links with where they lead."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as tar:
        for name, content in entries:
            member = tarfile.TarInfo(name)
            if isinstance(content, str):
                member.type, member.linkname = tarfile.SYMTYPE, content
                tar.addfile(member)
            else:
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
    return made.getvalue()


def read(*entries: Entry) -> Content:
    """Return what a packed layer says."""
    return content_of(io.BytesIO(gzip.compress(archive(*entries))), compressed=True)


def test_the_package_is_where_the_service_reads_it() -> None:
    """The contract of the image."""
    assert f"/{FOLDER}" == PACKAGE_PATH


@pytest.mark.parametrize("compressed", [False, True])
def test_the_two_files_are_read(compressed: bool) -> None:  # noqa: FBT001
    """From an archive as it is, or packed."""
    layer = archive(("app/package/manifest.json", b"m"), ("app/package/probes.json", b"p"), ("app/x", b"x"))
    source = io.BytesIO(gzip.compress(layer) if compressed else layer)
    assert content_of(source, compressed=compressed) == Content(
        files={"manifest.json": b"m", "probes.json": b"p"}, hides=frozenset()
    )


@pytest.mark.parametrize(
    "name", ["./app/package/manifest.json", "/app/package/manifest.json", "app/package//manifest.json"]
)
def test_a_name_may_be_written_in_several_ways(name: str) -> None:
    """As different builders do."""
    assert read((name, b"m")).files == {"manifest.json": b"m"}


@pytest.mark.parametrize(
    "entry",
    [
        ("app/package/manifest.json", "/etc/passwd"),
        ("../app/package/other/manifest.json", b"m"),
        ("app/package/deeper/manifest.json", b"m"),
        ("app/package/manifest.json.bak", b"m"),
        ("manifest.json", b"m"),
    ],
)
def test_a_link_or_another_path_is_passed_by(entry: Entry) -> None:
    """Whoever made the image decides what the names in it are."""
    assert read(entry).files == {}


def test_a_device_or_a_pipe_is_passed_by() -> None:
    """Nothing is opened, and nothing is waited for."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as tar:
        for kind in (tarfile.CHRTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE, tarfile.LNKTYPE):
            member = tarfile.TarInfo("app/package/manifest.json")
            member.type, member.linkname = kind, "/etc/passwd"
            tar.addfile(member)
    assert content_of(io.BytesIO(made.getvalue()), compressed=False).files == {}


@pytest.mark.parametrize(
    ("path", "hidden"),
    [
        ("app/package/.wh.manifest.json", {"manifest.json"}),
        ("app/package/.wh..wh..opq", {"manifest.json", "probes.json"}),
        ("app/.wh.package", {"manifest.json", "probes.json"}),
        (".wh.app", {"manifest.json", "probes.json"}),
        (".wh..wh..opq", {"manifest.json", "probes.json"}),
        ("app/.wh.pack", set()),
        ("app/package/manifest.json", set()),
    ],
)
def test_what_a_layer_took_away_is_not_looked_for_below(path: str, hidden: set[str]) -> None:
    """Or a package would be released that no task can see."""
    assert hidden_by(path) == hidden


@pytest.mark.parametrize("data", [b"no archive at all, but longer than a header of one" * 20, b""])
def test_what_is_no_archive_is_refused(data: bytes) -> None:
    """In a sentence."""
    with pytest.raises(BadBlobError, match="is no archive"):
        content_of(io.BytesIO(data), compressed=False)


def test_what_is_not_packed_as_it_says_is_refused() -> None:
    """A plain archive under the name of a packed one."""
    with pytest.raises(BadBlobError, match="is no archive"):
        content_of(io.BytesIO(archive(("a", b"b"))), compressed=True)


def test_a_file_that_is_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not read to find that out."""
    monkeypatch.setattr(layers, "LARGEST_FILE", 10)
    with pytest.raises(Refused, match=r"manifest\.json is larger than any of ours"):
        read(("app/package/manifest.json", b"m" * 11))


def test_a_layer_that_unpacks_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few bytes can stand for gigabytes."""
    monkeypatch.setattr(layers, "LARGEST_CONTENT", 100_000)
    with pytest.raises(Refused, match="unpacks to more"):
        read(("zeros", bytes(200_000)))


def test_a_member_that_is_described_at_length_is_refused() -> None:
    """What an archive says about a member would all be held."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=tarfile.PAX_FORMAT) as tar:
        member = tarfile.TarInfo("a")
        member.pax_headers = {"comment": "x" * 2_000_000}
        tar.addfile(member)
    with pytest.raises(BadBlobError, match="a header is too long"):
        content_of(io.BytesIO(gzip.compress(made.getvalue())), compressed=True)


def test_the_manifest_vouches_for_the_probes() -> None:
    """And the release believes nothing else."""
    package = package_of(manifest(), PROBES, where="image")
    assert package == Package(version=json.loads(manifest())["version"], probes=json.loads(PROBES)["probes"])
    with pytest.raises(Refused, match=r"is not what manifest\.json vouches for"):
        package_of(manifest(), PROBES.replace(b"0.9", b"0.8"), where="image")
    with pytest.raises(Refused, match="altered since it was packed"):
        package_of(manifest().replace(b"yield", b"Yield"), PROBES, where="image")


@pytest.mark.parametrize("probes", [b'{"probes": []}', b'{"other": 1}', b"[]", b"none"])
def test_a_package_without_probes_is_refused(probes: bytes) -> None:
    """The gate would prove nothing."""
    with pytest.raises(Refused, match=r"probes.json (has no probes|is no object of JSON)"):
        package_of(manifest(probes), probes, where="image")


def test_the_gate_reads_what_the_release_leaves() -> None:
    """The two agree on the document, whatever else a package says about its probes."""
    probes = [
        {"name": "01 ü", "record": {"样本id": 1, "A5": None}, "prediction": 0.9, "why": "missing values"}
    ]
    document = parse_document(gate_document(Package(version="a" * 64, probes=probes)))
    assert document.version == "a" * 64
    assert [(probe.name, probe.record, probe.prediction) for probe in document.probes] == [
        ("01 ü", {"样本id": 1, "A5": None}, 0.9)
    ]


def test_the_form_of_a_document_and_its_place_change_together() -> None:
    """A document stays for good: one of another form under the same key would have going back refused."""
    probe = {"name": "01", "record": {"A5": 1}, "prediction": 0.9}
    document = gate_document(Package(version="a" * 64, probes=[probe]))
    assert (PROBES_PREFIX, json.loads(document)) == (
        "releases/probes/",
        {"version": "a" * 64, "probes": [probe]},
    )


def test_a_probe_that_is_none_is_refused() -> None:
    """In a sentence, not by a field that is missing."""
    with pytest.raises(Refused, match="is no request with its answer"):
        gate_document(Package(version="a" * 64, probes=[{"name": "01"}]))
