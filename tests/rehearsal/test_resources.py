from rehearsal import resources
from rehearsal.resources import Resource


def test_every_resource_of_a_template_meets_one_of_three_fates() -> None:
    """Created, really played, or passed over: nothing is counted twice and nothing is hidden."""
    template = {
        "Bucket": "AWS::S3::Bucket",
        "Service": "AWS::ECS::Service",
        "Group": "AWS::CodeDeploy::DeploymentGroup",
        "CDKMetadata": "AWS::CDK::Metadata",
    }
    created = {"Bucket": "switchyard-data", "Service": "arn:service", "Group": ""}
    found = resources.classify("Switchyard-dev-Service", template, created)
    assert found == [
        Resource("Switchyard-dev-Service", "Bucket", "AWS::S3::Bucket", "deployed"),
        Resource("Switchyard-dev-Service", "Service", "AWS::ECS::Service", "rehearsed"),
        Resource("Switchyard-dev-Service", "Group", "AWS::CodeDeploy::DeploymentGroup", "not rehearsed"),
    ]
    assert resources.count(found) == {"deployed": 1, "rehearsed": 1, "not rehearsed": 1}


def test_a_listener_that_the_control_plane_skipped_is_not_called_rehearsed() -> None:
    """Only what exists can do its work."""
    (found,) = resources.classify("Traffic", {"Listener": "AWS::ElasticLoadBalancingV2::Listener"}, {})
    assert found.fate == "not rehearsed"
