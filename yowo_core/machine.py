"""What this process may use of the machine."""

import os
import sys


def cores() -> int:
    """Processor cores that this process may run on; fewer than there are when it is bound."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
