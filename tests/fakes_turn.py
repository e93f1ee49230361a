"""A scripted turn, engine and retrieval: the API boots on them without a model or an artifact."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.candidate import Candidate
from core.conversation import Feedback
from core.evidence import Evidence, EvidenceKind
from core.intent import Intent, TurnKind
from core.item import Item, ItemTable
from core.recommendation import Answer, AnswerKind, Recommendation, Source, Usage, VerifyCounts
from core.settings import Settings
from core.turn import ItemReady, ReasonReady, TextDelta, TurnDone, TurnEvent, TurnRequest
from encoders.pictures import picture_from_data_url
from server.embedders import embedders
from server.engine import EngineState, EngineStatus
from server.services import Services
from server.state import StateStore

ITEMS = ItemTable(
    [
        Item(id="1", title="Heat", year=1995, categories=("Action", "Crime")),
        Item(id="2", title="Toy Story", year=1995, categories=("Animation",), numbers={"minutes": 81}),
        Item(id="a/b", title="A Slash & Sons"),
    ]
)

HEAT = Recommendation(item_id="1", title="Heat", reason="A crime film, as you asked.", evidence_ids=("e1",), score=0.9)
ANSWER = Answer(
    kind=AnswerKind.RECOMMENDATIONS,
    text="Try Heat. A crime film, as you asked.",
    intent=Intent(kind=TurnKind.RECOMMEND, query="crime"),
    recommendations=(HEAT,),
    evidence=(Evidence(id="e1", item_id="1", kind=EvidenceKind.METADATA, text="Heat is a crime film.", score=1),),
    not_chosen=(Candidate(item_id="2", score=0.2),),
    notices=("A notice.",),
    source=Source.MODEL,
    reasoning="They want crime.",
    counts=VerifyCounts(items_dropped=2, reasons_repaired=1, reasons_kept=3),
    usage=Usage(prompt_tokens=40, completion_tokens=9),
    seconds={"understand": 0.002},
)
EVENTS: tuple[TurnEvent, ...] = (
    TextDelta(text="Try "),
    ItemReady(recommendation=HEAT),
    TextDelta(text="Heat. A crime"),
    TextDelta(text=" film, as you asked."),
    TurnDone(answer=ANSWER),
)


class Hang:
    """A step of a script that waits until the turn is closed."""


class FakeTurn:
    """Plays scripts, one a turn, then `EVENTS` for ever. Notes what it was asked and whether it was closed."""

    def __init__(self) -> None:
        self.scripts: deque[Sequence[TurnEvent | Exception | type[Hang]]] = deque()
        self.requests: list[TurnRequest] = []
        self.hanging = asyncio.Event()
        self.closed = 0

    def enqueue(self, *script: TurnEvent | Exception | type[Hang]) -> None:
        """The script of a turn to come."""
        self.scripts.append(script)

    async def run(self, request: TurnRequest) -> AsyncGenerator[TurnEvent]:
        self.requests.append(request)
        try:
            for step in self.scripts.popleft() if self.scripts else EVENTS:
                if step is Hang:
                    self.hanging.set()
                    await asyncio.Event().wait()
                elif isinstance(step, Exception):
                    raise step
                else:
                    assert isinstance(step, TextDelta | ItemReady | ReasonReady | TurnDone)
                    yield step
                    await asyncio.sleep(0)
        finally:
            self.closed += 1


class FakeEngine:
    """An engine that is in whatever state a test puts it in."""

    def __init__(self) -> None:
        self.status = EngineStatus(state=EngineState.READY, detail="Ready.")


class FakeRecommend:
    """Recommends the first items that are not in the history; notes what else it was given."""

    def __init__(self) -> None:
        self.feedback: Sequence[Feedback] = ()
        self.user: str | None = None
        self.popularity_correction: float | None = None

    async def __call__(
        self,
        history: Sequence[str],
        query: str,
        k: int,
        *,
        feedback: Sequence[Feedback] = (),
        user: str | None = None,
        popularity_correction: float | None = None,
    ) -> Answer:
        self.feedback, self.user, self.popularity_correction = feedback, user, popularity_correction
        chosen = [item for item in ITEMS if item.id not in history][:k]
        recommendations = tuple(
            Recommendation(item_id=item.id, title=item.title, reason="It is there.", evidence_ids=(), score=1.0)
            for item in chosen
        )
        return ANSWER.model_copy(update={"recommendations": recommendations, "notices": ()})


def count_words(text: str) -> int:
    """A tokenizer whose tokens are words."""
    return len(text.split())


def fake_services(database_url: str, **changes: Any) -> Services:
    """Services on fakes with a real state store; `changes` are settings."""
    settings = Settings(_env_file=None, database_url=database_url, **changes)
    return Services(
        settings=settings,
        turn=FakeTurn(),
        items=ITEMS,
        recommend=FakeRecommend(),
        engine=FakeEngine(),
        state=StateStore(database_url, catalog="films"),
        count_tokens=count_words,
        embedders=embedders(text=first_letters, image=None, read=picture_from_data_url),
    )


def first_letters(texts: Sequence[str]) -> npt.NDArray[np.float32]:
    """An encoder of words that counts a few letters."""
    return np.array([[1.0 + text.count(letter) for letter in "aeiou"] for text in texts], dtype=np.float32)


def sqlite_url(folder: Path) -> str:
    """A database file in a test's own folder."""
    return f"sqlite:///{folder / 'state.sqlite3'}"
