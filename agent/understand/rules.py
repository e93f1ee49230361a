"""Understanding with an entity linker and rules: no language model, a few milliseconds a conversation."""

import asyncio
import re
from collections.abc import Iterator, Sequence

from agent.understand.context import Context
from agent.understand.linker import Linker
from agent.understand.reader import Reader
from agent.understand.references import Shown
from agent.understand.state import State
from agent.understand.understanding import Conversation
from core.conversation import Message
from core.errors import InputError
from core.intent import TurnKind
from core.item import ItemTable
from core.markdown import BOLD, unescaped

# Where an answer of ours names its items: in bold, or at the start of a list's line.
_NAMED = re.compile(rf"{BOLD.pattern}|^\s*(?:[-*•]|\d+[.)])\s+(?!\*)(.+?)(?=\s+[—–-]\s|$)", re.MULTILINE)
# No answer of ours names more; a program may send thousands, and each is looked up.
_MOST_NAMED = 10
# Where one asks what the person thought of an item.
_ASKS_OPINION = re.compile(
    r"\b(?:how (?:was|is|did)|what did you think|(?:did|do) you (?:like|enjoy|love))\b.*\?", re.IGNORECASE
)


class RulesUnderstanding:
    """Reads every message of the person in order and folds what they say."""

    def __init__(self, table: ItemTable) -> None:
        self._table = table
        self.linker = Linker(table)
        self._reader = Reader(table, self.linker)
        self._labels = {item.label: item.id for item in reversed(table.items)}

    async def understand(self, messages: Sequence[Message]) -> Conversation:
        state, known = await asyncio.to_thread(self.read, messages)  # a long message takes a while
        return Conversation(state.intent(), known)

    def fold(self, messages: Sequence[Message]) -> State:
        """The state after the last message of the person. Raises InputError when there is none."""
        return self.read(messages)[0]

    def read(self, messages: Sequence[Message]) -> tuple[State, tuple[Message, ...]]:
        """`fold`'s state, and the messages, each answer of ours with the ids of the items that it named."""
        if not any(message.role == "user" for message in messages):
            raise InputError("The conversation has no message of a person.", mend="Send at least one user message.")
        known, states = zip(*self._read(messages), strict=True)
        return states[-1], known

    def _read(self, messages: Sequence[Message]) -> Iterator[tuple[Message, State]]:
        """Each message, and the state after it, which the next one changes."""
        state = State(self._table)
        before = ""
        for message in messages:
            if message.role == "assistant":
                before = message.content
                item_ids = message.item_ids or self._items_named(message.content, state)
                state.show(item_ids)
                yield message.model_copy(update={"item_ids": item_ids}), state
                continue
            if message.role == "user":
                state.take(self._reader.read(message.content, self._context(state, before)))
            yield message, state

    @staticmethod
    def _context(state: State, before: str) -> Context:
        """What came before a message; `before` is our last answer."""
        return Context(
            Shown(state.answer, state.focus),
            state.answered,
            state.spoken_of,
            basis=state.basis,
            asked=state.last.asked if state.last else None,
            asked_opinion_of=state.focus if _ASKS_OPINION.search(before) else None,
            is_closed=state.last is not None and state.last.kind is TurnKind.THANK,
        )

    def _items_named(self, text: str, state: State) -> tuple[str, ...]:
        """The items of an answer that came without ids, as when a client sends only text back.

        What answers a question names items without recommending them.
        """
        if state.last is not None and state.last.kind in (TurnKind.ASK, TurnKind.COMPARE):
            return ()
        titles = [unescaped(bold or listed) for bold, listed in _NAMED.findall(text)[:_MOST_NAMED]]
        find, labels = self.linker.find, self._labels
        found = (labels.get(title) or find(title) or find(title.partition(": ")[0]) for title in titles)
        return tuple(item_id for item_id in found if item_id)
