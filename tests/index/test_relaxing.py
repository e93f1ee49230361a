"""What happens to wishes that can't all be met: by property, for any catalogue and any wishes."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.intent import Preferences, Range
from core.item import Item
from index.facets import Facets, Mask
from index.filters import Rank, Selection, Wish, rules_out, select, unsuits, wishes_of
from tests.index.test_filters import items, preferences

catalogs = st.lists(items, max_size=12)
pages = st.integers(50, 900).map(float)


def _select(catalog: list[Item], wishes: Preferences, vetoes: Preferences, needed: int) -> tuple[Selection, Mask]:
    facets = Facets.of(catalog)
    allowed = ~(rules_out(vetoes, facets) | unsuits(wishes, facets))
    return select(facets, allowed, wishes, needed), allowed


def _meeting(catalog: list[Item], allowed: Mask, wishes: tuple[Wish, ...]) -> Mask:
    facets = Facets.of(catalog)
    return np.logical_and.reduce([allowed, *(wish.met_by(facets) for wish in wishes)])


@given(catalogs, preferences, preferences, st.integers(1, 6))
def test_vetoes_and_what_is_unsuitable_are_never_relaxed(
    catalog: list[Item], wishes: Preferences, vetoes: Preferences, needed: int
) -> None:
    selection, allowed = _select(catalog, wishes, vetoes, needed)
    assert not (selection.chosen & ~allowed).any()


@given(catalogs, preferences, preferences, st.integers(1, 6))
def test_the_list_is_as_long_as_the_catalogue_allows(
    catalog: list[Item], wishes: Preferences, vetoes: Preferences, needed: int
) -> None:
    selection, allowed = _select(catalog, wishes, vetoes, needed)
    firm = [wish for wish in selection.kept if wish.rank.is_firm]
    possible = int(_meeting(catalog, allowed, tuple(firm)).sum())
    assert selection.chosen.sum() >= min(needed, possible)
    assert possible > 0 or not allowed.any()


@given(catalogs, preferences, preferences, st.integers(1, 6))
def test_every_wish_is_kept_and_met_or_reported_once(
    catalog: list[Item], wishes: Preferences, vetoes: Preferences, needed: int
) -> None:
    selection, allowed = _select(catalog, wishes, vetoes, needed)
    words = [wish.words for wish in (*selection.kept, *selection.relaxed)]
    assert sorted(words) == sorted(wish.words for wish in wishes_of(wishes))
    assert (selection.chosen == _meeting(catalog, allowed, selection.kept)).all()


@given(catalogs, preferences, preferences, st.integers(1, 6))
def test_wishes_are_given_up_in_the_stated_order_and_none_in_vain(
    catalog: list[Item], wishes: Preferences, vetoes: Preferences, needed: int
) -> None:
    selection, allowed = _select(catalog, wishes, vetoes, needed)
    ranks = [wish.rank for wish in selection.relaxed]
    assert ranks == sorted(ranks)
    enough = min(needed, int(selection.chosen.sum()))
    for wish in selection.relaxed:  # keeping it, too, would leave too few
        assert _meeting(catalog, allowed, (*selection.kept, wish)).sum() < enough
    # No more important wish was given up where giving up all less important ones was enough.
    for wish in selection.relaxed:
        stronger = tuple(each for each in wishes_of(wishes) if each.rank >= wish.rank)
        least = 1 if wish.rank.is_firm else needed
        assert _meeting(catalog, allowed, stronger).sum() < min(least, int(allowed.sum()))


@given(catalogs, preferences, st.integers(1, 6))
def test_the_order_of_the_catalogue_changes_nothing(catalog: list[Item], wishes: Preferences, needed: int) -> None:
    there, _ = _select(catalog, wishes, Preferences(), needed)
    back, _ = _select(catalog[::-1], wishes, Preferences(), needed)
    assert there.chosen.tolist() == back.chosen.tolist()[::-1]
    assert [wish.words for wish in there.relaxed] == [wish.words for wish in back.relaxed]


@given(catalogs, preferences, st.integers(1, 4), st.data())
def test_entries_of_one_work_count_once(
    catalog: list[Item], wishes: Preferences, needed: int, data: st.DataObject
) -> None:
    works = np.array(data.draw(st.lists(st.integers(0, 3), min_size=len(catalog), max_size=len(catalog))), dtype=int)
    allowed = ~unsuits(wishes, Facets.of(catalog))
    selection = select(Facets.of(catalog), allowed, wishes, needed, works)
    least = 1 if any(wish.rank.is_firm for wish in selection.kept) else needed
    assert len(set(works[selection.chosen])) >= min(least, len(set(works[allowed])))


@given(st.lists(st.one_of(st.none(), pages), max_size=10), pages, pages)
def test_any_number_of_an_item_can_be_bounded(known: list[float | None], one: float, other: float) -> None:
    """Pages, prices, players: whatever the catalogue's items have numbers of."""
    catalog = [
        Item(id=str(row), title="", numbers={} if value is None else {"pages": value})
        for row, value in enumerate(known)
    ]
    bounds = Range(first=min(one, other), last=max(one, other))
    inside = [value is not None and bounds.first <= value <= bounds.last for value in known]
    facets = Facets.of(catalog)
    preferences = Preferences(numbers={"pages": bounds})
    assert rules_out(preferences, facets).tolist() == inside
    selection = select(facets, np.ones(len(catalog), dtype=bool), preferences, needed=1)
    assert selection.chosen.tolist() == (inside if any(inside) else [True] * len(catalog))
    assert bool(selection.relaxed) == (bool(catalog) and not any(inside))


# One audience a time, and two facts stand in one field; several categories at once are no single wish.
_ALONE = ((Rank.AUDIENCE, Rank.FIRM_AUDIENCE), (Rank.FACTS, Rank.LANGUAGE))
_AT_ONCE = {Rank.PEOPLE_AT_ONCE, Rank.KINDS_AT_ONCE}
_PAIRS = [pair for pair in combinations(Rank, 2) if pair not in _ALONE and not {*pair} & _AT_ONCE]


@pytest.mark.parametrize("pair", _PAIRS, ids=lambda pair: f"{pair[0].name}-{pair[1].name}")
def test_of_two_wishes_that_exclude_each_other_the_less_important_is_given_up(pair: tuple[Rank, Rank]) -> None:
    single = {
        Rank.NUMBERS: (
            Preferences(numbers={"minutes": Range(last=90)}),
            Item(id="1", title="", numbers={"minutes": 80}),
        ),
        Rank.MOODS: (Preferences(moods=("romantic",)), Item(id="1", title="", categories=("Romance",))),
        Rank.AUDIENCE: (Preferences(audience="teens"), Item(id="1", title="", categories=("Adventure",))),
        Rank.PEOPLE: (
            Preferences(people=("Ann Li",)),
            Item(id="1", title="", people=({"name": "Ann Li", "role": "actor"},)),
        ),
        Rank.YEARS: (Preferences(years=(Range(first=1990),)), Item(id="1", title="", year=1995)),
        Rank.FACTS: (Preferences(facts={"country": ("Italy",)}), Item(id="1", title="", facts={"country": "Italy"})),
        Rank.LANGUAGE: (
            Preferences(facts={"language": ("German",)}),
            Item(id="1", title="", facts={"language": "English, German"}),
        ),
        Rank.KIND: (Preferences(categories=("Opera",)), Item(id="1", title="", categories=("Opera",))),
        Rank.FIRM_AUDIENCE: (Preferences(audience="kids"), Item(id="1", title="", categories=("Children's",))),
    }
    (less, meets_less), (more, meets_more) = single[pair[0]], single[pair[1]]
    both = less.model_copy(update={name: value for name, value in more if value})
    catalog = [meets_less, meets_more]
    selection = select(Facets.of(catalog), np.ones(2, dtype=bool), both, needed=1)
    assert [wish.rank for wish in selection.relaxed] == [pair[0]]
    assert selection.chosen.tolist() == [False, True]


def test_the_kind_of_item_outlasts_the_other_wishes_and_needs_one_item() -> None:
    """Nobody who asks for a light lamp wants a toaster beside the only lamp."""
    lamp = Item(id="1", title="Arc", categories=("Lamps",), numbers={"weight": 4.0})
    toasters = [Item(id=str(row), title="Duo", categories=("Toasters",), numbers={"weight": 1.0}) for row in (2, 3)]
    facets, wishes = Facets.of([lamp, *toasters]), Preferences(categories=("lamps",), numbers={"weight": Range(last=2)})
    selection = select(facets, np.ones(3, dtype=bool), wishes, needed=3)
    assert selection.chosen.tolist() == [True, False, False]
    assert [wish.rank for wish in selection.relaxed] == [Rank.NUMBERS]
    gone = select(facets, np.array([False, True, True]), wishes, needed=3)
    assert (gone.chosen.tolist(), gone.cost) == ([False, True, True], (Rank.KIND,))
    assert selection.cost < gone.cost
