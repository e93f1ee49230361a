"""Reads a chat request: what of it goes into the turn, and how its answer shall be given.

Everything that can be refused is refused here, before anything runs. It knows nothing of the turn or of HTTP.
"""

import re
from dataclasses import dataclass

from core.conversation import Message
from core.errors import InputError
from core.settings import Settings
from core.turn import TurnRequest
from server.answer_format import AnswerFormat, read_format
from server.errors import bad_request, not_found
from server.fields import CONVERSATION_ID
from server.openai_requests import ChatMessage, ChatRequest, ContentPart, ImagePart, TextPart


@dataclass(frozen=True)
class ChatCall:
    """A chat request that can be answered."""

    turn: TurnRequest
    model: str
    user: str | None
    conversation_id: str | None
    stop: tuple[str, ...]
    max_tokens: int | None
    format: AnswerFormat | None
    stream: bool
    include_usage: bool
    notices: tuple[str, ...] = ()  # what of the request changes nothing


def read_chat(request: ChatRequest, settings: Settings, model_name: str) -> ChatCall:
    """Check a request. Raises a 400 or 404 that names the field at fault."""
    if request.model != model_name:
        raise not_found(f"The model '{request.model}' does not exist; use '{model_name}'.", "model", "model_not_found")
    user = request.user or None
    conversation_id = _read_conversation_id(request.metadata or {})
    if conversation_id and not user:
        raise bad_request("A conversation is kept for someone: name the 'user'.", "user", "missing_user")
    said = _read_messages(request.messages, settings)
    messages = _newest(said)
    return ChatCall(
        turn=TurnRequest(
            messages=messages,
            user=user,
            popularity_correction=request.popularity_correction,
            temperature=request.temperature or 0.0,
            seed=None if request.seed is None else request.seed % 2**63,  # what engines take
        ),
        model=request.model,
        user=user,
        conversation_id=conversation_id,
        stop=(request.stop,) if isinstance(request.stop, str) else tuple(request.stop or ()),
        max_tokens=min(filter(None, (request.max_tokens, request.max_completion_tokens)), default=None),
        format=read_format(request.response_format),
        stream=bool(request.stream),
        include_usage=bool(request.stream_options and request.stream_options.include_usage),
        notices=(*_without_effect(request), *([] if len(messages) == len(said) else [FORGOTTEN])),
    )


# Every message is understood anew each turn, so that nothing must be kept: what is read has a bound. Far more than
# people type, it is what a program may send.
MAX_SAID_CHARS = 20_000
FORGOTTEN = "This conversation is very long: its beginning was not read."

# What each says when it asks for nothing special.
_NEUTRAL = {
    "top_p": 1,
    "frequency_penalty": 0,
    "presence_penalty": 0,
    "reasoning_effort": None,
    "verbosity": None,
}


def _without_effect(request: ChatRequest) -> tuple[str, ...]:
    wished = [name for name, neutral in _NEUTRAL.items() if getattr(request, name) not in (None, neutral)]
    return (f"Without effect here: {', '.join(wished)}.",) if wished else ()


def _read_conversation_id(metadata: dict[str, str]) -> str | None:
    conversation_id = metadata.get("conversation_id")
    if conversation_id is not None and not re.fullmatch(CONVERSATION_ID, conversation_id):
        param = "metadata.conversation_id"
        raise bad_request(f"'{param}' must be 8 to 64 of the characters A-Z a-z 0-9 _ and -.", param)
    return conversation_id


def _read_messages(messages: list[ChatMessage], settings: Settings) -> tuple[Message, ...]:
    if len(messages) > settings.max_messages:
        raise bad_request(
            f"'messages' holds {len(messages)} messages; at most {settings.max_messages} are read.",
            "messages",
            "too_many_messages",
        )
    read = [
        _read_message(message, f"messages[{at}]", settings.max_message_chars) for at, message in enumerate(messages)
    ]
    shown = _last_picture(messages)
    if shown:
        at, part = shown
        read[at] = read[at].model_copy(update={"picture": _read_picture(messages[at], at, part, settings)})
    said = [at for at, one in enumerate(read) if one.role == "user" and (one.content.strip() or one.picture)]
    if not said:
        raise bad_request("'messages' holds no words of the user.", "messages", "empty_message")
    return tuple(read[: said[-1] + 1])


def _newest(messages: tuple[Message, ...]) -> tuple[Message, ...]:
    """The end of a conversation in which the person says at most MAX_SAID_CHARS; the last message is kept whole."""
    first, room = len(messages) - 1, MAX_SAID_CHARS
    for at in range(len(messages) - 1, -1, -1):
        room -= len(messages[at].content) if messages[at].role == "user" else 0
        if room < 0:
            break
        first = at
    return messages[first:]


def _last_picture(messages: list[ChatMessage]) -> tuple[int, int] | None:
    """The message and the part of the last picture: the one that counts."""
    places = [
        (at, part)
        for at, message in enumerate(messages)
        if isinstance(message.content, list)
        for part, content in enumerate(message.content)
        if isinstance(content, ImagePart)
    ]
    return places[-1] if places else None


def _read_picture(message: ChatMessage, at: int, part: int, settings: Settings) -> bytes:
    from encoders.pictures import picture_from_data_url, read_picture

    param = f"messages[{at}].content[{part}].image_url.url"
    if message.role != "user":
        raise bad_request(f"'messages[{at}]' is not the user's: only the user shows pictures.", param, "invalid_image")
    content = message.content[part] if isinstance(message.content, list) else None
    assert isinstance(content, ImagePart)  # noqa: S101 - `_last_picture` found it there
    try:
        picture = picture_from_data_url(content.image_url.url, settings.max_picture_bytes)
        read_picture(picture, at_least=1)  # a broken one is refused now, not in the middle of an answer
    except InputError as error:
        raise bad_request(f"'{param}': {error}", param, "invalid_image") from error
    return picture


def _read_message(message: ChatMessage, param: str, max_chars: int) -> Message:
    content = _read_content(message.content)
    if len(content) > max_chars:
        raise bad_request(
            f"'{param}.content' has {len(content)} characters; at most {max_chars} are read.",
            f"{param}.content",
            "message_too_long",
        )
    if message.role == "assistant":
        item_ids = tuple(item.item_id for item in message.recommendations or ())
        return Message(role="assistant", content=content, item_ids=item_ids)
    return Message(role="user" if message.role == "user" else "system", content=content)


def _read_content(content: str | list[ContentPart] | None) -> str:
    if isinstance(content, list):
        return "\n".join(part.text for part in content if isinstance(part, TextPart))
    return content or ""
