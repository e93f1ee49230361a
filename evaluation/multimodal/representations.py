"""What an item is made of in each variant of the experiment: ids, one kind of data, several, fused this way or that."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np

from core.modality import Modality
from core.settings import Settings
from encoders.encoder import Encoded
from encoders.fusion.monitors import BEHAVIOUR
from encoders.modalities import item_modalities
from evaluation.multimodal.world import FloatArray, IntArray, Known, World
from server.representation import read_features
from training.fusion import FusionTraining, train_fusion
from training.fusion_data import co_chosen

WIDEST = 384


@dataclass(frozen=True)
class Variant:
    """How the vectors of items are made: of an embedding of their own (`ids`), of content, or of both.

    `kinds` are the modalities that are read, by name; None: all but the behaviour. `fusion` is how several become one.
    """

    name: str
    ids: bool
    kinds: tuple[str, ...] | None = ()
    fusion: Literal["none", "concatenation", "full"] = "none"
    changes: dict[str, Any] = field(default_factory=dict)  # of the fusion's training

    @property
    def items(self) -> Literal["ids", "content", "both"]:
        """The setting of the sequence model's training."""
        return "content" if not self.ids else "ids" if self.kinds == () else "both"


IDS = Variant("ids", ids=True)
TEXT = Variant("text", ids=False, kinds=("text",))
IMAGE = Variant("image", ids=False, kinds=("image",))
TEXT_AND_IMAGE = Variant("text and image", ids=False, kinds=("text", "image"), fusion="full")
ALL = Variant("all", ids=True, kinds=None, fusion="full")
CONCATENATION = Variant("concatenation", ids=True, kinds=None, fusion="concatenation")
NO_ALIGNMENT = Variant(
    "no alignment", ids=True, kinds=None, fusion="full", changes={"alignment": "none", "start": "random"}
)
NO_DISENTANGLEMENT = Variant(
    "no disentanglement", ids=True, kinds=None, fusion="full", changes={"disentanglement": False}
)
KINDS = (IDS, TEXT, IMAGE, TEXT_AND_IMAGE, ALL)
PARTS = (ALL, CONCATENATION, NO_ALIGNMENT, NO_DISENTANGLEMENT)


@dataclass(frozen=True)
class Represented:
    """Content of all items [n, d], and what each modality weighs in it on average, where that is known."""

    content: FloatArray
    weights: dict[str, float] = field(default_factory=dict)
    folder: Path | None = None  # of the fusion's training


def world_modalities(world: World, settings: Settings, *, pictures: bool = True) -> tuple[Modality, ...]:
    """All modalities of a world's items. Behaviour comes from the histories: it knows no cold item and no target."""
    return known_modalities(world.known, settings, world.histories, pictures=pictures)


def known_modalities(
    known: Known, settings: Settings, histories: Sequence[IntArray] = (), *, pictures: bool = True
) -> tuple[Modality, ...]:
    """All modalities of a catalogue's items; behaviour comes from these histories."""
    return item_modalities(
        known.items,
        text=known.text,
        images=_pictures(known, settings) if pictures else None,
        sequences=histories,
        relations=known.graph.nameless,
    )


def _pictures(known: Known, settings: Settings) -> Encoded | None:
    """Features of the pictures as they were prepared; encoded here where they weren't."""
    images = [item.image for item in known.items]
    if not any(images):
        return None
    prepared = read_features(known.layout.pictures)
    if prepared is not None:
        return np.asarray(prepared[0], dtype=np.float32), prepared[1]
    from encoders.image import ImageEncoder

    cache = settings.artifacts / "cache" / "image_features.sqlite"
    encoder = ImageEncoder(settings.image_encoder, settings.image_pretrained, cache=cache)
    return encoder.encode(images, progress="Encoding pictures")


def can_be_made(variant: Variant, modalities: Sequence[Modality]) -> bool:
    """Whether the catalogue has what a variant reads."""
    names = {modality.name for modality in modalities}
    return set(variant.kinds or ()) <= names


def represent(
    variant: Variant, world: World, modalities: Sequence[Modality], seed: int, epochs: int | None, work: Path
) -> Represented:
    """The content of a variant's items. `work` keeps the trainings of fusions.

    Behaviour teaches every fusion but is read by none: cold items have no behaviour, and warm ones have their ids.
    """
    if variant.kinds == ():
        return Represented(world.known.text)  # places the items that nobody chose
    read = [one for one in modalities if one.name in (variant.kinds or {m.name for m in modalities} - {BEHAVIOUR})]
    if variant.fusion == "none":
        return Represented(narrowed(read[0].features))
    if variant.fusion == "concatenation":
        return Represented(narrowed(np.concatenate([one.features for one in map(on_one_scale, read)], axis=1)))
    changes = {**variant.changes, "seed": seed, **({"epochs": epochs} if epochs else {})}
    folder = work / f"{variant.name.replace(' ', '-')}-{seed}"
    names = {one.name for one in read} | {BEHAVIOUR}
    learned = [one for one in modalities if one.name in names]
    label = f"Fusion: {variant.name}, seed {seed}"
    pairs = co_chosen(world.histories)
    model = train_fusion(learned, FusionTraining(**changes), folder, pairs=pairs, progress=label)
    fused = model.fuse(read)
    means = fused.weights[np.unique(np.concatenate(world.histories))].mean(axis=0)
    return Represented(fused.embeddings, dict(zip(fused.names, map(float, means), strict=True)), folder)


def narrowed(features: FloatArray) -> FloatArray:
    """Features [n, d], or their WIDEST principal components where there are more: they cost time, and say little."""
    if features.shape[1] <= WIDEST:
        return features
    from sklearn.decomposition import PCA

    there = features.any(axis=1)
    narrow = np.zeros((len(features), min(WIDEST, int(there.sum()))), dtype=np.float32)
    narrow[there] = PCA(narrow.shape[1], random_state=0).fit_transform(features[there])
    return narrow


def on_one_scale(modality: Modality) -> Modality:
    """Mean 0 and mean square length 1 over the items that have it, so that none drowns another side by side."""
    some = modality.features[modality.present]
    features = np.zeros_like(modality.features)
    centred = some - some.mean(axis=0)
    features[modality.present] = centred / max(float(np.sqrt(np.square(centred).sum(axis=1).mean())), 1e-9)
    return Modality(modality.name, features, modality.present)
