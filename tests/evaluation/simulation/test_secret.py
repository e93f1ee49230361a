"""What gives a title away."""

import pytest

from core.item import Item
from evaluation.simulation.secret import Secret, plain_words


def test_words_have_no_accents_capitals_or_apostrophes() -> None:
    assert plain_words("Léon's “Toy-Story” 2") == ["leons", "toy", "story", "2"]


@pytest.mark.parametrize(
    "text",
    [
        "I'd like Toy Story",
        "something with toys",
        "a story of friendship",
        "TOY please",
        "something by the name of Kuscheltiere",
    ],
)
def test_titles_their_words_and_aliases_give_it_away(text: str) -> None:
    assert not Secret(Item(id="1", title="Toy Story", aliases=("Kuscheltiere",))).is_safe(text)


@pytest.mark.parametrize("text", ["a comedy for kids", "something from the 90s", "Today I want to laugh"])
def test_other_words_do_not(text: str) -> None:
    assert Secret(Item(id="1", title="Toy Story")).is_safe(text)


def test_a_title_of_small_words_is_unsafe_as_a_whole_only() -> None:
    secret = Secret(Item(id="1", title="If...."))
    assert secret.is_safe("I want a drama")
    assert not secret.is_safe("a drama, if you have one")


def test_small_words_of_a_title_are_safe_apart() -> None:
    secret = Secret(Item(id="1", title="The Man Who Wasn't There"))
    assert secret.is_safe("the one who is here")
    assert not secret.is_safe("a man with a past")


def test_a_part_of_a_title_gives_it_away() -> None:
    secret = Secret(Item(id="1", title="It: Chapter Two"))
    assert not secret.is_safe("I saw it")


def test_the_first_safe_text() -> None:
    secret = Secret(Item(id="1", title="Something Wild"))
    assert secret.first_safe(["something funny", "a funny film"]) == "a funny film"
    assert secret.first_safe(["something"]) is None
