"""The bounds that a client sets on the text of an answer: `stop` sequences and a number of tokens."""

from collections.abc import Callable, Sequence
from typing import Literal


class VisibleText:
    """Text that grows until it meets a stop sequence or its last token.

    What might be the beginning of a stop sequence is held back until more text, or the end, decides.
    """

    def __init__(
        self, *, stop: Sequence[str] = (), max_tokens: int | None = None, count_tokens: Callable[[str], int]
    ) -> None:
        self._stop = tuple(stop)
        self._max_tokens = max_tokens
        self._count_tokens = count_tokens
        self._held = ""
        self.text = ""
        self.finish: Literal["stop", "length"] | None = None

    def add(self, text: str) -> str:
        """The words that may be shown now. Once `finish` is set there are no more."""
        if self.finish:
            return ""
        self._held += text
        found = [at for stop in self._stop if (at := self._held.find(stop)) >= 0]
        if found:
            return self._show(self._held[: min(found)], finish="stop")
        return self._show(self._held[: len(self._held) - self._undecided()])

    def end(self) -> str:
        """The words that were held back, once no more follow."""
        return "" if self.finish else self._show(self._held)

    def _undecided(self) -> int:
        """How long the longest end of the text is that begins a stop sequence."""
        longest = max((len(stop) for stop in self._stop), default=1) - 1
        for length in range(min(longest, len(self._held)), 0, -1):
            if any(stop.startswith(self._held[-length:]) for stop in self._stop):
                return length
        return 0

    def _show(self, text: str, finish: Literal["stop"] | None = None) -> str:
        self._held = self._held[len(text) :]
        self.finish = finish
        if self._max_tokens is not None and self._count_tokens(self.text + text) > self._max_tokens:
            text = self._fitting(text, self._max_tokens)
            self.finish = "length"
        self.text += text
        return text

    def _fitting(self, text: str, max_tokens: int) -> str:
        """The longest beginning of `text` that keeps the whole within its tokens."""
        low, high = 0, len(text)
        while low < high:
            middle = (low + high + 1) // 2
            if self._count_tokens(self.text + text[:middle]) <= max_tokens:
                low = middle
            else:
                high = middle - 1
        return text[:low]
