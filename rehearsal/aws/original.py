"""moto's own code where it is mended, without its types, since the mends depart from them."""

from importlib import import_module
from typing import Any, TypeAlias

Moto: TypeAlias = Any
"""An object of moto's: a stack, a map of resources, a backend, a resource, or a value of a template."""

stacks: Moto = import_module("moto.cloudformation.models")
templates: Moto = import_module("moto.cloudformation.parsing")
requests: Moto = import_module("moto.cloudformation.responses")
balancing: Moto = import_module("moto.elbv2.models")
balancing_errors: Moto = import_module("moto.elbv2.exceptions")
acm: Moto = import_module("moto.acm.models")
route53: Moto = import_module("moto.route53.models")
ssm: Moto = import_module("moto.ssm.models")
cloudwatch: Moto = import_module("moto.cloudwatch.models")
cloudwatch_api: Moto = import_module("moto.cloudwatch.responses")
balancing_api: Moto = import_module("moto.elbv2.responses")
ecs: Moto = import_module("moto.ecs.models")
ecs_api: Moto = import_module("moto.ecs.responses")
ecs_errors: Moto = import_module("moto.ecs.exceptions")
scaling: Moto = import_module("moto.applicationautoscaling.models")
objects_api: Moto = import_module("moto.s3.responses")
api: Moto = import_module("moto.core.responses")
