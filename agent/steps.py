"""The steps of a turn before a word is written, each a function of the parts and of what the step before made.

The workflow runs them one after another; questions about an answer and `/v1/recommendations` run them again, without a
chat around them.
"""

import asyncio
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from agent.events import Embedding, Ranked, Represented, Retrieved, Shortlisted, Understood
from agent.feedback import with_feedback
from agent.parts import Parts
from agent.pictures import Seen, shown, with_picture, without_pictures
from agent.understand.understanding import Conversation
from core.candidate import Candidate, Shortlist
from core.errors import EngineError
from core.generator import Choice
from core.intent import Intent, TurnKind
from core.turn import TurnRequest
from encoders.person import person_embedding
from index.query import NO_PICTURES, Query

# Candidates that are not on offer: they would lose anyway, and show the language model what an answer looks like.
EXAMPLES = 2


async def understood(parts: Parts, request: TurnRequest) -> Understood:
    """The whole conversation as an intent, with the person's verdicts and what is seen on the picture they showed."""
    messages, picture = request.messages, shown(request.messages)
    said = Conversation(Intent(kind=TurnKind.RECOMMEND), messages)
    if any(message.role == "user" for message in messages):
        said = await parts.understanding.understand(without_pictures(messages))
    named = zip(messages, said.messages, strict=True)
    messages = tuple(own.model_copy(update={"item_ids": known.item_ids}) for own, known in named)
    seen = await asyncio.to_thread(parts.pictures.look, picture) if picture else None
    intent = with_picture(with_feedback(said.intent, request.feedback, parts.items), seen, messages)
    request = request.model_copy(update={"messages": messages})
    return Understood(request=request, intent=intent, seen=seen)


async def retrieved(parts: Parts, event: Understood) -> Retrieved:
    """Metadata that answers the words of the wish, by meaning and by word."""
    wish = _words(event.intent, event.seen)
    vector = await asyncio.to_thread(parts.encoder.encode_one, wish) if wish else None
    retrieval = await asyncio.to_thread(parts.retriever.retrieve, wish, vector)
    words = None if vector is None else Embedding(vector)
    return Retrieved(request=event.request, intent=event.intent, seen=event.seen, retrieval=retrieval, words=words)


def represented(parts: Parts, event: Retrieved) -> Represented:
    """The person's embedding, from the history, from what was said of items, from words and a picture; so the query."""
    request, intent, settings = event.request, event.intent, parts.settings
    person = person_embedding(
        parts.item_embeddings,
        history=_rows(parts, request.history),
        liked=_rows(parts, intent.liked),
        disliked=_rows(parts, intent.disliked),
        similar_to=_rows(parts, intent.similar_to),
        words=_placed(parts, event.words),
        picture=event.seen.vector if event.seen else None,
    )
    # A wish for a hundred is not meant so.
    count = min(request.count or intent.count or settings.recommendations, parts.max_count)
    strength = request.popularity_correction
    query = Query(
        intent=intent,
        history=request.history,
        person=person,
        retrieval=event.retrieval,
        pictures=event.seen.near if event.seen else NO_PICTURES,
        user=request.user,
        popularity_correction=settings.popularity_correction if strength is None else strength,
        k=max(settings.candidates, count) + EXAMPLES,
        count=count,
    )
    return Represented(request=request, query=query)


async def query_of(parts: Parts, request: TurnRequest) -> Represented:
    """All of the above: what the candidates of a request are made for."""
    return represented(parts, await retrieved(parts, await understood(parts, request)))


async def shortlisted(parts: Parts, event: Represented) -> Shortlisted:
    """The candidates: what no veto rules out, ranked by history, likeness and words, corrected for bias."""
    shortlist = await asyncio.to_thread(parts.shortlister.shortlist, event.query)
    return Shortlisted(request=event.request, query=event.query, shortlist=shortlist)


async def ranked(parts: Parts, event: Shortlisted) -> Ranked:
    """The candidates in the order that the language model's adapter gives them, in one pass; else as they are."""
    query, shortlist, chooser = event.query, event.shortlist, parts.chooser
    choice = None
    if chooser and chooser.ready and shortlist.candidates and not query.intent.order:
        try:
            choice = await chooser.choose(query.intent, shortlist.candidates, history=query.history)
        except EngineError:
            pass  # the shortlist's order stands
        else:
            shortlist = _reordered(shortlist, choice)
    return Ranked(request=event.request, query=query, shortlist=shortlist, choice=choice)


def _words(intent: Intent, seen: Seen | None) -> str:
    """What to search the metadata for. Years and numbers are filters: as words they would only find their digits.

    What is seen on a picture is searched for where no picture of the catalogue can be compared with it.
    """
    wishes = intent.wishes
    pictured = seen.words if seen and not len(seen.near.rows) else ()
    return " ".join((intent.query, *wishes.moods, *wishes.categories, *wishes.people, *pictured)).strip()


def _placed(parts: Parts, words: Embedding | None) -> npt.NDArray[np.float32] | None:
    """An embedding of words in the space in which the person is embedded."""
    if words is None or parts.place_words is None:
        return words.vector if words else None
    return parts.place_words(words.vector)


def _rows(parts: Parts, item_ids: Sequence[str]) -> list[int]:
    return [parts.items.row(item_id) for item_id in item_ids if item_id in parts.items]


def _reordered(shortlist: Shortlist, choice: Choice) -> Shortlist:
    """The candidates in the order of the choice; what it doesn't know comes after, and what comes again last.

    What alone meets every wish stays first.
    """
    places = {item_id: place for place, item_id in enumerate(choice.scores)}

    def order(one: Candidate) -> tuple[bool, bool, int]:
        known = places.get(one.item_id, len(places))
        return one.item_id in shortlist.again, one.item_id not in shortlist.fitting, known

    return shortlist.model_copy(update={"candidates": tuple(sorted(shortlist.candidates, key=order))})
