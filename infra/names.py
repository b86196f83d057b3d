"""Names that do not differ between stages: what they share, and what releases agree on with the templates."""

from typing import Final

PRODUCT: Final = "switchyard"
"""Name of the product: the ECR repository, and the prefix of every physical name."""
REGISTRY_STACK: Final = "Switchyard-Registry"
"""The one stack that all stages share: images are built once and promoted by digest."""
RELEASE_TAGS: Final = "release-"
"""Start of the tag of every released image: an image that has one never expires."""
PUSH_ROLE: Final = f"{PRODUCT}-push"
"""Name of the role of the workflow that pushes images, in the registry's account."""
REGISTRY_ENVIRONMENT: Final = "registry"
"""GitHub environment of the job that pushes images; a stage's jobs run in the one of the stage's name."""
RELEASES_PREFIX: Final = "releases/"
"""Where releases write, in the data bucket: their records, and the gate documents below."""
PROBES_PREFIX: Final = f"{RELEASES_PREFIX}probes/"
"""Where a release leaves what the gate must know: `<prefix><64 hex digits of the image's digest>.json`."""
MODELS_PREFIX: Final = "models/"
"""Where model packages are kept in the data bucket; all that a task may read."""
RECORDS_PREFIX: Final = "records/"
"""Where the plant's raw records are kept in the data bucket; what models are trained on."""
CONTAINER: Final = "service"
"""Name of the container, in the task definition and in the AppSpec of every release."""
HTTP_PORT: Final = 80
"""Port of the listener that clients call over plain HTTP, or that sends them on to HTTPS."""
HTTPS_PORT: Final = 443
"""Port of the listener that clients call over HTTPS."""
TEST_PORT: Final = 9000
"""Port of the listener that the release gate calls."""
