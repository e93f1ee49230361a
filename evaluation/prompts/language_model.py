"""One question to the language model, and patience with an engine that dies: it is asked again when it is back.

Knows nothing of what the answers mean.
"""

import asyncio
import json
import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import httpx

from core.errors import EngineError, InputError
from prompts.ranking import labels_of
from server.engine import Engine, EngineAddress, EngineState

ATTEMPTS = 3
_CONNECT_TIMEOUT = 10.0
_LOOK_EVERY = 0.2
_FIRST_PAUSE = 0.5


@dataclass(frozen=True)
class Reply:
    """What came back, and how long it took from the last sending to the end."""

    text: str
    finish: str
    prompt_tokens: int
    completion_tokens: int
    seconds: float
    attempts: int
    logprobs: Any = None  # of a chat's tokens as they came, where they were asked for


class LanguageModel:
    """Asks an engine. Use it within one event loop, as a context manager."""

    def __init__(self, engine: Engine, *, timeout: float, patience: float) -> None:
        """`timeout`: seconds for one answer; `patience`: seconds until an engine that is not ready is given up."""
        self._engine = engine
        self._patience = patience
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(timeout, connect=_CONNECT_TIMEOUT),
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=None),
            trust_env=False,  # a proxy has no business between this program and its engine
        )

    async def __aenter__(self) -> "LanguageModel":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def ask(self, request: dict[str, Any]) -> Reply:
        """Send a body of /v1/chat/completions, or of /v1/completions where it has no messages.

        Raises InputError where the engine refuses it, and EngineError where it can't answer.
        """
        cause, path = "", "chat/completions" if "messages" in request else "completions"
        for attempt in range(1, ATTEMPTS + 1):
            address = await self._address()
            started = time.perf_counter()
            try:
                response = await self._client.post(
                    f"{address.url}/{path}",
                    json=request,
                    headers={"Authorization": f"Bearer {address.key}"} if address.key else {},
                )
            except httpx.HTTPError as error:
                cause = str(error) or type(error).__name__
            else:
                if response.status_code == HTTPStatus.OK:
                    return _reply(request, response, time.perf_counter() - started, attempt)
                cause = _refusal(response)
            if attempt < ATTEMPTS:
                await asyncio.sleep(_FIRST_PAUSE * 2 ** (attempt - 1))
        raise EngineError(f"The language model failed {ATTEMPTS} times ({cause}).")

    async def _address(self) -> EngineAddress:
        """Where to ask, once the engine is ready."""
        deadline = time.monotonic() + self._patience
        while self._engine.status.state is not EngineState.READY and time.monotonic() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(_LOOK_EVERY)  # its status is another thread's
        return self._engine.address


def _reply(request: dict[str, Any], response: httpx.Response, seconds: float, attempt: int) -> Reply:
    try:
        body = response.json()
        choice, usage = body["choices"][0], body.get("usage") or {}
        text = (choice["message"].get("content") or "") if "messages" in request else _choice(request, choice)
        return Reply(
            text=text.encode("utf-8", "replace").decode(),
            finish=choice.get("finish_reason") or "",
            prompt_tokens=usage.get("prompt_tokens", 0),
            completion_tokens=usage.get("completion_tokens", 0),
            seconds=seconds,
            attempts=attempt,
            logprobs=choice.get("logprobs"),
        )
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise EngineError("The language model's answer is not of OpenAI's shape.") from error


def _choice(request: dict[str, Any], choice: dict[str, Any]) -> str:
    """The letters' log probabilities, and the ranking that they are, in the form of the other answers."""
    found = choice["logprobs"]["top_logprobs"][0]
    tokens = request["allowed_token_ids"]
    scores = dict(zip(labels_of(len(tokens)), (found[f"token_id:{token}"] for token in tokens), strict=True))
    ranking = sorted(scores, key=lambda label: -scores[label])
    return json.dumps({"ranking": ranking, "log_probabilities": scores})


def _refusal(response: httpx.Response) -> str:
    """Why there is no answer, where asking again may help. Raises InputError where it can't."""
    message = _message(response)
    status = response.status_code
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        raise InputError("The language model refuses the key.", mend="Set TASTEMAKER_LLM_KEY.")
    if status < HTTPStatus.INTERNAL_SERVER_ERROR and status != HTTPStatus.TOO_MANY_REQUESTS:
        raise InputError(f"The language model refused a prompt: {message}", mend="Mend the template or the variant.")
    return message


def _message(response: httpx.Response) -> str:
    """The one line in an error of OpenAI's shape, or the body itself."""
    try:
        text = str(response.json()["error"]["message"])
    except (ValueError, LookupError, TypeError, json.JSONDecodeError):
        text = response.text
    return " ".join(text.split())[:300] or f"HTTP {response.status_code}"
