"""Amazon ECS as AWS documents it: revisions, services, task sets, and the tasks that an agent reports.

moto's ECS runs nothing and keeps little: a service of a template loses its controller and load balancers,
task sets are steady from the start, and tasks go through their life by being described. Here the records are
our own (`model`), kept where moto keeps its own, so that tags, scaling and clusters go on working.
This package places no task: `fleets` tells how many of which revision should run, the region reports
(`reports`) what became of them.
"""
