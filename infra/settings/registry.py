"""The registry: what all stages share."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrySettings:
    """The image registry, and which GitHub repository may use it."""

    account: str | None = None
    """Account of twelve digits that holds the images; by default the one that the credentials belong to,
    which then holds every stage as well."""
    region: str = "eu-central-1"
    """AWS region that holds the images."""
    github: str | None = None
    """GitHub repository whose workflows may push and release: `owner/name`, or `owner@1234/name@5678` with
    its numbers when it was created or renamed since July 2026 (see decision 8); by default none may, and
    there are no roles for them. With it releases must end within 12 hours, the longest session of a role; a
    job on a runner that GitHub hosts ends after 6."""
    signing: bool = False
    """Whether ECR signs every pushed image with a key of AWS Signer; by default off, since not every region
    has it."""

    @property
    def github_page(self) -> str | None:
        """Where the repository is read, or nothing when it is not said."""
        return f"https://github.com/{re.sub('@[0-9]+', '', self.github)}" if self.github else None
