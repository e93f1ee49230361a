"""Lets words and items out of a turn while it runs, and remembers them for the answer."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from llama_index.core.workflow import Context

from agent.events import Let
from agent.phrases import item_line
from core.recommendation import Recommendation
from core.turn import ItemReady, TextDelta


class Speaker:
    """One per turn. The text is the sum of everything that was said."""

    def __init__(self) -> None:
        self.text = ""
        self.seconds: dict[str, float] = {}

    def say(self, context: Context, text: str) -> None:
        """A paragraph of the answer."""
        delta = f"\n\n{text}" if self.text else text
        self.text += delta
        context.write_event_to_stream(Let(out=TextDelta(text=delta)))

    def recommend(self, context: Context, recommendation: Recommendation) -> None:
        """An item first, then the words about it, so that a page can draw the card before the line."""
        context.write_event_to_stream(Let(out=ItemReady(recommendation=recommendation)))
        self.say(context, item_line(recommendation))

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        """Count the wall-clock time of a step; a step that runs in pieces is summed."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[step] = self.seconds.get(step, 0.0) + time.perf_counter() - start
