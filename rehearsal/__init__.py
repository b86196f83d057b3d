"""An AWS region in a box: a whole deployment played on this machine, without an AWS account.

The rehearsal deploys the real templates with the real CDK CLI to a local control plane, starts the
tasks that the registered task definition describes, and puts a real load balancer before them.
It may import `infra` settings, `release` and `service.contract`; nothing imports it.
"""
