"""The release gate: pure comparison in `probes`, the service over HTTP in `client`, AWS in `codedeploy`."""
