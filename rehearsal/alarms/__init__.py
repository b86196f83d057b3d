"""CloudWatch's alarms, evaluated from their definitions against the metrics that were really produced.

`definition` reads an alarm as DescribeAlarms tells it; `expression`, `metric_math`, `filling`, `evaluation`
and `rule` decide its state, and are pure; `cloudwatch` asks and tells CloudWatch; `rounds` and `watch` do all
of it for as long as a region runs. This package knows nothing of the stages and their alarms.
"""
