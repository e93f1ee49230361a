"""Explanations to learn from: a prompt as in serving, reasoning, then items with a reason and the ids of its evidence.

Everything that is said follows from the catalogue: reasons from `index.evidence` in the words of `phrasing`, reasoning
from counts over what the person chose. Reasons that the checker of claims does not follow are drawn again.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from tqdm import tqdm

from agent.claims.checker import ClaimChecker
from core.artifacts import Wording
from core.candidate import Candidate
from core.generator import ChatPrompt
from core.intent import Intent, Preferences, Range, TurnKind
from core.item import Item, ItemTable
from index.evidence import EvidenceWriter
from index.phrases import in_prose, join
from prompts.library import recommend_prompt
from prompts.payload import candidate_labels, evidence_names, to_prompt_json
from prompts.schema import REASON_CHARS, REASONING_CHARS
from training.language.candidates import Choice
from training.language.corpus import Corpus, item_ids
from training.language.phrasing import fact_of, say, subjects, together

TEMPLATE = "recommend-v1"
SHOWN = 6  # candidates in the prompt, as in serving
_EVIDENCE = 6  # pieces of a candidate
_LATEST = 5  # choices of a history that the prompt shows, so that reasoning can be followed from it
_TRIES = 8
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
    candidates: tuple[Candidate, ...]
    intent: Intent
    history: tuple[str, ...]
    reasoning: str
    reasons: tuple[Reason, ...]
    items: ItemTable

    @property
    def answer(self) -> str:
        """The answer as JSON."""
        labels = {item_id: label for label, item_id in candidate_labels(self.candidates, self.items).items()}
        chosen: list[dict[str, Any]] = [
            {"item": labels[reason.item_id], "evidence": list(reason.evidence), "reason": reason.text}
            for reason in self.reasons
        ]
        return to_prompt_json({"reasoning": self.reasoning, "items": chosen})


class ExplanationWriter:
    """Composes explanations for choices of one catalogue."""

    def __init__(self, corpus: Corpus) -> None:
        self._items = corpus.items
        self._wording: Wording = corpus.wording
        self._evidence: EvidenceWriter = corpus.evidence
        self._checker = ClaimChecker.of(corpus.items)

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
        """One explanation; None where fewer than two candidates fit or a reason can't be given for each."""
        history = item_ids(self._items, choice.position.history[-_LATEST:])
        intent, shown = self._wish(choice, history, rng)
        past = () if intent.liked else history
        candidates = tuple(
            Candidate(item_id=item.id, score=0.0, evidence=self._evidence.write(item.id, intent, past, _EVIDENCE))
            for item in shown
        )
        if len(candidates) < 2:
            return None
        count = int(rng.integers(1, min(3, len(candidates) - 1) + 1))
        target = self._items.items[choice.position.target].id
        best = sorted(candidates, key=lambda one: one.item_id != target)[:count]
        reasons = tuple(self._reasons(best, intent, past, rng))
        reasoning = self._reasoning(intent, past, [reason.item_id for reason in reasons], rng)
        if len(reasons) < count or not reasoning:
            return None
        prompt = recommend_prompt(
            TEMPLATE, intent, candidates, self._items, count=count, wording=self._wording, history=past
        )
        return Explanation(prompt, candidates, intent, past, reasoning, reasons, self._items)

    def _wish(self, choice: Choice, history: Sequence[str], rng: np.random.Generator) -> tuple[Intent, list[Item]]:
        """What the person says, true of what they chose next, and the candidates that fit it."""
        target = self._items.items[choice.position.target]
        items = [self._items.items[row] for row in choice.rows]
        kind = rng.random()
        if kind < 0.4:
            return Intent(kind=TurnKind.RECOMMEND), items[:SHOWN]
        if kind < 0.6:
            return Intent(kind=TurnKind.RECOMMEND, liked=tuple(history[-3:])), items[:SHOWN]
        if kind < 0.85 and target.categories:
            category = target.categories[int(rng.integers(len(target.categories)))]
            fitting = [item for item in items if category in item.categories]
            return Intent(kind=TurnKind.RECOMMEND, wishes=Preferences(categories=(category,))), fitting[:SHOWN]
        if target.year:
            decade = Range(first=target.year // 10 * 10, last=target.year // 10 * 10 + 9)
            fitting = [item for item in items if item.year and item.year in decade]
            return Intent(kind=TurnKind.RECOMMEND, wishes=Preferences(years=(decade,))), fitting[:SHOWN]
        return Intent(kind=TurnKind.RECOMMEND), items[:SHOWN]

    def _reasons(
        self, best: Sequence[Candidate], intent: Intent, history: Sequence[str], rng: np.random.Generator
    ) -> Iterator[Reason]:
        """A reason for each, no two that begin with the same words where that can be helped."""
        begun: set[str] = set()
        for candidate in best:
            said = None
            for _ in range(_TRIES):
                reason = self._reason(candidate, intent, history, rng)
                if reason is None:
                    continue
                said = reason
                if _start(reason.text) not in begun:
                    break
            if said is not None:
                begun.add(_start(said.text))
                yield said

    def _reason(
        self, candidate: Candidate, intent: Intent, history: Sequence[str], rng: np.random.Generator
    ) -> Reason | None:
        """One try: of one or two pieces of evidence, in the order of their names; None where the checker objects."""
        names = list(evidence_names(candidate).items())
        if not names:
            return None
        count = min(len(names), 1 + int(rng.random() < 0.6))
        picked = [names[place] for place in sorted(rng.permutation(len(names))[:count])]
        facts = [fact_of(piece) for _, piece in picked]
        if len(facts) == 2 and facts[1].predicate and facts[0].predicate == facts[1].predicate:
            picked, facts = picked[:1], facts[:1]  # "As you asked, it is a comedy" and "It is a comedy"
        item = self._items[candidate.item_id]
        subject = str(rng.choice(subjects(item.title, self._wording)))
        known = (*history, *intent.liked)
        chosen = [name for one in known for name in (self._items[one].label, self._items[one].title)]
        said = [say(fact, subject if number == 0 else "It", rng, chosen=chosen) for number, fact in enumerate(facts)]
        text = together(said, rng)
        if not (_LEAST_CHARS <= len(text) <= REASON_CHARS) or not self.holds(text, candidate, intent, history):
            return None
        return Reason(candidate.item_id, tuple(name for name, _ in picked), text)

    def holds(self, text: str, candidate: Candidate, intent: Intent, history: Sequence[str]) -> bool:
        """Whether the checker follows every claim of a reason, and there is one."""
        claims = self._checker.check(text, candidate.item_id, candidate.evidence, intent, history)
        return bool(claims) and all(claim.holds for claim in claims)

    def _reasoning(
        self, intent: Intent, history: Sequence[str], chosen: Sequence[str], rng: np.random.Generator
    ) -> str:
        """A line of thought that is true by counting: what they chose or asked for, and what the picks have of it."""
        forms = list(self._thoughts(intent, history, [self._items[item_id] for item_id in chosen]))
        fitting = [form for form in forms if _LEAST_CHARS <= len(form) <= REASONING_CHARS]
        return fitting[int(rng.integers(len(fitting)))] if fitting else ""

    def _thoughts(self, intent: Intent, history: Sequence[str], chosen: Sequence[Item]) -> Iterator[str]:
        first = chosen[0] if chosen else None
        if first is None:
            return
        for category in intent.wishes.categories:
            word = in_prose(category)
            yield f"They ask for {word}; {first.title} is listed as that."
            yield f"The wish is {word}, so only what is {word} counts."
            yield f"Wanted: {word}. Every pick has to be that."
        for years in intent.wishes.years:
            yield f"They want something from {years.first:g} to {years.last:g}; {first.label} is in that time."
            yield f"Only {years.first:g} to {years.last:g} counts here."
        yield from self._by_past(intent.liked or history, bool(intent.liked), first)

    def _by_past(self, past: Sequence[str], liked: bool, first: Item) -> Iterator[str]:
        known = [self._items[item_id] for item_id in past]
        if not known:
            return
        verb = "liked" if liked else "chose"
        latest = join([item.title for item in known[-2:]])
        yield f"They {verb} {latest}."
        yield f"What they {verb} last: {latest}."
        counts = Counter(category for item in known for category in item.categories)
        shared = [(counts[name], name) for name in first.categories if counts[name]]
        if shared:
            count, name = max(shared)
            word = in_prose(name)
            last = known[-1].title
            yield f"{count} of the {len(known)} they {verb} are {word}, and so is {first.title}."
            yield f"They {verb} {last} last; {word} comes up {count} times in {len(known)}."
            yield f"{first.title} is {word}, as are {count} of the {len(known)} that they {verb}."


def _start(text: str) -> str:
    """The first two words."""
    return " ".join(text.split()[:2])
