"""The language model of a turn, over an engine's OpenAI-shaped HTTP API: streamed, constrained, cancellable.

It knows nothing of prompts' meaning or of processes; it watches the engine's status only to give up at once.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Iterator
from http import HTTPStatus
from typing import Any

import httpx

from core.errors import EngineError
from core.generator import ChatPrompt, GenerationDone
from core.recommendation import Usage
from server.engine import Engine, EngineAddress, EngineState

_WATCH_EVERY = 0.25  # seconds between two looks at the engine while no token comes
_CONNECT_TIMEOUT = 5.0
_BROKE_OFF = "The language model broke off its answer."

_Arrival = str | GenerationDone | EngineError


class VllmGenerator:
    """A `core.generator.Generator`. All calls must come from one event loop; close it there with `aclose`."""

    def __init__(self, engine: Engine, *, token_timeout: float = 30.0, total_timeout: float = 60.0) -> None:
        """`token_timeout`: seconds without a token, the wait for the first included; `total_timeout`: of an answer."""
        self._engine = engine
        self._token_timeout = token_timeout
        self._total_timeout = total_timeout
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(None, connect=_CONNECT_TIMEOUT),
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=32),
            trust_env=False,  # a proxy has no business between this program and its engine
        )
        # For /metrics.
        self.running = 0
        self.prompt_tokens = 0
        self.completion_tokens = 0
        self.failures = 0

    @property
    def ready(self) -> bool:
        return self._engine.status.state is EngineState.READY

    async def aclose(self) -> None:
        """Close the connections to the engine."""
        await self._client.aclose()

    async def stream(self, prompt: ChatPrompt) -> AsyncGenerator[str | GenerationDone]:
        """Text as it is generated, then one `GenerationDone`. Raises EngineError."""
        address = self._engine.address
        deaths = self._engine.status.deaths
        deadline = asyncio.get_running_loop().time() + self._total_timeout
        arrivals: asyncio.Queue[_Arrival] = asyncio.Queue()
        # One task owns the connection, so that however this stream ends, cancelling the task closes it.
        exchange = asyncio.create_task(self._exchange(prompt, address, arrivals))
        self.running += 1
        try:
            while not isinstance(event := await self._next(arrivals, deaths, deadline), GenerationDone):
                yield event
            self.prompt_tokens += event.usage.prompt_tokens
            self.completion_tokens += event.usage.completion_tokens
            yield event
        except EngineError:
            self.failures += 1
            raise
        finally:
            self.running -= 1
            exchange.cancel()
            await asyncio.gather(exchange, return_exceptions=True)

    async def _next(self, arrivals: "asyncio.Queue[_Arrival]", deaths: int, deadline: float) -> str | GenerationDone:
        """What arrives next, as long as there is hope that something does."""
        now = asyncio.get_running_loop().time
        until = min(now() + self._token_timeout, deadline)
        while now() < until:
            try:
                async with asyncio.timeout(_WATCH_EVERY):
                    arrival = await arrivals.get()
            except TimeoutError:
                status = self._engine.status
                if status.deaths != deaths or status.state is EngineState.STOPPED:
                    raise EngineError(status.detail) from None
                continue
            if isinstance(arrival, EngineError):
                raise arrival
            return arrival
        raise EngineError("The language model took too long to answer.")

    async def _exchange(self, prompt: ChatPrompt, address: EngineAddress, arrivals: "asyncio.Queue[_Arrival]") -> None:
        """One request; its text, its end or its error go to `arrivals`. Closing it makes vLLM stop generating."""
        try:
            async with self._client.stream(
                "POST",
                f"{address.url}/chat/completions",
                json=_body(prompt, address.model),
                headers={"Authorization": f"Bearer {address.key}"} if address.key else {},
            ) as response:
                if response.status_code != HTTPStatus.OK:
                    cause = refusal(await response.aread())
                    raise EngineError(f"The language model refused the prompt: {cause}")  # noqa: TRY301
                async for line in response.aiter_lines():
                    for arrival in _parse(line):
                        arrivals.put_nowait(arrival)
            # Not an end that vLLM announced: nobody waits any more, or the connection was cut.
            arrivals.put_nowait(EngineError(_BROKE_OFF))
        except EngineError as error:
            arrivals.put_nowait(error)
        except (httpx.HTTPError, ValueError, LookupError, RuntimeError):  # cut, not JSON, odd JSON, closed client
            arrivals.put_nowait(EngineError(_BROKE_OFF))


def _body(prompt: ChatPrompt, model: str) -> dict[str, Any]:
    body: dict[str, Any] = {
        "model": model,
        "messages": prompt.messages,
        "max_tokens": prompt.max_tokens,
        "temperature": prompt.temperature,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    if prompt.seed is not None:
        body["seed"] = prompt.seed
    if prompt.answer_schema:
        schema = {"name": "answer", "schema": prompt.answer_schema, "strict": True}
        body["response_format"] = {"type": "json_schema", "json_schema": schema}
    return body


def _parse(line: str) -> Iterator[str | GenerationDone]:
    """The text in one line of the event stream. Usage comes in the last one."""
    if not line.startswith("data: {"):
        return
    data = line.removeprefix("data: ")
    chunk = json.loads(data)
    if "error" in chunk:
        raise EngineError(f"The language model broke off its answer: {refusal(data)}")
    for choice in chunk["choices"]:
        if text := choice["delta"].get("content"):
            yield text
    if usage := chunk.get("usage"):
        yield GenerationDone(
            usage=Usage(prompt_tokens=usage["prompt_tokens"], completion_tokens=usage["completion_tokens"])
        )


def refusal(body: bytes | str) -> str:
    """The one line in an error of OpenAI's shape, or the body itself."""
    try:
        text = str(json.loads(body)["error"]["message"])
    except (ValueError, KeyError, TypeError):
        text = body if isinstance(body, str) else body.decode("utf-8", errors="replace")
    return " ".join(text.split())[:300]
