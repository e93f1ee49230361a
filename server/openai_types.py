"""The chat API on the wire: OpenAI's shapes, with our `recommendations` and `details` beside the text.

These types know nothing of the turn; `server.chat_request` reads requests and `server.answers` writes answers.
"""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from core.intent import Intent
from core.recommendation import AnswerKind, Source, VerifyCounts


def _check_text(text: str) -> str:
    # JSON can carry both; PostgreSQL stores neither, and half of a surrogate pair can't be sent back.
    if "\0" in text or (not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text)):
        raise PydanticCustomError("invalid_text", "It holds a NUL character or half of a surrogate pair")
    return text


Text = Annotated[str, AfterValidator(_check_text)]


class RequestModel(BaseModel):
    """A body. Unknown fields and values of the wrong type are refused, never guessed at."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class ContentPart(RequestModel):
    """A part of a message. Only text is understood."""

    model_config = ConfigDict(extra="allow")
    type: Text
    text: Text | None = None


class RecommendedItem(RequestModel):
    """An item that an earlier answer recommended; only its id is read."""

    model_config = ConfigDict(extra="allow")
    item_id: Text = Field(max_length=512)


class ChatMessage(RequestModel):
    """One message of a conversation. An earlier answer may be sent back as it came."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: Text | list[ContentPart] | None = None
    name: Text | None = None
    recommendations: list[RecommendedItem] | None = Field(None, description="Of an earlier answer.")
    details: dict[Text, Any] | None = Field(None, description="Of an earlier answer; not read.")
    refusal: None = None
    annotations: list[Any] | None = Field(None, max_length=0)
    audio: None = None
    function_call: None = None
    tool_calls: list[Any] | None = Field(None, max_length=0)
    tool_call_id: Text | None = None


class StreamOptions(RequestModel):
    """What a stream carries beside the words."""

    include_usage: bool | None = None
    include_obfuscation: bool | None = Field(None, description="Accepted; streams are not padded.")


class JsonSchemaFormat(RequestModel):
    """A schema that the content must follow. It may ask for any of our answer's fields."""

    name: Text = Field(pattern="^[a-zA-Z0-9_-]{1,64}$")
    description: Text | None = None
    schema_: dict[Text, Any] | None = Field(None, alias="schema")
    strict: bool | None = None


class ResponseFormat(RequestModel):
    """`text` is prose; the other two give the answer as JSON."""

    type: Literal["text", "json_object", "json_schema"]
    json_schema: JsonSchemaFormat | None = None


class ChatRequest(RequestModel):
    """`POST /v1/chat/completions`."""

    model: Text = Field(max_length=256)
    messages: list[ChatMessage]
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    user: Text | None = Field(None, description="Names the person, whose feedback then counts.")
    n: Literal[1] | None = None
    stop: Text | list[Text] | None = Field(None, description="The text ends before any of these, at most 4.")
    max_tokens: int | None = Field(None, ge=1, le=1_000_000, description="Bounds the text that is shown.")
    max_completion_tokens: int | None = Field(None, ge=1, le=1_000_000)
    temperature: float | None = Field(None, ge=0, le=2)
    seed: int | None = Field(None, ge=-(2**63), le=2**63 - 1)
    response_format: ResponseFormat | None = None
    metadata: (
        Annotated[
            dict[Annotated[Text, Field(max_length=64)], Annotated[Text, Field(max_length=512)]], Field(max_length=16)
        ]
        | None
    ) = Field(None, description="`conversation_id` keeps the conversation under this id.")
    popularity_correction: float | None = Field(None, ge=0, le=1, description="0 is off; an extra of this API.")

    # Known to OpenAI's clients. Values that would change nothing are taken, all others are refused.
    tools: list[Any] | None = Field(None, max_length=0)
    tool_choice: Literal["none", "auto"] | None = None
    parallel_tool_calls: bool | None = None
    functions: list[Any] | None = Field(None, max_length=0)
    function_call: Literal["none", "auto"] | None = None
    logprobs: Literal[False] | None = None
    top_logprobs: Literal[0] | None = None
    logit_bias: dict[Text, Any] | None = Field(None, max_length=0)
    audio: None = None
    modalities: Annotated[list[Literal["text"]], Field(max_length=1)] | None = None
    prediction: None = None
    web_search_options: None = None
    moderation: None = None
    frequency_penalty: Annotated[float, Field(ge=0, le=0)] | None = None
    presence_penalty: Annotated[float, Field(ge=0, le=0)] | None = None
    top_p: Annotated[float, Field(ge=1, le=1)] | None = None
    reasoning_effort: None = None
    verbosity: None = None
    service_tier: Literal["auto", "default"] | None = None
    store: Literal[False] | None = None
    safety_identifier: Text | None = None
    prompt_cache_key: Text | None = None
    prompt_cache_retention: Text | None = None
    prompt_cache_options: dict[Text, Any] | None = None


class WireRecommendation(BaseModel):
    """A recommended item with all that a card shows."""

    item_id: str
    title: str
    year: int | None
    categories: list[str]
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


class NotChosen(BaseModel):
    """A candidate that lost."""

    item_id: str
    title: str
    score: float


class Details(BaseModel):
    """How an answer came about."""

    kind: AnswerKind
    source: Source
    notices: list[str]
    evidence: list[WireEvidence]
    not_chosen: list[NotChosen]
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


class Delta(BaseModel):
    """What a chunk adds."""

    role: Literal["assistant"] | None = None
    content: str | None = None
    recommendations: list[WireRecommendation] | None = None
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


class ErrorBody(BaseModel):
    """What went wrong."""

    message: str
    type: str
    param: str | None
    code: str | None


class ErrorResponse(BaseModel):
    """An error in OpenAI's shape."""

    error: ErrorBody
