"""Checks every item and every reason of the model before a person sees it, and counts what it mended."""

from collections.abc import Iterator

from agent.claims import adds_to, ends_a_sentence, supporting_evidence
from agent.draft import Draft
from agent.reasons import LEAST_SCORE, reason_from_evidence
from core.candidate import Candidate
from core.evidence import Evidence
from core.intent import Intent
from core.item import ItemTable
from core.recommendation import Recommendation, VerifyCounts
from index.filters import violates
from prompts.payload import evidence_names


class Verifier:
    """Verifies one answer: takes drafts as they come, and fills the answer up from the candidates at its end.

    An item passes when it is a candidate, was not recommended in this answer yet, and neither the intent's exclusions
    nor its vetoes speak against it: the last two are checked again although the shortlist honours them. A reason passes
    when evidence supports all of it; else it is replaced by one composed from the evidence.
    """

    def __init__(
        self, intent: Intent, candidates: tuple[Candidate, ...], labels: dict[str, str], items: ItemTable, count: int
    ) -> None:
        self._intent = intent
        self._items = items
        self._labels = labels
        self._count = count
        self._open = {candidate.item_id: candidate for candidate in candidates if self._allowed(candidate.item_id)}
        self.recommendations: list[Recommendation] = []
        self._evidence: list[Evidence] = []
        self._dropped = self._repaired = self._kept = 0

    @property
    def counts(self) -> VerifyCounts:
        return VerifyCounts(items_dropped=self._dropped, reasons_repaired=self._repaired, reasons_kept=self._kept)

    @property
    def not_chosen(self) -> tuple[Candidate, ...]:
        """The candidates that were not recommended, best first."""
        return tuple(self._open.values())

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """Everything that is known for the recommended items, in their order."""
        return tuple(self._evidence)

    def check(self, draft: Draft) -> Recommendation | None:
        """The recommendation that a draft becomes, or None when its item may not be recommended."""
        candidate = self._open.get(self._labels.get(draft.label, ""))
        if candidate is None or self.is_full:
            self._dropped += 1
            return None
        reason = draft.reason.strip()
        item = self._items[candidate.item_id]
        support = supporting_evidence(reason, item.label, _cited_first(draft, candidate))
        if not ends_a_sentence(reason):
            support = None
        if support is None:
            self._repaired += 1
            return self._recommend_from_evidence(candidate, repaired=True)
        self._kept += 1
        return self._recommend(candidate, *_with_best_evidence(reason, support, candidate), repaired=False)

    def fill(self) -> Iterator[Recommendation]:
        """The best candidates that are left, until the answer has as many items as were asked for."""
        while self._open and not self.is_full:
            yield self._recommend_from_evidence(next(iter(self._open.values())), repaired=False)

    @property
    def is_full(self) -> bool:
        return len(self.recommendations) >= self._count

    def _allowed(self, item_id: str) -> bool:
        excluded = item_id not in self._items or item_id in self._intent.excluded
        return not excluded and not violates(self._items[item_id], self._intent.vetoes)

    def _recommend_from_evidence(self, candidate: Candidate, *, repaired: bool) -> Recommendation:
        reason, evidence_ids = reason_from_evidence(candidate.evidence)
        return self._recommend(candidate, reason, evidence_ids, repaired=repaired)

    def _recommend(
        self, candidate: Candidate, reason: str, evidence_ids: tuple[str, ...], *, repaired: bool
    ) -> Recommendation:
        del self._open[candidate.item_id]
        recommendation = Recommendation(
            item_id=candidate.item_id,
            title=self._items[candidate.item_id].label,
            reason=reason,
            evidence_ids=evidence_ids,
            score=candidate.score,
            repaired=repaired,
            move=candidate.move,
        )
        self.recommendations.append(recommendation)
        self._evidence.extend(candidate.evidence)
        return recommendation


def _cited_first(draft: Draft, candidate: Candidate) -> list[Evidence]:
    """The evidence of a candidate, what the model cites before the rest."""
    names = evidence_names(candidate)
    cited = [names[name] for name in draft.evidence if name in names]
    return [*cited, *(piece for piece in candidate.evidence if piece not in cited)]


def _with_best_evidence(
    reason: str, evidence_ids: tuple[str, ...], candidate: Candidate
) -> tuple[str, tuple[str, ...]]:
    """A true but thin reason gets the best evidence that it left out: "highly rated" alone persuades nobody."""
    telling = (piece for piece in candidate.evidence if piece.score >= LEAST_SCORE)
    left_out = (piece for piece in telling if piece.id not in evidence_ids and adds_to(reason, piece.text))
    best = next(left_out, None)
    if len(evidence_ids) > 1 or best is None:
        return reason, evidence_ids
    return f"{reason} {best.text}", (*evidence_ids, best.id)
