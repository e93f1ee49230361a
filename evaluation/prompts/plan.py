"""Everything that is to be asked: each template with each variant about each person, rendered when it is needed.

Prompts are made a few people at a time and are never held. What is kept of each is its key, by which its answer is
found among those that an earlier run wrote: a hash of the catalogue, the person, the template's version and text, the
variant, the model, and the whole request.
"""

import hashlib
import json
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from core.errors import InputError
from evaluation.people import latest
from evaluation.prompts.choosing import ChoiceTemplate, OnePass, tokens_of
from evaluation.prompts.people import IntArray, People
from evaluation.prompts.variants import PromptSettings, Variant
from prompts.chat_template import Message
from prompts.ranking import RankingExample, RankingPrompt, RankingTask, render_ranking
from prompts.template import Form, PromptTemplate

CountTokens = Callable[[Sequence[Message]], int]
TaskIndex = Mapping[str, tuple[int, int]]  # the run and the person's place of a key
_UNCONSTRAINED_TOKENS = 2  # times as many: a free answer has spaces and words around the JSON


@dataclass(frozen=True)
class Run:
    """One row of the comparison: a template with a variant on a catalogue."""

    name: str
    template: PromptTemplate | ChoiceTemplate
    variant: Variant
    people: People = field(repr=False)
    served: str  # what the engine calls the model
    model: str  # what tells its answers from another model's
    one_pass: OnePass | None = field(default=None, repr=False)  # of a ChoiceTemplate

    @property
    def offer(self) -> tuple[str, int, float]:
        """What decides which candidates are offered."""
        return self.people.catalog, self.variant.settings.candidates, self.variant.settings.correction


@dataclass(frozen=True)
class Task:
    """One question: of which run, about which person, with the rows of the candidates in the order of their labels."""

    run: int
    place: int
    candidates: IntArray
    request: dict[str, Any]
    key: str
    prompt_hash: str


@dataclass(frozen=True)
class RunEstimate:
    """What a run will cost: prompt tokens are counted, tokens of answers are the most that they can be."""

    prompts: int
    answered: int  # by an earlier run
    prompt_tokens: int  # of those that are still to be asked
    most_completion_tokens: int


@dataclass
class Plan:
    """The runs of one command."""

    runs: list[Run]
    seed: int

    def tasks(self) -> Iterator[Task]:
        """Every question, in an order that is the same each time: all runs about the first person, then the next.

        So a run that is cut off has the same people in all its runs, its time left is of all templates alike, and what
        prompts about one person begin with is still in the engine's prefix cache.
        """
        for people in {id(run.people): run.people for run in self.runs}.values():
            own = [(number, run) for number, run in enumerate(self.runs) if run.people is people]
            examples = {number: _examples(people, run.variant.settings) for number, run in own if _is_few_shot(run)}
            for places, some, scores in people.batches():
                histories = [person.history for person in some]
                offers = {run.offer: people.offer(scores, histories, *run.offer[1:]) for _, run in own}
                for at in range(len(some)):
                    for number, run in own:
                        rows, values = (part[at] for part in offers[run.offer])
                        yield self._task(number, run, places.start + at, rows, values, examples.get(number, []))

    def _task(
        self,
        number: int,
        run: Run,
        place: int,
        rows: IntArray,
        scores: npt.NDArray[np.float64],
        examples: list[tuple[str, RankingExample]],
    ) -> Task:
        people, settings = run.people, run.variant.settings
        user, history = people.asked[place].user_id, people.asked[place].history
        rows, scores = rows[rows >= 0], scores[rows >= 0]
        if settings.order == "shuffled":
            order = np.random.default_rng([self.seed, zlib.crc32(user.encode())]).permutation(len(rows))
            rows, scores = rows[order], scores[order]
        if run.one_pass:
            request = run.one_pass.request(people, run.served, rows, scores, history)
        else:
            request = self._chat(run, rows, history, [example for name, example in examples if name != user])
        prompt_hash = hashlib.sha256(_canonical(request)).hexdigest()
        named = [people.artifacts.manifest.catalog_hash, people.catalog, user, run.template.name, run.template.digest]
        key = hashlib.sha256(_canonical([*named, run.variant.name, run.model, prompt_hash])).hexdigest()
        return Task(number, place, rows, request, key, prompt_hash[:16])

    def _chat(self, run: Run, rows: IntArray, history: IntArray, examples: list[RankingExample]) -> dict[str, Any]:
        """The request of a template that is rendered as chat messages."""
        settings, artifacts = run.variant.settings, run.people.artifacts
        items = artifacts.items.items
        asked = RankingTask(
            history=tuple(items[row] for row in latest(history, settings.history)),
            candidates=tuple(items[row] for row in rows),
            count=min(settings.rank, len(rows)),
        )
        if not isinstance(run.template, PromptTemplate):
            raise TypeError(f"{run.name} is asked in one pass")
        prompt = render_ranking(run.template, asked, artifacts.manifest.wording, examples[: settings.examples])
        return _request(run, prompt, self.seed)


@dataclass(frozen=True)
class Survey:
    """What a first pass over all questions found: which are answered, and what the others cost."""

    index: TaskIndex
    estimates: list[RunEstimate]

    @property
    def open(self) -> int:
        """How many questions are still to be asked."""
        return sum(estimate.prompts - estimate.answered for estimate in self.estimates)

    @property
    def prompts(self) -> int:
        """How many there are in all."""
        return sum(estimate.prompts for estimate in self.estimates)


def survey(plan: Plan, answered: Collection[str], count_tokens: CountTokens, context: int | None) -> Survey:
    """Render everything once: count tokens, find what is answered, and see that every prompt fits the model.

    `context` is how many tokens the model reads and writes together; None where it is not known. Raises InputError for
    a prompt that is too long, before anything was sent.
    """
    total = sum(len(run.people.asked) for run in plan.runs)
    index: dict[str, tuple[int, int]] = {}
    counts = np.zeros((len(plan.runs), 4), dtype=np.int64)
    for task in tqdm(plan.tasks(), total=total, desc="Counting tokens", unit="prompt"):
        index[task.key] = task.run, task.place
        done = task.key in answered
        counts[task.run, 0] += 1
        counts[task.run, 1] += done
        if not done:
            tokens, most = _tokens(task, count_tokens), task.request["max_tokens"]
            counts[task.run, 2:] += tokens, most
            _check_fits(plan.runs[task.run], tokens, most, context)
    return Survey(index, [RunEstimate(*map(int, row)) for row in counts])


def cost(prices: tuple[float, float], read: float, written: float) -> float:
    """What tokens cost at prices of a million."""
    return (read * prices[0] + written * prices[1]) / 1e6


def _tokens(task: Task, count_tokens: CountTokens) -> int:
    tokens = tokens_of(task.request)
    return count_tokens(task.request["messages"]) if tokens is None else tokens


def _check_fits(run: Run, tokens: int, most: int, context: int | None) -> None:
    if context is not None and tokens + most > context:
        cause = f"A prompt of {run.name} and its answer may have {tokens + most:,} tokens; the model reads {context:,}."
        raise InputError(cause, mend="Show fewer candidates or choices: candidates=10, history=5.")


def _request(run: Run, prompt: RankingPrompt, seed: int) -> dict[str, Any]:
    """The body of the request, in OpenAI's shape."""
    settings = run.variant.settings
    body: dict[str, Any] = {
        "model": run.served,
        "messages": list(prompt.messages),
        "max_tokens": prompt.max_tokens * (1 if settings.constrained else _UNCONSTRAINED_TOKENS),
        "temperature": settings.temperature,
    }
    if settings.temperature > 0:
        body["seed"] = seed
    if settings.constrained:
        schema = {"name": "answer", "schema": prompt.answer_schema, "strict": True}
        body["response_format"] = {"type": "json_schema", "json_schema": schema}
    return body


def _is_few_shot(run: Run) -> bool:
    return run.template.header.form is Form.FEW_SHOT


def _examples(people: People, settings: PromptSettings) -> list[tuple[str, RankingExample]]:
    """True examples of others, with who they are of: their last choice before the held-out ones was the next one.

    One more than is shown, so that nobody is an example to themselves.
    """
    able = [place for place, other in enumerate(people.others) if len(other.history) > settings.history]
    chosen = (able or list(range(len(people.others))))[: settings.examples + 1]
    items = people.artifacts.items.items
    found = []
    for place in chosen:
        history, target = people.others[place].history[:-1], int(people.others[place].history[-1])
        rows = people.candidates(people.scores([history]), [history], settings.candidates, settings.correction)[0]
        rows = [int(row) for row in rows if row >= 0 and row != target][: settings.candidates - 1]
        rows.insert(place * 7 % (len(rows) + 1), target)  # anywhere: its place must say nothing
        best = rows.index(target)
        ranking = (best, *(other for other in range(len(rows)) if other != best))[: settings.rank]
        task = RankingTask(
            history=tuple(items[row] for row in latest(history, settings.history)),
            candidates=tuple(items[row] for row in rows),
            count=len(ranking),
        )
        found.append((people.others[place].user_id, RankingExample(task=task, ranking=ranking)))
    return found


def _canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
