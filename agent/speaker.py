"""Lets words and items out of a turn while it runs, and remembers them for the answer."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from llama_index.core.workflow import Context

from agent.events import Let
from agent.phrases import item_line
from core.recommendation import Recommendation
from core.turn import ItemReady, ReasonReady, TextDelta


class Speaker:
    """One per turn. The text is the sum of everything that was said."""

    def __init__(self) -> None:
        self.text = ""
        self.seconds: dict[str, float] = {}
        self._shown: list[str] = []  # cards, in their order

    def say(self, context: Context, text: str) -> None:
        """A paragraph of the answer, in Markdown."""
        delta = f"\n\n{text}" if self.text else text
        self.text += delta
        context.write_event_to_stream(Let(out=TextDelta(text=delta)))

    def show(self, context: Context, recommendation: Recommendation) -> None:
        """An item whose reason is still to be written."""
        self._shown.append(recommendation.item_id)
        context.write_event_to_stream(Let(out=ItemReady(recommendation=recommendation)))

    def recommend(self, context: Context, recommendation: Recommendation) -> None:
        """An item, or the reason of one that was shown, then the words about it: the card stands before its line."""
        shown = recommendation.item_id in self._shown
        ready = ReasonReady if shown else ItemReady
        context.write_event_to_stream(Let(out=ready(recommendation=recommendation)))
        self.say(context, item_line(recommendation))

    def in_shown_order(self, recommendations: list[Recommendation]) -> tuple[Recommendation, ...]:
        """Recommendations in the order of their cards, however their reasons came."""
        places = {item_id: place for place, item_id in enumerate(self._shown)}
        return tuple(sorted(recommendations, key=lambda one: places.get(one.item_id, len(places))))

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        """Count the wall-clock time of a step; a step that runs in pieces is summed."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[step] = self.seconds.get(step, 0.0) + time.perf_counter() - start
