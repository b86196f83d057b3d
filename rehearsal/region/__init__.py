"""The data plane of a rehearsal: tasks as Fargate runs them, Envoy as the load balancer, and what it finds.

It knows a run only by what the control plane's API describes, and tells it by the same API what became of
it. What it decides (how many tasks, when a task is well, in which order it ends) is done by pure functions.
"""
