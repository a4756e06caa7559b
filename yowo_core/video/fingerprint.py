"""A hash that recognises a video file by its content, wherever it lies and under any name."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from yowo_core.errors import VideoError

WHOLE_BELOW = 64 * 1024 * 1024
_MIB = 1024 * 1024
_BLOCK = 256 * 1024
_BLOCKS = 64


def content_hash(path: str | Path) -> str:
    """ "sha256:HEX" over a file's size and content, or "sample-sha256:HEX" for a large file.

    Up to 64 MiB every byte counts. A larger file is known by its size, its first and last MiB and
    64 blocks of 256 KiB spread evenly over it, so that 20 GB take less than a second; a change
    between the blocks that keeps the size goes unseen. Raises VideoError for an unreadable file.
    """
    file = Path(path)
    try:
        size = file.stat().st_size
        digest = hashlib.sha256(f"{size}\n".encode())
        with file.open("rb") as stream:
            for start, length in _parts(size):
                stream.seek(start)
                digest.update(stream.read(length))
    except OSError as error:
        raise VideoError(f"{file} cannot be read: {error.strerror}. Check where it is.") from error
    return f"{'sha256' if size <= WHOLE_BELOW else 'sample-sha256'}:{digest.hexdigest()}"


def _parts(size: int) -> Iterator[tuple[int, int]]:
    """Offsets and lengths in bytes of what is hashed."""
    if size <= WHOLE_BELOW:
        yield from ((start, _MIB) for start in range(0, size, _MIB))
        return
    yield 0, _MIB
    for block in range(_BLOCKS):
        yield block * (size - _BLOCK) // (_BLOCKS - 1), _BLOCK
    yield size - _MIB, _MIB
