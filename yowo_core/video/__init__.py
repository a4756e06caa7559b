"""Frame-exact video: any frame by number, its own time, and a hash of the file's content."""

from yowo_core.video.reader import VideoReader, open_video

__all__ = ["VideoReader", "open_video"]
