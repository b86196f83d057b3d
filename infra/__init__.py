"""What runs on AWS, as CDK stacks split by lifetime.

It knows the service's contract (port, paths, times) and nothing of how the model works. The modules
without `aws_cdk` (`config`, `errors`, `hooks`) import quickly; `app` starts the CDK's Node process.
"""
