"""Official names into ours by tables of regular expressions."""

import re
from collections.abc import Iterable


def renamed(key: str, renames: Iterable[tuple[str, str]]) -> str:
    """A name after every replacement (pattern, text) of a table, in its order."""
    for pattern, replacement in renames:
        key = re.sub(pattern, replacement, key)
    return key
