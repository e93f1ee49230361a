"""Chat answers on the wire: OpenAI's shape, with our `recommendations` and `details` beside the text.

`server.answers` writes them; these types know nothing of the turn.
"""

from typing import Literal

from pydantic import BaseModel, Field

from core.intent import Intent
from core.recommendation import AnswerKind, Source, VerifyCounts


class WireRecommendation(BaseModel):
    """A recommended item with all that a card shows."""

    item_id: str
    title: str
    year: int | None
    categories: list[str]
    price: float | None = Field(description="Null where the catalogue has none.")
    currency: str | None = Field(description="As an ISO 4217 code; null where the catalogue doesn't say.")
    image: str = Field(description="Address of the picture, on this server.")
    reason: str
    evidence_ids: list[str]
    score: float
    repaired: bool = Field(description="The model's own reason had no evidence and was replaced.")


class WireEvidence(BaseModel):
    """A sentence that reasons rest on."""

    id: str
    item_id: str
    kind: str
    text: str
    score: float


class WireMove(BaseModel):
    """What corrections for bias did to a recommended item's place among the candidates; places count from 1."""

    item_id: str
    before: int | None = Field(description="Its place without corrections; null: far down the list.")
    after: int
    shifts: dict[str, float] = Field(description="What each correction added to its score or took away.")
    text: str = Field(description="The same in words; empty where it did not move.")


class WireShares(BaseModel):
    """How much each kind of data counts in the embedding of a recommended item; sums to 1."""

    item_id: str
    shares: dict[str, float]


class NotChosen(BaseModel):
    """A candidate that lost."""

    item_id: str
    title: str
    year: int | None = None
    score: float


class Details(BaseModel):
    """How an answer came about."""

    kind: AnswerKind
    source: Source
    notices: list[str]
    evidence: list[WireEvidence]
    not_chosen: list[NotChosen]
    moves: list[WireMove] = Field(description="Empty where no correction was on.")
    modalities: list[WireShares] = Field(description="Empty where nothing is fused.")
    reasoning: str
    counts: VerifyCounts
    seconds: dict[str, float]
    intent: Intent


class AnswerMessage(BaseModel):
    """The answer: text for people, and the same as data."""

    role: Literal["assistant"] = "assistant"
    content: str
    refusal: None = None
    recommendations: list[WireRecommendation]
    details: Details | None = Field(description="Null where `stop` or `max_tokens` ended the answer early.")


class Choice(BaseModel):
    """The one answer of a completion."""

    index: Literal[0] = 0
    message: AnswerMessage
    logprobs: None = None
    finish_reason: Literal["stop", "length"]


class CompletionUsage(BaseModel):
    """Tokens of the language model; of the visible texts where an answer ended early."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class ChatCompletion(BaseModel):
    """The response of `POST /v1/chat/completions` without `stream`."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: list[Choice]
    usage: CompletionUsage


class WireReason(BaseModel):
    """The reason of a recommendation that a stream has sent without one: its order was there before a word."""

    item_id: str
    reason: str
    evidence_ids: list[str]
    repaired: bool


class Delta(BaseModel):
    """What a chunk adds."""

    role: Literal["assistant"] | None = None
    content: str | None = None
    recommendations: list[WireRecommendation] | None = Field(
        None, description="Items; where a reason is still being written it is empty, and comes in `reasons`."
    )
    reasons: list[WireReason] | None = None
    details: Details | None = None


class ChunkChoice(BaseModel):
    """The one answer of a stream."""

    index: Literal[0] = 0
    delta: Delta
    logprobs: None = None
    finish_reason: Literal["stop", "length"] | None = None


class ChatCompletionChunk(BaseModel):
    """One `data:` of a stream."""

    id: str
    object: Literal["chat.completion.chunk"] = "chat.completion.chunk"
    created: int
    model: str
    choices: list[ChunkChoice]
    usage: CompletionUsage | None = None


class ModelCard(BaseModel):
    """A model that can be named in `model`."""

    id: str
    object: Literal["model"] = "model"
    created: int
    owned_by: str = "tastemaker"


class ModelList(BaseModel):
    """All models."""

    object: Literal["list"] = "list"
    data: list[ModelCard]
