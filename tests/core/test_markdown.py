"""Whatever a title holds, Markdown shows it as it is, and the text can be read back."""

from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from core.markdown import BOLD, bold, escaped, unescaped

TITLES = [
    "*batteries not included",
    "M*A*S*H*",
    "__init__",
    "[REC](x)",
    "a`b`",
    "<i>So</i>",
    "C:\\",
    "**",
    "~~",
    "&lt;",
]


@given(st.text())
def test_escaped_text_is_read_back(text: str) -> None:
    assert unescaped(escaped(text)) == text


@pytest.mark.parametrize("title", TITLES)
def test_a_title_is_shown_as_it_is_and_found_in_bold(title: str) -> None:
    line = f"{bold(title)} — like {escaped(title)}."
    assert [unescaped(found) for found in BOLD.findall(line)] == [title]
    shown = unescape(MarkdownIt("commonmark").enable("strikethrough").render(line))
    assert shown == f"<p><strong>{title}</strong> — like {title}.</p>\n"


def test_plain_words_stay_as_they_are() -> None:
    plain = "Tom & Jerry (1992) — it is 3/5 “good”, isn't it?"
    assert escaped(plain) == plain
