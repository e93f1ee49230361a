"""Checks what was generated: the reasons as the model wrote them, and as a person reads them after the checker."""

from collections.abc import Sequence

from agent.claims.checker import ClaimChecker
from agent.draft import Draft, DraftReader
from agent.verify import Verifier
from core.candidate import Candidate
from core.evidence import Evidence
from core.item import ItemTable
from core.values import Value
from evaluation.explanations.generate import Generated
from prompts.payload import candidate_labels


class Reason(Value):
    """One reason of one answer."""

    item_id: str
    title: str
    text: str
    claims: int
    unsupported: tuple[str, ...] = ()  # the kinds of its unsupported claims
    spans: tuple[tuple[int, int], ...] = ()  # where they stand in the text
    evidence: tuple[str, ...] = ()


class Explained(Value):
    """An answer: what the model drafted, and what is shown."""

    said: str  # the person's last message
    drafted: tuple[Reason, ...] = ()  # of candidates only
    outside: int = 0  # drafts of items that are no candidates
    shown: tuple[Reason, ...] = ()
    shown_outside: int = 0  # items that the turn showed and that are no candidates; must be 0
    repaired: int = 0


def explained(generated: Generated, items: ItemTable) -> Explained:
    """An answer as the verifier makes it now of what the model wrote then; the same text gives the same answer."""
    candidates = _shown_first(generated)
    labels = candidate_labels(generated.candidates, items)
    drafts = [draft for text in generated.texts for draft in DraftReader().add(text)]
    verifier = Verifier(generated.intent, candidates, labels, items, len(generated.shown), generated.history)
    for draft in drafts:
        verifier.check(draft)
    for _ in verifier.fill():
        pass
    evidence = {candidate.item_id: candidate.evidence for candidate in candidates}
    checker = ClaimChecker.of(items)

    def reason(item_id: str, text: str) -> Reason:
        claims = checker.check(text, item_id, evidence[item_id], generated.intent, generated.history)
        bad = [claim for claim in claims if not claim.holds]
        return Reason(
            item_id=item_id,
            title=items[item_id].label,
            text=text,
            claims=len(claims),
            unsupported=tuple(claim.kind.value for claim in bad),
            spans=tuple((claim.start, claim.end) for claim in bad),
            evidence=tuple(piece.text for piece in evidence[item_id]),
        )

    named = _named(drafts, labels)
    return Explained(
        said=generated.said,
        drafted=tuple(reason(item_id, text) for item_id, text in named if item_id and text),
        outside=sum(not item_id for item_id, _ in named),
        shown=tuple(reason(one.item_id, one.reason) for one in verifier.recommendations),
        shown_outside=_outside(generated.shown, evidence, items),
        repaired=verifier.counts.reasons_repaired,
    )


def _shown_first(generated: Generated) -> tuple[Candidate, ...]:
    """The candidates in the order in which the turn filled its answer up: the ones that it showed come first."""
    places = {item_id: place for place, item_id in enumerate(generated.shown)}
    return tuple(sorted(generated.candidates, key=lambda candidate: places.get(candidate.item_id, len(places))))


def _named(drafts: Sequence[Draft], labels: dict[str, str]) -> list[tuple[str, str]]:
    return [(labels.get(draft.label, ""), draft.reason.strip()) for draft in drafts]


def _outside(shown: Sequence[str], candidates: dict[str, tuple[Evidence, ...]], items: ItemTable) -> int:
    return sum(item_id not in items or item_id not in candidates for item_id in shown)
