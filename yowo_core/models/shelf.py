"""Models that are ready to use: the built-in demo by name, anything else by path; free of torch."""

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from yowo_core.errors import CheckpointError


@dataclass(frozen=True)
class ReadyModel:
    """A model file that ships with the program."""

    name: str
    title: str
    path: Path


def built_in() -> tuple[ReadyModel, ...]:
    """The models in the resources folder."""
    demo = Path(str(files("resources"))) / "demo" / "demo.safetensors"
    return (ReadyModel("demo", "Demo (YOWOv3-Tiny)", demo),)


def find_model(name: str) -> Path:
    """The file of a built-in model or of a path; CheckpointError says what was looked for."""
    for model in built_in():
        if model.name == name:
            return model.path
    path = Path(name)
    if path.is_file():
        return path
    known = ", ".join(m.name for m in built_in())
    raise CheckpointError(f"No model {name!r}: it is no file, and built in are only: {known}.")
