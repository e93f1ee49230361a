"""The one-pass prompt among the other templates: the next token is a letter, whose probabilities are the ranking.

Named `choose`; the words are `prompts.choice`'s, the request is `server.choice`'s, so that what is measured is what is
served. It is the only prompt with places for soft tokens. The ranking is the model's alone; what serving mixes it with,
the shortlist's scores, is not in it.
"""

import base64
import hashlib
import io
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from core.candidate import Candidate
from core.errors import InputError
from core.intent import Intent, TurnKind
from evaluation.prompts.people import IntArray, People
from evaluation.prompts.variants import Variant
from prompts.chat_template import FOLDER
from prompts.template import Form, Header

if TYPE_CHECKING:
    from server.adapters import Adapter
    from server.choice_questions import Questions

NAME = "choose"
_HEADER = Header(name=NAME, version=1, form=Form.HARD, soft=True, answer="choice")
_ANY = Intent(kind=TurnKind.RECOMMEND)


@dataclass(frozen=True)
class ChoiceTemplate:
    """`choose-v1` as the comparison sees a template."""

    header: Header = _HEADER

    @property
    def name(self) -> str:
        """Name and version."""
        return f"{NAME}-v{self.header.version}"

    @cached_property
    def digest(self) -> str:
        """Of the file."""
        return hashlib.sha256((FOLDER / f"{self.name}.jinja").read_bytes()).hexdigest()[:12]


def is_choice(name: str) -> bool:
    """Whether a name means this prompt."""
    return name in (NAME, ChoiceTemplate().name)


@dataclass(frozen=True)
class OnePass:
    """Makes the requests of one variant."""

    questions: "Questions"

    @classmethod
    def load(cls, people: People, variant: Variant, checkpoint: Path, adapter: "Adapter | None") -> "OnePass":
        """`checkpoint` is the base model's folder. Raises InputError or ArtifactError for what doesn't fit."""
        from transformers import AutoTokenizer

        from server.choice_questions import Questions, SoftTokens
        from server.token_table import token_table

        artifacts, soft = people.artifacts, None
        if variant.kind == "soft":
            if adapter is None or not adapter.manifest.has_soft_prompt:
                raise InputError(
                    f"The adapter {variant.model} has no soft prompt.", mend=f"Use adapter:{variant.model}."
                )
            soft = SoftTokens.load(adapter.layout, token_table(checkpoint), len(artifacts.items))
        questions = Questions(
            artifacts.items,
            artifacts.manifest.wording,
            AutoTokenizer.from_pretrained(checkpoint),
            template=adapter.manifest.template if adapter else ChoiceTemplate().name,
            latest=variant.settings.history,
            soft=soft,
        )
        return cls(questions)

    def request(
        self, people: People, model: str, rows: IntArray, scores: npt.NDArray[np.float64], history: IntArray
    ) -> dict[str, Any]:
        """The body for /v1/completions; the letters' tokens are in the order of the candidates."""
        items = people.artifacts.items.items
        candidates = [
            Candidate(item_id=items[row].id, score=float(score)) for row, score in zip(rows, scores, strict=True)
        ]
        question = self.questions.ask(_ANY, candidates, [items[row].id for row in history])
        letters = [question.letters[candidate.item_id] for candidate in candidates]
        return {
            "model": model,
            **question.prompt,
            "max_tokens": 1,
            "temperature": 0,
            "allowed_token_ids": letters,
            "logprobs": len(letters),
            "return_tokens_as_token_ids": True,
        }


def tokens_of(request: dict[str, Any]) -> int | None:
    """How many tokens such a request has; None for one of chat messages."""
    if "prompt" in request:
        return len(request["prompt"])
    if "prompt_embeds" in request:
        import torch

        return len(torch.load(io.BytesIO(base64.b64decode(request["prompt_embeds"])), weights_only=True))
    return None
