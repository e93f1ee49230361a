"""Reasons in the words of a stronger model: any OpenAI-compatible address. What it makes up is not kept."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import httpx
from tqdm import tqdm

from agent.claims.english import ends_a_sentence
from core.errors import EngineError
from prompts.payload import candidate_labels, evidence_names
from prompts.schema import REASON_CHARS
from training.language.explanations import Explanation, ExplanationWriter, Reason

_TIMEOUT = 120.0


class Teacher:
    """Writes the reasons of explanations anew; the items, the reasoning and the evidence's names stay true."""

    def __init__(self, url: str, writer: ExplanationWriter, *, model: str = "", key: str = "") -> None:
        """`url` ends in /v1, such as http://127.0.0.1:8000/v1. `model`: the first that it has, where none is named."""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._client = httpx.Client(base_url=url.rstrip("/"), headers=headers, timeout=_TIMEOUT)
        self._writer = writer
        self._model = model
        self.kept = self.refused = 0

    def distil(self, explanations: Sequence[Explanation]) -> list[Explanation]:
        """The same explanations, with the teacher's reason wherever the checker follows all of it.

        Raises EngineError when the teacher can't be reached.
        """
        self._model = self._model or self._first_model()
        return [self._distilled(one) for one in tqdm(explanations, desc="Teacher", unit="explanation")]

    def _distilled(self, explanation: Explanation) -> Explanation:
        body = {
            "model": self._model,
            "messages": explanation.prompt.messages,
            "temperature": 0.7,
            "max_tokens": explanation.prompt.max_tokens,
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "answer", "schema": explanation.prompt.answer_schema, "strict": True},
            },
        }
        answer = self._ask("POST", "/chat/completions", body)
        return replace(explanation, reason=self._better(_reason(answer, explanation), explanation))

    def _better(self, offered: Reason | None, explanation: Explanation) -> Reason:
        candidate = explanation.candidate
        if offered is None:
            return explanation.reason
        holds = (
            ends_a_sentence(offered.text)
            and len(offered.text) <= REASON_CHARS
            and set(offered.evidence) <= evidence_names(candidate).keys()
            and self._writer.holds(offered.text, candidate, explanation.intent, explanation.history)
        )
        self.kept += holds
        self.refused += not holds
        return offered if holds else explanation.reason

    def _first_model(self) -> str:
        found = self._ask("GET", "/models", None).get("data") or [{}]
        return str(found[0].get("id", ""))

    def _ask(self, method: str, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
        try:
            response = self._client.request(method, path, json=body)
            response.raise_for_status()
            answer: dict[str, Any] = response.json()
        except (httpx.HTTPError, ValueError) as error:
            raise EngineError(
                f"The teacher at {self._client.base_url} does not answer ({type(error).__name__}).",
                mend="Check --teacher; it is an OpenAI-compatible address that ends in /v1.",
            ) from error
        return answer


def _reason(answer: dict[str, Any], explanation: Explanation) -> Reason | None:
    """The reason; None where the answer is not what was asked for."""
    labels = candidate_labels((explanation.candidate,), explanation.items)
    try:
        (one,) = json.loads(answer["choices"][0]["message"]["content"])["items"]
        return Reason(labels[one["item"]], tuple(map(str, one["evidence"])), str(one["reason"]).strip())
    except (KeyError, IndexError, TypeError, ValueError):
        return None
