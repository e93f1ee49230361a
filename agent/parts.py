"""The parts that a turn is made of. The server wires them together; any of them can be swapped."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from agent.no_generator import NoGenerator
from agent.pictures import Blind, PictureReader
from agent.understand.understanding import Understanding
from core.artifacts import Wording
from core.generator import Chooser, Generator
from core.item import ItemTable
from core.settings import Settings
from encoders.text import TextEncoder
from index.evidence import EvidenceWriter
from index.retriever import Retriever
from index.shortlist import Shortlister


@dataclass(frozen=True)
class Parts:
    """`item_embeddings` [items, d] are the space in which a person is embedded, its rows in the order of `items`.

    `place_words` brings an embedding of words into that space; None where it is the space of texts itself.
    """

    items: ItemTable
    wording: Wording
    item_embeddings: npt.NDArray[np.float32]
    understanding: Understanding
    encoder: TextEncoder
    retriever: Retriever
    shortlister: Shortlister
    evidence: EvidenceWriter
    generator: Generator
    settings: Settings
    chooser: Chooser | None = None  # ranks the candidates by a soft prompt or LoRA; None: the shortlist's order
    place_words: Callable[[npt.NDArray[np.float32]], npt.NDArray[np.float32]] | None = None
    pictures: PictureReader = field(default_factory=Blind)
    template: str = "recommend-v1"
    max_count: int = 10

    @property
    def has_language_model(self) -> bool:
        """Whether one is to write answers, be it ready or not."""
        return not isinstance(self.generator, NoGenerator)
