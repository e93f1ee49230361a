"""Vetoes hold, and wishes never starve a list."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.intent import Audience, Mood, Preferences, Range
from core.item import Credit, Item
from index.facets import Facets
from index.filters import Selection, matches, rules_out, select, unsuitable, unsuits, violates, wishes_of
from tests.index.films import ITEMS

CATEGORIES = ["Action", "Children's", "Comedy", "Crime", "Drama", "Horror", "War"]
PEOPLE = ["Ann Li", "Bo Ek", "Cy Poe"]

names = st.sampled_from(CATEGORIES)
years = st.one_of(st.none(), st.integers(1950, 2000))
ranges = st.tuples(st.integers(1950, 2000), st.integers(0, 20)).map(lambda pair: Range(first=pair[0], last=sum(pair)))
items = st.builds(
    Item,
    id=st.just("1"),
    title=st.just("One"),
    year=years,
    categories=st.lists(names, max_size=3, unique=True).map(tuple),
    people=st.lists(st.sampled_from(PEOPLE), max_size=2, unique=True).map(
        lambda each: tuple(Credit(name=name, role="actor") for name in each)
    ),
    numbers=st.one_of(st.just({}), st.integers(60, 200).map(lambda minutes: {"minutes": minutes})),
    facts=st.sampled_from([{}, {"certificate": "R"}, {"certificate": "G"}]),
)
preferences = st.builds(
    Preferences,
    categories=st.lists(names, max_size=2, unique=True).map(tuple),
    years=st.lists(ranges, max_size=2).map(tuple),
    people=st.lists(st.sampled_from(PEOPLE), max_size=2, unique=True).map(tuple),
    moods=st.lists(st.sampled_from(Mood), max_size=2, unique=True).map(tuple),
    audience=st.one_of(st.none(), st.sampled_from(Audience)),
    numbers=st.one_of(st.just({}), st.integers(60, 200).map(lambda most: {"minutes": Range(last=most)})),
)


def _select(catalog: Sequence[Item], wishes: Preferences, needed: int) -> Selection:
    return select(Facets.of(catalog), np.ones(len(catalog), dtype=bool), wishes, needed)


@given(items, preferences)
def test_nothing_on_a_veto_passes(item: Item, vetoes: Preferences) -> None:
    on_veto = (
        set(item.categories) & set(vetoes.categories)
        or {credit.name for credit in item.people} & set(vetoes.people)
        or (item.year and any(item.year in each for each in vetoes.years))
        or (
            "minutes" in item.numbers
            and "minutes" in vetoes.numbers
            and item.numbers["minutes"] in vetoes.numbers["minutes"]
        )
        or (Mood.SCARY in vetoes.moods and "Horror" in item.categories)
        or (Mood.VIOLENT in vetoes.moods and {"Action", "War", "Crime", "Horror"} & set(item.categories))
    )
    if on_veto:
        assert violates(item, vetoes)
    if vetoes.is_empty:
        assert not violates(item, vetoes)
    assert rules_out(vetoes, Facets.of([item])).tolist() == [violates(item, vetoes)]


@given(st.lists(items, max_size=12), preferences, st.integers(1, 5))
def test_wishes_never_starve_a_list(catalog: list[Item], wishes: Preferences, needed: int) -> None:
    selection = _select(catalog, wishes, needed)
    least = 1 if wishes.categories or wishes.people or wishes.audience in {Audience.KIDS, Audience.FAMILY} else needed
    assert selection.chosen.sum() >= min(least, len(catalog))
    kept = {wish.words for wish in selection.kept}
    for chosen, item in zip(selection.chosen, catalog, strict=True):
        assert chosen == all(is_met for words, is_met in matches(item, wishes).items() if words in kept)


@given(st.lists(items, max_size=12), preferences)
def test_wishes_that_can_be_met_are_not_given_up(catalog: list[Item], wishes: Preferences) -> None:
    met = [all(matches(item, wishes).values()) for item in catalog]
    selection = _select(catalog, wishes, needed=2)
    if sum(met) >= 2:
        assert selection.chosen.tolist() == met
        assert selection.relaxed == ()


@pytest.mark.parametrize(
    ("vetoes", "ruled_out"),
    [
        (Preferences(categories=("crime",)), ["heat", "thief", "fargo", "heat-again"]),
        (Preferences(years=(Range(last=1994),)), ["thief"]),
        (Preferences(people=("al pacino",)), ["heat"]),
        (Preferences(numbers={"minutes": Range(first=120)}), ["heat"]),
        (Preferences(moods=(Mood.SCARY,)), ["scream"]),
        (Preferences(moods=(Mood.VIOLENT,)), ["heat", "thief", "fargo", "scream", "heat-again"]),
        (Preferences(moods=(Mood.SAD,)), ["fargo", "undated"]),
        (Preferences(audience=Audience.KIDS), ["babe", "toys"]),
        (Preferences(), []),
    ],
)
def test_vetoes(vetoes: Preferences, ruled_out: list[str]) -> None:
    assert [item.id for item in ITEMS if violates(item, vetoes)] == ruled_out


@pytest.mark.parametrize(
    ("wishes", "vetoed", "categories", "is_ruled_out"),
    [
        (Preferences(moods=(Mood.SCARY,)), Mood.VIOLENT, ("Horror",), False),
        (Preferences(moods=(Mood.SCARY,)), Mood.VIOLENT, ("Horror", "Thriller"), False),
        (Preferences(moods=(Mood.SCARY,)), Mood.VIOLENT, ("Horror", "War"), True),
        (Preferences(moods=(Mood.SCARY,)), Mood.VIOLENT, ("Thriller",), True),  # not what is wished for
        (Preferences(moods=(Mood.TENSE,)), Mood.VIOLENT, ("Thriller",), False),
        (Preferences(moods=(Mood.TENSE,)), Mood.VIOLENT, ("Horror", "Thriller"), True),
        (Preferences(categories=("Western",)), Mood.VIOLENT, ("Western",), False),
        (Preferences(moods=(Mood.EXCITING,)), Mood.VIOLENT, ("Action",), True),  # adventures are left for that wish
        (Preferences(moods=(Mood.FEEL_GOOD,)), Mood.ROMANTIC, ("Romance",), True),
        (Preferences(moods=(Mood.SCARY,)), Mood.SCARY, ("Horror",), True),
    ],
)
def test_a_vetoed_mood_spares_what_is_wished_for(
    wishes: Preferences, vetoed: Mood, categories: tuple[str, ...], is_ruled_out: bool
) -> None:
    item = Item(id="1", title="One", categories=categories)
    assert violates(item, Preferences(moods=(vetoed,)), wishes) == is_ruled_out


@pytest.mark.parametrize(
    ("categories", "wishes", "is_met"),
    [
        (("Kinderbuch",), Preferences(audience=Audience.KIDS), True),
        (("Jeunesse",), Preferences(audience=Audience.FAMILY), True),
        (("Infantil",), Preferences(audience=Audience.KIDS), True),
        (("Komödie",), Preferences(moods=(Mood.FUNNY,)), True),
        (("Comédie",), Preferences(moods=(Mood.FUNNY,)), True),
        (("Liebesroman",), Preferences(moods=(Mood.ROMANTIC,)), True),
        (("Policier",), Preferences(moods=(Mood.DARK,)), True),
        (("Terror", "Infantil"), Preferences(moods=(Mood.SCARY,)), False),
        (("Sachbuch",), Preferences(moods=(Mood.THOUGHTFUL,)), True),
    ],
)
def test_moods_and_audiences_in_other_languages(categories: tuple[str, ...], wishes: Preferences, is_met: bool) -> None:
    assert all(matches(Item(id="1", title="One", categories=categories), wishes).values()) == is_met


def test_what_is_unsuitable_for_kids_in_other_languages() -> None:
    for category in ("Krimi", "Policier", "Terror", "Kriegsfilm"):
        assert unsuitable(Item(id="1", title="One", categories=(category,)), Preferences(audience=Audience.KIDS))


@pytest.mark.parametrize(
    ("wishes", "met"),
    [
        (Preferences(years=(Range(first=1990, last=1995),)), ["heat", "babe", "toys", "heat-again"]),
        (Preferences(categories=("Drama",)), ["fargo", "undated"]),
        (Preferences(numbers={"minutes": Range(last=95)}), ["babe"]),
        (Preferences(moods=(Mood.FUNNY,)), ["babe", "toys"]),
        (Preferences(people=("Michael Mann",)), ["heat", "thief"]),
        (Preferences(audience=Audience.FAMILY), ["babe", "toys"]),
    ],
)
def test_wishes(wishes: Preferences, met: list[str]) -> None:
    assert [item.id for item in ITEMS if all(matches(item, wishes).values())] == met


def test_what_is_unsuitable_for_kids_is_not_a_wish() -> None:
    unsuited = [item.id for item in ITEMS if unsuitable(item, Preferences(audience=Audience.KIDS))]
    assert unsuited == ["heat", "thief", "fargo", "scream", "heat-again"]


def test_wishes_are_given_up_in_the_stated_order_and_named() -> None:
    wishes = Preferences(
        categories=("Crime", "Drama"), years=(Range(first=1990, last=1999),), numbers={"minutes": Range(last=60)}
    )
    one = _select(ITEMS.items, wishes, needed=1)
    assert [wish.words for wish in one.relaxed] == ["up to 60 minutes"]
    assert one.chosen.nonzero()[0].tolist() == [2]
    three = _select(ITEMS.items, wishes, needed=3)
    assert [wish.words for wish in three.relaxed] == ["up to 60 minutes", "crime and drama at once"]
    assert three.chosen.nonzero()[0].tolist() == [0, 2, 7]


def test_a_wish_that_was_not_the_obstacle_is_taken_back() -> None:
    wishes = Preferences(moods=(Mood.FUNNY,), people=("Nobody",))
    selection = _select(ITEMS.items, wishes, needed=2)
    assert [wish.words for wish in selection.relaxed] == ["Nobody"]
    assert selection.chosen.nonzero()[0].tolist() == [3, 4]


THRILLERS = [
    Item(id="1", title="One", categories=("Crime & Thriller",), numbers={"pages": 100}),
    Item(id="2", title="Two", categories=("Comedy/Romance",), numbers={"pages": 310}),
    Item(id="3", title="Three", categories=("Kids & Family",), numbers={"pages": 900}),
    Item(id="4", title="Four", categories=("Comedy/Romance",)),
]


def test_moods_and_audiences_read_each_kind_of_a_category() -> None:
    facets = Facets.of(THRILLERS)
    assert unsuits(Preferences(audience=Audience.KIDS), facets).tolist() == [True, False, False, False]
    assert rules_out(Preferences(moods=(Mood.FUNNY,)), facets).tolist() == [False, True, False, True]
    kids = _select(THRILLERS[1:], Preferences(audience=Audience.KIDS), needed=1)
    assert kids.chosen.tolist() == [False, True, False]
    # A wish for the category itself is as exact as ever.
    assert not rules_out(Preferences(categories=("Comedy",)), facets).any()


def test_what_is_nearer_to_a_number_comes_nearer_to_the_wish() -> None:
    facets = Facets.of(THRILLERS)
    [wish] = wishes_of(Preferences(numbers={"pages": Range(last=300)}))
    inside, near, far, unknown = wish.near(facets)
    assert (inside, unknown) == (1, 0)
    assert 0.4 < near < 0.5
    assert 0 < far < 0.1
    [kind] = wishes_of(Preferences(categories=("Kids & Family",)))
    assert kind.near(facets).tolist() == [0, 0, 1, 0]
