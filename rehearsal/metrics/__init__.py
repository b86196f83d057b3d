"""What the load balancer and the service really did, as the metrics that AWS publishes of it.

`access_log` reads what Envoy wrote of each request, `balancer` and `services` make metrics of it, and
`point` is one of them. This package decides nothing: alarms do, by what CloudWatch was told.
"""
