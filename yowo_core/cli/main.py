"""The command yowo: everything that needs no window."""

import sys
from collections.abc import Callable
from importlib import import_module
from typing import Final

import typer

from yowo_core.arguments import spelled_out
from yowo_core.cli import doctor
from yowo_core.errors import CoreError

COMMANDS: Final = (
    "detect",
    "prepare",
    "train",
    "evaluate",
    "import-weights",
    "proxy",
    "see",
    "anchors",
    "models",
)
"""Each is a function in a module of the same name, with _ where the command has -."""

app = typer.Typer(
    name="yowo",
    help="Spatio-temporal action detection: detect, prepare, train, evaluate.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


def add(to: typer.Typer, name: str) -> None:
    """Add a subcommand; when a library that it needs is missing or broken, one that says so."""
    inside = name.replace("-", "_")
    try:
        found: Callable[..., object] = getattr(import_module(f"yowo_core.cli.{inside}"), inside)
    except (ImportError, OSError) as error:
        lenient = {"allow_extra_args": True, "ignore_unknown_options": True}
        to.command(name, context_settings=lenient)(_unavailable(name, str(error)))
    else:
        to.command(name)(found)


def _unavailable(name: str, reason: str) -> Callable[..., object]:
    def tell() -> None:
        """Not available: a library is missing; yowo doctor tells more."""
        sys.stderr.write(_cannot_run(f"yowo {name}", reason))
        raise typer.Exit(1)

    return tell


def _cannot_run(what: str, reason: str) -> str:
    return (
        f"{what} cannot run: {reason}. Run yowo doctor: it names what is missing and the command "
        "that brings it.\n"
    )


def _options() -> set[str]:
    """Every option of every subcommand, as it is written."""
    group = typer.main.get_group(app)
    known = {"--help"}
    for command in group.commands.values():
        known.update(word for parameter in command.params for word in parameter.opts)
    return known


for _name in COMMANDS:
    add(app, _name)
app.command("doctor")(doctor.doctor)
_OPTIONS: Final = _options()


def run(arguments: list[str] | None = None) -> None:
    """Entry point: a situation of the user's ends with its sentence on stderr and status 1."""
    given = sys.argv[1:] if arguments is None else arguments
    try:
        app(args=spelled_out(given, _OPTIONS))
    except (CoreError, OSError) as error:  # a full disk or a folder without rights included
        sys.stderr.write(f"yowo: {error}\n")
        sys.exit(1)
    except ImportError as error:  # most libraries are loaded only when they are used
        sys.stderr.write(_cannot_run("yowo", str(error)))
        sys.exit(1)


if __name__ == "__main__":
    run()
