"""The parts that a turn is made of. The server wires them together; any of them can be swapped."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from agent.pictures import Blind, PictureReader
from agent.understand.understanding import Understanding
from core.artifacts import Wording
from core.generator import Generator
from core.item import ItemTable
from core.settings import Settings
from encoders.text import TextEncoder
from index.evidence import EvidenceWriter
from index.retriever import Retriever
from index.shortlist import Shortlister


@dataclass(frozen=True)
class Parts:
    """`item_embeddings` is [items, d], its rows in the order of `items`."""

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
    pictures: PictureReader = field(default_factory=Blind)
    template: str = "recommend-v1"
    max_count: int = 10
