"""Entry point of the CDK CLI: `cdk synth --context stage=STAGE --context image=sha256:DIGEST`."""

import sys

from infra.app import build_app
from infra.errors import InfraError


def main() -> int:
    """Write the templates of one stage; say in one sentence why not."""
    try:
        build_app().synth()
    except InfraError as error:
        print(error, file=sys.stderr)  # noqa: T201 - the CLI's voice
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
