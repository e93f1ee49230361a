"""The API's answers as the page reads them. Fields that the page doesn't show are ignored, missing ones are empty."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from core.conversation import Feedback
from core.evidence import EvidenceKind
from core.recommendation import AnswerKind, Source


class WireModel(BaseModel):
    """A part of an answer."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Card(WireModel):
    """A recommended item with all that its card shows."""

    item_id: str
    title: str
    year: int | None = None
    categories: tuple[str, ...] = ()
    price: float | None = None
    currency: str | None = None
    image: str = ""
    reason: str = ""
    evidence_ids: tuple[str, ...] = ()
    repaired: bool = False


class EvidenceLine(WireModel):
    """A sentence that a reason may rest on."""

    id: str
    item_id: str
    kind: EvidenceKind
    text: str
    score: float = 0.0


class NotChosen(WireModel):
    """A candidate that lost."""

    item_id: str
    title: str
    year: int | None = None


class Move(WireModel):
    """What corrections for bias did to an item's place, in words; empty where it did not move."""

    item_id: str
    text: str = ""


class Shares(WireModel):
    """How much each kind of data counts in the embedding of an item; sums to 1."""

    item_id: str
    shares: dict[str, float] = Field(default_factory=dict)


class Details(WireModel):
    """How an answer came about."""

    kind: AnswerKind
    source: Source
    notices: tuple[str, ...] = ()
    evidence: tuple[EvidenceLine, ...] = ()
    not_chosen: tuple[NotChosen, ...] = ()
    moves: tuple[Move, ...] = ()
    modalities: tuple[Shares, ...] = ()
    seconds: dict[str, float] = Field(default_factory=dict)


class ChatMessage(WireModel):
    """A message of a conversation. Only answers have cards and details."""

    role: Literal["user", "assistant"]
    content: str
    picture: str | None = Field(None, repr=False)  # a data URL that the person showed; not kept by the API
    recommendations: tuple[Card, ...] = ()
    details: Details | None = None


class Conversation(WireModel):
    """A kept conversation with the person's verdicts on its items."""

    messages: tuple[ChatMessage, ...] = ()
    feedback: tuple[Feedback, ...] = ()


class Reason(WireModel):
    """The reason of a card that came without one."""

    item_id: str
    reason: str
    evidence_ids: tuple[str, ...] = ()
    repaired: bool = False


class AnswerDelta(WireModel):
    """What a chunk of a streamed answer adds."""

    content: str | None = None
    recommendations: tuple[Card, ...] | None = None
    reasons: tuple[Reason, ...] | None = None
    details: Details | None = None
