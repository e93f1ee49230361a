"""Chat requests on the wire: OpenAI's shape. `server.chat_request` reads them; these types know nothing of the turn."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from server.fields import CONVERSATION_ID, STORABLE, WHOLE, ItemId, No, OptionalUserName, Text


class RequestModel(BaseModel):
    """A body. Unknown fields and values of the wrong type are refused, never guessed at."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class TextPart(RequestModel):
    """Words of a message."""

    model_config = ConfigDict(extra="allow")
    type: Literal["text"]
    text: Text


class ImageUrl(RequestModel):
    """A picture in the address itself; no other address is fetched."""

    url: str = Field(
        description="`data:image/…;base64,…`: JPEG, PNG, WebP or GIF.",
        json_schema_extra={"pattern": r"^data:image/[a-z+.-]+;base64,[A-Za-z0-9+/]+={0,2}$"},
    )
    detail: Literal["auto", "low", "high"] | None = Field(None, description="Accepted; every picture is read alike.")


class ImagePart(RequestModel):
    """A picture of what the recommendations should look like. The last one of a conversation counts."""

    type: Literal["image_url"]
    image_url: ImageUrl


ContentPart = Annotated[TextPart | ImagePart, Field(discriminator="type")]


class RecommendedItem(RequestModel):
    """An item that an earlier answer recommended; only its id is read."""

    model_config = ConfigDict(extra="allow")
    item_id: ItemId


class ChatMessage(RequestModel):
    """One message of a conversation. An earlier answer may be sent back as it came."""

    role: Literal["system", "developer", "user", "assistant"]
    content: Text | list[ContentPart] | None = None
    name: str | None = None
    recommendations: list[RecommendedItem] | None = Field(None, description="Of an earlier answer.")
    details: dict[str, Any] | None = Field(None, description="Of an earlier answer; not read.")
    refusal: None = None
    annotations: list[Any] | None = Field(None, max_length=0)
    audio: None = None
    function_call: None = None
    tool_calls: list[Any] | None = Field(None, max_length=0)
    tool_call_id: str | None = None


class StreamOptions(RequestModel):
    """What a stream carries beside the words."""

    include_usage: bool | None = None
    include_obfuscation: bool | None = Field(None, description="Accepted; streams are not padded.")


class JsonSchemaFormat(RequestModel):
    """A schema that the content must follow. It may ask for any of our answer's fields."""

    name: str = Field(pattern="^[a-zA-Z0-9_-]{1,64}$")
    description: str | None = None
    schema_: dict[str, Any] | None = Field(None, alias="schema")
    strict: bool | None = None


class ResponseFormat(RequestModel):
    """`text` is prose; the other two give the answer as JSON."""

    model_config = ConfigDict(
        json_schema_extra={
            "if": {"properties": {"type": {"const": "json_schema"}}},
            "then": {"required": ["json_schema"], "properties": {"json_schema": {"type": "object"}}},
        }
    )

    type: Literal["text", "json_object", "json_schema"]
    json_schema: JsonSchemaFormat | None = None


Stop = Annotated[str, Field(min_length=1), STORABLE]
MaxTokens = Annotated[int, Field(ge=1, le=1_000_000), WHOLE]
Metadata = Annotated[
    dict[Annotated[str, Field(max_length=64)], Annotated[str, Field(max_length=512)]],
    Field(
        max_length=16,
        json_schema_extra={"properties": {"conversation_id": {"type": "string", "pattern": CONVERSATION_ID}}},
    ),
]


_NO_EFFECT = "Accepted, and changes nothing; `details.notices` says so."

# What a request must hold, as far as the types don't say it: for OpenAPI.
_WORDS = {"type": "string", "pattern": r"[^\s\x1c-\x1f\x85]"}
_PART_WITH_WORDS = {
    "type": "object",
    "required": ["type", "text"],
    "properties": {"type": {"const": "text"}, "text": _WORDS},
}
_PICTURE = {"type": "object", "required": ["type", "image_url"], "properties": {"type": {"const": "image_url"}}}
_QUESTION: dict[str, Any] = {
    "type": "object",
    "required": ["role", "content"],
    "properties": {
        "role": {"const": "user"},
        "content": {"anyOf": [_WORDS, {"type": "array", "contains": {"anyOf": [_PART_WITH_WORDS, _PICTURE]}}]},
    },
}
_NAMES_CONVERSATION: dict[str, Any] = {"type": "object", "required": ["conversation_id"]}


class ChatRequest(RequestModel):
    """`POST /v1/chat/completions`."""

    model_config = ConfigDict(
        json_schema_extra={
            "if": {"required": ["metadata"], "properties": {"metadata": _NAMES_CONVERSATION}},
            "then": {"required": ["user"], "properties": {"user": {"type": "string", "minLength": 1}}},
            "examples": [
                {
                    "model": "tastemaker",
                    "messages": [{"role": "user", "content": "A dark thriller from the 70s"}],
                    "user": "ann",
                    "metadata": {"conversation_id": "conversation-1"},
                }
            ],
        }
    )

    model: Annotated[str, Field(max_length=256), STORABLE]
    messages: list[ChatMessage] = Field(
        min_length=1,
        description="Oldest first. The user's last message that says something is answered; none after it is read.",
        json_schema_extra={"contains": _QUESTION},
    )
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    user: OptionalUserName = Field(None, description="Names the person, whose feedback then counts.")
    n: Annotated[int, Field(ge=1, le=1), WHOLE] | None = None
    stop: Stop | Annotated[list[Stop], Field(max_length=4)] | None = Field(
        None, description="The text ends before any of these."
    )
    max_tokens: MaxTokens | None = Field(None, description="Bounds the text that is shown; the smaller of both counts.")
    max_completion_tokens: MaxTokens | None = None
    temperature: float | None = Field(None, ge=0, le=2)
    seed: Annotated[int, WHOLE] | None = None
    response_format: ResponseFormat | None = None
    metadata: Metadata | None = Field(
        None, description="`conversation_id` keeps the conversation under this id, for the `user`."
    )
    popularity_correction: float | None = Field(None, ge=0, le=1, description="0 is off; an extra of this API.")

    # Wishes of style that nothing here can grant: taken, and `details.notices` says that they change nothing.
    frequency_penalty: float | None = Field(None, ge=-2, le=2, description=_NO_EFFECT)
    presence_penalty: float | None = Field(None, ge=-2, le=2, description=_NO_EFFECT)
    top_p: float | None = Field(None, ge=0, le=1, description=_NO_EFFECT)
    reasoning_effort: Literal["none", "minimal", "low", "medium", "high", "xhigh"] | None = Field(
        None, description=_NO_EFFECT
    )
    verbosity: Literal["low", "medium", "high"] | None = Field(None, description=_NO_EFFECT)

    # Known to OpenAI's clients. Values that would change nothing are taken, all others are refused.
    tools: list[Any] | None = Field(None, max_length=0)
    tool_choice: Literal["none", "auto"] | None = None
    parallel_tool_calls: bool | None = None
    functions: list[Any] | None = Field(None, max_length=0)
    function_call: Literal["none", "auto"] | None = None
    logprobs: No | None = None
    top_logprobs: Annotated[int, Field(ge=0, le=0), WHOLE] | None = None
    logit_bias: dict[str, Any] | None = Field(None, max_length=0)
    audio: None = None
    modalities: Annotated[list[Literal["text"]], Field(max_length=1)] | None = None
    prediction: None = None
    web_search_options: None = None
    moderation: None = None
    service_tier: Literal["auto", "default"] | None = None
    store: No | None = None
    safety_identifier: str | None = None
    prompt_cache_key: str | None = None
    prompt_cache_retention: str | None = None
    prompt_cache_options: dict[str, Any] | None = None
