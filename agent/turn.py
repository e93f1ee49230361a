"""The turn of a chat as a LlamaIndex workflow: its steps, in the order in which the data goes through them."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing

import numpy as np
import numpy.typing as npt
from llama_index.core.workflow import Context, Workflow, step

from agent import phrases
from agent.draft import Draft, DraftReader
from agent.events import (
    Answered,
    Asked,
    Embedding,
    Generated,
    Let,
    Prompted,
    Ranked,
    Represented,
    Retrieved,
    Shortlisted,
    Understood,
)
from agent.feedback import with_feedback
from agent.information import Computed, information
from agent.parts import Parts
from agent.pictures import Seen, shown, with_picture, without_pictures
from agent.speaker import Speaker
from agent.verify import Verifier
from agent.why_not import Considered
from core.candidate import Move, Shortlist, Standing
from core.conversation import Feedback, Message
from core.errors import EngineError
from core.generator import GenerationDone
from core.intent import Asked as WhatAsked
from core.intent import Intent, TurnKind
from core.item import Item
from core.recommendation import Answer, AnswerKind, Source, Usage
from core.turn import TurnDone, TurnEvent, TurnRequest
from encoders.person import person_embedding
from index.shortlist import NO_PICTURES
from prompts.library import recommend_prompt
from prompts.payload import candidate_labels

EXAMPLES = 2
_RECOMMENDING = (TurnKind.RECOMMEND, TurnKind.REFINE, TurnKind.REJECT)


class TurnWorkflow(Workflow):
    """understand ▶ retrieve ▶ represent ▶ shortlist ▶ rank ▶ prompt ▶ generate ▶ verify. One instance runs one turn."""

    def __init__(self, parts: Parts) -> None:
        super().__init__(timeout=None)  # the generator has the only long wait, and its own limit
        self._parts = parts
        self._speaker = Speaker()
        self._reader = DraftReader()
        self._usage = Usage()

    @step
    async def understand(self, context: Context, event: Asked) -> Understood | Answered:
        """The whole conversation becomes an intent. What is no request for items is answered at once."""
        request, parts = event.request, self._parts
        with self._speaker.timed("understand"):
            said = await parts.understanding.understand(without_pictures(request.messages))
            intent = with_feedback(said, request.feedback, parts.items)
            seen = (
                await asyncio.to_thread(parts.pictures.look, picture) if (picture := shown(request.messages)) else None
            )
            intent = with_picture(intent, seen, request.messages)
        if intent.kind in (TurnKind.ASK, TurnKind.COMPARE):
            return await self._inform(context, intent, request)
        if intent.kind not in _RECOMMENDING:
            words = phrases.small_talk(intent, parts.wording, parts.items)
            return self._answer_in_words(context, AnswerKind.SMALL_TALK, intent, words)
        if intent.kind is TurnKind.RECOMMEND and intent.says_nothing and not request.history:
            for notice in phrases.notices(intent, None, parts.wording):
                self._speaker.say(context, notice)
            return self._answer_in_words(
                context, AnswerKind.QUESTION, intent, phrases.question(parts.wording, parts.items)
            )
        return Understood(request=request, intent=intent, seen=seen)

    @step
    async def retrieve(self, event: Understood) -> Retrieved:
        """Metadata that answers the words of the wish, by meaning and by word."""
        with self._speaker.timed("retrieve"):
            wish = _words(event.intent, event.seen)
            vector = await asyncio.to_thread(self._parts.encoder.encode_one, wish) if wish else None
            retrieval = await asyncio.to_thread(self._parts.retriever.retrieve, wish, vector)
        words = None if vector is None else Embedding(vector)
        return Retrieved(request=event.request, intent=event.intent, seen=event.seen, retrieval=retrieval, words=words)

    @step
    async def represent(self, event: Retrieved) -> Represented:
        """The person's embedding, from the history, from what was said of items, and from the words of the wish."""
        intent = event.intent
        with self._speaker.timed("represent"):
            person = person_embedding(
                self._parts.item_embeddings,
                history=self._rows(event.request.history),
                liked=self._rows(intent.liked),
                disliked=self._rows(intent.disliked),
                similar_to=self._rows(intent.similar_to),
                words=self._placed(event.words),
                picture=event.seen.vector if event.seen else None,
            )
        retrieval = event.retrieval
        return Represented(
            request=event.request, intent=intent, seen=event.seen, retrieval=retrieval, person=Embedding(person)
        )

    @step
    async def shortlist(self, event: Represented) -> Shortlisted:
        """The candidates: what no veto rules out, ranked by history, likeness and words, corrected for bias."""
        request, settings = event.request, self._parts.settings
        strength = request.popularity_correction
        with self._speaker.timed("shortlist"):
            shortlist = await asyncio.to_thread(
                self._parts.shortlister.shortlist,
                event.intent,
                request.history,
                event.person.vector,
                event.retrieval,
                k=max(settings.candidates, self._count(event.intent, request)) + EXAMPLES,
                popularity_correction=settings.popularity_correction if strength is None else strength,
                user=request.user,
                pictures=event.seen.near if event.seen else NO_PICTURES,
            )
        return Shortlisted(request=request, intent=event.intent, shortlist=shortlist, person=event.person)

    @step
    async def rank(self, event: Shortlisted) -> Ranked:
        """The candidates in the order that the language model's adapter gives them, in one pass; else as they are."""
        shortlist, chooser = event.shortlist, self._parts.chooser
        chosen = False
        if chooser and chooser.ready and shortlist.candidates:
            with self._speaker.timed("rank"):
                try:
                    choice = await chooser.choose(
                        event.intent,
                        shortlist.candidates,
                        history=event.request.history,
                        person=event.person.vector,
                    )
                except EngineError:
                    pass  # the shortlist's order stands
                else:
                    shortlist, chosen = _reordered(shortlist, list(choice.scores)), True
        return Ranked(request=event.request, intent=event.intent, shortlist=shortlist, chosen=chosen)

    @step
    async def prompt(self, context: Context, event: Ranked) -> Prompted | Answered:
        """The first words for the person, and the JSON prompt for the model."""
        request, intent, parts = event.request, event.intent, self._parts
        candidates = event.shortlist.candidates
        notices = phrases.notices(intent, event.shortlist, parts.wording)
        for notice in notices:
            self._speaker.say(context, notice)
        if not candidates:
            words = phrases.nothing_left(parts.wording)
            return self._answer_in_words(context, AnswerKind.QUESTION, intent, words)
        relaxed = bool(event.shortlist.relaxed)
        opener = phrases.opener(intent, parts.items, from_history=bool(request.history), relaxed=relaxed)
        self._speaker.say(context, opener)
        count = min(self._count(intent, request), len(candidates))
        # The last ones would lose anyway; they show the model what an answer looks like.
        example = candidates[-EXAMPLES:] if len(candidates) >= count + EXAMPLES else ()
        # Where the order is the model's own, only the reasons are left to be written.
        offered = candidates[:count] if event.chosen else candidates[: len(candidates) - len(example)]
        with self._speaker.timed("prompt"):
            prompt = recommend_prompt(
                parts.template,
                intent,
                offered,
                parts.items,
                count=count,
                example=example,
                wording=parts.wording,
                history=request.history,
                temperature=request.temperature,
                seed=request.seed,
            )
        return Prompted(request=request, intent=intent, shortlist=event.shortlist, notices=notices, prompt=prompt)

    @step
    async def generate(self, event: Prompted) -> Generated:
        """Start the model. Its drafts are read by `verify` while it writes, so that nobody waits for its end."""
        ready = self._parts.generator.ready
        return Generated(
            request=event.request,
            intent=event.intent,
            shortlist=event.shortlist,
            notices=event.notices,
            drafts=self._drafts(event) if ready else None,
        )

    @step
    async def verify(self, context: Context, event: Generated) -> Answered:
        """Let out what holds; fill up from the candidates what the model did not bring."""
        intent, candidates, items = event.intent, event.shortlist.candidates, self._parts.items
        labels = candidate_labels(candidates, items)
        count, history = self._count(intent, event.request), event.request.history
        verifier = Verifier(intent, candidates, labels, items, count, history)
        trouble = "" if event.drafts else phrases.MODEL_NOT_READY
        if event.drafts:
            try:
                await self._verify_drafts(context, verifier, event.drafts)
            except EngineError:
                trouble = phrases.MODEL_FAILED
        if trouble:
            self._speaker.say(context, trouble)
        for recommendation in verifier.fill():
            self._speaker.recommend(context, recommendation)
        return self._answered(
            AnswerKind.RECOMMENDATIONS,
            intent,
            recommendations=tuple(verifier.recommendations),
            evidence=verifier.evidence,
            not_chosen=verifier.not_chosen,
            notices=(*event.notices, *([trouble] if trouble else [])),
            source=Source.RETRIEVAL if trouble else Source.MODEL,
            reasoning=self._reader.reasoning,
            counts=verifier.counts,
        )

    async def _verify_drafts(self, context: Context, verifier: Verifier, drafts: AsyncGenerator[Draft]) -> None:
        async with aclosing(drafts):
            async for draft in drafts:
                with self._speaker.timed("verify"):
                    recommendation = verifier.check(draft)
                if recommendation:
                    self._speaker.recommend(context, recommendation)

    async def _drafts(self, event: Prompted) -> AsyncGenerator[Draft]:
        """Items out of the model's JSON, each as soon as it is complete. Raises EngineError as the generator does."""
        stream = self._parts.generator.stream(event.prompt)
        async with aclosing(stream):
            while True:
                with self._speaker.timed("generate"):
                    piece = await anext(stream, None)
                if piece is None:
                    return
                if isinstance(piece, GenerationDone):
                    self._usage = piece.usage
                else:
                    for draft in self._reader.add(piece):
                        yield draft

    async def _inform(self, context: Context, intent: Intent, request: TurnRequest) -> Answered:
        parts = self._parts
        about = [parts.items[item_id] for item_id in intent.about if item_id in parts.items]
        evidence = {item.id: parts.evidence.write(item.id, intent, request.history) for item in about}
        words = information(intent, about, evidence, parts.wording, await self._computed(intent, request, about))
        flat = tuple(piece for pieces in evidence.values() for piece in pieces)
        return self._answer_in_words(context, AnswerKind.INFORMATION, intent, words, evidence=flat)

    async def _computed(self, intent: Intent, request: TurnRequest, about: Sequence[Item]) -> Computed:
        """What a question about a ranking needs: the steps up to the shortlist are run for it."""
        items, asked = self._parts.items, [item.id for item in about]
        if not about:
            return Computed(items)
        if intent.kind is TurnKind.COMPARE:
            # As if they were open: what was said of them counts, but rules none of them out.
            now = await self._represented(Understood(request=request, intent=intent))
            return Computed(items, standings=self._standings(now, asked), chosen=frozenset(request.history))
        if intent.asked is WhatAsked.WHY_NOT:
            return Computed(items, answer=await self._considered(request, asked))
        moves = await self._moves(request, about) if intent.asked in (WhatAsked.WHY, WhatAsked.MOVE) else {}
        return Computed(items, moves=moves)

    async def _considered(self, request: TurnRequest, asked: Sequence[str]) -> Considered:
        """The last answer with items, as it would be made again, and where the asked ones stand beside its items."""
        places = [place for place, said in enumerate(request.messages) if said.item_ids]
        shown = request.messages[places[-1]].item_ids if places else ()
        again = await self._again(request, request.messages[: places[-1] if places else 0], request.feedback)
        represented = await self._represented(again)
        return Considered(
            intent=again.intent,
            history=request.history,
            shown=tuple(item_id for item_id in shown if item_id in self._parts.items),
            standings=self._standings(represented, [*asked, *shown]) if places else {},
        )

    async def _moves(self, request: TurnRequest, about: Sequence[Item]) -> dict[str, Move]:
        """What corrections did to items that earlier answers recommended, as far as they do so now.

        The steps up to the shortlist are run again on the conversation as it was before the last of those answers.
        """
        asked = {item.id for item in about}
        answers = [place for place, said in enumerate(request.messages) if asked.intersection(said.item_ids)]
        if not answers:
            return {}
        feedback = tuple(given for given in request.feedback if given.item_id not in asked)
        again = await self._again(request, request.messages[: answers[-1]], feedback)
        shortlisted = await self.shortlist(await self._represented(again))
        candidates = shortlisted.shortlist.candidates
        return {one.item_id: one.move for one in candidates if one.item_id in asked and one.move}

    async def _again(
        self, request: TurnRequest, messages: tuple[Message, ...], feedback: tuple[Feedback, ...]
    ) -> Understood:
        """A part of the conversation, understood again."""
        said = Intent(kind=TurnKind.RECOMMEND)
        if any(message.role == "user" for message in messages):
            said = await self._parts.understanding.understand(without_pictures(messages))
        return Understood(
            request=request.model_copy(update={"messages": messages, "feedback": feedback}),
            intent=with_feedback(said, feedback, self._parts.items),
        )

    async def _represented(self, event: Understood) -> Represented:
        represented: Represented = await self.represent(await self.retrieve(event))
        return represented

    def _standings(self, event: Represented, item_ids: Sequence[str]) -> dict[str, Standing]:
        request, settings = event.request, self._parts.settings
        strength = request.popularity_correction
        return self._parts.shortlister.explain(
            [item_id for item_id in item_ids if item_id in self._parts.items],
            event.intent,
            request.history,
            event.person.vector,
            event.retrieval,
            k=max(settings.candidates, self._count(event.intent, request)) + EXAMPLES,
            popularity_correction=settings.popularity_correction if strength is None else strength,
            user=request.user,
            pictures=event.seen.near if event.seen else NO_PICTURES,
        )

    def _answer_in_words(
        self, context: Context, kind: AnswerKind, intent: Intent, words: str, **fields: object
    ) -> Answered:
        self._speaker.say(context, words)
        return self._answered(kind, intent, **fields)

    def _answered(self, kind: AnswerKind, intent: Intent, **fields: object) -> Answered:
        answer = Answer.model_validate(
            {
                "kind": kind,
                "text": self._speaker.text,
                "intent": intent,
                "usage": self._usage,
                "seconds": self._speaker.seconds,
                **fields,
            }
        )
        return Answered(answer=answer)

    def _count(self, intent: Intent, request: TurnRequest) -> int:
        """How many items to recommend; a wish for a hundred is not meant so."""
        return min(request.count or intent.count or self._parts.settings.recommendations, self._parts.max_count)

    def _placed(self, words: Embedding | None) -> npt.NDArray[np.float32] | None:
        """An embedding of words in the space in which the person is embedded."""
        place = self._parts.place_words
        if words is None or place is None:
            return words.vector if words else None
        return place(words.vector)

    def _rows(self, item_ids: Sequence[str]) -> list[int]:
        items = self._parts.items
        return [items.row(item_id) for item_id in item_ids if item_id in items]


def _words(intent: Intent, seen: Seen | None) -> str:
    """What to search the metadata for. Years and numbers are filters: as words they would only find their digits.

    What is seen on a picture is searched for where no picture of the catalogue can be compared with it.
    """
    wishes = intent.wishes
    pictured = seen.words if seen and not len(seen.near.rows) else ()
    return " ".join((intent.query, *wishes.moods, *wishes.categories, *wishes.people, *pictured)).strip()


def _reordered(shortlist: Shortlist, item_ids: Sequence[str]) -> Shortlist:
    """The candidates of these items first, in this order; the others behind, as they were."""
    by_id = {candidate.item_id: candidate for candidate in shortlist.candidates}
    first = tuple(by_id.pop(item_id) for item_id in item_ids if item_id in by_id)
    return shortlist.model_copy(update={"candidates": (*first, *by_id.values())})


class ChatTurn:
    """Runs turns of one catalogue's chat: a `core.turn.Turn`."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def run(self, request: TurnRequest) -> AsyncIterator[TurnEvent]:
        """Words and items as they become ready, then one `TurnDone`. Closing the iterator stops the generation."""
        handler = TurnWorkflow(self._parts).run(start_event=Asked(request=request))
        try:
            async for event in handler.stream_events():
                if isinstance(event, Let):
                    yield event.out
                elif isinstance(event, Answered):
                    yield TurnDone(answer=event.answer)
            await handler
        finally:
            if not handler.is_done():
                await handler.cancel_run()
