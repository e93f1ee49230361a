"""Ranks candidates with one pass of vLLM: the prompt is read once, and one token's probabilities are the ranking.

The prompt goes to /v1/completions, as token ids or, with soft tokens in it, as `prompt_embeds` [tokens, hidden]. The
chat route is not used for that: with a LoRA adapter, embeddings there kill vLLM 0.32's engine. The answer's one token
is held to the letters (`allowed_token_ids`) and the probabilities are taken after that (`--logprobs-mode
processed_logprobs`), so that all of them come back, not the 20 likeliest of the vocabulary.

vLLM's prefix cache works with `prompt_embeds` too: it keys a block by the hash of its embeddings. Whole blocks (128
tokens on a CPU) are kept, so it helps who asks the same again, not what all prompts begin with.
"""

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any, Self, TypeVar

import httpx
import numpy as np
import numpy.typing as npt

from core.artifacts import Wording
from core.candidate import Candidate
from core.choice import combined_scores, normalised
from core.errors import EngineError
from core.generator import Choice
from core.intent import Intent
from core.item import ItemTable
from core.markers import Tokenizer
from core.recommendation import Usage
from prompts.choice import MAX_CANDIDATES
from server.adapters import Adapter
from server.choice_questions import Question, Questions, SoftTokens
from server.engine import Engine, EngineState
from server.token_table import token_table
from server.vllm_generator import refusal

FloatArray = npt.NDArray[np.float32]
_Answer = TypeVar("_Answer")

_WATCH_EVERY = 0.1  # seconds between two looks at the engine while it reads
_CONNECT_TIMEOUT = 5.0


class VllmChooser:
    """A `core.generator.Chooser`. All calls must come from one event loop; close it there with `aclose`."""

    def __init__(
        self, engine: Engine, questions: Questions, *, name: str = "", model_weight: float = 1.0, timeout: float = 10.0
    ) -> None:
        """`name`: of the adapter, as vLLM serves it; empty: the model itself. `timeout` in seconds, for one choice."""
        self._engine = engine
        self._questions = questions
        self._name = name
        self._model_weight = model_weight
        self._timeout = timeout
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(None, connect=_CONNECT_TIMEOUT),
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=32),
            trust_env=False,  # a proxy has no business between this program and its engine
        )

    @classmethod
    def load(
        cls,
        engine: Engine,
        adapter: Adapter,
        checkpoint: Path,
        items: ItemTable,
        wording: Wording,
        *,
        timeout: float = 10.0,
    ) -> Self:
        """The chooser of an adapter. `checkpoint` is the folder of the base model or of the merged one.

        Raises ArtifactError or InputError.
        """
        from transformers import AutoTokenizer

        manifest = adapter.manifest
        soft = None
        if manifest.has_soft_prompt:
            soft = SoftTokens.load(adapter.layout, token_table(checkpoint), len(items))
        tokenizer: Tokenizer = AutoTokenizer.from_pretrained(checkpoint)
        questions = Questions(items, wording, tokenizer, template=manifest.template, latest=manifest.latest, soft=soft)
        return cls(engine, questions, name=manifest.name, model_weight=manifest.model_weight, timeout=timeout)

    @property
    def ready(self) -> bool:
        return self._engine.status.state is EngineState.READY

    async def aclose(self) -> None:
        """Close the connections to the engine."""
        await self._client.aclose()

    async def choose(
        self,
        intent: Intent,
        candidates: tuple[Candidate, ...],
        *,
        history: tuple[str, ...] = (),
    ) -> Choice:
        """Rank the first MAX_CANDIDATES. Raises EngineError."""
        ranked = candidates[:MAX_CANDIDATES]
        answer, question = await self._within_life(self._ask(intent, ranked, history))
        log_probabilities = normalised([_of_letter(answer, token) for token in question.letters.values()])
        scores = combined_scores(log_probabilities, [one.score for one in ranked], self._model_weight)
        order = np.argsort(-scores, kind="stable")
        ids = [candidate.item_id for candidate in ranked]
        return Choice(
            scores={ids[place]: float(scores[place]) for place in order},
            log_probabilities={ids[place]: float(log_probabilities[place]) for place in order},
            usage=Usage(prompt_tokens=answer["usage"]["prompt_tokens"], completion_tokens=1),
        )

    async def _ask(
        self, intent: Intent, candidates: Sequence[Candidate], history: Sequence[str]
    ) -> tuple[dict[str, Any], Question]:
        address = self._engine.address
        question = await asyncio.to_thread(self._questions.ask, intent, candidates, history)
        letters = list(question.letters.values())
        body = {
            "model": self._name or address.model,
            **question.prompt,
            "max_tokens": 1,
            "temperature": 0,
            "allowed_token_ids": letters,
            "logprobs": len(letters),
            "return_tokens_as_token_ids": True,
        }
        headers = {"Authorization": f"Bearer {address.key}"} if address.key else {}
        try:
            response = await self._client.post(f"{address.url}/completions", json=body, headers=headers)
            if response.status_code != HTTPStatus.OK:
                raise EngineError(f"The language model refused to choose: {refusal(response.content)}")
            return response.json(), question
        except (httpx.HTTPError, ValueError, RuntimeError) as error:  # cut, not JSON, closed client
            raise EngineError("The language model broke off its choice.") from error

    async def _within_life(self, asking: Coroutine[Any, Any, _Answer]) -> _Answer:
        """The result, unless the engine dies meanwhile or time is up. However this ends, the request ends with it."""
        deaths = self._engine.status.deaths
        task = asyncio.create_task(asking)
        now = asyncio.get_running_loop().time
        deadline = now() + self._timeout
        try:
            while now() < deadline:
                if (await asyncio.wait((task,), timeout=min(_WATCH_EVERY, deadline - now())))[0]:
                    return task.result()
                status = self._engine.status
                if status.deaths != deaths or status.state is EngineState.STOPPED:
                    raise EngineError(status.detail)
            raise EngineError("The language model took too long to choose.")
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


def _of_letter(answer: Mapping[str, Any], token: int) -> float:
    """The log probability of a letter's token. Raises EngineError where the server gave none."""
    try:
        return float(answer["choices"][0]["logprobs"]["top_logprobs"][0][f"token_id:{token}"])
    except (LookupError, TypeError) as error:
        cause = "The language model's server gave no probability for some candidates."
        mend = f"Start it with --logprobs-mode processed_logprobs --max-logprobs {MAX_CANDIDATES}."
        raise EngineError(cause, mend=mend) from error
