"""`yowo models NAME`: a network as a table of layers."""

import json
import sys
from dataclasses import asdict
from pathlib import Path

from yowo_core.cli.model_tables import aligned
from yowo_core.errors import ConfigError
from yowo_core.models.card import read_card
from yowo_core.models.configs.base import DetectorConfig
from yowo_core.models.costs import Layer, layers_of, resized, total
from yowo_core.models.shelf import built_in, find_model
from yowo_core.models.variants import variant


def show_layers(name: str, size: int, length: int, as_json: bool) -> None:
    """Print the layers of a network for one clip; size and length 0 are the network's own."""
    config = resized(_config(name), size, length)
    try:
        layers = layers_of(config)
    except RuntimeError as error:
        spec = config.input
        raise ConfigError(
            f"{name} cannot see {spec.length} frames of {spec.size} pixels ({error}). "
            "Choose another --size or --length."
        ) from error
    if as_json:
        content = {"name": name, "input": asdict(config.input), **asdict(total(layers))}
        content["layers"] = [asdict(layer) for layer in layers]
        sys.stdout.write(json.dumps(content) + "\n")
    else:
        _print_table(name, config, layers)


def _config(name: str) -> DetectorConfig:
    """Of a built-in model, of a model file, or of a network by name."""
    if name in {model.name for model in built_in()} or Path(name).is_file():
        return read_card(find_model(name)).config
    return variant(name).plan


def _print_table(name: str, config: DetectorConfig, layers: tuple[Layer, ...]) -> None:
    spec = config.input
    rows = [("layer", "kind", "output", "parameters", "operations")]
    for layer in layers:
        shape = " x ".join(str(n) for n in layer.shape[1:])
        figures = (f"{layer.parameters:,}", f"{layer.operations:,}")
        rows.append((layer.name, layer.kind, shape, *figures))
    cost = total(layers)
    rows.append(("all", "", "", f"{cost.parameters:,}", f"{cost.operations:,}"))
    title = f"{name}: {spec.length} frames of {spec.size} pixels, {config.num_classes} classes"
    sys.stdout.write("\n".join([title, *aligned(rows, "<<<>>")]) + "\n")
