"""Checks every item and every reason of the model before a person sees it, and counts what it mended."""

from collections import Counter
from collections.abc import Iterator, Sequence

from agent.claims.attested import stated_by
from agent.claims.checker import ClaimChecker
from agent.claims.claim import Claim
from agent.claims.repair import ends_a_sentence, shortened
from agent.draft import Draft
from agent.reasons import LEAST_SCORE, adds_to, reason_from_evidence, say
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
    when every claim of it is supported. Else what is unsupported is left out where the rest reads well, or the reason
    is replaced by one composed from the evidence; so no unsupported claim is left.
    """

    def __init__(
        self,
        intent: Intent,
        candidates: tuple[Candidate, ...],
        labels: dict[str, str],
        items: ItemTable,
        count: int,
        history: Sequence[str] = (),
    ) -> None:
        """`history` are ids, for what a reason says that the person chose."""
        self._checker = ClaimChecker.of(items)
        self._history = history
        self._person = repr((intent.model_dump(mode="json"), tuple(history)))
        self._intent = intent
        self._items = items
        self._labels = labels
        self._count = count
        self._open = {candidate.item_id: candidate for candidate in candidates if self._allowed(candidate.item_id)}
        self.recommendations: list[Recommendation] = []
        self._evidence: list[Evidence] = []
        self._dropped = self._repaired = self._kept = self._checked = 0
        self._unsupported: Counter[str] = Counter()

    @property
    def counts(self) -> VerifyCounts:
        return VerifyCounts(
            items_dropped=self._dropped,
            reasons_repaired=self._repaired,
            reasons_kept=self._kept,
            claims_checked=self._checked,
            claims_unsupported=self._unsupported.total(),
            unsupported_by_kind=dict(sorted(self._unsupported.items())),
        )

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
        claims = self._claims(reason, candidate)
        self._checked += len(claims)
        self._unsupported.update(claim.kind.value for claim in claims if not claim.holds)
        if _is_sound(claims) and ends_a_sentence(reason):
            self._kept += 1
            cited = _cited_first(draft, candidate)
            return self._recommend(candidate, *self._with_best_evidence(reason, claims, cited), repaired=False)
        self._repaired += 1
        for shorter in shortened(reason, claims):
            left = self._claims(shorter, candidate)
            if _is_sound(left):
                cited = _cited_first(draft, candidate)
                return self._recommend(candidate, *self._with_best_evidence(shorter, left, cited), repaired=True)
        return self._recommend_from_evidence(candidate, repaired=True)

    def fill(self) -> Iterator[Recommendation]:
        """The best candidates that are left, until the answer has as many items as were asked for."""
        while self._open and not self.is_full:
            yield self._recommend_from_evidence(next(iter(self._open.values())), repaired=False)

    @property
    def is_full(self) -> bool:
        return len(self.recommendations) >= self._count

    def _claims(self, reason: str, candidate: Candidate) -> tuple[Claim, ...]:
        return self._checker_says(reason, candidate.evidence, candidate.item_id)

    def _checker_says(self, reason: str, evidence: Sequence[Evidence], item_id: str = "") -> tuple[Claim, ...]:
        about = item_id or evidence[0].item_id
        return self._checker.check(reason, about, evidence, self._intent, self._history)

    def _with_best_evidence(
        self, reason: str, claims: Sequence[Claim], evidence: Sequence[Evidence]
    ) -> tuple[str, tuple[str, ...]]:
        """A true but thin reason gets the best evidence that it left out: "highly rated" alone persuades nobody."""
        evidence_ids = _supporting(claims, evidence, reason)
        telling = sorted((piece for piece in evidence if piece.score >= LEAST_SCORE), key=lambda piece: -piece.score)
        best = next((piece for piece in telling if piece.id not in evidence_ids and adds_to(reason, piece.text)), None)
        if len(claims) > 1 or best is None:
            return reason, evidence_ids
        longer = f"{reason} {say(best, self._person, reason)}"
        whole = longer if _is_sound(self._checker_says(longer, evidence)) else f"{reason} {best.text}"
        return whole, (*evidence_ids, best.id)

    def _allowed(self, item_id: str) -> bool:
        excluded = item_id not in self._items or item_id in self._intent.excluded
        return not excluded and not violates(self._items[item_id], self._intent.vetoes)

    def _recommend_from_evidence(self, candidate: Candidate, *, repaired: bool) -> Recommendation:
        reason, evidence_ids = reason_from_evidence(candidate.evidence, self._person)
        if not _is_sound(self._claims(reason, candidate)):  # word for word, it is what the evidence says
            reason = " ".join(piece.text for piece in candidate.evidence if piece.id in evidence_ids)
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


def _is_sound(claims: Sequence[Claim]) -> bool:
    """Whether a reason claims something, and nothing without support."""
    return bool(claims) and all(claim.holds for claim in claims)


def _supporting(claims: Sequence[Claim], evidence: Sequence[Evidence], reason: str) -> tuple[str, ...]:
    """The evidence that claims rest on: what they name, and the pieces that state what a record supports."""
    named = {evidence_id for claim in claims for evidence_id in claim.evidence_ids}
    said = stated_by(reason)
    return tuple(piece.id for piece in evidence if piece.id in named or stated_by(piece.text) <= said)
