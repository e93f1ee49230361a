"""Titles with Markdown's signs: shown as they are in the text, and still left to their cards."""

from html import escape

import pytest

from core.markdown import bold, escaped
from ui.prose import prose, spoken
from ui.wire import Card, ChatMessage

TITLES = ["*batteries not included", "M*A*S*H*", "__init__", "[REC]", "a`b`", "<Alien>"]


@pytest.mark.parametrize("title", TITLES)
def test_titles_are_shown_as_they_are(title: str) -> None:
    line = f"{bold(title)} — like {escaped(title)}."
    assert prose(line, []) == f"<p><strong>{escape(title)}</strong> — like {escape(title)}.</p>"
    assert f'<th scope="col">{escape(title)}</th>' in prose(f"| | {escaped(title)} |\n| --- | --- |", [])


@pytest.mark.parametrize("title", TITLES)
def test_words_about_a_card_are_left_to_it(title: str) -> None:
    card = Card(item_id="1", title=title, year=1987, reason="It is a comedy.")
    content = f"Like {escaped(title)}.\n\n{bold(f'{title} (1987)')} — It is a comedy."
    assert prose(content, [card]) == f"<p>Like {escape(title)}.</p>"
    answer = ChatMessage(role="assistant", content=content, recommendations=(card,))
    assert spoken(answer) == f"Like {title}. {title} (1987): It is a comedy."
