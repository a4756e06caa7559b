"""Standard output for a program that may stop listening: a window that crashed, for example."""

import os
import sys


def print_line(line: str) -> None:
    """Print a line at once. When nobody reads any more, the work goes on without it."""
    try:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
    except OSError:  # a broken pipe, which Windows calls an invalid argument
        # also what Python still wants to write when it ends goes nowhere then
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
