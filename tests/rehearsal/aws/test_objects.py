"""Conditional writes, asked of the mended control plane by a real client."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError

from rehearsal.control_plane import ControlPlane

pytestmark = pytest.mark.slow


def test_of_several_conditional_writes_one_wins(plane: ControlPlane) -> None:
    """Whoever comes later sees that it was too late ("How to prevent object overwrites")."""
    plane.s3.create_bucket(
        Bucket="one-wins", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )

    def write(number: int) -> bool:
        try:
            plane.s3.put_object(Bucket="one-wins", Key="claim", Body=b"%d" % number, IfNoneMatch="*")
        except ClientError as error:
            assert error.response["Error"]["Code"] == "PreconditionFailed"  # noqa: PT017 - else it won
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(write, range(8))) == 1
