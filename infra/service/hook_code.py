"""The code of one Lambda function, as it is in `infra/hooks`."""

from pathlib import Path
from typing import Final

from aws_cdk import AssetHashType, IgnoreMode
from aws_cdk import aws_lambda as lambda_

_HOOKS: Final = Path(__file__).parents[1] / "hooks"


def hook_code(package: str) -> lambda_.Code:
    """Return the asset of one package of `infra/hooks`, under its own name, and nothing else.

    A function so changes with its own code only, never with its neighbour's. Its handler is named
    `<package>.<module>.<function>`.
    """
    return lambda_.Code.from_asset(
        str(_HOOKS),
        exclude=["/*", f"!/{package}", "__pycache__"],
        ignore_mode=IgnoreMode.GIT,
        asset_hash_type=AssetHashType.SOURCE,
    )
