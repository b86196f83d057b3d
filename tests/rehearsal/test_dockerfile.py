import pytest

from rehearsal.dockerfile import Copy, FinalStage

TWO_STAGES = """
ARG BASE=python
FROM ${BASE} AS build
COPY service/requirements.txt /tmp/
ENV ONLY_IN=build
# a comment
FROM ${BASE}
ENV PYTHONUNBUFFERED=1 \\
    PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
COPY --from=build /venv /venv
COPY --chown=0:0 service/contract.py service/app.py service/
COPY build/package package/
USER 10001
CMD ["python", "-m", "service"]
"""


def test_only_what_the_last_stage_takes_from_the_context_is_copied() -> None:
    """Copies of an earlier stage, and copies from it, are not files of the build context."""
    assert FinalStage.parse(TWO_STAGES).copies == (
        Copy(("service/contract.py", "service/app.py"), "service/"),
        Copy(("build/package",), "package/"),
    )


def test_the_environment_and_the_command_are_those_of_the_last_stage() -> None:
    """A process gets the variables and the command that a container would get."""
    stage = FinalStage.parse(TWO_STAGES)
    assert stage.environment == {"PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    assert stage.command == ("python", "-m", "service")


@pytest.mark.parametrize("text", ["", "FROM base\n", "# nothing\n"])
def test_a_dockerfile_that_copies_nothing_has_no_files(text: str) -> None:
    """Nothing is invented where the Dockerfile says nothing."""
    assert FinalStage.parse(text) == FinalStage()
