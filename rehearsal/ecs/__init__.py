"""ECS's own service deployments: rolling, blue/green, canary and linear, played in the control plane.

A deployment's course is a pure function (`machine`) over a `plan` and a `state`; a `runner` thread for each
deployment looks, asks the machine what comes, and has `control` do it: fleets in the ECS records of
`rehearsal.aws.ecs`, weights in the rules of the load balancer. `engine` is what UpdateService reaches, `api`
answers for service deployments and revisions.
"""
