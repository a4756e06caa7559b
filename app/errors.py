"""Errors of the program: sentences for the user, with the value, its place and what to do."""


class AppError(Exception):
    """A situation outside the program's own code; the message can be shown as it is."""


class ProjectError(AppError):
    """A project file that cannot be opened, is none, or is of a newer version."""


class EditError(AppError):
    """An edit that cannot be made on what is there; nothing was changed."""
