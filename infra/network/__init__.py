"""The Network stack: the VPC, the way out of it, and who may talk to whom in it."""
