"""Modalities of items made from hidden tastes, so that they have something in common to find."""

import numpy as np

from core.modality import Modality

WIDTHS = {"text": 12, "image": 9, "behaviour": 6}


def modalities(count: int, *, widths: dict[str, int] = WIDTHS, missing: float = 0.3, seed: int = 0) -> list[Modality]:
    """`count` items; each modality is a noisy view of four hidden numbers, and lacks a share of the items."""
    rng = np.random.default_rng(seed)
    hidden = rng.normal(size=(count, 4))
    made = []
    for name, width in widths.items():
        features = np.tanh(hidden @ rng.normal(size=(4, width))) + 0.2 * rng.normal(size=(count, width))
        present = rng.random(count) >= missing
        made.append(Modality(name, np.where(present[:, None], features, 0).astype(np.float32), present))
    return made
