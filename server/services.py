"""The parts that the API needs, as one value.

`server.composition` fills it with real ones, tests with scripted ones.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from core.artifacts import Wording
from core.conversation import Feedback
from core.item import ItemTable
from core.recommendation import Answer
from core.settings import Settings
from core.turn import Turn
from server.embedders import Embedder
from server.engine import EngineStatus
from server.metrics import Metrics
from server.state import StateStore


class WatchedEngine(Protocol):
    """Where the language model stands. Chat answers from retrieval in every state but `ready`."""

    @property
    def status(self) -> EngineStatus: ...


class Recommend(Protocol):
    """Recommendations without a language model: shortlist, reasons from evidence."""

    async def __call__(
        self,
        history: Sequence[str],
        query: str,
        k: int,
        *,
        feedback: Sequence[Feedback] = (),
        user: str | None = None,
        popularity_correction: float | None = None,
    ) -> Answer:
        """At most `k` items for a history (ids of the catalogue, oldest first) and the words of a query."""
        ...


@dataclass(frozen=True)
class Services:
    """The parts that the routes speak to."""

    settings: Settings
    turn: Turn
    items: ItemTable
    recommend: Recommend
    engine: WatchedEngine
    state: StateStore
    # Tokens of a text by the language model's own tokenizer.
    count_tokens: Callable[[str], int]
    model_name: str = "tastemaker"
    wording: Wording = field(default_factory=Wording)
    embedders: Mapping[str, Embedder] = field(default_factory=dict)  # by the model's name
    # How much each kind of data counts in an item's embedding, by its id; sums to 1, empty where nothing is fused.
    modality_shares: Callable[[str], dict[str, float]] = lambda _: {}
    samples: bool = True  # whether the engine honours a temperature above 0
    metrics: Metrics = field(default_factory=Metrics)
