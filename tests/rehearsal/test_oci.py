import io
import tarfile

from rehearsal import oci

FILES = {"app/service/app.py": b"serve()\n", "app/package/manifest.json": b"{}\n"}


def test_nothing_but_paths_and_contents_decides_a_layer() -> None:
    """Neither the order in which files are named, nor the moment, nor who builds it."""
    layer = oci.Layer.of(FILES)
    assert oci.Layer.of(dict(reversed(FILES.items()))) == layer
    assert layer.blob[4:8] == bytes(4)  # the time in gzip's header (RFC 1952, 2.3.1)
    with tarfile.open(fileobj=io.BytesIO(layer.blob)) as archive:
        found = [(item.name, item.mode, item.mtime, item.uid, item.gid) for item in archive]
    assert found == [
        ("app", 0o755, 0, 0, 0),
        ("app/package", 0o755, 0, 0, 0),
        ("app/service", 0o755, 0, 0, 0),
        ("app/package/manifest.json", 0o644, 0, 0, 0),
        ("app/service/app.py", 0o644, 0, 0, 0),
    ]


def test_a_higher_layer_covers_a_lower_one() -> None:
    """As a container sees them, and as the folder is laid out."""
    higher = oci.Layer.of({"app/service/app.py": b"other()\n"})
    assert oci.unpacked([oci.Layer.of(FILES).blob, higher.blob]) == {
        "app/service/app.py": b"other()\n",
        "app/package/manifest.json": b"{}\n",
    }


def test_a_configuration_survives_storing_it() -> None:
    """Environment, command, user, folder and labels come back as they were."""
    written = oci.Configuration("arm64", {"A": "b=c"}, ("python",), "10001", "/app", {"a": "b"})
    assert oci.Configuration.from_bytes(written.as_bytes([oci.Layer.of(FILES)])) == written


def test_a_manifest_names_configuration_and_layers_by_their_digests() -> None:
    """The lowest layer first; its own type is told, and an OCI image's when it is not."""
    layers = [oci.Layer.of(FILES), oci.Layer.of({"a": b"b"})]
    manifest = oci.manifest_of(b"{}", layers)
    assert oci.blobs_of(manifest) == [oci.digest_of(b"{}"), *(oci.digest_of(layer.blob) for layer in layers)]
    assert oci.media_type_of(manifest) == oci.media_type_of(b"{}") == oci.MANIFEST
