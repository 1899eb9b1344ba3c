"""What a result depends on besides images and settings: versions, and the machine."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version as package_version
from typing import Any

PACKAGES = ("technopro", "torch", "openvino", "timm", "numpy", "scikit-learn", "scipy", "pillow")


def versions() -> dict[str, str]:
    """Return the versions that a result depends on."""
    return dict(_versions())


def environment() -> dict[str, Any]:
    """Return what is kept with a run: the versions, the machine's name and kind, the process."""
    machine = {"host": platform.node(), "platform": platform.platform(), "process": os.getpid()}
    return {"versions": versions(), **machine}


def ended_here(environment: Mapping[str, Any]) -> bool:
    """Return whether a run's process was one of this machine and is there no more."""
    if environment.get("host") != platform.node():
        return False
    try:
        os.kill(environment["process"], 0)
    except OSError as error:  # another user's process is there, and may not be asked
        return isinstance(error, ProcessLookupError)
    return False


@cache
def _versions() -> dict[str, str]:
    return {"python": platform.python_version(), **{n: package_version(n) for n in PACKAGES}}
