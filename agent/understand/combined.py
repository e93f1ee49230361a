"""Understanding with both: rules read every message, the model is asked only where they see nothing.

With a small model the rules are right far more often, and they cost nothing; so the model fills gaps, never overrules.
"""

import asyncio
from collections.abc import Sequence

from agent.understand.model import ModelUnderstanding
from agent.understand.rules import RulesUnderstanding
from agent.understand.understanding import Conversation
from core.conversation import Message
from core.errors import EngineError
from core.generator import Generator
from core.intent import Intent, TurnKind


class CombinedUnderstanding:
    """The rules' intent; where they don't know what the last message does, the model's view of that message."""

    def __init__(self, rules: RulesUnderstanding, model: ModelUnderstanding, generator: Generator) -> None:
        self._rules = rules
        self._model = model
        self._generator = generator

    async def understand(self, messages: Sequence[Message]) -> Conversation:
        state, known = await asyncio.to_thread(self._rules.read, messages)
        intent = state.intent()
        if (state.last is not None and state.last.is_certain) or not self._generator.ready:
            return Conversation(intent, known)
        try:
            claimed = await self._model.understand(known)
        except EngineError:
            return Conversation(intent, known)
        return Conversation(_filled(intent, claimed.intent), known)


def _filled(known: Intent, claimed: Intent) -> Intent:
    """What the rules know, with the model's kind, and its wishes and titles where the rules have none."""
    if claimed.kind is TurnKind.OTHER:
        return known
    named = {*known.liked, *known.disliked, *known.seen, *known.rejected}
    changes: dict[str, object] = {"kind": claimed.kind, "about": claimed.about, "asked": claimed.asked}
    for name in ("liked", "disliked", "seen", "rejected"):
        changes[name] = (*getattr(known, name), *(item for item in getattr(claimed, name) if item not in named))
    changes["similar_to"] = known.similar_to or claimed.similar_to
    changes["wishes"] = claimed.wishes if known.wishes.is_empty else known.wishes
    changes["vetoes"] = claimed.vetoes if known.vetoes.is_empty else known.vetoes
    changes["unknown_titles"] = tuple(dict.fromkeys((*known.unknown_titles, *claimed.unknown_titles)))
    changes["shown"] = known.shown or claimed.shown
    changes["query"] = known.query or claimed.query
    return known.model_copy(update=changes)
