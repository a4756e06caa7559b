"""Whether a fine-tune can start from a model; without torch, so that a dialog can ask."""

from app.domain.project import ModelRecord
from yowo_core.errors import CheckpointError
from yowo_core.models.card import read_card
from yowo_core.train.trainable import is_trainable


def why_not_from(model: ModelRecord) -> str:
    """Why not, as a sentence with what to do; '' when it can."""
    try:
        network = read_card(model.path).config
    except CheckpointError as error:
        return str(error)
    if is_trainable(network):
        return ""
    return (
        f"{model.name} is a network of the family {network.family}: such networks can be used "
        "but not trained yet. Start from a YOWOv3, such as the demo's model."
    )
