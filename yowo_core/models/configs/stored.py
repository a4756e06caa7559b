"""Configurations as plain values and back: what a weights file says of its network."""

from dataclasses import asdict, is_dataclass
from typing import Any

from yowo_core.errors import ConfigError
from yowo_core.input_spec import spec_from_json
from yowo_core.models.configs.base import DetectorConfig
from yowo_core.models.configs.center3d import Center3DConfig
from yowo_core.models.configs.improved_yowo import ImprovedYOWOConfig
from yowo_core.models.configs.linknet import LinknetConfig
from yowo_core.models.configs.yolov3 import YOLOv3Config
from yowo_core.models.configs.yowo import YOWOConfig
from yowo_core.models.configs.yowoplus import YOWOPlusConfig
from yowo_core.models.configs.yowov2 import YOWOv2Config
from yowo_core.models.configs.yowov3 import YOWOv3Config

CONFIGS: tuple[type[DetectorConfig], ...] = (
    Center3DConfig,
    YOWOConfig,
    YOWOPlusConfig,
    YOWOv2Config,
    YOWOv3Config,
    ImprovedYOWOConfig,
    YOLOv3Config,
    LinknetConfig,
)
"""Every family that a weights file may name."""


def config_to_json(config: DetectorConfig) -> dict[str, Any]:
    """Plain values that `config_from_json` turns back into the same configuration."""
    assert is_dataclass(config)
    return {"family": config.family, **asdict(config)}


def config_from_json(values: dict[str, Any]) -> DetectorConfig:
    """Rebuild a configuration; unknown families and keys are errors."""
    rest = dict(values)
    family = rest.pop("family", None)
    kinds = {kind.family: kind for kind in CONFIGS}
    if family not in kinds:
        known = ", ".join(kinds)
        raise ConfigError(f"Model family {family!r} is unknown; known families: {known}.")
    kind = kinds[family]
    try:
        spec = spec_from_json(rest.pop("input"))
        return kind(**{name: _frozen(value) for name, value in rest.items()}, input=spec)  # type: ignore[call-arg]
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigError(f"The model's configuration is not complete: {error}.") from error


def _frozen(value: Any) -> Any:
    """JSON's lists as tuples, all the way down, as a frozen configuration holds them."""
    return tuple(_frozen(v) for v in value) if isinstance(value, list) else value
