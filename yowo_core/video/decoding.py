"""Decoding from any packet on, where each frame tells which packet it came from."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path

from av.error import FFmpegError
from av.video.frame import VideoFrame

from yowo_core.video.packets import PacketTable, VideoPacket
from yowo_core.video.progress import Meter
from yowo_core.video.seeking import PacketSource

_REMEMBERED = 64  # pictures; a decoder does not come back to a packet after more


@dataclass(frozen=True)
class Decoded:
    """A frame and the number of its packet in the packet table."""

    packet: int
    picture: VideoFrame


class Decoder:
    """The open file of one video; decodes forward from a packet that start() names.

    Frames are recognised by their packet, not by their time: the packet's number travels through
    the decoder in the place of its time stamp. (PyAV's copy_opaque is made for this, but its
    clean-up takes the interpreter's lock in decoding threads and deadlocks.) After an error
    nothing is given out until the next key frame: the frames between are the decoder's guesses.

    errors counts what the decoder refused since the last start().
    """

    def __init__(self, path: Path, meter: Meter, table: PacketTable | None = None) -> None:
        self._source = PacketSource(path, meter, table)
        self._frames: Iterator[Decoded] = iter(())
        self.errors = 0

    @property
    def table(self) -> PacketTable:
        """What every packet says of itself."""
        return self._source.table

    @property
    def sample_aspect(self) -> Fraction:
        """Width over height of a stored pixel; 1 where the file does not say."""
        return self._source.stream.sample_aspect_ratio or Fraction(1)

    @property
    def pixels(self) -> int:
        """Pixels of a stored picture."""
        return self._source.stream.codec_context.width * self._source.stream.codec_context.height

    def close(self) -> None:
        """Give the file back."""
        self._frames = iter(())
        self._source.close()

    def check_unchanged(self) -> None:
        """Raise VideoError when the file is gone or was changed since it was opened."""
        self._source.check_unchanged()

    def agrees(self, packet: int) -> bool:
        """Whether the packets from this one on are found and are what the table says of them."""
        return self._source.agrees(packet)

    def finds(self, packet: int) -> bool:
        """Whether a seek leads to this packet, so that few if any need be counted."""
        return self._source.finds(packet)

    def start(self, packet: int) -> None:
        """Let decoding begin with that packet, best a key frame.

        Raises VideoError when the file is gone or was changed.
        """
        self.check_unchanged()
        self.errors = 0
        self._frames = self._decode(packet, self._source.from_packet(packet))

    def pull(self) -> Decoded | None:
        """The next frame in presentation order, None at the end."""
        return next(self._frames, None)

    def _decode(self, first: int, packets: Iterator[VideoPacket]) -> Iterator[Decoded]:
        """Feed packets, numbered from the first on, and give out each one's picture once.

        Without a key frame to begin with, a decoder may make a grey picture up and name it after
        a packet whose own picture follows.
        """
        given = deque[int](maxlen=_REMEMBERED)
        broken = False
        for following, packet in enumerate(self._limited(first, packets), first + 1):
            try:
                pictures = self._source.stream.decode(packet)
            except FFmpegError:
                self.errors += 1
                broken, pictures = True, []
            for picture in pictures:
                source = picture.pts
                if source is None or not first <= source < following or source in given:
                    continue
                broken = broken and not bool(self.table.key[source])
                if not broken:
                    given.append(source)
                    yield Decoded(source, picture)

    def _limited(
        self, first: int, packets: Iterator[VideoPacket]
    ) -> "Iterator[VideoPacket | None]":
        """As many packets as the table has, then None, at which a decoder gives what it holds."""
        for number, packet in enumerate(islice(packets, len(self.table) - first), first):
            packet.pts = number
            yield packet
        yield None
