"""Fuses all kinds of data of the items: by what was learned before while that suits them, else by learning anew."""

import hashlib
import json
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from core.artifacts import ArtifactLayout
from core.errors import ArtifactError, InputError
from core.item import ItemTable
from core.modality import Modality
from server.making.learned import FOLDER, MOST_NEW, LearnedFrom
from server.making.work import Work
from server.representation import CONTENT, EMBEDDINGS, FUSION_LOG, MODEL, WEIGHTS, Encoded, read_features

if TYPE_CHECKING:
    from encoders.fusion.model import FusionModel
    from encoders.modalities import ItemEncoders

FloatArray = npt.NDArray[np.float32]

VERSION = 1  # raised when something else is made of the same items: no earlier fusion is kept then
ENCODERS = "encoders"
# An item whose content, read as it was learned, has a smaller cosine to what it was then has become another one.
_ALIKE = 0.9


@dataclass(frozen=True)
class ItemData:
    """All that items are fused of."""

    items: ItemTable
    text: FloatArray  # [n, d]
    pictures: Encoded | None
    sequences: Sequence[npt.NDArray[np.integer]]
    relations: Iterable[tuple[str, str, str]]
    audio_cache: Path

    @classmethod
    def prepared(
        cls,
        layout: ArtifactLayout,
        items: ItemTable,
        sequences: Sequence[npt.NDArray[np.integer]],
        relations: Iterable[tuple[str, str, str]],
    ) -> "ItemData":
        """With the texts and pictures of an artifact folder."""
        cache = layout.root.parent / "cache" / "audio_features.sqlite"
        text, pictures = np.load(layout.text_embeddings), read_features(layout.pictures)
        return cls(items, text, pictures, sequences, tuple(relations), cache)

    @property
    def kinds(self) -> str:
        """Kinds and columns of data that many items have: one that was never learned from would not be read."""
        from encoders.modalities import common_columns

        known = {"pictures": self.pictures is not None, "choices": bool(len(self.sequences))}
        related = sorted({relation for _, relation, _ in self.relations})
        return json.dumps([known, related, common_columns(self.items.items, MOST_NEW)])


def make_fusion(work: Work, path: Path) -> None:
    """One embedding an item."""
    data = ItemData.prepared(work.layout, work.items, work.sequences, work.relations)
    settings = work.state("fusion settings")
    encoders = [work.state(name) for name in ("text encoder", "image encoder", "vision model")]
    now = LearnedFrom.now(work, str(VERSION), settings, *encoders, data.kinds)
    before = work.layout.fusion
    if kept := _learned_before(before, data, now):
        work.say(f"{work.source.name}: the fusion was learned from nearly the same, and is kept")
        for name in (ENCODERS, MODEL, FOLDER):
            shutil.copytree(before / name, path / name)
        shutil.copy(before / FUSION_LOG, path / FUSION_LOG)
        _embed(path, *kept)
        return
    learn_fusion(path, data, work.layout.fusion_training, settings)
    now.save(path / FOLDER)
    shutil.copy(path / CONTENT, path / FOLDER / CONTENT)


def learn_fusion(folder: Path, data: ItemData, training: Path, changes: str = "{}") -> None:
    """Train the fusion of everything that the items have, and embed them. `changes`: JSON of the settings'."""
    from encoders.cooccurrence import History
    from encoders.modalities import ItemEncoders, as_modalities, item_links
    from training.fusion import LOG, FusionTraining, train_fusion
    from training.fusion_data import co_chosen

    encoders, found = ItemEncoders.fit(
        data.items.items,
        histories=[History(np.asarray(rows, dtype=np.int64)) for rows in data.sequences],
        links=item_links(data.items, data.relations),
        audio_cache=data.audio_cache,
        progress=True,
    )
    modalities = as_modalities(data.text, data.pictures, found)
    settings = FusionTraining.suited_to(len(data.items), **json.loads(changes))
    model = train_fusion(modalities, settings, training, pairs=co_chosen(data.sequences), progress="Fusing")
    folder.mkdir(parents=True, exist_ok=True)
    encoders.save(folder / ENCODERS)
    model.save(folder / MODEL)
    shutil.copy(training / LOG, folder / FUSION_LOG)
    _embed(folder, model, modalities)


def space(fusion: Path) -> str:
    """Changes with the space in which a fusion embeds items."""
    digest = hashlib.sha256()
    for file in sorted((fusion / MODEL).iterdir()):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def _learned_before(
    before: Path, data: ItemData, now: LearnedFrom
) -> "tuple[FusionModel, tuple[Modality, ...]] | None":
    """An earlier fusion and what it reads of the items; None where there is none that suits them."""
    learned = LearnedFrom.load(before / FOLDER)
    if learned is None or not learned.suits(now) or not (before / FUSION_LOG).is_file():
        return None
    from encoders.fusion.model import FusionModel
    from encoders.modalities import ItemEncoders

    rows = learned.rows(data.items)
    try:
        model = FusionModel.load(before / MODEL)
        modalities = _as_learned(ItemEncoders.load(before / ENCODERS, audio_cache=data.audio_cache), data, rows)
        content = model.fuse(_content(modalities)).embeddings
        then = np.load(before / FOLDER / CONTENT)
    # Damaged, or without a kind of data that is there now.
    except (ArtifactError, InputError, OSError, ValueError, EOFError):
        return None
    return (model, modalities) if _share_unlike(then, content, rows) <= MOST_NEW else None


def _as_learned(encoders: "ItemEncoders", data: ItemData, rows: npt.NDArray[np.int64]) -> tuple[Modality, ...]:
    """The items as the encoders read them; `rows` [n] are those of the items that they were fitted to, -1: new."""
    from encoders.fusion.monitors import BEHAVIOUR
    from encoders.modalities import as_modalities, item_links

    found = encoders.encode(data.items.items, links=item_links(data.items, data.relations))
    if BEHAVIOUR in encoders.encoders:
        features, present = encoders.encoders[BEHAVIOUR].encode_items()
        there = rows >= 0
        found[BEHAVIOUR] = (np.where(there[:, None], features[rows], 0).astype(np.float32), present[rows] & there)
    return as_modalities(data.text, data.pictures, found)


def _share_unlike(then: FloatArray, now: FloatArray, rows: npt.NDArray[np.int64]) -> float:
    """The share of items that are new, gone, or not what they were; content [n, d] of unit length."""
    kept = rows >= 0
    alike = (then[rows[kept]] * now[kept]).sum(axis=1) >= _ALIKE
    # Items of which nothing is known are as they were.
    alike |= ~then[rows[kept]].any(axis=1) & ~now[kept].any(axis=1)
    changed = (~kept).sum() + (len(then) - kept.sum()) + (~alike).sum()
    return float(changed / max(1, len(then)))


def _content(modalities: Sequence[Modality]) -> list[Modality]:
    """What an item is of by itself: for ranking, where who chose it is what is to be foretold."""
    from encoders.fusion.monitors import BEHAVIOUR

    return [modality for modality in modalities if modality.name != BEHAVIOUR]


def _embed(folder: Path, model: "FusionModel", modalities: Sequence[Modality]) -> None:
    fused = model.fuse(modalities)
    np.save(folder / EMBEDDINGS, fused.embeddings)
    np.save(folder / CONTENT, model.fuse(_content(modalities)).embeddings)
    np.save(folder / WEIGHTS, fused.weights.astype(np.float16))
