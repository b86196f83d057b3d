"""Updates of a stack: what counts as a change, in which order it is made, and how it is taken back.

AWS documentation (CloudFormation User Guide unless another is named):
- "Understand update behaviors of stack resources": CloudFormation updates the resources that have changed,
  comparing what was submitted with the stack's current template *and parameters*; the rest runs on
  untouched. An update that changes nothing is refused: "No updates are to be performed."
- "Choose how to handle failures when provisioning resources": by default a failed update rolls back to the
  last known stable state. What was changed gets the properties that CloudFormation last wrote, not those
  that the resource had: "CloudFormation doesn't know" of changes made outside ("Continue rolling back an
  update"). The call of UpdateStack has succeeded by then; status and events tell of the failure.
- "Resource tag": stack tags reach every resource that takes tags, so a changed one updates these.
- "Prevent updates to stack resources": see `stack_policies`.
- "Resource attribute DependsOn": what a resource refers to comes first. Deletions come last, in the
  clean-up.

moto compares templates as they are written, reads no SSM-typed parameter again, and stops half way.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from rehearsal.aws import parameters, snapshots, stack_policies
from rehearsal.aws.original import Moto, requests, stacks, templates
from rehearsal.aws.snapshots import Snapshot
from rehearsal.aws.stack_policies import DELETE, MODIFY, Permission, Resource

_TAGGED: Final = "AWS::ElasticLoadBalancingV2::"
_beginning: Final = threading.Lock()
_ANSWERED_AFTER: Final = 20.0
"""Seconds after which UpdateStack is answered although the update goes on: a deployment takes its time."""


def mend() -> None:
    """Take over UpdateStack, and remember what each stack was last given."""
    stack_policies.mend()
    create: Callable[[Moto], None] = stacks.Stack.create_resources

    def create_resources(stack: Moto) -> None:
        create(stack)
        stack.known = snapshots.taken(stack)

    stacks.Stack.create_resources = create_resources
    stacks.CloudFormationBackend.update_stack = update_stack
    requests.CloudFormationResponse._validate_different_update = lambda *_: None


def update_stack(
    backend: Moto,
    name: str,
    template: str,
    role_arn: str | None,
    parameters: Sequence[Mapping[str, Moto]],
    tags: Mapping[str, str] | None,
) -> Moto:
    """Update a stack; whether it succeeded is told by the stack's status.

    Raises:
        ValidationError: nothing would change, a parameter is missing, or the stack is being updated.
    """
    stack = backend.get_stack(name)
    with _beginning:
        if stack.status.endswith("_IN_PROGRESS"):
            raise templates.ValidationError(
                message=f"Stack:{stack.stack_id} is in {stack.status} state and can not be updated."
            )
        previous, before = stack.status, stack.known
        stack.status = "UPDATE_IN_PROGRESS"
    try:
        touched = _submit(stack, template, parameters, tags)
    except Exception:
        snapshots.restore(stack, before)
        stack.status = previous
        raise
    stack.role_arn = role_arn
    permission = stack_policies.current.get() or Permission(stack.policy)
    update = _Update(stack, before, permission)
    running = threading.Thread(target=update.run, args=(touched,), daemon=True)
    running.start()
    running.join(_ANSWERED_AFTER)
    return stack


def _submit(
    stack: Moto,
    template: str,
    incoming: Sequence[Mapping[str, Moto]],
    tags: Mapping[str, str] | None,
) -> snapshots.Difference:
    """Make the template and its parameters the stack's own; return what it differs in from before."""
    parsed = stacks.Stack.parse_template(template)
    values = parameters.given(stack, incoming, parsed)
    snapshots.load(stack, template, parsed, values)
    if tags is not None:
        stack.tags = dict(tags)
    touched = snapshots.difference(stack, stack.known)
    if touched is None:
        raise templates.ValidationError(message="No updates are to be performed.")
    return touched


class _Update:
    """One update under way: every step is an event, as DescribeStackEvents tells it."""

    def __init__(self, stack: Moto, before: Snapshot, permission: Permission) -> None:
        self._stack = stack
        self._permission = permission
        self._map = stack.resource_map
        self._before = before
        self._after = dict(stack.template_dict["Resources"])
        self._added: list[str] = []
        self._changed: list[str] = []

    def run(self, touched: snapshots.Difference) -> None:
        """Make every change, or take back what was made."""
        self._stack._add_stack_event("UPDATE_IN_PROGRESS", "User Initiated")
        failed = self._make(touched)
        if failed is not None:
            self._take_back(failed)
            return
        self._stack._add_stack_event("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
        for name in reversed(touched.removed):
            self._delete(name, self._before.bodies[name])
        self._stack.known = snapshots.taken(self._stack)
        self._settle("UPDATE_COMPLETE")

    def _make(self, touched: snapshots.Difference) -> str | None:
        """Make the changes in order; return the resource that failed, if one did."""
        for name in touched.removed:  # deleted in the clean-up, when it is too late to fail
            if self._refuses(DELETE, name, self._before.bodies[name]):
                return name
        tags_changed = self._stack.tags != self._before.tags
        for name in snapshots.in_order(self._after):
            body = self._after[name]
            new = name in touched.added
            tagged = tags_changed and body["Type"].startswith(_TAGGED)
            if name not in touched.kept and not new:
                continue
            if not new and not tagged and not self._differs(name, body):
                continue
            if not new and self._refuses(MODIFY, name, body):
                return name
            (self._added if new else self._changed).append(name)
            if not self._step(name, body, "CREATE" if new else "UPDATE"):
                return name
        return None

    def _refuses(self, action: str, name: str, body: Mapping[str, Moto]) -> bool:
        """Whether the stack's policy forbids this; then the resource stays untouched, and it is told."""
        reason = self._permission.refusal(action, Resource(name, body["Type"]))
        if reason:
            self._tell(name, body, "UPDATE_FAILED", reason)
        return reason is not None

    def _differs(self, name: str, body: Mapping[str, Moto]) -> bool:
        now, before = snapshots.resolved(body, self._map), self._before.resolved[name]
        return snapshots.written(now) != snapshots.written(before)

    def _take_back(self, failed: str) -> None:
        """Write what CloudFormation knew before, then delete what is new."""
        self._settle(
            "UPDATE_ROLLBACK_IN_PROGRESS", f"The following resource(s) failed to update: [{failed}]."
        )
        snapshots.restore(self._stack, self._before)
        sound = [
            self._step(name, self._before.bodies[name], "UPDATE")
            for name in snapshots.in_order(self._before.bodies)
            if name in self._changed
        ]
        self._stack._add_stack_event("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")
        for name in reversed(self._added):
            self._delete(name, self._after[name])
        self._settle("UPDATE_ROLLBACK_COMPLETE" if all(sound) else "UPDATE_ROLLBACK_FAILED")

    def _step(self, name: str, body: Mapping[str, Moto], verb: str) -> bool:
        """Create or update one resource; return whether it worked."""
        self._tell(name, body, f"{verb}_IN_PROGRESS")
        try:
            if verb == "CREATE":
                _ = self._map[name]
            else:
                self._write(name, body)
        except Exception as error:  # noqa: BLE001 - whatever the service said is the event's reason
            self._tell(name, body, f"{verb}_FAILED", str(error) or type(error).__name__)
            return False
        self._tell(name, body, f"{verb}_COMPLETE")
        return True

    def _write(self, name: str, body: Mapping[str, Moto]) -> None:
        made = templates.parse_and_update_resource(
            name, dict(body), self._map, self._stack.account_id, self._stack.region_name
        )
        if made is not None:  # None: moto has no way to update it, and leaves it as it is
            self._map._parsed_resources[name] = made

    def _delete(self, name: str, body: Mapping[str, Moto]) -> None:
        resource = self._map._parsed_resources.pop(name, None)
        if resource is None or body.get("DeletionPolicy", "Delete") != "Delete":
            return
        try:
            self._map._delete_resource(resource, body)
        except Exception as error:  # noqa: BLE001 - a clean-up that fails is told, and fails nothing
            self._tell(name, body, "DELETE_FAILED", str(error))
        else:
            self._tell(name, body, "DELETE_COMPLETE")

    def _settle(self, status: str, reason: str | None = None) -> None:
        self._stack._add_stack_event(status, reason)
        self._stack.output_map = self._stack._create_output_map()
        self._stack.status = status

    def _tell(self, name: str, body: Mapping[str, Moto], status: str, reason: str | None = None) -> None:
        resource = self._map._parsed_resources.get(name)
        self._stack.events.append(
            stacks.Event(
                stack_id=self._stack.stack_id,
                stack_name=self._stack.name,
                logical_resource_id=name,
                physical_resource_id=getattr(resource, "physical_resource_id", "") or "",
                resource_type=body["Type"],
                resource_status=status,
                resource_status_reason=reason,
                resource_properties=None,
            )
        )
