"""Questions about items and answers: what has to be computed for them, and the words that say it.

Of an earlier answer nothing is kept but its items, so the steps are run again on the conversation as it was before it.
"""

from collections.abc import Sequence

from agent import steps
from agent.events import Represented, Understood
from agent.information import Computed, information
from agent.parts import Parts
from agent.why_not import Considered
from core.conversation import Feedback, Verdict
from core.evidence import Evidence
from core.intent import Asked, TurnKind
from core.item import Item
from core.turn import TurnRequest


async def answer_in_words(parts: Parts, event: Understood) -> tuple[str, tuple[Evidence, ...]]:
    """The answer to a question about items, and the evidence that it rests on."""
    intent, request = event.intent, event.request
    about = [parts.items[item_id] for item_id in intent.about if item_id in parts.items]
    evidence = {item.id: parts.evidence.write(item.id, intent, request.history) for item in about}
    words = information(intent, about, evidence, parts.wording, await _computed(parts, event, about))
    return words, tuple(piece for pieces in evidence.values() for piece in pieces)


async def _computed(parts: Parts, event: Understood, about: Sequence[Item]) -> Computed:
    """What a question about a ranking needs."""
    intent, request = event.intent, event.request
    asked = [item.id for item in about]
    if about and intent.kind is TurnKind.COMPARE:
        # As if they were open: what was said of them counts, but rules none of them out.
        now = steps.represented(parts, await steps.retrieved(parts, event))
        standings = parts.shortlister.explain(asked, now.query)
        return Computed(parts.items, standings=standings, chosen=frozenset(request.history))
    if about and intent.asked is Asked.WHY_NOT:
        return Computed(parts.items, answer=await _considered(parts, request, asked))
    if about and intent.asked in (Asked.WHY, Asked.MOVE):
        return await _moved(parts, request, asked)
    return Computed(parts.items)


async def _considered(parts: Parts, request: TurnRequest, asked: Sequence[str]) -> Considered:
    """The last answer with items, as it would be made again, and where the asked ones stand beside its items."""
    answers = [place for place, said in enumerate(request.messages) if said.item_ids]
    verdicts = {given.item_id: given.verdict for given in request.feedback}  # the last one counts
    thumbs_down = frozenset(item_id for item_id, verdict in verdicts.items() if verdict is Verdict.DOWN)
    if not answers:
        return Considered((await _again(parts, request, 0, request.feedback)).query, thumbs_down=thumbs_down)
    shown = [item_id for item_id in request.messages[answers[-1]].item_ids if item_id in parts.items]
    again = await _again(parts, request, answers[-1], request.feedback)
    ranked = await steps.ranked(parts, await steps.shortlisted(parts, again))
    return Considered(
        query=again.query,
        shown=tuple(shown),
        standings=parts.shortlister.explain([*asked, *shown], again.query),
        candidates=tuple(one.item_id for one in ranked.shortlist.candidates),
        choice=ranked.choice,
        in_order=again.query.intent.order is not None and not ranked.shortlist.unordered,
        thumbs_down=thumbs_down,
    )


async def _moved(parts: Parts, request: TurnRequest, asked: Sequence[str]) -> Computed:
    """What corrections and the model did to items that earlier answers recommended, as far as they do so now."""
    answers = [place for place, said in enumerate(request.messages) if set(asked).intersection(said.item_ids)]
    if not answers:
        return Computed(parts.items)
    feedback = tuple(given for given in request.feedback if given.item_id not in asked)
    shortlisted = await steps.shortlisted(parts, await _again(parts, request, answers[-1], feedback))
    before = shortlisted.shortlist.candidates
    ranked = await steps.ranked(parts, shortlisted)
    after = [one.item_id for one in ranked.shortlist.candidates]
    places = {one.item_id: (place, 1 + after.index(one.item_id)) for place, one in enumerate(before, start=1)}
    return Computed(
        parts.items,
        moves={one.item_id: one.move for one in before if one.item_id in asked and one.move},
        ranked=places if ranked.choice else {},
    )


async def _again(parts: Parts, request: TurnRequest, answer: int, feedback: tuple[Feedback, ...]) -> Represented:
    """The conversation before its message number `answer`, understood again."""
    earlier = request.model_copy(update={"messages": request.messages[:answer], "feedback": feedback})
    return await steps.query_of(parts, earlier)
