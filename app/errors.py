"""Errors of the program: sentences for the user, with the value, its place and what to do."""

from pathlib import Path


class AppError(Exception):
    """A situation outside the program's own code; the message can be shown as it is."""


class ProjectError(AppError):
    """A project file that cannot be opened, is none, or is of a newer version."""


class ProjectInUseError(ProjectError):
    """A project that is open for writing elsewhere; it can be opened to read."""

    def __init__(self, path: Path, owner: str) -> None:
        who = f" {owner}" if owner else " in another program"
        super().__init__(
            f"{path} is open already{who}. Close it there, or open it here only to read."
        )


class ProjectDamagedError(ProjectError):
    """A project file that is damaged; what can be read of it can be rescued into a new file."""


class ProjectLogError(ProjectError):
    """A project whose log of the newest changes is missing or another file's.

    It can be opened as it was before them.
    """


class ProjectGoneError(ProjectError):
    """An open project whose file was deleted or replaced; its content can still be saved."""


class EditError(AppError):
    """An edit that cannot be made on what is there; nothing was changed."""
