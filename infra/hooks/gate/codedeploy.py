"""Handler of the CodeDeploy hook; reports nothing yet."""


def handle(event: object, context: object) -> None:
    """Do nothing yet."""
