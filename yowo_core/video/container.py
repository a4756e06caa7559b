"""Opening a video file: its container, its picture stream, and whether it stays as it was."""

import stat
from dataclasses import dataclass
from pathlib import Path

import av
from av.container import InputContainer
from av.error import FFmpegError
from av.stream import Discard, Disposition
from av.video.stream import VideoStream

from yowo_core.errors import VideoError

# demuxers that make pictures of plain text, or that lead to other files
_NO_VIDEO = {"tty", "bin", "hls", "dash", "concat", "ffmetadata"}


@dataclass(frozen=True)
class Stamp:
    """What tells that a file was changed: its size in bytes and when it was written last."""

    size: int
    written_ns: int


def stamp_of(path: Path) -> Stamp:
    """The file's stamp. Raises VideoError for a file that is gone, a folder, or empty."""
    try:
        found = path.stat()
    except OSError as error:
        raise VideoError(
            f"There is no file {path} that can be reached ({error.strerror}). "
            "Put it back, connect its disk, or tell where it is now."
        ) from error
    if stat.S_ISDIR(found.st_mode):
        raise VideoError(f"{path} is a folder, not a video. Choose a file inside it.")
    if found.st_size == 0:
        raise VideoError(f"{path} is empty (0 bytes). Copy it again from where it came from.")
    return Stamp(found.st_size, found.st_mtime_ns)


def check_unchanged(path: Path, stamp: Stamp) -> None:
    """Raise VideoError when the file is gone or no longer as it was at that stamp."""
    if stamp_of(path) != stamp:
        raise VideoError(
            f"{path} was changed since it was opened. Open it again when it is complete."
        )


def open_container(path: Path) -> tuple[InputContainer, VideoStream]:
    """The opened file and its main picture stream, set to decode on all cores.

    Raises VideoError for a file that is missing, a folder, empty, no video or without pictures.
    """
    stamp_of(path)
    try:
        # the prefix keeps a colon or a per cent sign in a name from being read as a protocol
        container = av.open(f"file:{path}", mode="r", metadata_errors="replace")
    except (FFmpegError, OSError, UnicodeError) as error:
        raise VideoError(
            f"{path} cannot be read as a video: {getattr(error, 'strerror', error)}. "
            "It is damaged or of an unknown kind; try to play or convert it elsewhere."
        ) from error
    try:
        stream = _picture_stream(container, path)
    except VideoError:
        container.close()
        raise
    for other in container.streams:
        if other is not stream:
            other.discard = Discard.all  # spares reading what is not used
    stream.thread_type = "AUTO"
    return container, stream


def _picture_stream(container: InputContainer, path: Path) -> VideoStream:
    """Of several streams that decode: those marked as default first, then the largest picture."""
    names = set(container.format.name.split(","))
    if names & {"image2"} or any(name.endswith("_pipe") for name in names):
        raise VideoError(f"{path} is a still picture, not a video. Choose another file.")
    if names & _NO_VIDEO:
        raise VideoError(f"{path} is not a video but {container.format.long_name}. Choose another.")
    streams = [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]
    if not streams:
        raise VideoError(
            f"{path} holds no moving pictures, only sound or data. Choose another file."
        )
    known = [s for s in streams if _decodes(s)]
    if not known:
        raise VideoError(
            f"The pictures of {path} are encoded in a way that is unknown here. "
            "Convert it elsewhere, to H.264 in MP4 for example."
        )
    return max(known, key=_rank)


def _decodes(stream: VideoStream) -> bool:
    context: object = stream.codec_context  # None without a decoder, whatever the types say
    return context is not None


def _rank(stream: VideoStream) -> tuple[bool, int]:
    context = stream.codec_context
    return bool(stream.disposition & Disposition.default), context.width * context.height
