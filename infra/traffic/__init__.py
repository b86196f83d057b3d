"""The Traffic stack: the load balancer, its listeners, the two colours behind them, and what guards them."""
