"""Measures an understanding on labelled conversations: whole intents, topics and fields, with bootstrap intervals.

`query` is not scored, for many words are as good to search for, nor is `shown`, which follows from the kind. A
conversation that can't be understood counts as wrong.
"""

import json
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from pydantic import Field

from agent.understand.understanding import Understanding
from core.conversation import Message
from core.errors import EngineError
from core.intent import Intent
from core.values import Value
from evaluation.resumed import writing
from evaluation.statistics import bootstrap_share
from evaluation.validation import read_lines
from server.atomic import replacing

_SCORED = tuple(name for name in Intent.model_fields if name not in {"query", "shown", "wishes", "vetoes"})
_LISTS = ("liked", "disliked", "seen", "rejected", "similar_to", "about", "unknown_titles")
_RESAMPLES = 2000


class Labelled(Value):
    """A conversation with the intent that it should be understood as."""

    id: str
    topic: str
    messages: tuple[Message, ...]
    intent: Intent


class Share(Value):
    """A share of right answers with its 95 % bootstrap interval."""

    value: float
    low: float
    high: float
    count: int


class ListScore(Value):
    """Micro-averaged over all conversations."""

    precision: float
    recall: float
    f1: float


class Miss(Value):
    """A conversation that was not understood as labelled: by field, what came out and what should have."""

    id: str
    topic: str
    got: dict[str, object]
    expected: dict[str, object]


class Report(Value):
    """How well one understanding did."""

    name: str
    exact: Share
    topics: dict[str, Share]
    fields: dict[str, Share]
    field_macro: float = Field(description="the mean over fields of the share of conversations with that field right")
    lists: dict[str, ListScore]
    milliseconds_per_conversation: float
    failures: int = Field(description="conversations for which the language model gave no valid answer")
    misses: tuple[Miss, ...]


def read_labelled(path: Path) -> list[Labelled]:
    """Labelled conversations, one as JSON per line. Raises InputError that names a broken line."""
    return list(read_lines(path, Labelled, 'Write lines of {"id", "topic", "messages", "intent"}'))


async def evaluate(understanding: Understanding, labelled: Sequence[Labelled], *, name: str) -> Report:
    """Understand every conversation and compare. The intervals are the same each time."""
    rng = np.random.default_rng(0)
    rights: list[dict[str, bool]] = []
    pairs: list[tuple[dict[str, object], dict[str, object]]] = []
    misses: list[Miss] = []
    failures = 0
    started = time.perf_counter()
    for conversation in labelled:
        try:
            got = _flat((await understanding.understand(conversation.messages)).intent)
        except EngineError:
            failures += 1
            got = {}
        expected = _flat(conversation.intent)
        right = {field: got.get(field) == value for field, value in expected.items()}
        rights.append(right)
        pairs.append((got, expected))
        wrong = [field for field, is_right in right.items() if not is_right]
        if wrong:
            misses.append(
                Miss(
                    id=conversation.id,
                    topic=conversation.topic,
                    got={field: got.get(field) for field in wrong},
                    expected={field: expected[field] for field in wrong},
                )
            )
    seconds = time.perf_counter() - started
    exact = np.array([all(right.values()) for right in rights])
    fields = {field: _share(np.array([right[field] for right in rights]), rng) for field in rights[0]}
    return Report(
        name=name,
        exact=_share(exact, rng),
        topics=_by_topic(labelled, exact, rng),
        fields=fields,
        field_macro=float(np.mean([share.value for share in fields.values()])),
        lists={field: _list_score(field, pairs) for field in _LISTS},
        milliseconds_per_conversation=seconds / len(labelled) * 1000,
        failures=failures,
        misses=tuple(misses),
    )


def write_reports(reports: Sequence[Report], folder: Path) -> Path:
    """Write all reports as `understanding.json` into a folder, made if needed; gives the file.

    Raises InputError where it can't be written.
    """
    path = folder / "understanding.json"
    content = {report.name: report.model_dump(mode="json") for report in reports}
    with writing(folder, "Name another folder with --report."):
        folder.mkdir(parents=True, exist_ok=True)
        with replacing(path) as unfinished:
            unfinished.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def table(reports: Sequence[Report]) -> str:
    """The reports side by side as text, a column each."""
    rows: list[tuple[str, ...]] = [("", *(report.name for report in reports))]
    rows.append(("exact", *(_shown(report.exact) for report in reports)))
    rows.append(("fields, macro", *(f"{report.field_macro:.3f}" for report in reports)))
    rows.extend((f"topic {topic}", *(_shown(r.topics[topic]) for r in reports)) for topic in reports[0].topics)
    rows.extend((f"field {field}", *(_shown(r.fields[field]) for r in reports)) for field in reports[0].fields)
    for field in _LISTS:
        scores = (report.lists[field] for report in reports)
        rows.append((f"F1 {field}", *(f"{s.f1:.3f} (P {s.precision:.3f} R {s.recall:.3f})" for s in scores)))
    rows.append(("ms a conversation", *(f"{report.milliseconds_per_conversation:.1f}" for report in reports)))
    rows.append(("no valid answer", *(str(report.failures) for report in reports)))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def _shown(share: Share) -> str:
    return f"{share.value:.3f} [{share.low:.3f}, {share.high:.3f}] of {share.count}"


def _flat(intent: Intent) -> dict[str, object]:
    """An intent as fields of equal standing; titles that are unknown are compared without regard to capitals."""
    flat: dict[str, object] = {name: getattr(intent, name) for name in _SCORED}
    flat["unknown_titles"] = tuple(title.casefold() for title in intent.unknown_titles)
    for side in ("wishes", "vetoes"):
        preferences = getattr(intent, side)
        flat.update({f"{side}.{name}": getattr(preferences, name) for name in type(preferences).model_fields})
    return flat


def _share(right: np.ndarray, rng: np.random.Generator) -> Share:
    found = bootstrap_share(right, int(rng.integers(2**32)), _RESAMPLES)
    return Share(value=found.value, low=found.low, high=found.high, count=len(right))


def _by_topic(labelled: Sequence[Labelled], exact: np.ndarray, rng: np.random.Generator) -> dict[str, Share]:
    places: dict[str, list[int]] = defaultdict(list)
    for place, conversation in enumerate(labelled):
        places[conversation.topic].append(place)
    return {topic: _share(exact[found], rng) for topic, found in places.items()}


def _list_score(field: str, pairs: Sequence[tuple[dict[str, object], dict[str, object]]]) -> ListScore:
    hits = found = wanted = 0
    for got, expected in pairs:
        got_items = _items(got.get(field))
        expected_items = _items(expected[field])
        hits += len(got_items & expected_items)
        found += len(got_items)
        wanted += len(expected_items)
    precision = hits / found if found else 1.0
    recall = hits / wanted if wanted else 1.0
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return ListScore(precision=precision, recall=recall, f1=f1)


def _items(value: object) -> set[object]:
    return set(value) if isinstance(value, tuple) else set()
