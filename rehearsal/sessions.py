"""Sessions with the AWS that stands on this machine.

Their credentials are invented, and the same everywhere: nothing here checks them. What the caller's shell or
home folder says of AWS takes no part.
"""

from typing import Any

import boto3
from botocore.config import Config

from rehearsal.isolation import CREDENTIAL, REGION


def session() -> boto3.Session:
    """Return a session of its own, so that threads may each have one."""
    return boto3.Session(aws_access_key_id=CREDENTIAL, aws_secret_access_key=CREDENTIAL, region_name=REGION)


def client(service: str, endpoint: str, **config: Any) -> Any:  # noqa: ANN401 - boto3 has a type for each name
    """Return a client of a service, as boto3 names it, that stands at a URL on this machine.

    Args:
        service: Its name.
        endpoint: The URL.
        config: What `botocore.config.Config` takes beside the proxies, of which there are none.
    """
    untyped: Any = session()
    return untyped.client(service, endpoint_url=endpoint, config=Config(proxies={}, **config))
