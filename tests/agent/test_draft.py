import json

import pytest

from agent.draft import Draft, DraftReader

ANSWER = {
    "reasoning": "They like } braces",
    "items": [
        {"item": "Fargo (1996)", "evidence": ["a"], "reason": "It is a } film."},
        {"item": "Heat (1995)", "evidence": [], "reason": "It is an action film."},
    ],
}
DRAFTS = [
    Draft(label="Fargo (1996)", evidence=("a",), reason="It is a } film."),
    Draft(label="Heat (1995)", reason="It is an action film."),
]


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_each_item_comes_once_whatever_the_chunks(size: int) -> None:
    reader, text = DraftReader(), json.dumps(ANSWER)
    drafts = [draft for at in range(0, len(text), size) for draft in reader.add(text[at : at + size])]
    assert drafts == DRAFTS
    assert reader.reasoning == "They like } braces"


def test_an_item_comes_as_soon_as_it_is_complete() -> None:
    reader = DraftReader()
    first_item = json.dumps(ANSWER)[: json.dumps(ANSWER).index(', {"item": "Heat')]
    assert list(reader.add(first_item)) == DRAFTS[:1]


def test_an_item_cut_in_the_middle_is_left_out() -> None:
    reader = DraftReader()
    cut = json.dumps(ANSWER)[:-12]
    assert list(reader.add(cut)) == DRAFTS[:1]


@pytest.mark.parametrize("text", ["I'd watch Heat }", "[1, {}]", '{"items": 3}', '{"items": ["}"]}'])
def test_what_is_not_an_answer_gives_no_items(text: str) -> None:
    assert list(DraftReader().add(text)) == []


def test_what_breaks_the_schema_is_left_out_of_a_draft() -> None:
    answer = {"items": [{"item": 7, "evidence": None, "reason": None}, {"item": "Heat", "evidence": 3, "reason": "R."}]}
    drafts = list(DraftReader().add(json.dumps(answer)))
    assert drafts == [Draft(label="7"), Draft(label="Heat", reason="R.")]
