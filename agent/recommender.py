"""Recommendations without the language model: the same steps up to the shortlist, with reasons from evidence."""

import time
from collections.abc import Sequence

from agent import steps
from agent.parts import Parts
from agent.phrases import item_line, notices, opener
from agent.verify import Verifier
from core.conversation import Feedback, Message
from core.markdown import escaped
from core.recommendation import Answer, AnswerKind
from core.turn import TurnRequest


class Recommender:
    """Recommends from a history and words, for programs that want no chat."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

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
        """At most `k` items for a history (ids of the catalogue, oldest first) and the words of a query.

        `user` names the person for corrections that ask who they are; no strength is the operator's setting.
        """
        start, parts = time.perf_counter(), self._parts
        messages = (Message(role="user", content=query),) if query.strip() else ()
        request = TurnRequest(
            messages=messages,
            history=tuple(history),
            feedback=tuple(feedback),
            user=user,
            popularity_correction=popularity_correction,
            count=k,
        )
        represented = await steps.query_of(parts, request)
        shortlist = (await steps.shortlisted(parts, represented)).shortlist
        intent = represented.query.intent
        verifier = Verifier(intent, shortlist.candidates, {}, parts.items, k, request.history)
        recommendations = tuple(verifier.fill())
        known = notices(intent, shortlist, parts.wording, parts.items)
        relaxed = bool(shortlist.relaxed) and not shortlist.fitting
        first = opener(intent, parts.items, from_history=bool(history), relaxed=relaxed)
        lines = [*map(escaped, (*known, first)), *map(item_line, recommendations)]
        return Answer(
            kind=AnswerKind.RECOMMENDATIONS,
            text="\n\n".join(lines),
            intent=intent,
            recommendations=recommendations,
            evidence=verifier.evidence,
            not_chosen=verifier.not_chosen,
            notices=known,
            seconds={"recommend": time.perf_counter() - start},
        )
