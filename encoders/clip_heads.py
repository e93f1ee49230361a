"""The embedded towers with a catalogue's own alignment heads as projections: a whole open_clip model, kept in a folder.

The towers stay as they are and only what follows them is trained, on the catalogue's own image-text pairs, as in
locked-image tuning (LiT, arXiv 2111.07991).
"""

import json
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.errors import InputError
from encoders.clip import HEADS, WEIGHTS, embedded_clip, embedded_config, embedded_tokenizer
from encoders.fusion.heads import ProjectionHead
from encoders.fusion.model import FusionModel


class TowerHead(nn.Module):
    """h = head((x - centre) * scale), with x of unit length first where the head was trained on unit vectors."""

    def __init__(self, features: int, width: int, *, hidden: int, layers: int, unit: bool) -> None:
        super().__init__()
        self.shape = {"features": features, "width": width, "hidden": hidden, "layers": layers, "unit": unit}
        self.unit = unit
        self.head = ProjectionHead(features, width, hidden=hidden, layers=layers, dropout=0.0)
        self.register_buffer("centre", torch.zeros(features))
        self.register_buffer("scale", torch.ones(features))

    def forward(self, features: Tensor) -> Tensor:
        """[b, features] → [b, width]."""
        inputs = functional.normalize(features, dim=-1) if self.unit else features
        return cast(Tensor, self.head((inputs - cast(Tensor, self.centre)) * cast(Tensor, self.scale)))


def fusion_heads(fusion: FusionModel) -> tuple[TowerHead, TowerHead]:
    """The picture's and the text's way into a fusion's shared space: what `FusionModel.project` does to each.

    The texts are the embedded MiniLM's. Raises InputError for a fusion without both, or whose parts have no head each.
    """
    if not {"image", "text"} <= set(fusion.names) or fusion.network.fusion == "early":
        cause = "The fusion has no heads for pictures and for texts."
        raise InputError(cause, mend="Train it on a catalogue that has both, with late or full fusion.")
    return _head_of(fusion, "image", unit=False), _head_of(fusion, "text", unit=True)


def with_heads(image: TowerHead, text: TowerHead) -> Any:
    """The embedded `open_clip.CustomTextCLIP` with heads from its features into one space."""
    if image.shape["width"] != text.shape["width"]:
        raise ValueError(f"heads into spaces of {image.shape['width']} and {text.shape['width']} dimensions")
    model = embedded_clip()
    model.visual.head, model.text.proj = image, text
    return model.eval()


def save_clip(model: Any, folder: Path) -> None:
    """Write a model made by `with_heads`, for `ImageEncoder("local-dir:FOLDER")`, with its tokenizer.

    The towers are an open_clip checkpoint by themselves, which open_clip reads too; the heads stand beside them,
    since open_clip's configuration has no such layers.
    """
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    weights = {name: value.contiguous() for name, value in model.state_dict().items()}
    heads = {name for name in weights if name.startswith(("visual.head.", "text.proj."))}
    save_file({name: weights[name] for name in weights.keys() - heads}, folder / WEIGHTS)
    save_file({name: weights[name] for name in heads}, folder / HEADS)
    model.text.config.save_pretrained(folder)
    embedded_tokenizer().save_pretrained(folder)
    preprocess = model.visual.preprocess_cfg
    config = {
        "model_cfg": embedded_config(str(folder.resolve())),
        "preprocess_cfg": {name: preprocess[name] for name in ("mean", "std", "interpolation", "resize_mode")},
        "heads": {"image": model.visual.head.shape, "text": model.text.proj.shape},
    }
    (folder / "open_clip_config.json").write_text(json.dumps(config, indent=1), encoding="utf-8")


def attach_heads(model: Any, folder: Path) -> None:
    """Put the heads that `save_clip` wrote behind the towers that open_clip has read."""
    from safetensors.torch import load_file

    shapes = json.loads((folder / "open_clip_config.json").read_text("utf-8"))["heads"]
    model.visual.head, model.text.proj = TowerHead(**shapes["image"]), TowerHead(**shapes["text"])
    missing, unexpected = model.load_state_dict(load_file(folder / HEADS), strict=False)
    if unexpected or any(name.startswith(("visual.head.", "text.proj.")) for name in missing):
        raise ValueError(f"{HEADS} doesn't fit open_clip_config.json")


def _head_of(fusion: FusionModel, name: str, *, unit: bool) -> TowerHead:
    shape, network = fusion.shape, fusion.network
    position = fusion.names.index(name)
    start = sum(network.features[:position])
    columns = slice(start, start + network.features[position])
    head = TowerHead(shape.features[name], shape.dimensions, hidden=shape.hidden, layers=shape.layers, unit=unit)
    head.head.load_state_dict(network.shared[position].state_dict())
    head.centre = cast(Tensor, network.centre)[columns].clone()
    head.scale = cast(Tensor, network.scale)[columns].clone()
    return head
