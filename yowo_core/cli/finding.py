"""What `yowo doctor` says of one thing, and how commands are written for people to copy."""

import shlex
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    fine: it works; advice with fine is a hint, without it is what to do.
    """

    what: str
    state: str
    fine: bool = True
    advice: str = ""


def shell(command: Sequence[str]) -> str:
    """A command as this platform's shell takes it."""
    return subprocess.list2cmdline(command) if sys.platform == "win32" else shlex.join(command)
