"""Answers to questions are whole sentences, and say only what the catalogue says."""

import pytest

from agent.information import Computed, information
from agent.phrases import moved
from core.artifacts import Wording
from core.candidate import Move
from core.evidence import Evidence
from core.intent import Asked, Intent, TurnKind
from core.item import Credit, Item
from tests.index.films import ITEMS, WORDING, evidence_writer

BOOKS = Wording(item="book", items="books", category="genre")
EMMA = Item(
    id="emma",
    title="Emma",
    categories=("Romance", "Classic"),
    people=(Credit(name="Jane Austen", role="author"),),
    numbers={"pages": 474},
)
PRIDE = EMMA.model_copy(update={"id": "pride", "title": "Pride and Prejudice"})


def asked(question: Asked, *item_ids: str, kind: TurnKind = TurnKind.ASK) -> str:
    intent = Intent(kind=kind, asked=question)
    evidence: dict[str, tuple[Evidence, ...]] = {
        item_id: evidence_writer().write(item_id, intent) for item_id in item_ids
    }
    return information(intent, [ITEMS[item_id] for item_id in item_ids], evidence, WORDING)


@pytest.mark.parametrize(
    ("question", "item_id", "answer"),
    [
        (Asked.DIRECTOR, "heat", "**Heat (1995)** — It is directed by Michael Mann."),
        (Asked.CAST, "heat", "**Heat (1995)** — It stars Al Pacino and Robert De Niro."),
        (Asked.CAST, "fargo", "**Fargo (1996)** — This catalogue doesn't say who is in it."),
        (Asked.LENGTH, "heat", "**Heat (1995)** — 170 minutes."),
        (Asked.RATING, "heat", "**Heat (1995)** — It is rated 5.0 of 5 by 5 people."),
        (
            Asked.AUDIENCE,
            "scream",
            "**Scream (1996)** — It is a horror thriller, rated R, so I would not show it to children.",
        ),
        (Asked.AUDIENCE, "babe", "**Babe (1995)** — It is a children's comedy, so it should suit children."),
        (Asked.AUDIENCE, "undated", "**Lost Reel** — It is a drama. Whether that suits, you know best."),
        (Asked.GENERAL, "undated", "**Lost Reel** — It is a drama. It is rated 3.0 of 5 by 1 person."),
    ],
)
def test_a_question(question: Asked, item_id: str, answer: str) -> None:
    assert asked(question, item_id) == answer


def test_a_comparison_names_what_is_shared() -> None:
    films = asked(Asked.YEAR, "heat", "thief", kind=TurnKind.COMPARE)
    assert films.endswith(
        "They share the director Michael Mann and the genre crime. Thief is the oldest and Heat is the newest."
    )
    books = information(Intent(kind=TurnKind.COMPARE, asked=Asked.LENGTH), [EMMA, PRIDE], {}, BOOKS)
    assert books.splitlines() == [
        "- **Emma** — 474 pages.",
        "- **Pride and Prejudice** — 474 pages.",
        "",
        "They share the author Jane Austen and the genres romance and classic.",
    ]


def test_an_unknown_title_is_not_guessed() -> None:
    unknown = Intent(kind=TurnKind.ASK, unknown_titles=("ski goggles",))
    assert information(unknown, [], {}, BOOKS) == "I found no “ski goggles” in this catalogue, so I won't guess."


@pytest.mark.parametrize(
    ("move", "told"),
    [
        (
            Move(before=9, after=2, shifts={"popularity": 0.1}),
            "up from place 9 to place 2: films that more people chose",
        ),
        (Move(before=1, after=3, shifts={"popularity": -1}), "down from place 1 to place 3: films that fewer people"),
        (Move(before=None, after=3, shifts={"popularity": 1}), "up to place 3 from far down the list: films that more"),
        (
            Move(before=4, after=3, shifts={"popularity": 1, "parity": 0}),
            "The corrections for popularity and for parity moved it up from place 4 to place 3.",
        ),
    ],
)
def test_why_says_what_moved(move: Move, told: str) -> None:
    why = Intent(kind=TurnKind.ASK, asked=Asked.WHY)
    assert told in information(why, [ITEMS["heat"]], {}, WORDING, Computed(moves={"heat": move}))
    assert told in information(
        why.model_copy(update={"asked": Asked.MOVE}), [ITEMS["heat"]], {}, WORDING, Computed(moves={"heat": move})
    )


def test_what_did_not_move_is_not_spoken_of() -> None:
    assert moved(Move(before=2, after=2, shifts={"popularity": -1}), WORDING) == ""
    assert moved(None, WORDING) == ""


def test_a_price_is_said_in_its_currency() -> None:
    price = Intent(kind=TurnKind.ASK, asked=Asked.PRICE)
    sold = EMMA.model_copy(update={"numbers": {"price": 12.5}, "facts": {"currency": "EUR"}})
    assert information(price, [sold], {}, BOOKS) == "**Emma** — It costs 12.50 EUR."
    assert information(price, [EMMA], {}, BOOKS) == "**Emma** — This catalogue doesn't say what it costs."


def test_one_sentence_says_what_was_told_of_several() -> None:
    told = Intent(kind=TurnKind.COMPARE, asked=Asked.GENERAL, liked=("emma", "pride"))
    words = information(told, [EMMA, PRIDE], {}, BOOKS, Computed())
    assert words.endswith("You said that you like Emma and Pride and Prejudice.")
