"""yowo proxy: a video in, a working copy out whose frames can all be reached at once."""

from pathlib import Path
from typing import Annotated

import typer

from yowo_core import events
from yowo_core.cli.asked_to_stop import stop_asked
from yowo_core.cli.voice import Voice, reporter
from yowo_core.errors import ConfigError, CoreError, VideoError
from yowo_core.machine import index_folder
from yowo_core.video import open_video
from yowo_core.video.fingerprint import content_hash
from yowo_core.video.proxy import SUFFIX, write_proxy

CACHE = 64 * 1024 * 1024
"""Bytes of decoded frames that are kept: each frame is read once, in order."""


def proxy(
    video: Annotated[Path, typer.Argument(help="The video to copy.")],
    out: Annotated[Path, typer.Argument(help="The working copy to write, NAME.mov.")],
    content: Annotated[
        str, typer.Option(help="Copy only a video with this content hash, else end with status 1.")
    ] = "",
    stop_on_stdin: Annotated[
        bool, typer.Option("--stop-on-stdin", help="Stop at a line or end of standard input.")
    ] = False,
    events_out: Annotated[
        bool, typer.Option("--events", help="Print JSON-line events on standard output.")
    ] = False,
) -> None:
    """Copy a video frame by frame, so that every frame is found at once and exactly."""
    if not out.absolute().parent.is_dir():
        raise ConfigError(f"{out}: there is no folder {out.parent}. Make it or choose another.")
    if out.suffix.lower() != SUFFIX:
        raise ConfigError(f"{out}: a working copy is a QuickTime file; call it NAME{SUFFIX}.")
    stop = stop_asked(on_stdin=stop_on_stdin)
    with Voice(events_out, _ended) as voice:
        try:
            _check(video, content)
            with open_video(video, CACHE, index_folder=index_folder()) as reader:
                voice.say(events.Started("proxy", len(reader)))
                report = reporter(len(reader), "copying", voice.say, stop)
                whole = write_proxy(reader, out, report)
                facts = {"frames": len(reader), "bytes": out.stat().st_size if whole else 0}
        except (CoreError, OSError) as error:
            voice.say(events.Failed(str(error)))
            raise
        voice.say(events.Finished(str(out) if whole else "", not whole, facts))


def _check(video: Path, content: str) -> None:
    """A copy is known by its source's content: one of another file would be taken for it."""
    if content and content_hash(video) != content:
        raise VideoError(f"{video} has changed since it joined the project; it was not copied.")


def _ended(item: events.Finished) -> str:
    if item.stopped:
        return "stopped early: nothing was kept"
    return f"done: {item.facts['frames']} frames, {item.facts['bytes'] / 1e6:.1f} MB: {item.result}"
