"""Files of conversations."""

import json
from pathlib import Path

import pytest

from catalog.conversations import conversation_files, read_conversations
from core.dialogue import Utterance
from core.errors import InputError
from tests.catalogue import FILMS


def _write(folder: Path, *records: object, name: str = "conversations.jsonl") -> Path:
    path = folder / name
    path.write_text("".join(f"{json.dumps(record)}\n" for record in records), encoding="utf-8")
    return path


def test_our_own_form_leaves_titles_out_of_the_words(tmp_path: Path) -> None:
    messages = [
        {"role": "system", "content": "Be nice."},
        {"role": "user", "content": "Loved Heat (1995) and heat", "items": ["1"]},
        {"role": "assistant", "content": "Then Casino", "items": [3, "unknown"]},
    ]
    read = read_conversations([_write(tmp_path, {"id": 1, "messages": messages})], FILMS)
    (said,) = read.dialogues
    named = [{"user_id": who, "messages": messages} for who in ("ann", 7)]
    assert read_conversations([_write(tmp_path, *named)], FILMS).people == ("ann", "7")
    assert said == (Utterance(True, "Loved   and  ", (0,)), Utterance(False, "Then  ", (2,)))
    assert len(set(read_conversations([_write(tmp_path, *[{"messages": messages}] * 2)], FILMS).people)) == 2
    assert read.notices == ("Items of conversations that this catalogue doesn't know, passed over: 1.",)


def test_who_is_not_named_is_somebody_else_wherever_the_files_lie(tmp_path: Path) -> None:
    record = {"messages": [{"role": "user", "content": "Like", "items": ["1"]}]}
    found = []
    for names in (("a", "b"), ("d", "c")):
        paths = [_write(tmp_path, record, record, name=f"{name}.jsonl") for name in names]
        found.append(read_conversations(paths, FILMS).people)
    assert found[0] == found[1]
    assert len(set(found[0])) == 4


def test_redials_form(tmp_path: Path) -> None:
    messages = [
        {"senderWorkerId": 5, "text": "Hi, I like @4 and @999"},
        {"senderWorkerId": 7, "text": "See @5!"},
    ]
    record = {"conversationId": "9", "respondentWorkerId": 7, "initiatorWorkerId": 5, "messages": messages}
    read = read_conversations([_write(tmp_path, record, name="valid_data.jsonl")], FILMS)
    assert read.dialogues == ((Utterance(True, "Hi, I like   and  ", (3,)), Utterance(False, "See  !", (4,))),)
    assert read.people == ("5",)


@pytest.mark.parametrize(
    ("record", "cause"),
    [
        ({"id": 1}, "no list of messages"),
        ({"messages": [{"role": "nobody", "content": "x"}]}, "no role"),
        ({"messages": [{"role": "user"}]}, "no role"),
        ({"messages": [{"role": "user", "content": "x", "items": "7"}]}, "no list"),
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, record: object, cause: str) -> None:
    good = {"messages": [{"role": "user", "content": "x"}]}
    with pytest.raises(InputError, match=f"conversations.jsonl, line 2: .*{cause}"):
        read_conversations([_write(tmp_path, good, record)], FILMS)


def test_an_empty_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no conversation"):
        read_conversations([_write(tmp_path)], FILMS)


def test_a_folder_is_searched_for_all_but_test_data(tmp_path: Path) -> None:
    for name in ("test_data.jsonl", "valid_data.jsonl", "conversations.jsonl"):
        _write(tmp_path, name=name)
    assert [path.name for path in conversation_files(tmp_path)] == ["conversations.jsonl", "valid_data.jsonl"]
