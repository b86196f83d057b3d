"""The environment that the rehearsal's programs live in: none of it leads to real AWS.

Whatever credentials, profiles, endpoints or proxies the caller's shell holds are left behind. The
programs get invented credentials and one endpoint on loopback. What ignores the endpoint runs into
a proxy that does not exist, and so fails on this machine instead of reaching anything.
"""

import os
from collections.abc import Mapping, MutableMapping, Sequence
from pathlib import Path

ACCOUNT = "123456789012"
REGION = "eu-central-1"
CREDENTIAL = "rehearsal"
"""Invented: both halves of the one pair of keys that the rehearsal has."""
MARKER = "SWITCHYARD_REHEARSAL"

# The discard port on loopback: nothing listens there, so a request that strays is refused at once.
NOWHERE = "http://127.0.0.1:9"

_KEPT = ("PATH", "LANG", "LC_ALL", "TERM", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS")

_NO_CONFIGURATION = {
    "AWS_CONFIG_FILE": "/dev/null",
    "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
    "AWS_EC2_METADATA_DISABLED": "true",
}


def forget_aws(environment: MutableMapping[str, str]) -> None:
    """Take everything that an AWS library would read out of an environment: the rehearsal's own."""
    for name in [name for name in environment if name.startswith("AWS_")]:
        del environment[name]
    environment.update(_NO_CONFIGURATION)


def isolated(
    environment: Mapping[str, str], *, marker: str, temporary: Path, path: Sequence[Path], cache: Path
) -> dict[str, str]:
    """Return the environment for a program of the rehearsal that does not talk to AWS at all.

    Args:
        environment: The caller's environment; only harmless names of it are kept.
        marker: Identifies the run, so that a later run can find what this one left behind.
        temporary: The folder for temporary files. It is the home folder as well, so that nothing the
            caller keeps in theirs, such as `~/.cdk.json` with its plug-ins and proxies, is followed.
        path: Folders to search for programs before the caller's.
        cache: A folder that stays, where jsii unpacks the CDK's libraries.
    """
    kept = {name: environment[name] for name in _KEPT if name in environment}
    return kept | {
        "PATH": os.pathsep.join([*map(str, path), kept.get("PATH", "/usr/bin:/bin")]),
        "HOME": str(temporary),
        "TMPDIR": str(temporary),
        "JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(cache / "jsii"),
        MARKER: marker,
        "NO_COLOR": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "HTTP_PROXY": NOWHERE,
        "HTTPS_PROXY": NOWHERE,
        "http_proxy": NOWHERE,
        "https_proxy": NOWHERE,
        "NO_PROXY": "localhost,127.0.0.1",
        "no_proxy": "localhost,127.0.0.1",
        **_NO_CONFIGURATION,
        "CDK_DISABLE_CLI_TELEMETRY": "true",
        "CDK_DISABLE_VERSION_CHECK": "true",
        "NODE_DISABLE_COMPILE_CACHE": "1",
        "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "true",
    }


def with_local_aws(
    environment: Mapping[str, str], endpoint: str, *, codedeploy: str | None = None
) -> dict[str, str]:
    """Return `environment` with AWS standing at `endpoint` for every AWS library and tool.

    CodeDeploy may stand somewhere else.
    """
    elsewhere = {"AWS_ENDPOINT_URL_CODEDEPLOY": codedeploy} if codedeploy else {}
    return (
        dict(environment)
        | elsewhere
        | {
            "AWS_ACCESS_KEY_ID": CREDENTIAL,
            "AWS_SECRET_ACCESS_KEY": CREDENTIAL,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_ENDPOINT_URL_S3": endpoint,
            "CDK_DEFAULT_ACCOUNT": ACCOUNT,
            "CDK_DEFAULT_REGION": REGION,
        }
    )
