"""Sentences are true, grammatical, and have stable ids."""

import pytest

from core.artifacts import Wording
from core.evidence import EvidenceKind
from core.intent import Asked, Audience, Intent, Mood, Preferences, Range, TurnKind
from index.phrases import attribute, counted, join, kind_of, plural, quantity, with_article
from index.sentences import shortened
from tests.index.films import WORDING, evidence_writer

INTENT = Intent(kind=TurnKind.RECOMMEND)


def _texts(item_id: str, intent: Intent = INTENT, history: tuple[str, ...] = ()) -> dict[str, str]:
    return {piece.id: piece.text for piece in evidence_writer().write(item_id, intent, history)}


def test_what_the_catalogue_says() -> None:
    texts = _texts("heat")
    assert texts == {
        "heat.m1": "It is an action crime film.",
        "heat.m2": "Thieves feel the heat.",
        "heat.m3": "It is directed by Michael Mann.",
        "heat.m4": "It stars Al Pacino and Robert De Niro.",
        "heat.m5": "It runs 170 minutes.",
        "heat.m6": "Its certificate is R.",
        "heat.c1": "It is rated 5.0 of 5 by 5 people.",
    }


def test_what_is_shared_with_named_and_chosen_items() -> None:
    texts = _texts("thief", INTENT.model_copy(update={"similar_to": ("heat",)}))
    assert texts["thief.g1"] == "Like Heat (1995), it is directed by Michael Mann."
    liked = _texts("fargo", INTENT.model_copy(update={"liked": ("heat",), "disliked": ("thief",)}), ("thief",))
    assert liked["fargo.c2"] == "People who chose Heat (1995) often chose it too: 5 of 5."
    assert liked["fargo.g1"] == "Like Heat (1995), it is a crime film."
    assert "Thief" not in " ".join(liked.values())


def test_how_it_meets_wishes() -> None:
    wishes = Preferences(
        categories=("Comedy",),
        moods=(Mood.FUNNY, Mood.SCARY),
        years=(Range(first=1990, last=1999),),
        numbers={"minutes": Range(last=95)},
        audience=Audience.KIDS,
    )
    evidence = evidence_writer().write("babe", INTENT.model_copy(update={"wishes": wishes}))
    assert [piece.text for piece in evidence if piece.kind is EvidenceKind.REQUEST] == [
        "As you asked, it is a comedy.",
        "It suits your wish for something funny: it is a children's comedy.",
        "As you asked, it is from 1995.",
        "As you asked, it runs 91 minutes.",
        "It may suit kids: it is a children's comedy.",
    ]
    people = INTENT.model_copy(update={"wishes": Preferences(people=("al pacino",))})
    assert "As you asked, it stars Al Pacino." in _texts("heat", people).values()


def test_a_family_is_one_and_kids_are_many() -> None:
    wishes = Preferences(audience=Audience.FAMILY)
    texts = _texts("babe", INTENT.model_copy(update={"wishes": wishes}))
    assert "It may suit a family: it is a children's comedy." in texts.values()


def test_few_of_those_who_chose_another_item_are_some_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    def briefly() -> set[str]:
        liked = INTENT.model_copy(update={"liked": ("heat",)})
        return {piece.brief for piece in evidence_writer().write("fargo", liked)}

    assert "People who chose Heat often chose it too." in briefly()
    monkeypatch.setattr("index.evidence.OFTEN", 1.1)
    assert "Some people who chose Heat also chose it." in briefly()


def test_ids_stay_when_the_conversation_changes() -> None:
    wished = _texts("heat", INTENT.model_copy(update={"wishes": Preferences(categories=("Crime",))}))
    assert wished.items() >= _texts("heat").items()


def test_what_was_asked_comes_first_and_few_are_kept() -> None:
    asked = INTENT.model_copy(update={"kind": TurnKind.ASK, "asked": Asked.LENGTH})
    assert [piece.id for piece in evidence_writer().write("heat", asked, limit=1)] == ["heat.m5"]


def test_nothing_is_said_of_what_is_unknown() -> None:
    assert _texts("undated") == {
        "undated.m1": "It is a drama.",
        "undated.c1": "It is rated 3.0 of 5 by 1 person.",
    }
    assert list(_texts("heat-again")) == ["heat-again.m1"]


@pytest.mark.parametrize(
    ("categories", "phrase"),
    [
        (["Comedy", "Romance"], "a romantic comedy"),
        (["Animation", "Children's", "Comedy"], "an animated children's comedy"),
        (["Crime", "Drama", "Thriller"], "a dramatic crime thriller"),
        (["Drama", "Romance"], "a romantic drama"),
        (["Romance"], "a romance"),
        (["Film-Noir"], "a film noir"),
        (["Action", "Adventure", "Sci-Fi", "War"], "an action, adventure, sci-fi and war film"),
        (["Cooking"], "a cooking film"),
        (["Heroes", "BBC"], "a film listed under heroes and BBC"),
    ],
)
def test_categories_as_a_phrase(categories: list[str], phrase: str) -> None:
    assert kind_of(categories, WORDING) == phrase


def test_other_catalogues_have_other_words() -> None:
    assert kind_of(["History", "Children"], Wording(item="book")) == "a history and children's book"
    assert kind_of(["Knitwear", "Shoes"], Wording(item="product")) == "listed under knitwear and shoes"


def test_numbers_in_a_sentence() -> None:
    assert quantity("pages", 1138) == "It has 1138 pages."
    assert quantity("price", 39.9) == "Its price is 39.9."
    assert quantity("downloads", 1_200_000) == "It has 1200000 downloads."
    assert attribute("age_rating", "PG") == "Its age rating is PG."
    assert attribute("mechanics", "dice, cards") == "Its mechanics are dice, cards."
    assert quantity("max players", 4) == "Its maximum number of players is 4."


def test_a_fact_with_a_word_of_the_wish_comes_before_the_plot() -> None:
    pieces = evidence_writer().write("heat", INTENT.model_copy(update={"query": "something about thieves"}))
    assert pieces[0].text == "Thieves feel the heat."


def test_grammar() -> None:
    words = ("actor", "hour", "universal joke")
    assert [with_article(word) for word in words] == ["an actor", "an hour", "a universal joke"]
    assert [plural(word) for word in ("genre", "category", "toy", "box")] == ["genres", "categories", "toys", "boxes"]
    assert [join(["a"]), join(["a", "b", "c"], "or"), join([])] == ["a", "a, b or c", ""]
    assert [counted(1, "person"), counted(1200, "person")] == ["1 person", "1,200 people"]
    assert [counted(1, "actor"), counted(2, "actor")] == ["1 actor", "2 actors"]


def test_long_texts_end_with_a_sentence_or_behind_a_word() -> None:
    assert shortened("Mr. Fox steals. He is caught by Dr. Hen, who is no fool.", limit=30) == "Mr. Fox steals."
    assert shortened("A very long sentence that does not end", limit=20) == "A very long…"
    assert shortened("No full stop") == "No full stop."
