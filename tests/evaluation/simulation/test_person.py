"""What simulated people say: true, never the title, and always fitting a crowd."""

import re
import unicodedata

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.simulation.facets import Facet, Facets, Kind
from evaluation.simulation.person import Said, SimulatedPerson, Temperament
from tests.evaluation.simulation.films import FILMS, WORDING, looks_for

FACETS = Facets(FILMS)
ROWS = st.integers(0, len(FILMS) - 1)
QUESTION = "What are you in the mood for? Name a genre such as drama, a mood or a decade."


def person(target: int, seed: int = 0, **temperament: object) -> SimulatedPerson:
    rng = np.random.default_rng(seed)
    return SimulatedPerson(looks_for(target), FILMS, FACETS, WORDING, rng, Temperament.model_validate(temperament))


def conversation(one: SimulatedPerson, answers: list[list[int]]) -> list[Said]:
    """What the person says to these answers, until they accept; an empty answer is a question."""
    said = [one.open()]
    for rows in answers:
        said.append(one.reply([str(row) for row in rows], "" if rows else QUESTION))
        if said[-1].accepts:
            break
    return said


def title_words(title: str) -> list[str]:
    """A normalisation of the test's own."""
    letters = unicodedata.normalize("NFD", title.casefold()).encode("ascii", "ignore").decode().replace("'", "")
    return re.findall(r"[a-z0-9]+", letters)


@settings(max_examples=100, deadline=None)
@given(target=ROWS, seed=st.integers(0, 10_000), answers=st.lists(st.lists(ROWS, max_size=3, unique=True), max_size=8))
def test_the_title_is_never_said(target: int, seed: int, answers: list[list[int]]) -> None:
    item = FILMS.items[target]
    for said in conversation(person(target, seed), answers):
        spoken = f" {' '.join(title_words(said.text))} "
        for name in (item.title, *item.aliases, *item.title.split(": ")):
            assert f" {' '.join(title_words(name))} " not in spoken


@settings(max_examples=60, deadline=None)
@given(target=ROWS, seed=st.integers(0, 10_000), answers=st.lists(st.lists(ROWS, max_size=3, unique=True), max_size=8))
def test_what_was_told_fits_a_crowd_that_only_shrinks(target: int, seed: int, answers: list[list[int]]) -> None:
    crowds = [said.crowd for said in conversation(person(target, seed, crowd=6), answers)]
    assert min(crowds) >= 6
    assert crowds == sorted(crowds, reverse=True)


@settings(max_examples=60, deadline=None)
@given(target=ROWS, seed=st.integers(0, 10_000), answers=st.lists(st.lists(ROWS, min_size=1, max_size=3), max_size=6))
def test_reasons_are_true(target: int, seed: int, answers: list[list[int]]) -> None:
    item, one = FILMS.items[target], person(target, seed, hints=0.0)
    one.open()
    for rows in answers:
        shown = [FILMS.items[row] for row in rows]
        said = one.reply([film.id for film in shown], "")
        if said.told.startswith("not "):
            category = said.told.removeprefix("not ")
            assert category not in {name.lower() for name in item.categories}
            assert any(category in {name.lower() for name in film.categories} for film in shown)
        elif said.told.startswith("too old"):
            assert all((film.year or 0) <= (item.year or 0) - 5 for film in shown)
        elif said.told.startswith("too new"):
            assert all((film.year or 0) >= (item.year or 0) + 5 for film in shown)
        elif said.told == "already seen":
            assert {film.id for film in shown} & set(one.person.history)
        elif said.accepts:
            assert item in shown
            break


def test_the_target_is_accepted() -> None:
    one = person(7)
    one.open()
    assert one.reply(["3", "7"], "").accepts


def test_nothing_else_is_accepted() -> None:
    one = person(7)
    one.open()
    assert not any(one.reply([str(row)], "").accepts for row in range(60) if row != 7)


def test_a_question_is_answered_with_what_it_asks_for() -> None:
    one = person(7, greets=1.0)
    assert one.open().told == ""
    assert one.reply([], "Which decade?").told == "decade"
    assert one.reply([], "And the genre?").told == "category"


def test_the_same_seed_says_the_same() -> None:
    answers = [[1, 2], [], [5, 9, 11]]
    assert conversation(person(8, 3), answers) == conversation(person(8, 3), answers)


def test_a_film_that_was_seen_is_said_to_be_seen_once() -> None:
    one = person(7)
    one.open()
    first, second = one.reply(["30", "1"], ""), one.reply(["30", "1"], "")
    assert first.told == "already seen"
    assert second.told != "already seen"


def test_masks_are_of_the_facets() -> None:
    for row in (0, 17, 44):
        for facet in FACETS.of(row):
            assert FACETS.mask(facet)[row], facet
    assert FACETS.mask(Facet(Kind.DECADE, "1990")).sum() == sum(1990 <= (film.year or 0) < 2000 for film in FILMS)
    assert FACETS.mask(Facet(Kind.WORD, "lighthouse")).sum() == 20
