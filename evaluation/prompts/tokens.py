"""Tokens of a chat prompt, counted exactly: by the model's own tokenizer and chat template, or by its server."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from evaluation.prompts.plan import CountTokens
from prompts.chat_template import Message
from server.engine import EngineAddress

_TIMEOUT = 60.0


@dataclass(frozen=True)
class Counter:
    """How tokens are counted, and how many the model reads and writes together (None: not known)."""

    count: CountTokens
    context: int | None
    exact: bool


def local_counter(model: str) -> Counter | None:
    """By a checkpoint's folder; None where `model` is none, or has no tokenizer with a chat template."""
    if not (Path(model) / "tokenizer.json").is_file():
        return None
    from transformers import AutoConfig, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(model)
    if not tokenizer.chat_template:
        return None
    context = getattr(AutoConfig.from_pretrained(model), "max_position_embeddings", None)

    def count(messages: Sequence[Message]) -> int:
        text = tokenizer.apply_chat_template(list(messages), tokenize=False, add_generation_prompt=True)
        return len(tokenizer(text, add_special_tokens=False)["input_ids"])

    return Counter(count, context, exact=True)


def server_counter(address: EngineAddress) -> Counter:
    """By vLLM's /tokenize; where a server doesn't have it, four bytes are taken for a token, and `exact` is False."""
    headers = {"Authorization": f"Bearer {address.key}"} if address.key else {}
    client = httpx.Client(
        base_url=address.url.removesuffix("/v1"),
        headers=headers,
        timeout=_TIMEOUT,
        limits=httpx.Limits(max_keepalive_connections=0),  # the counter is never closed: it must hold no connection
        trust_env=False,
    )

    def ask(messages: Sequence[Message]) -> dict[str, Any] | None:
        try:
            response = client.post("/tokenize", json={"model": address.model, "messages": list(messages)})
            answer = response.json() if response.is_success else None
        except (httpx.HTTPError, ValueError):
            return None
        return answer if isinstance(answer, dict) and "count" in answer else None

    first = ask([{"role": "user", "content": "Hello"}])
    if first is None:
        client.close()
        return ABOUT

    def count(messages: Sequence[Message]) -> int:
        found = ask(messages)
        return int(found["count"]) if found else _four_bytes(messages)

    return Counter(count, int(first["max_model_len"]) if first.get("max_model_len") else None, exact=True)


def _four_bytes(messages: Sequence[Message]) -> int:
    return sum(-(-len(message["content"].encode()) // 4) + 4 for message in messages)


# Where nothing is known of the tokenizer.
ABOUT = Counter(_four_bytes, None, exact=False)
