"""Handlers that run in AWS Lambda: standard library and boto3, and nothing of this repository."""
