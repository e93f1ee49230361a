"""Explanations to learn from: a prompt as in serving, and an item with a reason and its evidence's names.

Everything that is said follows from the catalogue: reasons are composed from evidence as `agent.reasons` composes them,
and the reasoning that the first item of an answer begins with from counts over what the person asked for or chose.
Reasons that the checker of claims does not follow are left out.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from agent.claims.checker import ClaimChecker
from agent.reasons import ReasonWriter
from agent.steps import EXAMPLES
from agent.ways import relations
from agent.writing import is_reasoned, is_turned, offered
from core.artifacts import Wording
from core.candidate import Candidate
from core.generator import ChatPrompt
from core.intent import Intent
from core.item import Item, ItemTable
from index.evidence import EvidenceWriter
from index.facets import Facets
from index.filters import matches, permitted, select
from index.phrases import in_prose, join
from index.shortlist import EVIDENCE_PER_ITEM
from prompts.library import recommend_prompt
from prompts.payload import candidate_labels, evidence_names, preferences_in_words, to_prompt_json
from prompts.schema import REASON_CHARS, REASONING_CHARS
from training.language.candidates import Choice
from training.language.corpus import Corpus, item_ids
from training.language.wishes import draw_intent

TEMPLATE = "recommend-v1"
_PLACES = 3  # of an answer, as many as are recommended where nobody says how many
_LATEST = 5  # choices of a history that the prompt shows, so that reasoning can be followed from it
_LEAST_CHARS = 20


@dataclass(frozen=True)
class Reason:
    """What is said of an item, and the names of its evidence in the prompt."""

    item_id: str
    evidence: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Explanation:
    """A prompt, and an answer in the form of its schema."""

    prompt: ChatPrompt
    candidate: Candidate
    intent: Intent
    history: tuple[str, ...]
    reasoning: str  # empty where the prompt asks for none
    reason: Reason
    items: ItemTable

    @property
    def answer(self) -> str:
        """The answer as JSON."""
        (label,) = candidate_labels((self.candidate,), self.items)
        item = {"item": label, "evidence": list(self.reason.evidence), "reason": self.reason.text}
        return to_prompt_json({**({"reasoning": self.reasoning} if self.reasoning else {}), "items": [item]})


class ExplanationWriter:
    """Composes explanations for choices of one catalogue."""

    def __init__(self, corpus: Corpus) -> None:
        self._items = corpus.items
        self._wording: Wording = corpus.wording
        self._evidence: EvidenceWriter = corpus.evidence
        self._checker = ClaimChecker.of(corpus.items)
        self._facets = Facets.of(corpus.items.items)
        self._popular = corpus.popular

    def write(self, choices: Sequence[Choice], count: int, seed: int, *, progress: str = "") -> list[Explanation]:
        """At most `count` explanations of choices in a random order; of some of them nothing can be said."""
        order = np.random.default_rng([seed, 2]).permutation(len(choices))
        found: list[Explanation] = []
        with tqdm(total=count, desc=progress, unit="explanation", disable=not progress) as bar:
            for place in order:
                if len(found) == count:
                    break
                written = self.explain(choices[place], np.random.default_rng([seed, 3, int(place)]))
                if written is not None:
                    found.append(written)
                    bar.update()
        return found

    def explain(self, choice: Choice, rng: np.random.Generator) -> Explanation | None:
        """One explanation, of one of the first items that fit; None where none does or no reason can be given."""
        target = self._items.items[choice.position.target]
        latest = item_ids(self._items, choice.position.history[-_LATEST:])
        intent, past = draw_intent(target, latest, self._items.categories, rng)
        is_known = bool(past or intent.liked or intent.similar_to)
        rows = self._fitting(choice, intent, is_known=is_known)
        candidates = tuple(self._candidate(self._items.items[row].id, intent, past) for row in rows)
        if not candidates:
            return None
        # The order is known before a word is written, so each item has a prompt of its own (`agent.writing`).
        shown, example = offered(candidates, min(_PLACES, len(candidates)))
        place = int(rng.integers(min(_PLACES, len(shown))))
        best_last, reasoned = is_turned(place), is_reasoned(place)
        reason = self._reason(shown[place], intent, past, best_last=best_last)
        reasoning = self._reasoning(intent, past, self._items[shown[place].item_id], rng) if reasoned else ""
        if reason is None or (reasoned and not reasoning):
            return None
        prompt = recommend_prompt(
            TEMPLATE,
            intent,
            shown[place : place + 1],
            self._items,
            count=1,
            example=example,
            wording=self._wording,
            history=past,
            best_last=best_last,
            reasoned=reasoned,
        )
        return Explanation(prompt, shown[place], intent, past, reasoning, reason, self._items)

    def _fitting(self, choice: Choice, intent: Intent, *, is_known: bool) -> npt.NDArray[np.int64]:
        """Rows that the person may be offered, best first: of a known one's candidates, then of what many chose.

        Wishes that too few items meet are given up, as in serving.
        """
        allowed = permitted(intent.vetoes, intent.wishes, self._facets)
        allowed[choice.position.history] = False
        chosen = select(self._facets, allowed, intent.wishes, _PLACES).chosen
        first = choice.rows if is_known else choice.rows[:0]
        ranked: npt.NDArray[np.int64] = np.concatenate([first, self._popular[~np.isin(self._popular, first)]])
        return ranked[chosen[ranked]][: _PLACES + EXAMPLES]

    def _candidate(self, item_id: str, intent: Intent, past: Sequence[str]) -> Candidate:
        evidence = self._evidence.write(item_id, intent, past, EVIDENCE_PER_ITEM)
        return Candidate(item_id=item_id, score=0.0, evidence=evidence)

    def _reason(self, candidate: Candidate, intent: Intent, past: Sequence[str], *, best_last: bool) -> Reason | None:
        """A reason that tells the evidence in the order of the prompt; None where none can be given."""
        person = repr((intent.model_dump(mode="json"), tuple(past)))
        writer = ReasonWriter(person, relations(intent, past, self._items))
        # As the prompt shows it: what isn't there can't be learned to be said.
        pieces = [
            (name, piece.model_copy(update={"text": piece.prompt_text}))
            for name, piece in evidence_names(candidate).items()
        ][:: -1 if best_last else 1]
        told = [piece for _, piece in pieces]
        text, ids = writer.write(told, first=told[:1])
        if len(text) > REASON_CHARS:
            text, ids = writer.write(told[:1])
        cited = tuple(name for name, piece in pieces if piece.id in ids)
        if not _LEAST_CHARS <= len(text) <= REASON_CHARS or not self.holds(text, candidate, intent, past):
            return None
        return Reason(candidate.item_id, cited, text)

    def holds(self, text: str, candidate: Candidate, intent: Intent, history: Sequence[str]) -> bool:
        """Whether the checker follows every claim of a reason, and there is one."""
        claims = self._checker.check(text, candidate.item_id, candidate.evidence, intent, history)
        return bool(claims) and all(claim.holds for claim in claims)

    def _reasoning(self, intent: Intent, past: Sequence[str], item: Item, rng: np.random.Generator) -> str:
        """A line of thought that is true by counting: what they asked for or chose, and what the item has of it."""
        forms = [form for form in self._thoughts(intent, past, item) if _LEAST_CHARS <= len(form) <= REASONING_CHARS]
        return forms[int(rng.integers(len(forms)))] if forms else ""

    def _thoughts(self, intent: Intent, past: Sequence[str], item: Item) -> Iterator[str]:
        named = intent.similar_to or intent.liked or past
        if wishes := preferences_in_words(intent.wishes):
            is_met = all(matches(item, intent.wishes).values())
            yield f"Wanted: {join(wishes)}. {'All of it is met' if is_met else 'Not all of it can be met'}."
        elif named:
            yield from self._by_past(named, intent, item)
        else:
            yield "They named nothing yet, so what others think of it decides."

    def _by_past(self, named: Sequence[str], intent: Intent, item: Item) -> Iterator[str]:
        known = [self._items[item_id] for item_id in named]
        verb = "asked for something like" if intent.similar_to else "liked" if intent.liked else "chose"
        yield f"They {verb} {join([one.title for one in known[-2:]])}."
        counts = Counter(category for one in known for category in one.categories)
        shared = [(counts[name], name) for name in item.categories if counts[name] > 1]
        if shared:
            count, name = max(shared)
            yield f"{count} of the {len(known)} they {verb} are {in_prose(name)}, and so is {item.title}."
