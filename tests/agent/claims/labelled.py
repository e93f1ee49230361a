"""Claims about two small catalogues, labelled by hand: films, books, clothes, games and an album, with many traps.

claims.jsonl holds a sentence a line with the item that it speaks of, what the person of its context said, and whether
all that it claims is true by catalogue.json or catalogue_2.json. README.md says which splits the rules were made on,
and what was found at the first look at each.
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
    split: Literal[
        "dev", "held_out", "fresh", "dev_2", "held_out_2", "dev_3", "dev_4", "dev_5", "dev_6", "dev_7", "dev_8",
        "held_out_4", "dev_9", "dev_10", "held_out_3",
    ]  # fmt: skip
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


class Catalogue:
    """A file of items, what crowds did with them, and the people of the sentences about them."""

    def __init__(self, name: str) -> None:
        given = json.loads((FOLDER / name).read_text(encoding="utf-8"))
        self.items = ItemTable(Item.model_validate(item) for item in given["items"])
        self.contexts = {name: Context.model_validate(context) for name, context in given["contexts"].items()}
        self.evidence = {
            item_id: [
                Evidence(id=f"{item_id}.c{number}", item_id=item_id, kind=EvidenceKind.CROWD, text=text)
                for number, text in enumerate(texts, start=1)
            ]
            for item_id, texts in given["crowd"].items()
        }

    def check(self, text: str, item_id: str, context: str) -> tuple[Claim, ...]:
        person, evidence = self.contexts[context], self.evidence.get(item_id, ())
        return ClaimChecker.of(self.items).check(text, item_id, evidence, person.intent, person.history)


@cache
def _catalogues() -> tuple[Catalogue, ...]:
    return Catalogue("catalogue.json"), Catalogue("catalogue_2.json")


def items() -> ItemTable:
    return _catalogues()[0].items


def check(text: str, item_id: str, context: str = "nobody") -> tuple[Claim, ...]:
    """The claims of a text about an item of its catalogue, for one of the people there."""
    catalogue = next(each for each in _catalogues() if item_id in each.items)
    return catalogue.check(text, item_id, context)


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
