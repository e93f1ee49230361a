"""The checker on claims that were labelled by hand, and what it says of single ones."""

import time
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.claims.catalogue import Names
from agent.claims.checker import ClaimChecker
from agent.claims.claim import ClaimKind, Support
from core.evidence import Evidence, EvidenceKind
from core.intent import Audience, Intent, Mood, Preferences, Range, TurnKind
from core.item import Item, ItemTable
from tests.agent.claims.labelled import check, items, labelled, score


def test_the_set_is_large_and_balanced() -> None:
    counts = Counter(each.supported for each in labelled())
    assert sum(counts.values()) >= 200
    assert min(counts.values()) >= 0.4 * sum(counts.values())
    assert {each.split for each in labelled()} == set(LEVELS)
    kinds = Counter((each.kind, each.supported) for each in labelled())
    for kind in (
        "year",
        "category",
        "person",
        "content",
        "similarity",
        "comparison",
        "crowd",
        "number",
        "fact",
        "personal",
    ):
        assert min(kinds[kind, True], kinds[kind, False]) >= 5


# README.md says which of these the rules were made on; a little under what was measured, so that a loss is seen.
LEVELS = {
    "dev": (0.98, 0.98),
    "held_out": (0.98, 0.98),
    "fresh": (0.95, 0.97),
    "dev_2": (0.97, 0.97),
    "held_out_2": (0.83, 0.96),
    "dev_3": (0.95, 0.98),
    "dev_4": (0.63, 0.98),
    "dev_5": (0.75, 0.98),
    "dev_6": (0.71, 0.98),
    "dev_7": (0.98, 0.95),
    "dev_8": (0.8, 0.9),
    "held_out_4": (0.61, 0.9),
    "held_out_3": (0.64, 0.9),
    "dev_9": (0.76, 0.98),
    "dev_10": (0.44, 0.98),
}


@pytest.mark.parametrize("split", LEVELS)
def test_unsupported_claims_are_found(split: str) -> None:
    found, (precision, recall) = score(split), LEVELS[split]
    assert found.precision >= precision, found.wrong
    assert found.recall >= recall, found.wrong


@pytest.mark.parametrize(
    ("text", "item", "kind", "support", "where"),
    [
        ("It came out in 1995.", "heat", ClaimKind.YEAR, Support.SUPPORTED, "year"),
        ("It came out in 1996.", "heat", ClaimKind.YEAR, Support.CONTRADICTED, ""),
        ("It is from 2019.", "parka", ClaimKind.YEAR, Support.UNSUPPORTED, ""),
        ("Its director is Mann.", "heat", ClaimKind.PERSON, Support.SUPPORTED, "people"),
        ("It runs 170 minutes.", "heat", ClaimKind.NUMBER, Support.SUPPORTED, "numbers.minutes"),
        ("A masterpiece.", "heat", ClaimKind.OPINION, Support.UNSUPPORTED, ""),
        ("It is navy.", "parka", ClaimKind.FACT, Support.SUPPORTED, "facts.colour"),
        ("It is longer than Thief.", "heat", ClaimKind.COMPARISON, Support.SUPPORTED, "length"),
    ],
)
def test_a_claim_says_what_supports_it(text: str, item: str, kind: ClaimKind, support: Support, where: str) -> None:
    claims = check(text, item)
    assert [(claim.kind, claim.support, claim.field) for claim in claims] == [(kind, support, where)]


@pytest.mark.parametrize(
    ("text", "item", "holds"),
    [
        ("The library hides a forbidden book.", "rose", True),
        ("The novice hides a forbidden book.", "rose", False),
        ("A hobbit who loves comfort is talked into a quest.", "hobbit", True),
        ("A dragon who loves comfort is talked into a quest.", "hobbit", False),
        ("A pregnant chief follows the trail.", "fargo", True),
        ("A pregnant wife is kidnapped.", "fargo", False),
        ("The boots have a padded ankle.", "boots", True),
        ("The boots have a padded sole.", "boots", False),
    ],
)
def test_what_is_true_of_one_is_not_true_of_another(text: str, item: str, holds: bool) -> None:
    assert all(claim.holds for claim in check(text, item)) is holds


@pytest.mark.parametrize(
    ("text", "item", "holds"),
    [
        ("It was recorded by six musicians.", "blue", True),  # a sextet
        ("It was recorded by seven musicians.", "blue", False),
        ("It tells of two lawmen and a murder.", "night", True),  # a detective and a sheriff
        ("It tells of three lawmen and a murder.", "night", False),
        ("It followed Alien seven years later.", "aliens", True),
        ("It followed Alien eight years later.", "aliens", False),
        ("3.1 out of 5, from 300 people.", "aliens", True),
        ("3.4 out of 5, from 300 people.", "aliens", False),
        ("An American film with an R rating.", "heat", True),
        ("An American film with a PG rating.", "heat", False),
    ],
)
def test_what_is_counted_may_be_named_otherwise(text: str, item: str, holds: bool) -> None:
    assert all(claim.holds for claim in check(text, item)) is holds


def test_a_negation_ends_where_its_verb_does() -> None:
    assert all(
        claim.holds for claim in check("Emma arranges matches for her friends.", "emma")
    )  # "never means to marry"
    assert not all(claim.holds for claim in check("Emma means to marry.", "emma"))


def test_who_liked_it_is_told_from_who_did_not() -> None:
    assert all(claim.holds for claim in check("It is a crime film, and you liked it before.", "heat", "crime"))
    assert not all(claim.holds for claim in check("It is a crime film, and you liked it before.", "thief", "crime"))


_CHOSEN = ("Heat (1995)", "Alien (1979)")


def test_what_people_chose_together_says_nothing_of_a_third_item() -> None:
    evidence = [
        Evidence(id=f"thief.c{n}", item_id="thief", kind=EvidenceKind.CROWD, text=text)
        for n, text in enumerate(f"People who chose {liked} often chose it too: 9 of 20." for liked in _CHOSEN)
    ]
    checker = ClaimChecker.of(items())
    (claim,) = checker.check("People who chose Heat often also chose Alien (1979).", "thief", evidence)
    assert not claim.holds
    (claim,) = checker.check("People who chose Heat often also chose it.", "thief", evidence)
    assert claim.holds


def test_a_claim_about_others_names_its_evidence() -> None:
    (claim,) = check("210 people gave it 3.9 out of 5 on average.", "thief")
    assert claim.evidence_ids == ("thief.c1",)


@pytest.mark.parametrize("text", ["", "You might enjoy it.", "!?", "It is what it is."])
def test_filler_claims_nothing(text: str) -> None:
    assert check(text, "heat") == ()


def test_a_quoted_sentence_is_supported_by_what_it_quotes() -> None:
    piece = Evidence(id="1.g1", item_id="1", kind=EvidenceKind.GRAPH, text="It shares 3 writers with Ghost Ship.")
    items = ItemTable([Item(id="1", title="One"), Item(id="2", title="Ghost Ship")])
    (claim,) = ClaimChecker.of(items).check("It shares 3 writers with Ghost Ship.", "1", [piece])
    assert claim.evidence_ids == ("1.g1",)
    assert any(
        not each.holds for each in ClaimChecker.of(items).check("It shares 4 writers with Ghost Ship.", "1", [piece])
    )


def test_a_wish_that_evidence_says_is_met_may_have_another_ground() -> None:
    text = "It may suit family: it is a crime comedy."
    piece = Evidence(id="1.r1", item_id="1", kind=EvidenceKind.REQUEST, text=text)
    checker = ClaimChecker.of(ItemTable([Item(id="1", title="One", categories=("Comedy", "Crime", "Horror"))]))
    assert all(claim.holds for claim in checker.check("It may suit family: it is a comedy.", "1", [piece]))
    assert not all(claim.holds for claim in checker.check("It may suit family: it is a drama.", "1", [piece]))
    assert not all(claim.holds for claim in checker.check("It may suit adults: it is a comedy.", "1", [piece]))


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("People who chose Alien also chose it.", False),  # 12 of 90 did
        ("People who chose Alien chose it too.", False),
        ("Those who chose Alien chose this as well.", False),
        ("You chose Alien, and people who did chose this too.", False),
        ("Many people who chose Alien also chose it.", False),
        ("Some people who chose Alien also chose it.", True),
        ("Some of those who chose Alien chose it too.", True),
        ("A few who chose Alien chose it too.", True),
        ("12 of the 90 people who chose Alien also chose it.", True),
        ("People who chose Heat also chose it.", True),  # 88 of 150 did
        ("Many people who chose Heat also chose it.", True),
        ("Most people who chose Heat also chose it.", True),
    ],
)
def test_who_chose_another_item_is_said_of_all_only_where_often_is_fair(text: str, holds: bool) -> None:
    claims = check(text, "thief")
    assert all(claim.holds for claim in claims if claim.kind is ClaimKind.CROWD) is holds


def test_where_no_plot_is_known_nobody_is_its_hero() -> None:
    items = ItemTable([Item(id="1", title="One", categories=("Comedy",))])
    claims = ClaimChecker.of(items).check("This is a funny story about a man.", "1")
    assert [claim.holds for claim in claims] == [True, False]


def test_a_wish_that_is_met_may_be_told_behind_its_ground() -> None:
    piece = Evidence(id="1.r1", item_id="1", kind=EvidenceKind.REQUEST, text="It may suit a family: it is a comedy.")
    checker = ClaimChecker.of(ItemTable([Item(id="1", title="One", categories=("Comedy",))]))
    for text in ("It is a comedy, so it may suit a family.", "As it is a comedy, it may suit a family."):
        assert all(claim.holds for claim in checker.check(text, "1", [piece])), text
        assert not all(claim.holds for claim in checker.check(text.replace("a family", "teens"), "1", [piece])), text


def test_a_checker_is_made_once_for_a_catalogue() -> None:
    items = ItemTable([Item(id="1", title="One")])
    assert ClaimChecker.of(items) is ClaimChecker.of(items)


def test_a_reason_takes_under_a_millisecond() -> None:
    cases = [each for each in labelled() if each.split == "dev"]
    for each in cases:
        check(each.text, each.item, each.context)
    start = time.process_time()
    for each in cases:
        check(each.text, each.item, each.context)
    assert (time.process_time() - start) / len(cases) < 0.001


def test_what_items_are_called_is_no_claim() -> None:
    wine = Item(id="1", title="Riesling", categories=("white",), numbers={"price": 9.9}, facts={"currency": "EUR"})
    wishes = Preferences(categories=("white",), numbers={"price": Range(last=20)})
    intent = Intent(kind=TurnKind.RECOMMEND, wishes=wishes)
    piece = Evidence(
        id="1.r1", item_id="1", kind=EvidenceKind.REQUEST, text="As you asked, it is a white wine.", score=1
    )
    checker = ClaimChecker.of(ItemTable([wine, Item(id="2", title="Barolo", categories=("red",))]))
    for text, holds in (
        ("It is a white wine and costs 9.90 EUR, as you asked.", True),
        ("It costs 9.90 EUR, as you asked.", True),  # they asked for up to 20
        ("It is a red wine, as you asked.", False),
        ("It costs 12 EUR, as you asked.", False),
        ("This white wine won a medal.", False),
    ):
        claims = checker.check(text, "1", [piece], intent)
        assert all(claim.holds for claim in claims) is holds, (text, claims)


@pytest.mark.parametrize(
    ("wishes", "text", "holds"),
    [
        (Preferences(categories=("Thriller",)), "As you asked, it is a thriller.", True),
        (Preferences(categories=("Thriller",)), "As you asked, it is a dramatic crime thriller.", False),
        (Preferences(categories=("Thriller",)), "It is a crime thriller, which is what you asked for.", False),
        (Preferences(categories=("Thriller",)), "It is a crime film, and a thriller, as you asked.", True),
        (Preferences(categories=("Thriller", "Crime")), "As you asked, it is a crime thriller.", True),
        (Preferences(categories=("Thriller",), moods=(Mood.DARK,)), "As you asked, it is a crime thriller.", True),
        (Preferences(categories=("Drama",), moods=(Mood.TENSE,)), "As you asked, it is a crime drama.", True),
        (Preferences(categories=("Drama",), moods=(Mood.TENSE,)), "As you asked, it is a romantic drama.", False),
        (Preferences(categories=("Drama",), audience=Audience.DATE), "As you asked, it is a romantic drama.", True),
        (Preferences(categories=("Drama",), audience=Audience.DATE), "As you asked, it is a crime drama.", False),
    ],
)
def test_each_category_that_is_said_to_be_asked_for_was(wishes: Preferences, text: str, holds: bool) -> None:
    film = Item(id="1", title="One", categories=("Crime", "Drama", "Romance", "Thriller"))
    intent = Intent(kind=TurnKind.RECOMMEND, wishes=wishes)
    claims = ClaimChecker.of(ItemTable([film])).check(text, "1", (), intent)
    assert all(claim.holds for claim in claims) is holds, claims


def test_what_is_said_to_be_asked_for_may_be_that_of_what_it_is_to_be_like() -> None:
    films = ItemTable([Item(id=i, title=f"Film {i}", categories=("Crime", "Thriller")) for i in ("One", "Two")])
    intent = Intent(kind=TurnKind.RECOMMEND, similar_to=("Two",))
    for text, holds in (
        ("As you asked, it is a crime thriller like Film Two.", True),
        ("As you asked, it is no crime thriller like Film Two.", False),
    ):
        assert all(claim.holds for claim in ClaimChecker.of(films).check(text, "One", (), intent)) is holds


def test_a_comparison_that_is_said_to_be_asked_for_is_still_checked() -> None:
    text = "Alpine Trek Boots. Shorter as you asked 189."
    for each in items():
        assert all(0 <= claim.start < claim.end <= len(text) for claim in check(text, each.id))


_WORDS = sorted({word for each in labelled() for word in each.text.split()})
_ODD = "!!! … ( 's ’ '77 ½ ५ 東京 1h half an hour as you asked shorter like so".split()


@given(st.lists(st.one_of(st.sampled_from(_WORDS), st.sampled_from(_ODD), st.sampled_from([i.title for i in items()]))))
@settings(max_examples=150, deadline=None)
def test_whatever_a_model_writes_is_read_without_a_fault(words: list[str]) -> None:
    text = " ".join(words)
    for claim in check(text, next(iter(items())).id):
        assert 0 <= claim.start < claim.end <= len(text)


def test_names_that_thousands_share_are_added_without_comparing_them() -> None:
    compared = 0

    class Counting(str):
        __slots__ = ()
        __hash__ = str.__hash__

        def __eq__(self, other: object) -> bool:
            nonlocal compared
            compared += 1
            return str.__eq__(self, other)

    names = Names[str]()
    for number in range(2_000):
        names.add(("untitled",), Counting(number))
    assert len(names.get(("untitled",))) == 2_000
    assert compared < 2_000
