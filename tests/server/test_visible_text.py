"""The bounds on the visible text."""

import pytest

from server.visible_text import VisibleText
from tests.fakes_turn import count_words


def show(pieces: list[str], **bounds: object) -> tuple[list[str], str | None]:
    visible = VisibleText(count_tokens=count_words, **bounds)  # type: ignore[arg-type]
    shown = [visible.add(piece) for piece in pieces]
    return [*shown, visible.end()], visible.finish


@pytest.mark.parametrize(
    ("pieces", "stop", "shown", "finish"),
    [
        (["a b", " c"], (), ["a b", " c", ""], None),
        (["one EN", "D two"], ("END",), ["one ", "", ""], "stop"),
        (["one EN", "T"], ("END",), ["one ", "ENT", ""], None),
        (["one EN"], ("END",), ["one ", "EN"], None),
        (["aab"], ("b", "ab"), ["a", ""], "stop"),
        (["x\n\n", "y"], ("\n\n",), ["x", "", ""], "stop"),
    ],
)
def test_stop(pieces: list[str], stop: tuple[str, ...], shown: list[str], finish: str | None) -> None:
    assert show(pieces, stop=stop) == (shown, finish)


def test_max_tokens() -> None:
    assert show(["one two", " three four", " five"], max_tokens=3) == (["one two", " three ", "", ""], "length")
    assert show(["one two", " three"], max_tokens=3) == (["one two", " three", ""], None)


def test_what_was_held_back_counts_too() -> None:
    assert show(["one two E"], stop=("END",), max_tokens=2) == (["one two ", ""], "length")
