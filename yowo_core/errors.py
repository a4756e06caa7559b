"""Errors whose message is a sentence for the user: what was wrong, where, and what to do."""


class CoreError(Exception):
    """A situation outside the program's own code; the message can be shown as it is."""


class DataError(CoreError):
    """Labels, manifests or run folders that cannot be used as they are."""


class VideoError(CoreError):
    """A file that is no video, is damaged, is missing, or a frame that does not exist."""


class CheckpointError(CoreError):
    """Weights that are missing, damaged or belong to another network."""


class FormatError(CoreError):
    """An interchange file that breaks its format; names file and line."""


class ConfigError(CoreError):
    """A setting with an impossible value or an unknown name."""
