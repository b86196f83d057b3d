"""Tests of ECS's own deployments as the rehearsal plays them."""
