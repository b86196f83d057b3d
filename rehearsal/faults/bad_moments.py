"""Faults that come over a good version while it is being shipped, or just before."""

import os
import shutil
import signal
import time
from collections.abc import Mapping
from typing import Any

from infra.names import PRODUCT
from rehearsal.errors import ProgramFailed
from rehearsal.faults import standing
from rehearsal.faults.strike import Strike
from rehearsal.faults.template import changed
from rehearsal.releases import Begun, Ended
from release.record import Step

CRASHING = "deployed.nothing"
"""A handler that is not there: the function fails at each call."""
SILENT = "builtins.print"
"""A handler that writes what it is asked, and reports nothing."""


def old_task_stopped(strike: Strike) -> Ended:
    """Stop a task of the version before, in the middle of the shift."""
    begun = _mid_shift(strike)
    return _stopped(strike, begun, strike.before)


def new_task_stopped(strike: Strike) -> Ended:
    """Stop a task of the new version, in the middle of the shift."""
    begun = _mid_shift(strike)
    return _stopped(strike, begun, strike.image.digest)


def old_task_crashes(strike: Strike) -> Ended:
    """Kill the process of a task of the version before, in the middle of the shift."""
    begun = _mid_shift(strike)
    return _killed(strike, begun, strike.before)


def new_task_crashes(strike: Strike) -> Ended:
    """Kill the process of a task of the new version, in the middle of the shift."""
    begun = _mid_shift(strike)
    return _killed(strike, begun, strike.image.digest)


def hook_crashes(strike: Strike) -> Ended:
    """Let the gate's function fail whenever it is called."""
    _set_handler(strike, CRASHING)
    ended = strike.ship()
    if "Runtime." in strike.gate_log():
        strike.struck("the gate's function crashed", at=_asked(strike))
    return ended


def hook_never_answers(strike: Strike) -> Ended:
    """Let the gate's function end without a report."""
    _set_handler(strike, SILENT)
    ended = strike.ship()
    log = strike.gate_log()
    if "LifecycleEventHookExecutionId" in log and "Reporting" not in log:
        strike.struck("the gate's function ended without a word", at=_asked(strike))
    return ended


def alarm_already_red(strike: Strike) -> Ended:
    """Lower the limit of an alarm of the live colour, so that what is usual turns it red."""
    cloudwatch = strike.client("cloudwatch")
    colour = strike.until(lambda: standing.live(strike.stage.box), "One colour with all the traffic")
    name = f"{strike.stage.box.settings.prefix}-{colour}-unhealthy"
    usual = _settable(cloudwatch, cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"][0])
    strike.finally_do(lambda: cloudwatch.put_metric_alarm(**usual))
    cloudwatch.put_metric_alarm(**usual | {"Threshold": -1.0})
    strike.until(lambda: name in standing.red(strike.stage.box), f"A red {name}")
    strike.struck(f"{name} is red")
    return strike.ship()


def manual_stop(strike: Strike) -> Ended:
    """Have somebody stop the release while the canary has its share."""
    begun = _mid_shift(strike)
    strike.struck("somebody ran `stop`")
    strike.run("stop")
    return strike.wait(begun)


def second_release(strike: Strike) -> Ended:
    """Ship another image while the first is under way."""
    begun = _mid_shift(strike)
    other = strike.stage.box.push(strike.spare.image)
    second = strike.wait(strike.begin(other))
    if second.exit_code == 1 and not begun.program.has_ended:
        strike.struck("a second release was begun", at=second.started)
    return strike.wait(begun)


def image_gone(strike: Strike) -> Ended:
    """Delete the image from the registry before it is shipped."""
    reference = strike.reference
    ecr = strike.client("ecr")
    gone = ecr.batch_delete_image(repositoryName=PRODUCT, imageIds=[{"imageDigest": strike.image.digest}])
    # It may be wanted again: what a pipeline pushes twice is the same image.
    strike.finally_do(lambda: strike.stage.box.push(strike.image))
    if gone["imageIds"]:
        strike.struck("the image is gone from the registry")
    return strike.wait(strike.begin(reference))


def terminal_killed(strike: Strike) -> Ended:
    """Kill the release's program in the middle of the shift, ask how things stand, and ship again."""
    begun = _mid_shift(strike)
    begun.program.process.kill()
    strike.struck("the release's program was killed")
    strike.wait(begun)
    status = strike.stage.releases.status()
    strike.said.append(_told(status, strike.image.digest))
    return strike.ship()


def throttled(strike: Strike) -> Ended:
    """Let a third of the release's calls be throttled or fail."""
    release: Mapping[str, object] = {"agent": "switchyard-release", "rate": 0.15}
    strike.mishaps({**release, "kind": "throttle"}, {**release, "kind": "error"})
    began = strike.begin()
    ended = strike.wait(began)
    if hits := strike.hits():
        strike.struck(f"{hits} calls were throttled or failed", at=began.started)
    return ended


def cdk_deploy(strike: Strike) -> Ended:
    """Deploy a change of the Traffic stack with the CDK CLI while the release runs."""
    return deploy_while(strike, strike.begin())


def deploy_while(strike: Strike, begun: Begun) -> Ended:
    """Deploy a change of the Traffic stack as soon as a release holds it."""
    box = strike.stage.box
    stack = box.settings.stack_name("Traffic")
    folder = changed(box.cdk().assembly, box.workspace.run / "cdk.changed", stack)
    strike.finally_do(lambda: shutil.rmtree(folder, ignore_errors=True))
    strike.record(lambda record: record.step not in {Step.CLAIM, Step.HOLD}, "A release that holds the stage")
    try:
        box.cdk().deploy(stack, assembly=folder)
    except ProgramFailed as error:
        strike.said.append(error.output)
        if not begun.program.has_ended:
            strike.struck("`cdk deploy` was refused while the release ran")
    return strike.wait(begun)


def _told(status: Mapping[str, Any], digest: str) -> str:
    """Return whether the truth was told: the release runs, of this image, and AWS goes on with it."""
    true = status["running"] and digest in status["release"]["image"] and status["deployment"] is not None
    return f"status told the truth. {status['advice']}" if true else f"status told otherwise: {status}"


def _mid_shift(strike: Strike) -> Begun:
    begun = strike.begin()
    strike.canary()
    return begun


def _stopped(strike: Strike, begun: Begun, digest: str) -> Ended:
    victim = strike.victim(digest)
    cluster = strike.stage.box.settings.prefix
    moment = time.time()
    strike.client("ecs").stop_task(cluster=cluster, task=victim["task"], reason="stopped by hand")
    ended = strike.wait(begun)
    for event in strike.events("task", what="stopped", task=victim["task"]):
        if "stopped by hand" in event["reason"]:
            strike.struck(event["text"], at=moment)
    return ended


def _killed(strike: Strike, begun: Begun, digest: str) -> Ended:
    victim = strike.victim(digest)
    moment = time.time()
    os.kill(victim["pid"], signal.SIGKILL)
    ended = strike.wait(begun)
    for event in strike.events("task", what="stopped", task=victim["task"]):
        if event["exit_code"] == 128 + signal.SIGKILL:
            strike.struck(event["text"], at=moment)
    return ended


def _set_handler(strike: Strike, handler: str) -> None:
    functions = strike.client("lambda")
    name = strike.stage.box.settings.gate_function
    usual = functions.get_function_configuration(FunctionName=name)["Handler"]
    strike.finally_do(lambda: functions.update_function_configuration(FunctionName=name, Handler=usual))
    functions.update_function_configuration(FunctionName=name, Handler=handler)


def _asked(strike: Strike) -> float | None:
    """Return when the gate was asked."""
    asked = strike.events("lifecycle", event="AfterAllowTestTraffic", status="InProgress")
    return asked[0]["at"] if asked else None


def _settable(client: Any, described: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ANN401 - see Strike.client
    """Return what PutMetricAlarm takes of what DescribeAlarms tells."""
    known = client.meta.service_model.operation_model("PutMetricAlarm").input_shape.members
    return {name: value for name, value in described.items() if name in known}
