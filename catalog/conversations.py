"""Conversations in which items were recommended, from files in two forms, one conversation a line.

- Our own: `{"id": 1, "messages": [{"role": "user", "content": "Something like Heat", "items": ["7"]}, …]}`. `user`
  looks for something and `assistant` recommends; `items` are the ids of what a message names, in order. `user_id`, if
  it is there, says who looks for something.
- ReDial's (Li et al., 2018, "Towards Deep Conversational Recommendations"): `messages` with `senderWorkerId` and `text`
  in which `@7` names an item; `respondentWorkerId` is who recommends, and `initiatorWorkerId` who looks for something.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog.fields import as_id
from catalog.records import Record, broken_line, read_records
from core.dialogue import Dialogue, Utterance
from core.errors import InputError
from core.item import ItemTable

# What `prepare` looks for in a catalogue's folder. ReDial's test file is left alone: it is there to be measured on.
FILE_NAMES = ("conversations.jsonl", "train_data.jsonl", "valid_data.jsonl")

_FORM = 'Write it like {"id": 1, "messages": [{"role": "user", "content": "Like Heat", "items": ["7"]}]}'
_MARK = re.compile(r"@(\d+)")


@dataclass(frozen=True)
class Conversations:
    """Whole conversations in the order of the file; `notices` say what was passed over."""

    dialogues: tuple[Dialogue, ...]
    people: tuple[str, ...]  # who looks for something in each; where the file doesn't say, everybody is another one
    notices: tuple[str, ...] = ()


def conversation_files(folder: Path) -> tuple[Path, ...]:
    """The files of conversations that a catalogue's folder holds."""
    return tuple(path for name in FILE_NAMES if (path := folder / name).is_file())


def read_conversations(paths: Sequence[Path], items: ItemTable) -> Conversations:
    """Read files of conversations. Items that the catalogue doesn't know are passed over and counted.

    Raises InputError that names the file and the line of what is broken, or when there is no conversation at all.
    """
    dialogues: list[Dialogue] = []
    people: list[str] = []
    unknown: set[str] = set()
    for place, path in enumerate(paths):
        if path.is_dir():
            raise InputError(f"{path} is a folder.", mend="Give a file of JSON lines.")
        for line, record in read_records(path):
            dialogues.append(_dialogue(path, line, record, items, unknown))
            person = as_id(record.get("initiatorWorkerId", record.get("user_id")))
            people.append(person or f"file {place}, line {line}")  # wherever the files lie: folds are drawn by it
    if not dialogues:
        names = ", ".join(path.name for path in paths)
        raise InputError(f"There is no conversation in {names}.", mend=f"{_FORM}, one a line.")
    notices = (f"Items of conversations that this catalogue doesn't know, passed over: {len(unknown):,}.",)
    return Conversations(tuple(dialogues), tuple(people), notices if unknown else ())


def _dialogue(path: Path, line: int, record: Record, items: ItemTable, unknown: set[str]) -> Dialogue:
    messages = record.get("messages")
    if not isinstance(messages, list) or not all(isinstance(message, dict) for message in messages):
        raise broken_line(path, line, "it has no list of messages", _FORM)
    recommender = record.get("respondentWorkerId")
    utterances = []
    for message in messages:
        if recommender is not None and "senderWorkerId" in message:
            utterances.append(_of_redial(message, recommender, items, unknown))
        elif message.get("role") in {"user", "assistant"} and isinstance(message.get("content"), str):
            utterances.append(_of_ours(path, line, message, items, unknown))
        elif message.get("role") != "system":
            raise broken_line(path, line, "a message has no role (user or assistant) or no content", _FORM)
    return tuple(utterances)


def _of_redial(message: Record, recommender: Any, items: ItemTable, unknown: set[str]) -> Utterance:
    text = str(message.get("text") or "")
    return Utterance(
        by_person=message["senderWorkerId"] != recommender,
        words=_MARK.sub(" ", text),
        rows=_rows(_MARK.findall(text), items, unknown),
    )


def _of_ours(path: Path, line: int, message: Record, items: ItemTable, unknown: set[str]) -> Utterance:
    named = message.get("items") or []
    if not isinstance(named, list):
        raise broken_line(path, line, "the items of a message are no list", _FORM)
    rows = _rows([as_id(item_id) for item_id in named], items, unknown)
    titles = (title for row in rows for title in (items.items[row].label, items.items[row].title))
    words = _MARK.sub(" ", message["content"])
    for title in titles:  # what an item is called is no wish
        words = re.sub(rf"(?<!\w){re.escape(title)}(?!\w)", " ", words, flags=re.IGNORECASE)
    return Utterance(by_person=message["role"] == "user", words=words, rows=rows)


def _rows(item_ids: Sequence[str], items: ItemTable, unknown: set[str]) -> tuple[int, ...]:
    unknown.update(item_id for item_id in item_ids if item_id not in items)
    return tuple(items.row(item_id) for item_id in item_ids if item_id in items)
