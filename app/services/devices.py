"""What the machine has for a model to run on, found out without loading torch."""

import importlib.metadata
import shutil


def cuda_is_there() -> bool:
    """Whether the installed torch is no CPU build and an NVIDIA driver answers to its tool."""
    try:
        version = importlib.metadata.version("torch")
    except importlib.metadata.PackageNotFoundError:
        return False
    return "+cpu" not in version and shutil.which("nvidia-smi") is not None
