"""The command yowo-studio: the window, an export without it, and, frozen, the workers."""

import multiprocessing
import sys
from pathlib import Path
from typing import Annotated

WORKER = "worker"
"""First argument of a worker in a frozen program; handled before Qt is loaded."""


def main(arguments: list[str] | None = None) -> int:
    """Dispatch: worker, export, or the window."""
    given = sys.argv[1:] if arguments is None else arguments
    if given[:1] == [WORKER]:
        return _work(given[1:])
    return _command(given)


def _work(arguments: list[str]) -> int:
    """worker live | worker yowo ARGUMENTS, for a frozen program that has no python beside it."""
    name, rest = (arguments[0] if arguments else ""), arguments[1:]
    if name == "live":
        # named as text: the program must not import torch, only its worker does
        return _run_module("yowo_core.infer.worker")
    if name == "yowo":
        sys.argv = ["yowo", *rest]
        return _run_module("yowo_core.cli.main")
    sys.stderr.write(f"yowo-studio: no worker is called {name!r}; there are live and yowo.\n")
    return 2


def _run_module(name: str) -> int:
    import runpy  # noqa: PLC0415

    runpy.run_module(name, run_name="__main__")
    return 0


def _command(arguments: list[str]) -> int:
    import typer  # noqa: PLC0415

    from app.application import Options, export_project, run  # noqa: PLC0415 Qt is slow to load
    from app.errors import AppError  # noqa: PLC0415
    from app.settings import THEMES  # noqa: PLC0415
    from yowo_core.arguments import spelled_out  # noqa: PLC0415
    from yowo_core.errors import CoreError  # noqa: PLC0415
    from yowo_core.video.naming import as_text  # noqa: PLC0415

    def window(
        paths: Annotated[
            list[Path] | None, typer.Argument(help="A project, or videos and folders.")
        ] = None,
        demo: Annotated[bool, typer.Option("--demo", help="Open the built-in demo.")] = False,
        play: Annotated[bool, typer.Option("--play", help="Start playing.")] = False,
        theme: Annotated[str, typer.Option(help="dark, light or system, this time only.")] = "",
        quit_after: Annotated[float, typer.Option(help="Close after so many seconds.")] = 0.0,
        version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
    ) -> None:
        """Open the window. 'yowo-studio export --help' tells of exporting without it."""
        if version:
            from importlib.metadata import version as installed  # noqa: PLC0415

            typer.echo(f"YOWO Studio {installed('yowo-studio')}")
            return
        if theme not in ("", *THEMES):
            raise AppError(f"There is no theme {theme!r}; there are {', '.join(THEMES)}.")
        raise typer.Exit(run(Options(tuple(paths or ()), demo, theme, play, quit_after)))

    def export(
        project: Annotated[Path, typer.Argument(help="The project file.")],
        out: Annotated[Path, typer.Argument(help="The CSV to write.")],
        to: Annotated[str, typer.Option(help="csv or ava.")] = "csv",
        replace: Annotated[
            bool, typer.Option("--replace", help="Replace files that are there already.")
        ] = False,
    ) -> None:
        """Write the confirmed tubes of a project, and say what the format could not hold."""
        for line in export_project(project, to, out, replace=replace):
            typer.echo(as_text(line))

    exporting = arguments[:1] == ["export"]
    chosen, rest = (export, arguments[1:]) if exporting else (window, arguments)
    name = "yowo-studio export" if exporting else "yowo-studio"
    command = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    command.command()(chosen)
    known = {word for item in typer.main.get_command(command).params for word in item.opts}
    rest = spelled_out(rest, known | {"--help"})
    try:
        command(args=rest, prog_name=name, standalone_mode=True)
    except (AppError, CoreError, OSError) as error:
        sys.stderr.write(f"yowo-studio: {error}\n")
        return 1
    except SystemExit as end:
        return int(end.code or 0)
    return 0


if __name__ == "__main__":
    multiprocessing.freeze_support()  # a frozen program is also what its libraries' helpers start
    sys.exit(main())
