"""Asks for answers and notes each reason as the model wrote it and as a person read it."""

from collections.abc import AsyncGenerator, Mapping, Sequence

from agent.claims.checker import ClaimChecker
from agent.draft import DraftReader
from agent.parts import Parts
from agent.turn import ChatTurn
from core.evidence import Evidence
from core.generator import ChatPrompt, GenerationDone, Generator
from core.item import ItemTable
from core.recommendation import Answer, Recommendation
from core.turn import TurnDone, TurnRequest
from core.values import Value


class Reason(Value):
    """One reason of one answer."""

    item_id: str
    title: str
    text: str
    claims: int
    unsupported: tuple[str, ...] = ()  # the kinds of its unsupported claims
    evidence: tuple[str, ...] = ()


class Explained(Value):
    """An answer: what the model drafted, and what was shown."""

    said: str  # the person's last message
    drafted: tuple[Reason, ...] = ()  # of candidates only
    outside: int = 0  # drafts of items that are no candidates
    shown: tuple[Reason, ...] = ()
    shown_outside: int = 0  # shown items that are no candidates; must be 0
    by_model: bool = False
    repaired: int = 0


class _Recorded:
    """A generator that keeps what it generated."""

    def __init__(self, generator: Generator) -> None:
        self._generator = generator
        self.text = ""

    @property
    def ready(self) -> bool:
        return self._generator.ready

    async def stream(self, prompt: ChatPrompt) -> AsyncGenerator[str | GenerationDone]:
        async for piece in self._generator.stream(prompt):
            if isinstance(piece, str):
                self.text += piece
            yield piece


async def explained(parts: Parts, request: TurnRequest) -> Explained | None:
    """One answer with its reasons; None where the request was no wish for items."""
    from dataclasses import replace

    recorded = _Recorded(parts.generator)
    answer: Answer | None = None
    async for event in ChatTurn(replace(parts, generator=recorded)).run(request):
        if isinstance(event, TurnDone):
            answer = event.answer
    if answer is None or not answer.recommendations:
        return None
    evidence = _evidence(answer)
    checker, items = ClaimChecker.of(parts.items), parts.items
    labels = {items[item_id].label: item_id for item_id in evidence}
    drafts = list(DraftReader().add(recorded.text))
    # Two items with one label are told apart by their id in brackets.
    named = [(labels.get(draft.label.partition(" [")[0], ""), draft.reason.strip()) for draft in drafts]

    def reason(item_id: str, text: str) -> Reason:
        claims = checker.check(text, item_id, evidence[item_id], answer.intent, request.history)
        return Reason(
            item_id=item_id,
            title=items[item_id].label,
            text=text,
            claims=len(claims),
            unsupported=tuple(claim.kind.value for claim in claims if not claim.holds),
            evidence=tuple(piece.text for piece in evidence[item_id]),
        )

    return Explained(
        said=next((m.content for m in reversed(request.messages) if m.role == "user"), ""),
        drafted=tuple(reason(item_id, text) for item_id, text in named if item_id and text),
        outside=sum(not item_id for item_id, _ in named),
        shown=tuple(reason(one.item_id, one.reason) for one in answer.recommendations),
        shown_outside=_outside(answer.recommendations, evidence, items),
        by_model=bool(drafts),
        repaired=answer.counts.reasons_repaired,
    )


def _evidence(answer: Answer) -> dict[str, list[Evidence]]:
    """The evidence of every candidate of an answer."""
    found: dict[str, list[Evidence]] = {one.item_id: [] for one in answer.recommendations}
    for piece in answer.evidence:
        found.setdefault(piece.item_id, []).append(piece)
    return found | {candidate.item_id: list(candidate.evidence) for candidate in answer.not_chosen}


def _outside(shown: Sequence[Recommendation], evidence: Mapping[str, object], items: ItemTable) -> int:
    return sum(one.item_id not in items or one.item_id not in evidence for one in shown)
