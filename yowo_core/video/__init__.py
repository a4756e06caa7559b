"""Frame-exact video: any frame by number, its own time, and a hash of the file's content."""

from yowo_core.video.first_look import FirstLook, first_look
from yowo_core.video.reader import VideoReader, open_video

__all__ = ["FirstLook", "VideoReader", "first_look", "open_video"]
