"""Item embeddings that never saw the choices which a language model is to learn to foretell, or is measured by.

Behaviour and graph are kinds of data too: embeddings that are fused from all choices hold the answers.
"""

import shutil
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.artifacts import ArtifactLayout
from server.artifacts import Artifacts
from server.atomic import replacing
from server.making.adapters import KnownItems, fused_items
from server.making.fusion import ItemData, learn_fusion
from server.representation import Fusion
from training.language.positions import learned_from

FloatArray = npt.NDArray[np.float32]


def early_fusion(artifacts: Artifacts, folder: Path) -> FloatArray:
    """Fused embeddings [n, d] as `prepare` makes them, from what came before everybody's last two choices.

    Kept in `folder` with the network, which places items that come later, and read from there the next time.
    """
    from catalog.source import find_source
    from catalog.splits import row_sequences

    done = fused_items(folder)
    if not done.is_dir():
        layout, prepared = ArtifactLayout(folder), artifacts.layout
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(prepared.text_embeddings, layout.text_embeddings)
        if prepared.pictures.is_dir():
            shutil.copytree(prepared.pictures, layout.pictures, dirs_exist_ok=True)
        known = learned_from(row_sequences(artifacts.interactions, artifacts.items))
        media = Path(artifacts.manifest.media) if artifacts.manifest.media else None
        relations = find_source(artifacts.manifest.source, media).read().relations
        data = ItemData.prepared(layout, artifacts.items, known, relations)
        with replacing(done) as unfinished:
            learn_fusion(unfinished, data, layout.fusion_training)
    if KnownItems.load(done) is None:
        encoders = (artifacts.manifest.text_encoder, artifacts.manifest.image_encoder)
        KnownItems(tuple(item.id for item in artifacts.items), encoders).save(done)
    return Fusion.load(done).embeddings
