"""Operations: what is kept, who is told, and what it may cost."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationsSettings:
    """What people need to look after the stage."""

    log_retention: int = 30
    """Days for which logs are kept; a number that CloudWatch Logs offers."""
    access_log_retention: int = 90
    """Days for which the load balancer's and the buckets' access logs are kept."""
    notify: str | None = None
    """E-mail address that is told about red alarms and the budget; by default nobody subscribes to the
    topic."""
    monthly_budget: int | None = None
    """US dollars a month for this stage; told at 80 % forecast and 100 % spent. By default there is no
    budget; in AWS GovCloud there can be none."""
