"""Titles full of Markdown's signs are shown as they are, and a client that sends only text back is understood."""

import asyncio

import pytest

from agent.comparison import comparison
from agent.information import information
from agent.phrases import item_line
from agent.understand.rules import RulesUnderstanding
from core.artifacts import Wording
from core.conversation import Message
from core.intent import Intent, TurnKind
from core.item import Item, ItemTable
from core.markdown import unescaped
from core.recommendation import Recommendation

TITLES = ["*batteries not included", "M*A*S*H*", "__init__", "[REC]", "Point `Blank`", "<Alien>"]
ITEMS = ItemTable(
    [Item(id=str(n), title=title, year=1980 + n, categories=("Comedy",)) for n, title in enumerate(TITLES)]
)
WORDING = Wording(item="film", items="films", category="genre")


@pytest.mark.parametrize("item", ITEMS.items, ids=lambda item: item.title)
def test_an_answer_that_comes_back_as_text_names_its_items(item: Item) -> None:
    line = item_line(
        Recommendation(item_id=item.id, title=item.label, reason="It is a *comedy*.", evidence_ids=(), score=1.0)
    )
    assert unescaped(line) == f"**{item.label}** — It is a *comedy*."
    said = [
        Message(role="user", content="a comedy"),
        Message(role="assistant", content=f"Here is what I found: comedy.\n\n{line}"),
        Message(role="user", content="something else"),
    ]
    conversation = asyncio.run(RulesUnderstanding(ITEMS).understand(said))
    assert item.id in conversation.intent.shown


def test_answers_about_items_escape_them_too() -> None:
    about = ITEMS.items[:3]
    told = information(Intent(kind=TurnKind.ASK), about, {}, WORDING)
    table = comparison(about, {}, WORDING, Intent(kind=TurnKind.COMPARE), ITEMS, {})
    for text in (told, table):
        assert "*batteries" not in text.replace("\\*batteries", "")
        assert "\\_\\_init\\_\\_ (1982)" in text
        assert all(item.label in unescaped(text) for item in about)
