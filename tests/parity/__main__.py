"""Compare golden files with our networks: python -m tests.parity FILE.npz ... [--manifests DIR]

Prints the largest error of every output; status 1 when one is above what is allowed.
"""

import argparse
import sys
from pathlib import Path

from tests.parity.golden import FIXTURES, compare


def main() -> int:
    """See the module."""
    parser = argparse.ArgumentParser(description="Compare golden files with our networks.")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE.npz")
    parser.add_argument("--manifests", type=Path, default=FIXTURES / "manifests")
    given = parser.parse_args()
    wrong = 0
    for file in given.files:
        try:
            errors = compare(file, given.manifests)
        except Exception as error:  # noqa: BLE001 one file that fails must not hide the others
            sys.stdout.write(f"{file.name}: {type(error).__name__}: {error}\n")
            wrong += 1
            continue
        for found in errors:
            verdict = "ok" if found.fine else "WRONG"
            sys.stdout.write(
                f"{file.name} {found.output}: {found.largest:.2e} of {found.allowed:g} {verdict}\n"
            )
        wrong += not all(e.fine for e in errors)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
