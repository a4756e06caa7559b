"""Every kind of video file, made small, with its number drawn into every frame.

A form writes a file of so many frames and gives the numbers that a plain decode shows, in order.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple, TypeAlias, cast

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.packet import Packet
from av.stream import Disposition
from av.video.stream import VideoStream
from numpy.typing import NDArray

from benchmarks.barcode_clip import ClipForm, draw, irregular_times, read_number, write_clip

Numbers: TypeAlias = list[int]
Make: TypeAlias = Callable[[Path, int], Numbers]
VideoPacket: TypeAlias = "Packet[VideoStream]"

REGULAR = Fraction(1, 25)
WIDTH, HEIGHT = 192, 96
X264 = {"g": "30", "keyint_min": "30", "bf": "3", "sc_threshold": "0", "preset": "veryfast"}
X265 = {"preset": "ultrafast", "x265-params": "keyint=30:bframes=4:log-level=none:open-gop=0"}
X265_OPEN = {"preset": "ultrafast", "x265-params": "keyint=30:bframes=4:log-level=none:open-gop=1"}
CLOCK = 90_000  # MPEG's ticks a second
NOT_CODED = b"\0\0\1\xb6\x50\x4f\x7f"  # a frame of MPEG-4 that stands for the one before it
WRAP = 1 << 33  # MPEG's time stamps start again here


def form(codec: str = "libx264", **options: str) -> ClipForm:
    """A small picture; without options the H.264 of most cameras, with B-frames."""
    chosen = X264 if codec == "libx264" and not options else options
    return ClipForm(codec, chosen, WIDTH, HEIGHT)


def plain(clip: ClipForm) -> Make:
    """Frames 0, 1, 2, ... at 25 a second."""

    def make(path: Path, count: int) -> Numbers:
        write_clip(path, range(count), clip, REGULAR)
        return list(range(count))

    return make


def variable(path: Path, count: int) -> Numbers:
    """Gaps of 8 to 90 ms."""
    write_clip(path, irregular_times(count), form())
    return list(range(count))


def shifted(by: Fraction, clip: ClipForm | None = None) -> Make:
    """The first frame at another time than 0 (in seconds; may be negative)."""

    def make(path: Path, count: int) -> Numbers:
        source = _beside(path, ".source.mkv")
        write_clip(source, range(count), clip or form(), REGULAR)
        ticks = int(by * 1000)
        remux(source, path, lambda packets: (_moved(p, ticks) for p in packets), "avoid")
        return list(range(count))

    return make


def cut(path: Path, count: int) -> Numbers:
    """The start cut off by an edit list, in the middle of a group of pictures."""
    source = _beside(path, ".source.mp4")
    write_clip(source, range(count), form(), REGULAR)
    hidden = min(40, count // 2)
    with av.open(str(source)) as container:
        base = container.streams.video[0].time_base
    ticks = -int(hidden * REGULAR / (base or REGULAR))
    remux(source, path, lambda packets: (_moved(p, ticks) for p in packets))
    return list(range(hidden, count))


def packed(path: Path, count: int) -> Numbers:
    """MPEG-4 as DivX and Xvid wrote it to AVI: a B-frame rides in the packet of a later frame."""
    source = _beside(path, ".source.avi")
    clip = form("mpeg4", g="30", bf="1", q="3", flags="+bitexact", b_strategy="0")
    write_clip(source, range(count), clip, REGULAR)
    remux(source, path, _pack)
    return list(range(count))


def hidden_vp8(path: Path, count: int) -> Numbers:
    """VP8 with frames that are stored only to be referred to."""
    source = _beside(path, ".source.webm")
    clip = form("libvpx", g="30", b="200k", **{"cpu-used": "8", "deadline": "realtime"})
    write_clip(source, range(count), clip, REGULAR)
    hidden = [n for n in range(10, count, 13) if n % 30]

    def hide(packets: Iterator[VideoPacket]) -> Iterator[VideoPacket]:
        for number, packet in enumerate(packets):
            content = bytearray(bytes(packet))
            if number in hidden:
                content[0] &= ~0x10  # show_frame, RFC 6386, 9.1
            yield _with_content(packet, bytes(content))

    remux(source, path, hide)
    return [n for n in range(count) if n not in hidden]


def joined(path: Path, count: int) -> Numbers:
    """Two recordings written one behind the other: times start again."""
    source = _beside(path, ".source.ts")
    write_clip(source, range(count // 2), form(), REGULAR)
    path.write_bytes(source.read_bytes() * 2)
    return list(range(count // 2)) * 2


def wrapped(path: Path, count: int) -> Numbers:
    """MPEG-TS in whose middle the 33-bit time stamps start again, as after 26.5 hours."""
    first = WRAP - count // 2 * CLOCK // 25
    write_clip(
        path, range(count), replace(form(), container_options={"mpegts_copyts": "1"}), REGULAR
    )
    content = bytearray(path.read_bytes())
    for place in range(0, len(content), 188):
        _shift_times(content, place, first)
    path.write_bytes(content)
    return list(range(count))


def without_key_list(make: Make) -> Make:
    """MP4 that lost the list of its key frames, so that every frame counts as one."""

    def lose(path: Path, count: int) -> Numbers:
        numbers = make(path, count)
        path.write_bytes(path.read_bytes().replace(b"stss", b"free"))
        return numbers

    return lose


def all_marked_as_key(path: Path, count: int) -> Numbers:
    """AVI in whose index every frame is marked as a key frame, as some cameras write it."""
    write_clip(path, range(count), form("mpeg4", g="30", q="3"), REGULAR)
    content = bytearray(path.read_bytes())
    at = content.rindex(b"idx1") + 8
    for entry in range(at, len(content) - 15, 16):
        content[entry + 4] |= 0x10
    path.write_bytes(content)
    return list(range(count))


def two_streams(path: Path, count: int) -> Numbers:
    """A small preview first, then the pictures, marked as default."""
    with av.open(str(path), "w") as container:
        preview = _stream(container, form(), 64, 48)
        main = _stream(container, form(), WIDTH, HEIGHT)
        preview.disposition, main.disposition = Disposition(0), Disposition.default
        for number in range(count):
            _put(container, preview, 4095 - number, number)
            _put(container, main, number, number)
        for stream in (preview, main):
            container.mux(stream.encode(None))
    return list(range(count))


def with_sound(codec: str, *, behind: bool = False) -> Make:
    """Sound that begins half a second before the pictures; its stream comes first or behind."""

    def make(path: Path, count: int) -> Numbers:
        with av.open(str(path), "w") as container:
            early = _stream(container, form(), WIDTH, HEIGHT) if behind else None
            sound = cast(AudioStream, container.add_stream(codec, rate=48000, layout="mono"))
            pictures = early or _stream(container, form(), WIDTH, HEIGHT)
            for number in range(count):
                _put_sound(container, sound, number)
                _put(container, pictures, number, number + 12)
            container.mux(pictures.encode(None))
            container.mux(sound.encode(None))
        return list(range(count))

    return make


def sound_later(path: Path, count: int) -> Numbers:
    """A recording joined with one that has sound, as when a camera's microphone is plugged in."""
    silent, loud = _beside(path, ".silent.ts"), _beside(path, ".loud.ts")
    write_clip(silent, range(count // 2), form(), REGULAR)
    with_sound("mp2", behind=True)(loud, count // 2)
    path.write_bytes(silent.read_bytes() + loud.read_bytes())
    return list(range(count // 2)) * 2


def one_frame(path: Path, count: int) -> Numbers:
    """A video of a single picture, whatever the count."""
    write_clip(path, range(min(count, 1)), form(), REGULAR)
    return [0]


def cut_off(make: Make, share: float) -> Make:
    """A recording that ended before its file was whole; what decodes has to be found out."""

    def cut_short(path: Path, count: int) -> Numbers:
        make(path, count)
        content = path.read_bytes()
        path.write_bytes(content[: int(len(content) * share)])
        return []

    return cut_short


def gaps(path: Path, count: int) -> Numbers:
    """AVI with empty packets, which stand for frames that were left out."""
    source = _beside(path, ".source.avi")
    write_clip(source, range(count), form("mpeg4", g="30", q="3"), REGULAR)

    def spread(packets: Iterator[VideoPacket]) -> Iterator[VideoPacket]:
        for number, packet in enumerate(packets):
            packet.pts = packet.dts = number + number // 10 * 3
            yield packet

    remux(source, path, spread)
    return list(range(count))


def sparse(path: Path, count: int) -> Numbers:
    """AVI at 1,000 a second: 39 empty packets between two frames, which are reordered too."""
    write_clip(path, range(0, count * 40, 40), form("mpeg4", g="30", bf="2", q="3"))
    return list(range(count))


def not_coded(path: Path, count: int) -> Numbers:
    """MPEG-4 in Matroska with packets between frames that say: nothing new."""
    source = _beside(path, ".source.mkv")
    write_clip(source, range(count), form("mpeg4", g="30", q="3"), REGULAR)

    def add(packets: Iterator[VideoPacket]) -> Iterator[VideoPacket]:
        for number, packet in enumerate(packets):
            yield packet
            if 12 < number % 30 < 18:
                more = _with_content(packet, NOT_CODED)
                more.pts = more.dts = 40 * number + 20
                more.is_keyframe = False
                yield more

    remux(source, path, add)
    return list(range(count))


def same_times(path: Path, count: int) -> Numbers:
    """Matroska in which every tenth frame has the time of the one before it."""
    source = _beside(path, ".source.mkv")
    write_clip(source, range(count), form("mpeg4", g="30", q="3"), REGULAR)

    def repeat(packets: Iterator[VideoPacket]) -> Iterator[VideoPacket]:
        for number, packet in enumerate(packets):
            packet.pts = packet.dts = 40 * (number - (number % 10 == 9))
            yield packet

    remux(source, path, repeat)
    return list(range(count))


def remux(
    source: Path,
    target: Path,
    change: Callable[[Iterator[VideoPacket]], Iterator[VideoPacket]],
    negative: str = "",
) -> None:
    """Copy the packets, changed; negative times are kept as they are where that is asked for."""
    options = {"avoid_negative_ts": "disabled"} if negative else {}
    with av.open(str(source)) as old, av.open(str(target), "w", options=options) as new:
        stream = new.add_stream_from_template(old.streams.video[0])
        for packet in change(p for p in old.demux(video=0) if p.size):
            packet.stream = stream
            new.mux(packet)


def number_in(picture: NDArray[np.uint8]) -> int:
    """The number drawn into a picture that may stand upside down, -1 when there is none."""
    number = read_number(picture)
    return read_number(picture[::-1, ::-1]) if number < 0 else number


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(f"{path.name}{ending}")


def _moved(packet: VideoPacket, ticks: int) -> VideoPacket:
    packet.pts = (packet.pts or 0) + ticks
    if packet.dts is not None:
        packet.dts += ticks
    return packet


def _with_content(packet: VideoPacket, content: bytes) -> VideoPacket:
    copy = cast(VideoPacket, Packet(content))
    copy.pts, copy.dts, copy.time_base = packet.pts, packet.dts, packet.time_base
    copy.is_keyframe = packet.is_keyframe
    return copy


def _pack(packets: Iterator[VideoPacket]) -> Iterator[VideoPacket]:
    """Put each B-frame behind the frame stored before it, a 'not coded' frame in its place."""
    stored = list(packets)
    contents = [bytes(p) for p in stored]
    start = contents[0].index(b"\0\0\1\xb6")
    contents[0] = contents[0][:start] + b"\0\0\1\xb2DivX503b1393p" + contents[0][start:]
    for place in range(1, len(contents)):
        if contents[place][_vop(contents[place]) + 4] >> 6 == 2:  # a B-frame
            contents[place - 1] += contents[place]
            contents[place] = NOT_CODED
    for packet, content in zip(stored, contents, strict=True):
        copy = _with_content(packet, content)
        copy.pts = copy.dts = packet.dts
        yield copy


def _vop(content: bytes) -> int:
    return content.index(b"\0\0\1\xb6")


def _shift_times(content: bytearray, place: int, by: int) -> None:
    """Move the times in the header of a packet of MPEG-TS, if it has one, modulo 33 bits."""
    if content[place + 1] & 0x40 == 0:
        return
    start = place + 4
    if content[place + 3] & 0x20:
        start += 1 + content[start]
    if content[start : start + 3] != b"\0\0\1" or content[start + 3] & 0xF0 != 0xE0:
        return
    for number in range((content[start + 7] >> 6) - 1 if content[start + 7] >> 6 else 0):
        _shift_stamp(content, start + 9 + 5 * number, by)


def _shift_stamp(content: bytearray, at: int, by: int) -> None:
    old = (content[at] >> 1 & 7) << 30 | content[at + 1] << 22 | (content[at + 2] >> 1) << 15
    old |= content[at + 3] << 7 | content[at + 4] >> 1
    new = (old + by) % WRAP
    content[at] = content[at] & 0xF1 | (new >> 30 & 7) << 1
    content[at + 1] = new >> 22 & 0xFF
    content[at + 2] = (new >> 15 & 0x7F) << 1 | 1
    content[at + 3] = new >> 7 & 0xFF
    content[at + 4] = (new & 0x7F) << 1 | 1


def _stream(container: OutputContainer, clip: ClipForm, width: int, height: int) -> VideoStream:
    stream = container.add_stream(clip.codec, rate=25, options=dict(clip.options))
    if not isinstance(stream, VideoStream):
        raise TypeError(f"{clip.codec} is no picture encoder")
    stream.width, stream.height, stream.pix_fmt = width, height, clip.pixels
    return stream


def _put(container: OutputContainer, stream: VideoStream, number: int, time: int) -> None:
    frame = av.VideoFrame.from_ndarray(draw(number, stream.width, stream.height), format="rgb24")
    frame.pts, frame.time_base = time, REGULAR
    container.mux(stream.encode(frame))


def _put_sound(container: OutputContainer, stream: AudioStream, number: int) -> None:
    samples = np.zeros((1, 1920), np.int16)
    frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
    frame.sample_rate, frame.pts, frame.time_base = 48000, number * 1920, Fraction(1, 48000)
    container.mux(stream.encode(frame))


class Form(NamedTuple):
    """A kind of file: the ending of its name and how it is made."""

    ending: str
    make: Make


def _tagged(clip: ClipForm, **container: str) -> ClipForm:
    return replace(clip, container_options=container)


INTERLACED = {"flags": "+ildct+ilme", "x264-params": "tff=1"}
MPEG2 = form("mpeg2video", g="15", bf="2", q="4")
LONG = form("libx264", **{**X264, "g": "250", "keyint_min": "250"})
OPEN = form("libx264", **X264, **{"x264-params": "open-gop=1"})
VP9 = form("libvpx-vp9", g="60", **{"cpu-used": "8", "deadline": "realtime"})
VP9_UNSEEN = form(
    "libvpx-vp9",
    **{"g": "60", "auto-alt-ref": "1", "lag-in-frames": "16", "b": "300k", "cpu-used": "5"},
)
PYRAMID = form("libx264", **{"g": "60", "bf": "8", "b-pyramid": "normal"})
VP8 = form("libvpx", g="30", b="200k", **{"cpu-used": "8", "deadline": "realtime"})
AV1 = form("libsvtav1", g="30", preset="8", crf="5")
AV1_10 = replace(form("libsvtav1", g="30", preset="7", crf="3"), pixels="yuv420p10le")
MJPEG = replace(form("mjpeg", q="3"), pixels="yuvj420p")
TEN_BIT = replace(form(), pixels="yuv420p10le")
FULL = replace(form(), pixels="yuvj420p")

FORMS: dict[str, Form] = {
    "constant rate": Form(".mp4", plain(form())),
    "variable rate": Form(".mp4", variable),
    "variable rate, Matroska": Form(".mkv", variable),
    "MPEG-TS": Form(".ts", plain(form())),
    "MPEG-TS, MPEG-2": Form(".ts", plain(MPEG2)),
    "MPEG-TS of camcorders": Form(".m2ts", plain(form())),
    "MPEG-PS": Form(".mpg", plain(MPEG2)),
    "MPEG-PS, MPEG-1": Form(".mpg", plain(form("mpeg1video", g="15", bf="2", q="4"))),
    "MPEG-PS, H.264": Form(".vob", plain(form())),
    "HEVC": Form(".mp4", plain(form("libx265", **X265))),
    "HEVC in MPEG-TS": Form(".ts", plain(form("libx265", **X265))),
    "HEVC, open GOP": Form(".mp4", plain(form("libx265", **X265_OPEN))),
    "HEVC, open GOP, MPEG-TS": Form(".ts", plain(form("libx265", **X265_OPEN))),
    "AV1": Form(".mkv", plain(AV1)),
    "AV1 in MP4": Form(".mp4", plain(AV1)),
    "VP9": Form(".webm", plain(VP9)),
    "VP8": Form(".webm", plain(VP8)),
    "VP8, hidden frames": Form(".webm", hidden_vp8),
    "long GOP": Form(".mp4", plain(LONG)),
    "long GOP in MPEG-TS": Form(".ts", plain(LONG)),
    "packed B": Form(".avi", packed),
    "B in AVI": Form(".avi", plain(form("mpeg4", g="30", bf="2", q="3"))),
    "MPEG-4 in MP4": Form(".mp4", plain(form("mpeg4", g="30", bf="2", q="3"))),
    "open GOP": Form(".mp4", plain(OPEN)),
    "open GOP in MPEG-TS": Form(".ts", plain(OPEN)),
    "gradual refresh": Form(
        ".mp4", plain(form("libx264", **{"x264-params": "intra-refresh=1:keyint=30"}))
    ),
    "H.264 in AVI": Form(".avi", plain(form())),
    "H.264, 10 bit": Form(".mkv", plain(TEN_BIT)),
    "HEVC, 10 bit": Form(".mp4", plain(replace(form("libx265", **X265), pixels="yuv420p10le"))),
    "AV1, 10 bit": Form(".mp4", plain(AV1_10)),
    "full range": Form(".mp4", plain(FULL)),
    "interlaced H.264": Form(".ts", plain(form("libx264", **X264, **INTERLACED))),
    "interlaced MPEG-2": Form(
        ".mpg", plain(form("mpeg2video", g="15", bf="2", q="4", flags="+ildct+ilme"))
    ),
    "edit list": Form(".mp4", cut),
    "no list of key frames": Form(".mp4", without_key_list(plain(form()))),
    "no list of key frames, MPEG-4": Form(
        ".mp4", without_key_list(plain(form("mpeg4", g="30", bf="2", q="3")))
    ),
    "all marked as key frames": Form(".avi", all_marked_as_key),
    "fragments": Form(".mp4", plain(_tagged(form(), movflags="frag_keyframe+empty_moov"))),
    "starts at 100 s": Form(".mkv", shifted(Fraction(100))),
    "starts at 20 hours": Form(".ts", shifted(Fraction(72_000))),
    "times wrap around": Form(".ts", wrapped),
    "joined recordings": Form(".ts", joined),
    "no duration, no seek table": Form(".webm", plain(_tagged(VP9, live="1"))),
    "two streams": Form(".mkv", two_streams),
    "two streams, MP4": Form(".mp4", two_streams),
    "sound first": Form(".mp4", with_sound("aac")),
    "sound first, MPEG-TS": Form(".ts", with_sound("mp2")),
    "sound begins later": Form(".ts", sound_later),
    "turned": Form(".mp4", plain(replace(form(), rotation=180))),
    "wide pixels": Form(".mp4", plain(replace(form(), aspect=Fraction(64, 45)))),
    "one frame": Form(".mp4", one_frame),
    "one frame, MPEG-TS": Form(".ts", one_frame),
    "Motion JPEG": Form(".avi", plain(MJPEG)),
    "uncompressed": Form(".avi", plain(replace(form("rawvideo"), pixels="yuv420p"))),
    "FFV1": Form(".mkv", plain(form("ffv1"))),
    "Windows Media": Form(".wmv", plain(form("wmv2", g="30", q="3"))),
    "Flash": Form(".flv", plain(form())),
    "ProRes": Form(".mov", plain(replace(form("prores_ks"), pixels="yuv422p10le"))),
    "MXF": Form(".mxf", plain(MPEG2)),
    "DivX 3": Form(".avi", plain(form("msmpeg4", g="30", q="3"))),
    "H.264 in Windows Media": Form(".asf", plain(form())),
    "VP9 with unseen references": Form(".webm", plain(VP9_UNSEEN)),
    "B pyramid": Form(".mts", plain(PYRAMID)),
    "GIF": Form(".gif", plain(replace(form("gif"), pixels="rgb8"))),
    "raw H.264": Form(".h264", plain(form())),
    "raw HEVC": Form(".hevc", plain(form("libx265", **X265))),
    "raw MPEG-4": Form(".m4v", plain(form("mpeg4", g="30", bf="2", q="3"))),
    "raw MPEG-2": Form(".m2v", plain(MPEG2)),
    "frames that are not coded": Form(".mkv", not_coded),
    "empty packets in AVI": Form(".avi", gaps),
    "B and empty packets in AVI": Form(".avi", sparse),
    "same times": Form(".mkv", same_times),
    "cut off, MPEG-TS": Form(".ts", cut_off(plain(form()), 0.7)),
    "cut off, Matroska": Form(".mkv", cut_off(plain(form()), 0.7)),
    "cut off, AVI": Form(".avi", cut_off(plain(form("mpeg4", g="30", q="3")), 0.7)),
}
