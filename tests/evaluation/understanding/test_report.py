import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from agent.understand.understanding import Conversation
from core.conversation import Message
from core.errors import EngineError, InputError
from core.intent import Intent, TurnKind
from evaluation.understanding.report import Labelled, evaluate, read_labelled, table, write_reports


class Scripted:
    """An understanding that gives an intent by the message, and fails for a message that it doesn't know."""

    def __init__(self, **intents: Intent) -> None:
        self._intents = intents

    async def understand(self, messages: Sequence[Message]) -> Conversation:
        if messages[-1].content not in self._intents:
            raise EngineError("The language model is loading.")
        return Conversation(self._intents[messages[-1].content], tuple(messages))


def labelled(text: str, topic: str, intent: Intent) -> Labelled:
    return Labelled(id=text, topic=topic, messages=(Message(role="user", content=text),), intent=intent)


LABELS = [
    labelled("a", "taste", Intent(kind=TurnKind.RECOMMEND, liked=("1", "2"))),
    labelled("b", "taste", Intent(kind=TurnKind.RECOMMEND, liked=("3",))),
    labelled("c", "other", Intent(kind=TurnKind.OTHER, query="not scored")),
    labelled("d", "other", Intent(kind=TurnKind.OTHER)),
]


async def test_whole_intents_topics_and_fields_are_counted() -> None:
    understanding = Scripted(
        a=Intent(kind=TurnKind.RECOMMEND, liked=("1", "2")),
        b=Intent(kind=TurnKind.RECOMMEND, liked=("4",)),
        c=Intent(kind=TurnKind.OTHER),
    )
    report = await evaluate(understanding, LABELS, name="scripted")
    assert (report.exact.value, report.exact.count, report.failures) == (0.5, 4, 1)
    assert 0 <= report.exact.low < 0.5 < report.exact.high <= 1
    assert {topic: share.value for topic, share in report.topics.items()} == {"taste": 0.5, "other": 0.5}
    assert report.fields["kind"].value == 0.75
    assert report.fields["liked"].value == 0.5
    assert report.lists["liked"].precision == pytest.approx(2 / 3)
    assert report.lists["liked"].recall == pytest.approx(2 / 3)
    assert (report.misses[0].id, report.misses[0].got) == ("b", {"liked": ("4",)})


async def test_reports_are_written_and_shown(tmp_path: Path) -> None:
    report = await evaluate(Scripted(), LABELS, name="none")
    path = write_reports([report], tmp_path / "new")
    assert json.loads(path.read_text())["none"]["exact"]["value"] == 0
    assert table([report]).splitlines()[1].split()[:2] == ["exact", "0.000"]
    with pytest.raises(InputError, match=r"can't be written to \(file exists\)\. Name another folder"):
        write_reports([report], path)


def test_a_broken_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    path.write_text('{"id": "1", "topic": "t", "messages": [], "intent": {"kind": "dance"}}\n')
    with pytest.raises(InputError, match=r"labels.jsonl, line 1: intent.kind"):
        read_labelled(path)
    path.write_bytes(b"\xff")
    with pytest.raises(InputError, match=r"labels.jsonl, line 1: byte 1 is not UTF-8"):
        read_labelled(path)
