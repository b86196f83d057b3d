"""What the checks tell about a stage after a change."""

from collections.abc import Mapping
from typing import Any, Final

from infra.checks import problems_of
from infra.config import STAGES
from tests.infra.variants import changed

DEV: Final = STAGES["dev"]
STAGING: Final = STAGES["staging"]
PRODUCTION: Final = STAGES["production"]
OWNER: Final = "111122223333"
CERTIFICATE: Final = f"arn:aws:acm:eu-central-1:{OWNER}:certificate/0f0f0f0f-1111-2222-3333-444444444444"
"""As ACM writes one."""


def told(changes: Mapping[str, Any], stage: str = "dev") -> tuple[str, ...]:
    """Return the problems of a shipped stage with some fields changed."""
    return problems_of(changed(STAGES[stage], changes))
