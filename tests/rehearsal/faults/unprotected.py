"""Faults with the protection against them taken away: each must be red, or its detector sees nothing.

`.venv/bin/python -m rehearsal --faults --faults-from tests/rehearsal/faults/unprotected.py --fault NAME,…`
"""

import json
from dataclasses import replace

from rehearsal.faults import bad_moments, bad_versions
from rehearsal.faults.catalogue import chosen
from rehearsal.faults.strike import Strike
from rehearsal.releases import Ended
from release.hold import ALLOW
from release.record import Step


def with_a_wide_gate(strike: Strike) -> Ended:
    """Have the gate take every prediction for right."""
    functions = strike.client("lambda")
    name = strike.stage.box.settings.gate_function
    usual = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    wide = {"Variables": {**usual, "TOLERANCE": "1e9"}}
    functions.update_function_configuration(FunctionName=name, Environment=wide)
    strike.finally_do(
        lambda: functions.update_function_configuration(FunctionName=name, Environment={"Variables": usual})
    )
    return bad_versions.wrong_answers(strike)


def without_the_hold(strike: Strike) -> Ended:
    """Let updates of the Traffic stack in again as soon as the release has held them off."""
    box = strike.stage.box
    begun = strike.begin()
    held = strike.record(lambda record: record.step not in {Step.CLAIM, Step.HOLD}, "A release that holds")
    stack = box.settings.stack_name("Traffic")
    box.plane.cloudformation.set_stack_policy(StackName=stack, StackPolicyBody=json.dumps(ALLOW))
    strike.said.append(f"{held.id} no longer holds {stack}.")
    return bad_moments.deploy_while(strike, begun)


def without_alarms(strike: Strike) -> Ended:
    """Have CodeDeploy look at no alarm."""
    codedeploy, about = strike.client("codedeploy"), {}
    for application in codedeploy.list_applications()["applications"]:
        for group in codedeploy.list_deployment_groups(applicationName=application)["deploymentGroups"]:
            about = {"applicationName": application, "currentDeploymentGroupName": group}
            codedeploy.update_deployment_group(**about, alarmConfiguration={"enabled": False, "alarms": []})
    return bad_versions.errors(strike)


_NAMED = {
    "wrong-answers": with_a_wide_gate,
    "cdk-deploy": without_the_hold,
    "errors-in-production": without_alarms,
}
FAULTS = tuple(
    replace(fault, name=f"{fault.name}-unprotected", act=_NAMED[fault.name]) for fault in chosen(list(_NAMED))
)
"""In an order in which they can be played one after the other; after the last the stage is of no use."""
