"""Reads a chat request: what of it goes into the turn, and how its answer shall be given.

Everything that can be refused is refused here, before anything runs. It knows nothing of the turn or of HTTP.
"""

import re
from dataclasses import dataclass

from core.conversation import Message
from core.settings import Settings
from core.turn import TurnRequest
from server.answer_format import AnswerFormat, read_format
from server.errors import bad_request, not_found
from server.openai_types import ChatMessage, ChatRequest

MAX_STOPS = 4
MAX_USER_CHARS = 256
CONVERSATION_ID = r"^[A-Za-z0-9_-]{8,64}$"


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


def read_chat(request: ChatRequest, settings: Settings, model_name: str) -> ChatCall:
    """Check a request. Raises a 400 or 404 that names the field at fault."""
    if request.model != model_name:
        raise not_found(f"The model '{request.model}' does not exist; use '{model_name}'.", "model", "model_not_found")
    if request.stream_options and not request.stream:
        raise bad_request("'stream_options' is only allowed with 'stream'.", "stream_options")
    user = read_user(request.user, "user")
    conversation_id = (request.metadata or {}).get("conversation_id")
    if conversation_id is not None:
        check_conversation_id(conversation_id, "metadata.conversation_id")
        if user is None:
            raise bad_request("A conversation is kept for someone: name the 'user'.", "user", "missing_user")
    return ChatCall(
        turn=TurnRequest(
            messages=_read_messages(request.messages, settings),
            popularity_correction=request.popularity_correction,
            temperature=request.temperature or 0.0,
            seed=request.seed,
        ),
        model=request.model,
        user=user,
        conversation_id=conversation_id,
        stop=_read_stop(request.stop),
        max_tokens=_read_max_tokens(request),
        format=read_format(request.response_format),
        stream=bool(request.stream),
        include_usage=bool(request.stream_options and request.stream_options.include_usage),
    )


def read_user(user: str | None, param: str) -> str | None:
    """A person's name, or None where it is left out or empty."""
    if not user:
        return None
    if len(user) > MAX_USER_CHARS or not user.isprintable():
        raise bad_request(f"'{param}' must be at most {MAX_USER_CHARS} printable characters.", param)
    return user


def check_conversation_id(conversation_id: str, param: str) -> None:
    """Raise a 400 unless an id can name a conversation."""
    if not re.fullmatch(CONVERSATION_ID, conversation_id):
        raise bad_request(f"'{param}' must be 8 to 64 of the characters A-Z a-z 0-9 _ and -.", param)


def _read_messages(messages: list[ChatMessage], settings: Settings) -> tuple[Message, ...]:
    if not messages:
        raise bad_request("'messages' is empty: send at least one message of the user.", "messages")
    if len(messages) > settings.max_messages:
        raise bad_request(
            f"'messages' holds {len(messages)} messages; at most {settings.max_messages} are read.",
            "messages",
            "too_many_messages",
        )
    if messages[-1].role != "user":
        raise bad_request("The last message must be the user's.", f"messages[{len(messages) - 1}].role")
    read = tuple(
        _read_message(message, f"messages[{at}]", settings.max_message_chars) for at, message in enumerate(messages)
    )
    if not read[-1].content.strip():
        raise bad_request("The last message is empty.", f"messages[{len(messages) - 1}].content", "empty_message")
    return read


def _read_message(message: ChatMessage, param: str, max_chars: int) -> Message:
    if message.role in {"tool", "function"}:
        raise bad_request(
            "Tools are not supported: leave out their messages.", f"{param}.role", "unsupported_parameter"
        )
    content = _read_content(message, f"{param}.content")
    if len(content) > max_chars:
        raise bad_request(
            f"'{param}.content' has {len(content)} characters; at most {max_chars} are read.",
            f"{param}.content",
            "message_too_long",
        )
    if message.role == "assistant":
        item_ids = tuple(item.item_id for item in message.recommendations or ())
        return Message(role="assistant", content=content, item_ids=item_ids)
    if message.recommendations:
        raise bad_request("Only an answer has recommendations.", f"{param}.recommendations")
    return Message(role="user" if message.role == "user" else "system", content=content)


def _read_content(message: ChatMessage, param: str) -> str:
    if message.content is None:
        if message.role == "assistant":
            return ""
        raise bad_request(f"Missing required parameter: '{param}'.", param, "missing_required_parameter")
    if isinstance(message.content, str):
        return message.content
    texts = []
    for at, part in enumerate(message.content):
        if part.type != "text" or part.text is None:
            what = "Images are" if part.type == "image_url" else "Only text is"
            raise bad_request(
                f"{what} {'not understood yet: send text' if part.type == 'image_url' else 'understood'}.",
                f"{param}[{at}]",
                "unsupported_content",
            )
        texts.append(part.text)
    return "\n".join(texts)


def _read_stop(stop: str | list[str] | None) -> tuple[str, ...]:
    stops = (stop,) if isinstance(stop, str) else tuple(stop or ())
    if len(stops) > MAX_STOPS:
        raise bad_request(f"'stop' takes at most {MAX_STOPS} sequences.", "stop")
    if not all(stops):
        raise bad_request("'stop' holds an empty sequence.", "stop")
    return stops


def _read_max_tokens(request: ChatRequest) -> int | None:
    given = {request.max_tokens, request.max_completion_tokens} - {None}
    if len(given) > 1:
        raise bad_request("'max_tokens' and 'max_completion_tokens' differ: send one of them.", "max_tokens")
    return given.pop() if given else None
