"""What nobody has to train: references beside which a cold item's place means something."""

from collections.abc import Callable, Sequence

import numpy as np

from evaluation.multimodal.world import FloatArray, IntArray, World

Scores = Callable[[Sequence[IntArray]], FloatArray]
# So many of the latest choices say what somebody likes by its text.
LATEST = 5


def popularity_of_categories(world: World) -> Scores:
    """Every item as popular as warm items of its categories are on average."""
    everything = np.ones((world.n_items, 1))  # a category of all items, for those without one
    has = np.hstack([world.known.items.category_matrix, everything])
    warm = ~world.cold
    counts = np.log1p(np.bincount(np.concatenate(world.histories), minlength=world.n_items))
    of_category = has[warm].T @ counts[warm] / np.maximum(has[warm].sum(axis=0), 1)
    score = (has @ of_category / has.sum(axis=1)).astype(np.float32)
    return lambda histories: np.tile(score, (len(histories), 1))


def nearest_text(world: World) -> Scores:
    """Every item by the cosine between its text and the mean of the latest choices' texts."""
    lengths = np.linalg.norm(world.known.text, axis=1, keepdims=True)
    text = world.known.text / np.maximum(lengths, 1e-9)

    def scores(histories: Sequence[IntArray]) -> FloatArray:
        people = np.stack([text[history[-LATEST:]].mean(axis=0) for history in histories])
        found: FloatArray = people @ text.T
        return found

    return scores


REFERENCES = {"popularity of the categories": popularity_of_categories, "nearest text": nearest_text}
