"""What a simulated person can talk with: the real turn of a chat, and baselines that only go down a list.

Each is shown the conversation and, where it is known, the history. The target is given only to say where it stands;
nothing that is shown depends on it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, cast

import numpy as np
import numpy.typing as npt

from agent.parts import Parts
from agent.turn import ChatTurn
from core.candidate import Shortlist, Standing
from core.conversation import Message
from core.item import ItemTable
from core.ranking import HistoryRanker
from core.recommendation import Answer
from core.turn import TurnDone, TurnRequest
from index.query import Query
from index.shortlist import Shortlister


@dataclass(frozen=True)
class Talk:
    """A conversation that ends with a message of the person."""

    messages: tuple[Message, ...]
    history: tuple[str, ...]  # as far as the recommender knows it
    target: str  # whose place is told; nothing else may depend on it

    @property
    def shown(self) -> frozenset[str]:
        """Every item that was recommended so far."""
        return frozenset(item_id for message in self.messages for item_id in message.item_ids)


@dataclass(frozen=True)
class Shown:
    """An answer. `place` is the target's among all that could have been shown, from 1; None: it was ruled out."""

    text: str
    item_ids: tuple[str, ...] = ()
    place: int | None = None
    held_back: str = ""  # why the target was not shown although its place would do: see `core.candidate.Standing`


class Recommender(Protocol):
    """Answers conversations of one catalogue."""

    @property
    def name(self) -> str:
        """What reports call it."""
        ...

    async def answer(self, talk: Talk) -> Shown:
        """The next answer."""
        ...


@dataclass
class TurnRecommender:
    """The turn that is served, with `count` items in an answer."""

    parts: Parts
    count: int
    name: str = "Tastemaker"

    async def answer(self, talk: Talk) -> Shown:
        """One real turn."""
        watched = _Watched(self.parts.shortlister, talk.target)
        turn = ChatTurn(replace(self.parts, shortlister=cast("Shortlister", watched)))
        answer: Answer | None = None
        async for event in turn.run(TurnRequest(messages=talk.messages, history=talk.history, count=self.count)):
            if isinstance(event, TurnDone):
                answer = event.answer
        if answer is None:
            raise RuntimeError("The turn ended without an answer.")
        item_ids = tuple(one.item_id for one in answer.recommendations)
        return Shown(answer.text, item_ids, watched.place, watched.held_back)


class _Watched:
    """A shortlister that notes where one item stands in the list it makes; makes the same list as without."""

    def __init__(self, shortlister: Shortlister, target: str) -> None:
        self._shortlister = shortlister
        self._target = target
        self.place: int | None = None
        self.held_back = ""

    def shortlist(self, query: Query) -> Shortlist:
        standing = self._shortlister.explain([self._target], query)[self._target]
        self.place, self.held_back = standing.place, standing.held_back
        return self._shortlister.shortlist(query)

    def explain(self, item_ids: Sequence[str], query: Query) -> dict[str, Standing]:
        return self._shortlister.explain(item_ids, query)


@dataclass(frozen=True)
class ListRecommender:
    """Goes down a list and never shows anything twice. `scores` gives those of every item [n]; higher comes earlier."""

    name: str
    items: ItemTable
    count: int
    scores: Callable[[Talk], npt.ArrayLike]
    needs_history: bool = False  # without one it has nothing but popularity to go by

    async def answer(self, talk: Talk) -> Shown:
        """The next items of the list."""
        scores = np.array(self.scores(talk), dtype=np.float64)
        gone = [self.items.row(item_id) for item_id in {*talk.history, *talk.shown} if item_id in self.items]
        scores[gone] = -np.inf
        order = np.argsort(-scores, kind="stable")[: len(scores) - len(gone)]
        first = tuple(self.items.items[row].id for row in order[: self.count])
        found = np.flatnonzero(order == self.items.row(talk.target))
        titles = ", ".join(self.items[item_id].label for item_id in first)
        return Shown(f"How about {titles}?", first, place=int(found[0]) + 1 if len(found) else None)


def baselines(
    parts: Parts, ranker: HistoryRanker, chosen: npt.NDArray[np.int64], count: int
) -> tuple[ListRecommender, ...]:
    """What the turn has to beat: the ranker's list, the search of all that was said, what most people chose [n]."""
    items = parts.items

    def by_history(talk: Talk) -> npt.ArrayLike:
        rows = [items.row(item_id) for item_id in talk.history if item_id in items]
        found: npt.ArrayLike = ranker.scores([rows])[0]
        return found

    def by_search(talk: Talk) -> npt.ArrayLike:
        words = " ".join(message.content for message in talk.messages if message.role == "user")
        found = parts.retriever.retrieve(words, parts.encoder.encode_one(words))
        scores = -1.0 / (1.0 + chosen.astype(np.float64))  # below 0, and more popular is higher: what isn't found
        for row, score in found.scores.items():
            scores[row] = score
        return scores

    return (
        ListRecommender("history ranker's list", items, count, by_history, needs_history=True),
        ListRecommender("search of the words", items, count, by_search),
        ListRecommender("popularity list", items, count, lambda _: chosen),
    )
