"""Checks every item and every reason of the model before a person sees it, and counts what it mended."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from agent.alike import adds_to, gives_ground, says_again, sounds_like, turned_round
from agent.claims.attested import quoted, stated_by
from agent.claims.checker import ClaimChecker
from agent.claims.claim import Claim, ClaimKind
from agent.claims.english import reads_well, sentences
from agent.claims.repair import shortened, telling
from agent.draft import Draft
from agent.reasons import ReasonWriter, speaks_for
from agent.ways import relations
from core.candidate import Candidate
from core.evidence import Evidence, EvidenceKind
from core.intent import Intent
from core.item import ItemTable
from core.recommendation import Recommendation, VerifyCounts
from index.filters import violates
from prompts.payload import evidence_names

_FEW_WORDS = 12
_HARDLY_ANY_WORDS = 6
# A reason speaks to the person; one that speaks of them ("This person wants: funny.") only repeats the prompt.
_ABOUT_READER = re.compile(r"\b(?:[Tt]his|[Tt]he) (?:person|user)\b|\bThey (?:asked|wanted|chose|liked|named)\b")


class Verifier:
    """Verifies one answer: takes drafts as they come, and fills the answer up from the candidates at its end.

    An item passes when it is a candidate, was not recommended in this answer yet, and neither the intent's exclusions
    nor its vetoes speak against it: the last two are checked again although the shortlist honours them. A reason passes
    when every claim of it is supported. Else what is unsupported is left out where the rest reads well, or the reason
    is replaced by one composed from the evidence; so no unsupported claim is left. One that only copies its evidence,
    says something twice, or tells evidence in our own ways but as another item of the answer does, is composed too.
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
        person = repr((intent.model_dump(mode="json"), tuple(history)))
        self._known = relations(intent, history, items)
        self._writer = ReasonWriter(person, self._known)
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
        reason = " ".join(draft.reason.split())  # a line of its own would look like another part of the answer
        claims = self._claims(reason, candidate)
        self._checked += len(claims)
        self._unsupported.update(claim.kind.value for claim in claims if not claim.holds)
        if (more := telling(reason, claims)) != reason:
            reason, claims = more, self._claims(more, candidate)
        cited = _cited_first(draft, candidate)
        if _is_sound(claims) and reads_well(reason) and self._speaks_rightly(reason, candidate):
            self._kept += 1
            if self._is_dull(reason, candidate):  # true, but each item's would sound alike
                told = self._writer.told(reason, candidate.evidence)
                return self._recommend_from_evidence(candidate, told, repaired=False)
            turned = turned_round(reason) if self._is_alike(reason) else ""
            if turned and not self._is_alike(turned):
                reason, claims = turned, self._claims(turned, candidate)
            whole, evidence_ids = self._with_best_evidence(reason, claims, cited)
            if len(whole.split()) < _HARDLY_ANY_WORDS:
                return self._recommend_from_evidence(candidate, repaired=False)
            return self._recommend(candidate, whole, evidence_ids, repaired=False)
        self._repaired += 1
        for shorter in shortened(reason, claims):
            left = self._claims(shorter, candidate)
            if _is_sound(left) and self._speaks_rightly(shorter, candidate) and not self._is_dull(shorter, candidate):
                whole, evidence_ids = self._with_best_evidence(shorter, left, cited)
                if not _is_thin(whole):
                    return self._recommend(candidate, whole, evidence_ids, repaired=True)
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

    def _speaks_rightly(self, reason: str, candidate: Candidate) -> bool:
        """Whether a reason speaks to the person, likens the item to another than itself, and has the right ground."""
        title = self._items[candidate.item_id].title
        case = re.IGNORECASE if " " in title else re.NOFLAG  # "and it is" of "It"
        likens = re.search(rf"\b(?:like|and|an?) {re.escape(title)}(?!\w)", reason, case)
        return not (_ABOUT_READER.search(reason) or likens) and gives_ground(reason, candidate.evidence)

    def _is_dull(self, reason: str, candidate: Candidate) -> bool:
        """Whether a reason copies its evidence, says something or names another item twice, or sounds like another one.

        Like another one, where it tells evidence in our ways: words of its own are worth more than variety.
        """
        if _copied(reason, candidate) or self._says_twice(reason):
            return True
        if any(reason in each.reason for each in self.recommendations):
            return True
        return self._is_alike(reason) and bool(self._writer.told(reason, candidate.evidence))

    def _is_alike(self, reason: str) -> bool:
        return any(sounds_like(reason, each.reason) for each in self.recommendations)

    def _says_twice(self, reason: str) -> bool:
        """Whether a part of a reason says nothing new, or it names another item again."""
        names = (name for name in self._known if name in reason)
        return says_again(reason) or any(len(re.findall(rf"\b{re.escape(name)}(?!\w)", reason)) > 1 for name in names)

    def _with_best_evidence(
        self, reason: str, claims: Sequence[Claim], evidence: Sequence[Evidence]
    ) -> tuple[str, tuple[str, ...]]:
        """A true but thin reason gets the best evidence that it left out: "highly rated" alone persuades nobody."""
        told = [piece.id for piece in self._writer.told(reason, evidence)]
        evidence_ids = tuple(dict.fromkeys([*_supporting(claims, evidence, reason), *told]))
        said = {piece.kind for piece in evidence if piece.id in evidence_ids}
        telling = sorted(filter(speaks_for, evidence), key=lambda piece: -piece.score)
        if any(claim.kind is ClaimKind.CATEGORY for claim in claims):  # what it is was told: what others think of it
            telling = [piece for piece in telling if piece.kind is EvidenceKind.CROWD]
        more = (piece for piece in telling if piece.kind not in said and adds_to(reason, piece.text))
        best = next((piece for piece in more if not self._says_twice(f"{reason} {piece.text}")), None)
        self._writer.note(reason)
        if best is None or not (len(claims) == 1 or _is_thin(reason)):
            return reason, evidence_ids
        longer = f"{reason} {self._writer.say(best, reason)}"
        whole = longer if _is_sound(self._checker_says(longer, evidence)) else f"{reason} {best.text}"
        return whole, (*evidence_ids, best.id)

    def _allowed(self, item_id: str) -> bool:
        excluded = item_id not in self._items or item_id in self._intent.excluded
        return not excluded and not violates(self._items[item_id], self._intent.vetoes, self._intent.wishes)

    def _recommend_from_evidence(
        self, candidate: Candidate, first: Sequence[Evidence] = (), *, repaired: bool
    ) -> Recommendation:
        reason, evidence_ids = self._writer.write(candidate.evidence, first)
        if not _is_sound(self._claims(reason, candidate)):  # word for word, it is what the evidence says
            reason = " ".join(piece.text for piece in candidate.evidence if piece.id in evidence_ids)
        return self._recommend(candidate, reason, evidence_ids, repaired=repaired)

    def _recommend(
        self, candidate: Candidate, reason: str, evidence_ids: tuple[str, ...], *, repaired: bool
    ) -> Recommendation:
        del self._open[candidate.item_id]
        reason = _once(reason)
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


def _copied(reason: str, candidate: Candidate) -> list[Evidence]:
    """The evidence that a reason consists of, word for word; empty where it says anything in words of its own."""
    pieces = [quoted(sentence, candidate.evidence) for sentence in sentences(reason)]
    return [piece for piece in pieces if piece] if all(pieces) else []


def _cited_first(draft: Draft, candidate: Candidate) -> list[Evidence]:
    """The evidence of a candidate, what the model cites before the rest."""
    names = evidence_names(candidate)
    cited = [names[name] for name in draft.evidence if name in names]
    return [*cited, *(piece for piece in candidate.evidence if piece not in cited)]


def _once(reason: str) -> str:
    """A reason without the sentences that it says again."""
    said = sentences(reason)
    return reason if len(set(said)) == len(said) else " ".join(dict.fromkeys(said))


def _is_thin(reason: str) -> bool:
    """Whether a reason is a single short sentence."""
    return len(sentences(reason)) == 1 and len(reason.split()) < _FEW_WORDS


def _is_sound(claims: Sequence[Claim]) -> bool:
    """Whether a reason claims something, and nothing without support."""
    return bool(claims) and all(claim.holds for claim in claims)


def _supporting(claims: Sequence[Claim], evidence: Sequence[Evidence], reason: str) -> tuple[str, ...]:
    """The evidence that claims rest on: what they name, and the pieces that state what a record supports."""
    named = {evidence_id for claim in claims for evidence_id in claim.evidence_ids}
    said = stated_by(reason)
    return tuple(piece.id for piece in evidence if piece.id in named or stated_by(piece.text) <= said)
