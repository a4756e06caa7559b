"""What lies where in a zip archive; nothing is unpacked to the disk."""

import stat
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from yowo_core.errors import CheckpointError
from yowo_core.weights.stored import FileSpan, Source

MOST_ENTRIES = 100_000
MOST_DIRECTORY = 32 << 20  # bytes of the table of contents
MOST_GROWTH = 20  # unpacked, the entries may be this many times the file
GROWTH_FREE = 64 << 20  # and this many bytes beyond
_END = b"PK\x05\x06"
_LONG_END = b"PK\x06\x06"
_LOCAL_HEADER = 30
_BAD = (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError, OverflowError, IndexError)


@dataclass(eq=False)
class Deflated:
    """A compressed entry; unpacked once, and never to more than it says."""

    path: Path
    packed: FileSpan
    size: int
    _data: bytes | None = field(default=None, repr=False)

    def read(self, start: int, size: int) -> bytearray:
        """Unpacked bytes start to start + size."""
        if self._data is None:
            self._data = self._unpacked()
        return bytearray(self._data[start : start + size])

    def _unpacked(self) -> bytes:
        packed = self.packed.read(0, self.packed.size)
        unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            data = unpacker.decompress(bytes(packed), self.size) if self.size else b""
        except zlib.error as error:
            raise damaged(self.path, f"an entry cannot be unpacked ({error})") from error
        if len(data) != self.size or unpacker.decompress(unpacker.unconsumed_tail, 1):
            raise damaged(self.path, "an entry is not as long as it says")
        return data


def damaged(path: Path, what: str) -> CheckpointError:
    """The sentence for a person."""
    return CheckpointError(
        f"{path} is a damaged or made-up zip archive: {what}. Nothing of it was run or unpacked. "
        "Download or copy it again from its source."
    )


def zip_entries(path: Path) -> dict[str, Source]:
    """Every file of an archive by its name; CheckpointError for damage, bombs and tricks."""
    _check_table(path)
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
    except _BAD as error:
        raise damaged(path, "its table of contents cannot be read") from error
    _check_sizes(path, infos)
    entries: dict[str, Source] = {}
    with path.open("rb") as file:
        for info in infos:
            _check_entry(path, info)
            if info.filename in entries:
                raise damaged(path, f"it holds {info.filename[:200]!r} twice")
            entries[info.filename] = _source(path, file, info)
    return entries


def _check_table(path: Path) -> None:
    """Before anything is made of a table of contents: is it there, and of a sane size?"""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - 66_000))
        tail = file.read()
    place = tail.rfind(_END)
    if place < 0 or len(tail) < place + 22:
        raise damaged(path, "its end is missing, so the download was probably broken off")
    count = int.from_bytes(tail[place + 10 : place + 12], "little")
    table = int.from_bytes(tail[place + 12 : place + 16], "little")
    long_end = tail.rfind(_LONG_END, 0, place)
    if long_end >= 0:
        count = max(count, int.from_bytes(tail[long_end + 32 : long_end + 40], "little"))
        table = int.from_bytes(tail[long_end + 40 : long_end + 48], "little")
    if count > MOST_ENTRIES or table > MOST_DIRECTORY:
        raise damaged(path, f"it lists {count:,} entries in {table:,} bytes")


def _check_sizes(path: Path, infos: list[zipfile.ZipInfo]) -> None:
    held = path.stat().st_size
    unpacked = sum(info.file_size for info in infos)
    if unpacked > MOST_GROWTH * held + GROWTH_FREE:
        raise CheckpointError(
            f"{path} is a zip bomb: its {held:,} bytes would unpack to {unpacked:,}, and at most "
            f"{MOST_GROWTH} times the file and {GROWTH_FREE >> 20} MB are read. Nothing was "
            "unpacked. Get the weights from another source."
        )


def _check_entry(path: Path, info: zipfile.ZipInfo) -> None:
    name = info.filename
    steps = name.replace("\\", "/").split("/")
    if (
        ".." in steps
        or name.startswith(("/", "\\"))
        or ":" in steps[0]
        or name != info.orig_filename
    ):
        raise damaged(path, f"the name {name[:200]!r} would lead out of it")
    if stat.S_ISLNK(info.external_attr >> 16):
        raise damaged(path, f"{name[:200]!r} is a link to another file")
    if info.flag_bits & 1:
        raise damaged(path, f"{name[:200]!r} is encrypted")
    if info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise damaged(path, f"{name[:200]!r} is compressed in a way that torch never uses")


def _source(path: Path, file: BinaryIO, info: zipfile.ZipInfo) -> Source:
    try:
        file.seek(info.header_offset)
        header = file.read(_LOCAL_HEADER)
    except (ValueError, OverflowError, OSError) as error:
        raise damaged(path, f"{info.filename[:200]!r} lies outside the file") from error
    if len(header) < _LOCAL_HEADER or header[:4] != b"PK\x03\x04":
        raise damaged(path, f"{info.filename[:200]!r} is not where the archive says")
    skip = int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
    packed = FileSpan(path, info.header_offset + _LOCAL_HEADER + skip, info.compress_size)
    if packed.offset + packed.size > path.stat().st_size:
        raise damaged(path, f"{info.filename[:200]!r} is longer than the file")
    if info.compress_type == zipfile.ZIP_DEFLATED:
        return Deflated(path, packed, info.file_size)
    if info.compress_size != info.file_size:
        raise damaged(path, f"{info.filename[:200]!r} has two sizes")
    return packed
