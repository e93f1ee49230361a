"""The prompt that has a language model rank candidates for a person, rendered from any template.

Variables of a template:
    wording     how the catalogue's items are called: item, items, category
    history     what the person chose, oldest first; each has title and categories
    candidates  in the order in which they are shown; each has label (a letter), title and categories
    count       how many are to be ranked
    payload     history, candidates and count as JSON
    examples    true examples of other people: history, candidates, count, payload and answer (JSON)
    soft        whether soft tokens are given
Titles are data: they come on one line each, as `prompts.plain_text` makes them.
"""

from collections.abc import Sequence
from itertools import chain, islice
from string import ascii_uppercase
from typing import Any

from pydantic import Field

from core.artifacts import Wording
from core.item import Item
from core.values import Value
from prompts.answers import ANSWERS, example_answer
from prompts.chat_template import Message
from prompts.payload import to_prompt_json
from prompts.plain_text import plain
from prompts.template import PromptTemplate


class ShownItem(Value):
    """An item as a prompt names it; `label` is empty where it is not a candidate."""

    label: str = ""
    title: str
    categories: tuple[str, ...] = ()

    @classmethod
    def of(cls, item: Item, label: str = "") -> "ShownItem":
        """The item's title with its year, and its categories."""
        return cls(label=label, title=plain(item.label), categories=tuple(plain(one) for one in item.categories))


class RankingTask(Value):
    """What is asked about one person."""

    history: tuple[Item, ...] = Field(repr=False)
    candidates: tuple[Item, ...] = Field(repr=False)
    count: int = Field(ge=1)


class RankingExample(Value):
    """A task whose outcome is known; `ranking` are places among its candidates, best first."""

    task: RankingTask
    ranking: tuple[int, ...]


class RankingPrompt(Value):
    """A rendered prompt with the schema that its answer is held to."""

    messages: tuple[Message, ...] = Field(repr=False)
    answer_schema: dict[str, Any] = Field(repr=False)
    max_tokens: int


def labels_of(count: int) -> list[str]:
    """So many different labels: A to Z, then AA, AB, …"""
    pairs = (first + second for first in ascii_uppercase for second in ascii_uppercase)
    return list(islice(chain(ascii_uppercase, pairs), count))


def render_ranking(
    template: PromptTemplate,
    task: RankingTask,
    wording: Wording,
    examples: Sequence[RankingExample] = (),
    *,
    soft: bool = False,
) -> RankingPrompt:
    """The prompt for one person."""
    answer = ANSWERS[template.header.answer]
    messages = template.render(_variables(template.header.answer, task, wording, examples, soft=soft))
    return RankingPrompt(
        messages=tuple(messages),
        answer_schema=answer.json_schema(labels_of(len(task.candidates)), task.count),
        max_tokens=answer.max_tokens(task.count),
    )


def check_template(template: PromptTemplate) -> None:
    """Raises InputError, with the file and the line, for a template that can't be rendered."""
    items = [Item(id=str(n), title=f"Title {n}", year=1990 + n, categories=("Drama",)) for n in range(6)]
    task = RankingTask(history=tuple(items[:2]), candidates=tuple(items[2:]), count=2)
    examples = [RankingExample(task=task, ranking=(1, 0))]
    template.check(_variables(template.header.answer, task, Wording(), examples, soft=template.header.soft))


def _variables(
    answer: str, task: RankingTask, wording: Wording, examples: Sequence[RankingExample], *, soft: bool
) -> dict[str, Any]:
    return {
        "wording": wording,
        "soft": soft,
        **_shown(task),
        "examples": [{**_shown(example.task), "answer": _answer(answer, example, wording)} for example in examples],
    }


def _shown(task: RankingTask) -> dict[str, Any]:
    history = [ShownItem.of(item) for item in task.history]
    labels = labels_of(len(task.candidates))
    candidates = [ShownItem.of(item, label) for item, label in zip(task.candidates, labels, strict=True)]
    payload = {
        "chosen": [_described(item) for item in history],
        "candidates": {item.label: _described(item) for item in candidates},
        "rank": task.count,
    }
    return {"history": history, "candidates": candidates, "count": task.count, "payload": to_prompt_json(payload)}


def _described(item: ShownItem) -> str:
    return f"{item.title}: {', '.join(item.categories)}" if item.categories else item.title


def _answer(answer: str, example: RankingExample, wording: Wording) -> str:
    """The example's answer; its texts say only what the example shows."""
    labels = labels_of(len(example.task.candidates))
    best = ShownItem.of(example.task.candidates[example.ranking[0]])
    kinds = ", ".join(best.categories) or wording.item
    texts = {"reasoning": f"{best.title} is {kinds}.", "reason": f"{best.title} is {kinds}."}
    return example_answer(answer, [labels[place] for place in example.ranking], texts)
