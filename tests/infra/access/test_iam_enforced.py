"""What each role may do, tried: real calls in an account that refuses what policies do not allow.

The roles are those of the templates, of all stages and the registry in one account, where keeping them apart
is hardest. moto finds the session, its role and that role's policies, and checks the signature; the verdict
over resources and conditions is that of `tests.infra.access.iam`, as `tests.infra.access.enforcement` tells.
"yes" means that the call got past IAM, whatever moto then made of it. CodeDeploy's reads of a deployment's
targets and CloudWatch's of composite alarms know no resource, so a release may look at those of other stages.
Who may take on a role is judged by the same evaluator alone, since moto takes any token.
`tests.infra.access.calls` turns a table's words into calls.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from infra.config import STAGES
from infra.settings import Engine, RegistrySettings
from tests.infra.access.calls import call
from tests.infra.access.enforcement import Account, enforcing
from tests.infra.access.iam import Request, allows
from tests.infra.access.roles import ACCOUNT, Role, roles
from tests.infra.assembly import synthesised
from tests.infra.variants import changed

pytestmark = pytest.mark.slow

GITHUB: Final = RegistrySettings(github="octo/plant")
ISSUER: Final = "token.actions.githubusercontent.com"

PARTS: Final = {
    "push": ("Registry", "Push"),
    "release": ("Access", "Release"),
    "deploy": ("Access", "Deploy"),
    "gate": ("Service", "ReleaseGateRole"),
    "task": ("Service", "TaskRole"),
    "execution": ("Service", "TaskExecutionRole"),
}
"""Where each kind of role is: the stack, and its logical id there."""

TABLE: Final = """
role             call                                                  about                              may

push             ecr.get_authorization_token                           -                                  yes
push             ecr.batch_check_layer_availability                    switchyard                         yes
push             ecr.initiate_layer_upload                             switchyard                         yes
push             ecr.upload_layer_part                                 switchyard                         yes
push             ecr.complete_layer_upload                             switchyard                         yes
push             ecr.put_image                                         switchyard                         yes
push             ecr.describe_image_scan_findings                      switchyard                         yes
push             ecr.put_image                                         another                            no
push             ecr.initiate_layer_upload                             another                            no
push             ecr.batch_delete_image                                switchyard                         no
push             ecr.delete_repository                                 switchyard                         no
push             ecr.put_lifecycle_policy                              switchyard                         no
push             ecr.put_image_tag_mutability                          switchyard                         no
push             ecr.set_repository_policy                             switchyard                         no
push             codedeploy.create_deployment                          dev                                no
push             ecs.register_task_definition                          dev with dev                       no
push             ssm.put_parameter                                     /switchyard/dev/live-colour        no
push             s3.put_object                                         dev/releases/records/1.json        no
push             sts.assume_role                                       dev/deploy                         no

release dev      ecr.describe_images                                   switchyard                         no
release dev      ecr.describe_image_scan_findings                      switchyard                         yes
release dev      ecr.batch_get_image                                   switchyard                         yes
release dev      ecr.get_download_url_for_layer                        switchyard                         yes
release dev      ecr.put_image                                         switchyard                         yes
release dev      ecr.put_image                                         another                            no
release dev      ecr.initiate_layer_upload                             switchyard                         no
release dev      ecr.batch_delete_image                                switchyard                         no
release dev      elbv2.describe_target_groups                          -                                  no
release dev      ecs.register_task_definition                          dev with staging                   no
release dev      ecs.register_task_definition                          staging with dev                   no
release dev      ecs.register_task_definition                          dev with dev/release               no
release dev      ecs.update_service                                    dev to dev                         no
release dev      ecs.delete_service                                    dev                                no
release dev      codedeploy.list_deployment_targets                    dev                                yes
release dev      codedeploy.get_deployment_target                      dev                                no
release dev      codedeploy.continue_deployment                        dev                                no
release dev      codedeploy.batch_get_deployment_targets               dev                                yes
release dev      codedeploy.list_deployment_targets                    staging                            yes
release dev      codedeploy.stop_deployment                            staging                            no
release dev      codedeploy.update_deployment_group                    dev                                yes
release dev      codedeploy.update_deployment_group                    staging                            no
release dev      codedeploy.put_lifecycle_event_hook_execution_status  dev                                no
release dev      codedeploy.get_deployment_config                      CodeDeployDefault.ECSAllAtOnce     yes
release dev      ssm.put_parameter                                     /switchyard/dev/traffic/blue       no
release dev      ssm.delete_parameter                                  /switchyard/dev/live-colour        no
release dev      ssm.get_parameters                                    /cdk-bootstrap/hnb659fds/version   yes
release dev      s3.delete_object                                      dev/releases/records/1.json        no
release dev      s3.put_object                                         dev/models/a/manifest.json         no
release dev      s3.get_object                                         dev/records/plant.csv              no
release dev      s3.get_object                                         dev/models/a/manifest.json         no
release dev      s3.list_objects_v2                                    dev/models/                        no
release dev      s3.list_objects_v2                                    dev                                no
release dev      s3.put_bucket_policy                                  dev                                no
release dev      cloudwatch.describe_alarms                            switchyard-dev-unwell              yes
release dev      cloudwatch.delete_alarms                              switchyard-dev-blue-errors         no
release dev      logs.filter_log_events                                another                            no
release dev      cloudformation.delete_stack                           dev-Traffic                        no
release dev      cloudformation.update_stack                           dev-Traffic/anything               no
release dev      cloudformation.update_stack                           dev-Service/listeners              no
release dev      cloudformation.update_stack                           dev-Traffic/roles                  no
release dev      cloudformation.update_stack                           dev-Traffic/listeners+roles        no
release dev      cloudformation.update_stack                           dev-Traffic/listeners by template  no
release dev      cloudformation.update_stack                           dev-Traffic/listeners by role      no
release dev      cloudformation.set_stack_policy                       dev-Network                        no
release dev      cloudformation.set_stack_policy                       dev-Traffic by address             no
release dev      iam.put_role_policy                                   dev/task                           no
release dev      sts.assume_role                                       cdk/deploy                         no

deploy dev       sts.assume_role                                       cdk/deploy                         yes
deploy dev       sts.assume_role                                       cdk/file-publishing                yes
deploy dev       sts.assume_role                                       cdk/cfn-exec                       no
deploy dev       sts.assume_role                                       cdk/image-publishing               no
deploy dev       sts.assume_role                                       cdk/deploy/eu-west-1               no
deploy dev       sts.assume_role                                       dev/release                        no
deploy dev       ssm.put_parameter                                     /switchyard/dev/live-colour        no
deploy dev       codedeploy.create_deployment                          dev                                no
deploy dev       ecr.put_image                                         switchyard                         no
deploy dev       s3.get_object                                         dev/models/a/manifest.json         no

gate dev         codedeploy.put_lifecycle_event_hook_execution_status  dev                                yes
gate dev         s3.get_object                                         dev/releases/probes/1f.json        yes
gate dev         ec2.describe_network_interfaces                       -                                  yes
gate dev         ecs.describe_task_definition                          dev                                yes
gate dev         codedeploy.put_lifecycle_event_hook_execution_status  staging                            no
gate dev         codedeploy.stop_deployment                            dev                                no
gate dev         codedeploy.continue_deployment                        dev                                no
gate dev         codedeploy.create_deployment                          dev                                no
gate dev         ecs.describe_services                                 staging                            no
gate dev         ecs.register_task_definition                          dev with dev                       no
gate dev         ecs.update_service                                    dev to dev                         no
gate dev         s3.get_object                                         staging/releases/probes/1f.json    no
gate dev         s3.get_object                                         dev/releases/records/1.json        no
gate dev         s3.put_object                                         dev/releases/probes/1f.json        no
gate dev         s3.list_objects_v2                                    dev/releases/probes/               no
gate dev         ssm.put_parameter                                     /switchyard/dev/live-colour        no
gate dev         ecr.batch_get_image                                   switchyard                         no
gate dev         iam.put_role_policy                                   dev/task                           no

task dev         s3.get_object                                         dev/models/a/manifest.json         yes
task dev         s3.get_object                                         staging/models/a/manifest.json     no
task dev         s3.get_object                                         dev/releases/probes/1f.json        no
task dev         s3.get_object                                         dev/records/plant.csv              no
task dev         s3.put_object                                         dev/models/a/manifest.json         no
task dev         s3.delete_object                                      dev/models/a/manifest.json         no
task dev         s3.list_objects_v2                                    dev/models/                        no
task dev         ssm.get_parameter                                     /switchyard/dev/live-colour        no
task dev         ecr.get_authorization_token                           -                                  no
task dev         ecs.describe_services                                 dev                                no
task dev         sts.assume_role                                       dev/release                        no

execution dev    ecr.get_authorization_token                           -                                  yes
execution dev    ecr.batch_get_image                                   switchyard                         yes
execution dev    ecr.get_download_url_for_layer                        switchyard                         yes
execution dev    ecr.batch_get_image                                   another                            no
execution dev    ecr.put_image                                         switchyard                         no
execution dev    s3.get_object                                         dev/models/a/manifest.json         no
execution dev    ssm.get_parameter                                     /switchyard/dev/live-colour        no
execution dev    logs.put_log_events                                   another                            no

ecs release dev  ecs.update_service                                    dev to dev                         yes
ecs release dev  ecs.update_service                                    dev to staging                     no
ecs release dev  ecs.update_service                                    dev                                no
ecs release dev  ecs.update_service                                    dev to dev with shell              no
ecs release dev  ecs.update_service                                    staging to dev                     no
ecs release dev  ecs.delete_service                                    dev                                no
ecs release dev  codedeploy.create_deployment                          dev                                no
ecs release dev  codedeploy.list_deployment_targets                    dev                                no

ecs gate dev     s3.get_object                                         dev/releases/probes/1f.json        yes
ecs gate dev     ecs.describe_service_revisions                        dev                                yes
ecs gate dev     ecs.describe_service_revisions                        staging                            no
ecs gate dev     s3.get_object                                         staging/releases/probes/1f.json    no
ecs gate dev     s3.get_object                                         dev/releases/records/1.json        no
ecs gate dev     ecs.describe_services                                 staging                            no
ecs gate dev     ecs.update_service                                    dev to dev                         no
ecs gate dev     ecs.stop_service_deployment                           dev                                no
ecs gate dev     codedeploy.put_lifecycle_event_hook_execution_status  dev                                no
ecs gate dev     iam.put_role_policy                                   dev/task                           no
"""
"""What every role may do, and the nearest that it may not."""

RELEASE: Final = """
call                                about

ssm.get_parameter                   /switchyard/STAGE/service/name
ssm.get_parameters                  /switchyard/STAGE/service/name
ecs.describe_services               STAGE
ecs.list_tasks                      STAGE
ecs.describe_tasks                  STAGE
cloudformation.describe_stacks      STAGE-Service
cloudformation.get_stack_policy     STAGE-Service
logs.filter_log_events              Switchyard-STAGE-Service-ReleaseGateLogs1F-xyz
s3.list_objects_v2                  STAGE/releases/
s3.get_object                       STAGE/releases/records/1.json
s3.put_object                       STAGE/releases/probes/1f.json
s3.put_object                       STAGE/releases/records/1.json
ecs.register_task_definition        STAGE with STAGE
ssm.put_parameter                   /switchyard/STAGE/live-colour
cloudformation.set_stack_policy     STAGE-Traffic
cloudformation.set_stack_policy     STAGE-Service
cloudformation.update_stack         STAGE-Traffic/listeners+rules
cloudformation.describe_stacks      STAGE-Traffic
"""
"""What a release does with either engine, beside looking around and tagging the image."""

SHIFT: Final = {
    Engine.CODEDEPLOY: """
call                                about

codedeploy.get_application          STAGE
codedeploy.list_deployments         STAGE
codedeploy.create_deployment        STAGE
codedeploy.get_deployment           STAGE
codedeploy.stop_deployment          STAGE
""",
    Engine.ECS: """
call                                about

ecs.update_service                  STAGE to STAGE
ecs.list_service_deployments        STAGE
ecs.describe_service_deployments    STAGE
ecs.describe_service_revisions      STAGE
ecs.stop_service_deployment         STAGE
""",
}
"""What it does with each of them."""


def rows(table: str) -> list[tuple[str, ...]]:
    """Return the rows of a table, whose columns are two spaces apart at least, without its head."""
    lines = (line.strip() for line in table.splitlines()[1:])
    cells = [tuple(cell.strip() for cell in line.split("  ") if cell.strip()) for line in lines if line]
    return cells[1:]


def named(folder: pytest.TempPathFactory, engine: Engine) -> dict[str, Role]:
    """Return every role with one engine by the words of the tables, such as `ecs gate dev`."""
    found: dict[str, Role] = {}
    for stage, settings in STAGES.items():
        variant = changed(settings, {"release.engine": engine})
        assembly = synthesised(variant, folder.mktemp(f"{engine}-{stage}"), registry=GITHUB)
        for kind, (part, key) in PARTS.items():
            role = roles(assembly, part)[key]
            name = kind if part == "Registry" else f"{kind} {stage}"
            found[name if engine is Engine.CODEDEPLOY else f"ecs {name}"] = replace(
                role, name=f"{engine}-{role.name}"
            )
    return found


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Role]:
    """Return the roles of all stages, with either engine."""
    return {name: role for engine in Engine for name, role in named(tmp_path_factory, engine).items()}


EVERYTHING: Final = Role(
    "everything",
    ({"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"},),
    ({"Effect": "Allow", "Action": "*", "Resource": "*"},),
)
NOTHING: Final = replace(
    EVERYTHING,
    name="nothing",
    statements=({"Effect": "Allow", "Action": "sts:GetCallerIdentity", "Resource": "*"},),
)


@pytest.fixture(scope="module")
def account(known: dict[str, Role]) -> Iterator[Account]:
    """Yield an account with all of them."""
    with enforcing([*known.values(), EVERYTHING, NOTHING]) as account:
        yield account


@pytest.mark.parametrize(("role", "name", "about", "may"), rows(TABLE))
def test_the_table(
    account: Account, known: dict[str, Role], role: str, name: str, about: str, may: str
) -> None:
    """Each line of the table comes out as it says."""
    assert account.may(known[role], call(name, about)) is (may == "yes")


def test_the_table_hangs_on_the_policies(account: Account) -> None:
    """Who may everything may all of it, who may nothing none of it: no line is so for another reason."""
    calls = [*((name, about) for _, name, about, _ in rows(TABLE)), *rows(RELEASE)]
    calls += [row for engine in Engine for row in rows(SHIFT[engine])]
    made = {
        (name, about): (account.may(EVERYTHING, call(name, about)), account.may(NOTHING, call(name, about)))
        for name, about in calls
    }
    assert made == dict.fromkeys(made, (True, False))


@pytest.mark.parametrize("engine", Engine)
@pytest.mark.parametrize("of", STAGES)
@pytest.mark.parametrize("to", STAGES)
def test_a_release_role_releases_its_own_stage_only(
    account: Account, known: dict[str, Role], engine: Engine, of: str, to: str
) -> None:
    """The role of one stage may make every call of a release to it, and not one of a release to another."""
    role = known[f"release {of}" if engine is Engine.CODEDEPLOY else f"ecs release {of}"]
    steps = rows(RELEASE) + rows(SHIFT[engine])
    made = {
        f"{name} {about}": account.may(role, call(name, about.replace("STAGE", to))) for name, about in steps
    }
    assert made == dict.fromkeys(made, of == to)


@pytest.mark.parametrize("engine", Engine)
def test_a_release_role_uses_its_own_engine_only(
    account: Account, known: dict[str, Role], engine: Engine
) -> None:
    """Where CodeDeploy moves traffic, a release cannot go past it, and the reverse."""
    role = known["ecs release dev" if engine is Engine.CODEDEPLOY else "release dev"]
    made = [
        account.may(role, call(name, about.replace("STAGE", "dev"))) for name, about in rows(SHIFT[engine])
    ]
    assert not any(made)


WHO: Final = {
    "push": "registry",
    "release dev": "dev",
    "deploy dev": "dev",
    "release production": "production",
    "deploy production": "production",
}
"""The GitHub environment whose jobs may take on a role."""


@pytest.mark.parametrize("role", WHO)
@pytest.mark.parametrize(
    "subject",
    [
        *(f"repo:octo/plant:environment:{name}" for name in ("registry", *STAGES)),
        "repo:octo/plant:environment:dev2",
        "repo:octo/plant:environment:Dev",
        "repo:octo/plant:ref:refs/heads/main",
        "repo:octo/plant:pull_request",
        "repo:octo/plant2:environment:dev",
        "repo:octo@1/plant@2:environment:dev",
        "repo:evil/plant:environment:dev",
        "repo:octo/plant:environment:*",
    ],
)
@pytest.mark.parametrize("audience", ["sts.amazonaws.com", "https://github.com/octo"])
def test_a_role_is_taken_on_by_jobs_of_its_environment(
    known: dict[str, Role], role: str, subject: str, audience: str
) -> None:
    """Of all that GitHub says of a job, subject and audience must be the very ones."""
    token = {f"{ISSUER}:sub": subject, f"{ISSUER}:aud": audience}
    request = Request("sts:AssumeRoleWithWebIdentity", context=token)
    right = (f"repo:octo/plant:environment:{WHO[role]}", "sts.amazonaws.com")
    assert allows(known[role].trust, request) is ((subject, audience) == right)
    assert [statement["Principal"] for statement in known[role].trust] == [
        {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{ISSUER}"}
    ]


def test_a_release_may_pass_roles_to_tasks_only(known: dict[str, Role]) -> None:
    """Its two task roles to ECS tasks: no other role, and no other service."""
    passed = {
        (stage, what, service): allows(
            known["release dev"].statements,
            Request(
                "iam:PassRole",
                f"arn:aws:iam::{ACCOUNT}:role/switchyard-{stage}-{what}-eu-central-1",
                {"iam:PassedToService": service},
            ),
        )
        for stage in STAGES
        for what in ("task", "execution", "release", "deploy")
        for service in ("ecs-tasks.amazonaws.com", "lambda.amazonaws.com", "cloudformation.amazonaws.com")
    }
    assert {key for key, may in passed.items() if may} == {
        ("dev", "task", "ecs-tasks.amazonaws.com"),
        ("dev", "execution", "ecs-tasks.amazonaws.com"),
    }


def test_a_token_with_numbers_is_matched_with_them(tmp_path: Path) -> None:
    """A repository of after July 2026 is named with its numbers, and the name alone is not enough then."""
    registry = RegistrySettings(github="octo@123456/plant@456789")
    trust = roles(synthesised(STAGES["dev"], tmp_path, image=None, registry=registry), "Access")[
        "Release"
    ].trust
    heard = {
        name: allows(
            trust,
            Request(
                "sts:AssumeRoleWithWebIdentity",
                context={
                    f"{ISSUER}:sub": f"repo:{name}:environment:dev",
                    f"{ISSUER}:aud": "sts.amazonaws.com",
                },
            ),
        )
        for name in ("octo@123456/plant@456789", "octo/plant", "octo@1/plant@456789")
    }
    assert heard == {"octo@123456/plant@456789": True, "octo/plant": False, "octo@1/plant@456789": False}
