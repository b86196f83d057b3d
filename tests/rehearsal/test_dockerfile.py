import pytest

from rehearsal.dockerfile import Copy, FinalStage
from rehearsal.errors import StepFailed

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


def test_environment_command_and_user_are_those_of_the_last_stage() -> None:
    """A process gets the variables and the command, and the image the user, that a container would get."""
    stage = FinalStage.parse(TWO_STAGES)
    assert stage.environment == {"PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    assert (stage.command, stage.user) == (("python", "-m", "service"), "10001")


@pytest.mark.parametrize("text", ["", "FROM base\n", "# nothing\n"])
def test_a_dockerfile_that_copies_nothing_has_no_files(text: str) -> None:
    """Nothing is invented where the Dockerfile says nothing."""
    assert FinalStage.parse(text) == FinalStage()


@pytest.mark.parametrize("destination", ["/etc/", "../outside/", "package/../../outside/"])
def test_nothing_is_copied_outside_the_image(destination: str) -> None:
    """Where a container would have it in its own file system, this machine would have it in its own."""
    with pytest.raises(StepFailed, match="outside /app"):
        FinalStage.parse(f"FROM base\nCOPY build/package {destination}\n")


def test_an_absolute_destination_below_the_working_folder_is_the_same_as_a_relative_one() -> None:
    """`/app/package/` is `package/`."""
    (copy,) = FinalStage.parse("FROM base\nCOPY build/package /app/package/\n").copies
    assert copy.destination == "package/"


@pytest.mark.parametrize(
    "instruction", ["ADD a b", 'ENTRYPOINT ["sh"]', "RUN pip install it", "VOLUME /data"]
)
def test_what_has_no_process_form_is_refused(instruction: str) -> None:
    """Rather than playing something that is not what the Dockerfile says."""
    with pytest.raises(StepFailed, match=f"has {instruction.split(maxsplit=1)[0]}"):
        FinalStage.parse(f"FROM base\n{instruction}\n")
