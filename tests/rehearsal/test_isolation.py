from pathlib import Path

import pytest

from rehearsal import isolation

HOSTILE = {
    "PATH": "/usr/bin",
    "HOME": "/home/operator",
    "AWS_ACCESS_KEY_ID": "AKIAREAL",
    "AWS_SECRET_ACCESS_KEY": "real",
    "AWS_SESSION_TOKEN": "real",
    "AWS_PROFILE": "production",
    "AWS_ENDPOINT_URL_S3": "https://s3.example.com",
    "AWS_ROLE_ARN": "arn:aws:iam::1:role/admin",
    "AWS_WEB_IDENTITY_TOKEN_FILE": "/token",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.170.2/creds",
    "AWS_CONFIG_FILE": "/home/operator/.aws/config",
    "HTTPS_PROXY": "http://proxy.example.com",
    "PYTHONPATH": "/elsewhere",
}


def isolate() -> dict[str, str]:
    """The environment of a program of the rehearsal."""
    return isolation.isolated(
        HOSTILE,
        marker="run-1",
        temporary=Path("/run/tmp"),
        path=[Path("/repo/node"), Path("/repo/.venv/bin")],
        cache=Path("/repo/.venv/cache"),
    )


@pytest.fixture
def environment() -> dict[str, str]:
    """What a program gets when the caller's shell holds real credentials."""
    base = isolate()
    return isolation.with_local_aws(base, "http://localhost:5000")


def test_nothing_of_the_callers_aws_configuration_is_passed_on(environment: dict[str, str]) -> None:
    """Neither keys, nor profiles, nor roles, nor endpoints of the shell reach a program."""
    aws = {name: value for name, value in environment.items() if name.startswith("AWS_")}
    assert aws == {
        "AWS_ACCESS_KEY_ID": "rehearsal",
        "AWS_SECRET_ACCESS_KEY": "rehearsal",
        "AWS_REGION": "eu-central-1",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_ENDPOINT_URL": "http://localhost:5000",
        "AWS_ENDPOINT_URL_S3": "http://localhost:5000",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def test_what_ignores_the_endpoint_finds_a_proxy_that_does_not_exist(environment: dict[str, str]) -> None:
    """A request to anything but loopback is refused on this machine."""
    assert {environment[name] for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy")} == {
        isolation.NOWHERE
    }
    assert environment["NO_PROXY"] == "localhost,127.0.0.1"


def test_a_program_that_needs_no_aws_gets_no_credentials() -> None:
    """Training and serving hold neither the caller's keys nor invented ones."""
    base = isolate()
    assert not [name for name in base if "KEY" in name or "TOKEN" in name or "ROLE" in name]
    assert "PYTHONPATH" not in base


def test_nothing_in_the_callers_home_is_followed(environment: dict[str, str]) -> None:
    """`~/.cdk.json` may name plug-ins and a proxy; the home folder of a program is the run's own."""
    assert environment["HOME"] == "/run/tmp"


def test_the_locked_tools_are_found_first(environment: dict[str, str]) -> None:
    """Another Node on the machine is never used."""
    assert environment["PATH"] == "/repo/node:/repo/.venv/bin:/usr/bin"


def test_every_program_carries_the_marker_of_its_run(environment: dict[str, str]) -> None:
    """By it, whatever is left behind is found again."""
    assert environment[isolation.MARKER] == "run-1"
    assert environment["TMPDIR"] == "/run/tmp"


def test_the_rehearsal_itself_forgets_the_callers_aws_configuration() -> None:
    """A profile that does not exist here, or does and leads to AWS, is not even looked up."""
    environment = dict(HOSTILE)
    isolation.forget_aws(environment)
    assert {name for name in environment if name.startswith("AWS_")} == {
        "AWS_CONFIG_FILE",
        "AWS_SHARED_CREDENTIALS_FILE",
        "AWS_EC2_METADATA_DISABLED",
    }
    assert environment["AWS_CONFIG_FILE"] == "/dev/null"
    assert environment["HOME"] == "/home/operator"
