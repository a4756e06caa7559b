"""The command yowo: everything that needs no window."""

import sys

import typer

from yowo_core.cli import detect, doctor, evaluate, models, prepare, proxy, train
from yowo_core.errors import CoreError

app = typer.Typer(
    name="yowo",
    help="Spatio-temporal action detection: detect, prepare, train, evaluate.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command("detect")(detect.detect)
app.command("prepare")(prepare.prepare)
app.command("train")(train.train)
app.command("evaluate")(evaluate.evaluate)
app.command("proxy")(proxy.proxy)
app.command("models")(models.models)
app.command("doctor")(doctor.doctor)


def run(arguments: list[str] | None = None) -> None:
    """Entry point: a situation of the user's ends with its sentence on stderr and status 1."""
    try:
        app(args=arguments)
    except (CoreError, OSError) as error:  # a full disk or a folder without rights included
        sys.stderr.write(f"yowo: {error}\n")
        sys.exit(1)


if __name__ == "__main__":
    run()
