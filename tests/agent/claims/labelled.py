"""Claims about a small catalogue, labelled by hand: films, books, coats and a game, with traps of every kind.

claims.jsonl holds a sentence a line with the item that it speaks of, what the person of its context said, and whether
all that it claims is true by catalogue.json. A third of each kind was held out while the rules were made, and the
"fresh" ones were written after that. README.md says what was found at the first look at each.
"""

import json
from functools import cache
from pathlib import Path
from typing import Literal

from agent.claims.checker import ClaimChecker
from agent.claims.claim import Claim
from core.evidence import Evidence, EvidenceKind
from core.intent import Intent
from core.item import Item, ItemTable
from core.values import Value

FOLDER = Path(__file__).parent


class Labelled(Value):
    """A sentence about an item and whether all of it is supported."""

    id: int
    split: Literal["dev", "held_out", "fresh"]
    kind: str
    item: str
    context: str
    text: str
    supported: bool


class Context(Value):
    """A person."""

    intent: Intent
    history: tuple[str, ...]


@cache
def labelled() -> tuple[Labelled, ...]:
    lines = (FOLDER / "claims.jsonl").read_text(encoding="utf-8").splitlines()
    return tuple(Labelled.model_validate_json(line) for line in lines)


@cache
def _catalogue() -> tuple[ItemTable, dict[str, list[Evidence]], dict[str, Context]]:
    given = json.loads((FOLDER / "catalogue.json").read_text(encoding="utf-8"))
    evidence = {
        item_id: [
            Evidence(id=f"{item_id}.c{number}", item_id=item_id, kind=EvidenceKind.CROWD, text=text)
            for number, text in enumerate(texts, start=1)
        ]
        for item_id, texts in given["crowd"].items()
    }
    contexts = {name: Context.model_validate(context) for name, context in given["contexts"].items()}
    return ItemTable(Item.model_validate(item) for item in given["items"]), evidence, contexts


def items() -> ItemTable:
    return _catalogue()[0]


def check(text: str, item_id: str, context: str = "nobody") -> tuple[Claim, ...]:
    """The claims of a text about an item of the catalogue, for one of its people."""
    table, evidence, contexts = _catalogue()
    person = contexts[context]
    return ClaimChecker.of(table).check(text, item_id, evidence.get(item_id, ()), person.intent, person.history)


class Score(Value):
    """How well "unsupported" is told, with the sentences that were judged wrongly."""

    precision: float
    recall: float
    wrong: tuple[str, ...]


def score(split: str) -> Score:
    judged = [
        (each, any(not claim.holds for claim in check(each.text, each.item, each.context)))
        for each in labelled()
        if each.split == split
    ]
    hits = sum(flagged and not each.supported for each, flagged in judged)
    flagged_all = sum(flagged for _, flagged in judged)
    false_all = sum(not each.supported for each, _ in judged)
    wrong = tuple(f"{each.item}: {each.text}" for each, flagged in judged if flagged is each.supported)
    return Score(precision=hits / flagged_all, recall=hits / false_all, wrong=wrong)
