"""Signatures of images: made by ECR itself when an image is pushed."""

from typing import Final

from aws_cdk import Aws, RemovalPolicy
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_signer as signer
from constructs import Construct

from infra.names import PRODUCT

_NOTATION: Final = "Notation-OCI-SHA384-ECDSA"


class ImageSigning(Construct):
    """A key of AWS Signer's, and the registry's rule to sign this product's images with it.

    ECR signs with the rights of whoever pushes, who so needs `signer:SignPayload` on the key; without it the
    image is pushed and has no signature. The key outlives its stack: signatures could not be verified
    without it. A registry has one configuration for all its repositories, so this belongs into an account
    of the product's own. Source: "Managed signing" in the Amazon ECR user guide.

    The key keeps its name, so switching signing off and on again meets it, and the deployment fails. Take it
    under the stack first: `cdk import Switchyard-Registry --force` with `registry.signing` on, which asks for
    the profile's ARN and leaves everything else as it is (`--force`: the other changes wait for the next
    `cdk deploy`); skip the configuration, which went when signing was switched off.
    """

    def __init__(self, scope: Construct, id_: str = "Signing") -> None:
        super().__init__(scope, id_)
        profile = signer.CfnSigningProfile(self, "Profile", platform_id=_NOTATION, profile_name=PRODUCT)
        profile.apply_removal_policy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)
        configuration = ecr.CfnSigningConfiguration(
            self,
            "Configuration",
            rules=[
                ecr.CfnSigningConfiguration.RuleProperty(
                    signing_profile_arn=self.profile_arn,
                    repository_filters=[
                        ecr.CfnSigningConfiguration.RepositoryFilterProperty(
                            filter=PRODUCT, filter_type="WILDCARD_MATCH"
                        )
                    ],
                )
            ],
        )
        configuration.add_resource_dependency(profile)

    @property
    def profile_arn(self) -> str:
        """ARN of the signing profile, which follows from its name."""
        return f"arn:{Aws.PARTITION}:signer:{Aws.REGION}:{Aws.ACCOUNT_ID}:/signing-profiles/{PRODUCT}"
