"""The nearest of many texts: what a comparison with every one of them finds."""

from hypothesis import example, given
from hypothesis import strategies as st
from rapidfuzz import fuzz, process

from agent.understand.nearest import NearestTexts

# Few letters, so that texts are often near; some share their last five bits with others ("a", "A", "!").
words = st.text("ab cA!é", max_size=12)


@given(st.lists(words, max_size=20), words, st.sampled_from([60.0, 88.0, 90.0]))
@example(["abcabcabca", "abcabcabcabc"], "abcabcabcab", 90.0)
def test_it_finds_what_comparing_all_finds(texts: list[str], text: str, least: float) -> None:
    expected = process.extractOne(text, texts, scorer=fuzz.ratio, score_cutoff=least)
    assert NearestTexts(texts).find(text, least) == (expected[:2] if expected else None)


def test_a_name_with_a_typo() -> None:
    names = NearestTexts(["steven soderbergh", "steven spielberg", "stephen king"])
    assert names.find("steven speilberg", 90) == ("steven spielberg", 93.75)
    assert names.find("stanley kubrick", 90) is None
