"""The ranker whose bias is measured: what serves, learned without what it shall foretell."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.errors import InputError
from core.item import ItemTable
from core.ranking import HistoryRanker
from core.settings import Settings
from debias.groups import IntArray
from encoders.item_text import item_text
from encoders.text import TextEncoder
from index.history import FloatArray, HistoryModel
from index.ranking import BlendedRanker
from training.ranking import train_ranking
from training.sequence import SMALL, SequenceTraining

BLEND, HISTORY = "blend", "history"


@dataclass(frozen=True)
class HistoryAlone:
    """A history model as a ranker of many people."""

    model: HistoryModel

    def scores(self, histories: Sequence[Sequence[int]]) -> FloatArray:
        """Scores [people, items]; see `core.ranking.HistoryRanker`."""
        return np.stack([self.model.scores(history) for history in histories])


def make_ranker(
    wanted: str, items: ItemTable, histories: Sequence[IntArray], settings: Settings, *, seed: int, work: Path
) -> tuple[str, HistoryRanker]:
    """The ranker of that name, and the name: `blend` is what serves, `history` its part that is learned in seconds.

    Without a name, a small catalogue gets the blend. Anything else is a folder that a blend was saved to, which must
    have been learned from the same histories: only the number of its items can be checked. A blend that is trained here
    keeps its training in the folder `work`. Raises InputError for a folder that holds no ranker of the catalogue.
    """
    n_items, choices = len(items), sum(map(len, histories))
    name = wanted or (BLEND if choices < SMALL else HISTORY)
    model = HistoryModel.fit(histories, n_items)
    if name == HISTORY:
        return name, HistoryAlone(model)
    if name != BLEND:
        return name, _saved(Path(name), model)
    encoder = TextEncoder(settings.text_encoder, cache=settings.artifacts / "cache" / "text_embeddings.sqlite")
    content = encoder.encode([item_text(item) for item in items], progress="Encoding items")
    training = SequenceTraining.suited_to(choices, seed=seed)
    blend = train_ranking(histories, n_items, content, training, work / "ranker_training")
    # What serves has counted all choices, those that were held out for the weights too.
    return name, BlendedRanker(model, blend.transitions, blend.popularity, blend.sequence, blend.weights)


def _saved(folder: Path, model: HistoryModel) -> BlendedRanker:
    if not folder.is_dir():
        raise InputError(f"There is no ranker {str(folder)!r}.", mend=f"Use {BLEND}, {HISTORY} or a ranker's folder.")
    ranker = BlendedRanker.load(folder, model)
    if len(ranker.popularity) != model.n_items:
        cause = f"The ranker {folder} knows {len(ranker.popularity):,} items, the catalogue has {model.n_items:,}."
        raise InputError(cause, mend="Name a ranker that was learned from this catalogue.")
    return ranker
