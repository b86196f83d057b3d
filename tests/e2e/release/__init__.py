"""Releases proved end to end: the program that releases on AWS, against a whole stage on this machine."""
