"""The gate's handlers: the real ones, against moto and small servers on the loopback interface."""
