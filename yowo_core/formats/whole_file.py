"""Writes a file whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from yowo_core.errors import FormatError


@contextmanager
def replacing(path: Path) -> Iterator[TextIO]:
    """A UTF-8 text file that takes path's place when the block ends well.

    Lines are written as given. When the block fails, or the disk does, an older file stays as it
    was; FormatError says why in the system's words.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with draft.open("w", encoding="utf-8", newline="") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        raise FormatError(
            f"{path} cannot be written: {error.strerror or error}. Choose another place."
        ) from error
    except UnicodeEncodeError as error:
        raise FormatError(
            f"{path} cannot be written: {error.object[:80]!a} holds bytes that are no text. "
            "Rename that file or label."
        ) from error
    finally:
        draft.unlink(missing_ok=True)
