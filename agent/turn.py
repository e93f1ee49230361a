"""The turn of a chat as a LlamaIndex workflow: its steps, in the order in which the data goes through them."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

from llama_index.core.workflow import Context, Workflow, step

from agent import phrases, steps
from agent.claims.checker import ClaimChecker
from agent.draft import Draft
from agent.events import (
    Answered,
    Asked,
    Generated,
    Let,
    Prompted,
    Ranked,
    Represented,
    Retrieved,
    Shortlisted,
    Understood,
)
from agent.limits import unknown_facts
from agent.parts import Parts
from agent.questions import answer_in_words
from agent.small_talk import only_english, small_talk
from agent.speaker import Speaker
from agent.understand.short_messages import leaves_choice
from agent.verify import Verifier
from agent.writing import Writer, card, is_settled, prompts_for
from core.candidate import Shortlist
from core.errors import EngineError
from core.intent import Intent, TurnKind
from core.markdown import escaped, unescaped
from core.recommendation import Answer, AnswerKind, Source
from core.turn import TurnDone, TurnEvent, TurnRequest
from prompts.payload import candidate_labels

_RECOMMENDING = (TurnKind.RECOMMEND, TurnKind.REFINE, TurnKind.REJECT)


class TurnWorkflow(Workflow):
    """understand ▶ retrieve ▶ represent ▶ shortlist ▶ rank ▶ prompt ▶ generate ▶ verify. One instance runs one turn."""

    def __init__(self, parts: Parts) -> None:
        super().__init__(timeout=None)  # the generator has the only long wait, and its own limit
        self._parts = parts
        self._speaker = Speaker()
        self._writer = Writer(parts, self._speaker)
        self._notices: tuple[str, ...] = ()
        self._told = ""  # the text of the answers before

    @step
    async def understand(self, context: Context, event: Asked) -> Understood | Answered:
        """The whole conversation becomes an intent. What is no request for items is answered at once."""
        parts = self._parts
        said = (message.content for message in event.request.messages if message.role == "assistant")
        self._told = unescaped("\n".join(said))
        with self._speaker.timed("understand"):
            understood = await steps.understood(parts, event.request)
        intent = understood.intent
        if intent.kind in (TurnKind.ASK, TurnKind.COMPARE):
            words, evidence = await answer_in_words(parts, understood)
            return self._answer_in_words(context, AnswerKind.INFORMATION, intent, words, evidence=evidence)
        if intent.kind not in _RECOMMENDING:
            words = escaped(small_talk(intent, understood.request, parts.wording, parts.items))
            return self._answer_in_words(context, AnswerKind.SMALL_TALK, intent, words)
        if _gives_nothing_to_go_on(intent, event.request):
            self._notice(context, event.request, intent, None)
            words = escaped(phrases.question(parts.wording, parts.items))
            return self._answer_in_words(context, AnswerKind.QUESTION, intent, words)
        return understood

    @step
    async def retrieve(self, event: Understood) -> Retrieved:
        """Metadata that answers the words of the wish."""
        with self._speaker.timed("retrieve"):
            return await steps.retrieved(self._parts, event)

    @step
    async def represent(self, event: Retrieved) -> Represented:
        """The person's embedding."""
        with self._speaker.timed("represent"):
            return steps.represented(self._parts, event)

    @step
    async def shortlist(self, context: Context, event: Represented) -> Shortlisted | Answered:
        """The candidates with their evidence. Then the first words for the person: no later step changes them."""
        parts, intent = self._parts, event.query.intent
        with self._speaker.timed("shortlist"):
            shortlisted = await steps.shortlisted(parts, event)
        shortlist = shortlisted.shortlist
        self._notice(context, event.request, intent, shortlist)
        if not shortlist.candidates:
            words = escaped(phrases.nothing_left(parts.wording))
            return self._answer_in_words(context, AnswerKind.QUESTION, intent, words)
        from_history, relaxed = bool(event.query.history), bool(shortlist.relaxed) and not shortlist.fitting
        is_ordered = not (shortlist.unordered or shortlist.fitting)  # few that fit come first, the others by score
        understood = intent if is_ordered else intent.model_copy(update={"order": None})
        opener = phrases.opener(understood, parts.items, from_history=from_history, relaxed=relaxed)
        self._speaker.say(context, escaped(opener))
        return shortlisted

    @step
    async def rank(self, event: Shortlisted) -> Ranked:
        """The candidates as the language model's adapter orders them, where there is one."""
        if self._parts.chooser is None:
            return await steps.ranked(self._parts, event)
        with self._speaker.timed("rank"):
            return await steps.ranked(self._parts, event)

    @step
    async def prompt(self, event: Ranked) -> Prompted:
        """The prompts for the model."""
        with self._speaker.timed("prompt"):
            prompts = prompts_for(self._parts, event)
        return Prompted(query=event.query, shortlist=event.shortlist, choice=event.choice, prompts=prompts)

    @step
    async def generate(self, event: Prompted) -> Generated:
        """Start the model. Its drafts are read by `verify` while it writes, so that nobody waits for its end."""
        ready = self._parts.generator.ready
        return Generated(
            query=event.query,
            shortlist=event.shortlist,
            choice=event.choice,
            drafts=self._writer.drafts(event.prompts) if ready else None,
        )

    @step
    async def verify(self, context: Context, event: Generated) -> Answered:
        """Cards first where the order is known, then what holds, then what the model did not bring."""
        query, candidates, items = event.query, event.shortlist.candidates, self._parts.items
        # Where the cards are out, the model may only write about them.
        settled = is_settled(event)
        labels = candidate_labels(candidates[: query.count] if settled else candidates, items)
        verifier = Verifier(query.intent, candidates, labels, items, query.count, query.history)
        if settled:
            for candidate in verifier.not_chosen[: query.count]:
                self._speaker.show(context, card(candidate, items))
        is_written = event.drafts is not None and await self._verify_drafts(context, verifier, event.drafts)
        if not is_written:
            self._tell_trouble(context, phrases.MODEL_FAILED if event.drafts else phrases.MODEL_NOT_READY)
        for recommendation in verifier.fill():
            self._speaker.recommend(context, recommendation)
        return self._answered(
            AnswerKind.RECOMMENDATIONS,
            query.intent,
            recommendations=self._speaker.in_shown_order(verifier.recommendations),
            evidence=verifier.evidence,
            not_chosen=verifier.not_chosen,
            notices=self._notices,
            source=Source.MODEL if is_written else Source.RETRIEVAL,
            reasoning=self._writer.reasoning,
            counts=verifier.counts,
        )

    def _notice(self, context: Context, request: TurnRequest, intent: Intent, shortlist: Shortlist | None) -> None:
        """Say how the answer came about, and what the catalogue can't tell, unless an answer before said so."""
        wording, items = self._parts.wording, self._parts.items
        said = request.said
        # Of another language only single words are read, whatever was found by them.
        foreign = [sentence for sentence in (only_english(said),) if sentence and sentence not in self._told]
        limits = (*foreign, *unknown_facts(said, items, wording))
        wishes = (each for each in phrases.notices(intent, shortlist, wording, items, self._told) if each not in limits)
        self._notices = (*limits, *wishes)
        for notice in self._notices:
            self._speaker.say(context, escaped(notice))

    def _tell_trouble(self, context: Context, trouble: str) -> None:
        """Say why the model did not write: not where none is wanted, and once in a conversation that it's not ready."""
        is_known = trouble == phrases.MODEL_NOT_READY and trouble in self._told
        if self._parts.has_language_model and not is_known:
            self._notices = (*self._notices, trouble)
            self._speaker.say(context, trouble)

    async def _verify_drafts(self, context: Context, verifier: Verifier, drafts: AsyncGenerator[Draft]) -> bool:
        """Tell what holds of the drafts; False where the model stopped before their end."""
        try:
            async with aclosing(drafts):
                async for draft in drafts:
                    with self._speaker.timed("verify"):
                        recommendation = verifier.check(draft)
                    if recommendation:
                        self._speaker.recommend(context, recommendation)
        except EngineError:
            return False
        return True

    def _answer_in_words(
        self, context: Context, kind: AnswerKind, intent: Intent, words: str, **fields: object
    ) -> Answered:
        self._speaker.say(context, words)
        return self._answered(kind, intent, **fields)

    def _answered(self, kind: AnswerKind, intent: Intent, **fields: object) -> Answered:
        known = {"kind": kind, "intent": intent, "text": self._speaker.text, "seconds": self._speaker.seconds}
        return Answered(answer=Answer.model_validate({**known, "usage": self._writer.usage, **fields}))


def _gives_nothing_to_go_on(intent: Intent, request: TurnRequest) -> bool:
    """Whether one has to ask back. Who only rules things out, or leaves the choice to us, wants an answer."""
    if intent.kind is not TurnKind.RECOMMEND or not intent.says_nothing or request.history:
        return False
    return intent.vetoes.is_empty and not leaves_choice(request.said)


class ChatTurn:
    """Runs turns of one catalogue's chat: a `core.turn.Turn`."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        ClaimChecker.of(parts.items)  # half a minute for 100,000 items: not in somebody's first turn

    async def run(self, request: TurnRequest) -> AsyncIterator[TurnEvent]:
        """Words, items and reasons as they become ready, then one `TurnDone`. Closing it stops the generation."""
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
