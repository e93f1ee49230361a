"""Choices among candidates as vLLM is asked for them: words, and soft tokens where an adapter reads them."""

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from core.adapter import TRAIN_AGAIN, AdapterLayout
from core.artifacts import Wording
from core.candidate import Candidate
from core.errors import ArtifactError
from core.intent import Intent
from core.item import ItemTable
from core.markers import Tokenizer
from encoders.person import person_embedding
from encoders.soft_prompt import SoftPromptProjector, assemble, pieces
from prompts.choice import LATEST, LETTERS, chat_text, choice_prompt, label_ids

FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Question:
    """A choice as vLLM is asked for it: the prompt's field of the request, and the token of each candidate's letter."""

    prompt: dict[str, Any]
    letters: dict[str, int]  # item id → token id


class Questions:
    """Puts choices of one catalogue into the words, and the soft tokens, of one model."""

    def __init__(
        self,
        items: ItemTable,
        wording: Wording,
        tokenizer: Tokenizer,
        *,
        template: str = "choose-v1",
        latest: int = LATEST,
        soft: "SoftTokens | None" = None,
    ) -> None:
        """`soft` None: prompts of words alone."""
        self._items = items
        self._wording = wording
        self._tokenizer = tokenizer
        self._template = template
        self._latest = latest
        self._soft = soft

    def ask(self, intent: Intent, candidates: Sequence[Candidate], history: Sequence[str]) -> Question:
        """The question which of the candidates comes next."""
        prompt = choice_prompt(
            intent,
            [candidate.item_id for candidate in candidates],
            self._items,
            wording=self._wording,
            history=history,
            soft=self._soft is not None,
            name=self._template,
            latest=self._latest,
        )
        parts = pieces(chat_text(prompt, self._tokenizer), self._tokenizer)
        letters = {item_id: self._letters[letter] for letter, item_id in prompt.labels.items()}
        if self._soft is None:
            return Question({"prompt": [token for part in parts for token in part]}, letters)
        person = self._soft.person(intent, history, self._items)
        rows = [self._items.row(item_id) for item_id in letters]
        persons, items = self._soft.tokens(person, rows, list(letters.values()))
        return Question({"prompt_embeds": encoded(assemble(parts, self._soft.table, persons, items))}, letters)

    @cached_property
    def _letters(self) -> dict[str, int]:
        return dict(zip(LETTERS, label_ids(LETTERS, self._tokenizer), strict=True))


@dataclass(frozen=True)
class SoftTokens:
    """A projector, the model's token embeddings [vocabulary, hidden] and the items' embeddings [items, d]."""

    projector: SoftPromptProjector
    table: Tensor
    embeddings: FloatArray

    @classmethod
    def load(cls, adapter: AdapterLayout, table: Tensor, items: int) -> Self:
        """Those of an adapter's folder, for a catalogue of so many items. Raises ArtifactError."""
        projector = SoftPromptProjector.load(adapter.projector).eval()
        try:
            embeddings: FloatArray = np.load(adapter.embeddings).astype(np.float32)
        except (OSError, ValueError, EOFError) as error:
            raise ArtifactError(f"{adapter.embeddings} is missing or can't be read.", mend=TRAIN_AGAIN) from error
        if embeddings.shape != (items, projector.sizes["dimensions"]):
            raise ArtifactError(f"The adapter {adapter.root.name} was trained with other items.", mend=TRAIN_AGAIN)
        return cls(projector, table, embeddings)

    def person(self, intent: Intent, history: Sequence[str], items: ItemTable) -> FloatArray:
        """The person [d] that is known by items. The words that they wrote stand in the prompt."""

        def rows(item_ids: Sequence[str]) -> list[int]:
            return [items.row(item_id) for item_id in item_ids if item_id in items]

        return person_embedding(
            self.embeddings,
            history=rows(history),
            liked=rows(intent.liked),
            disliked=rows(intent.disliked),
            similar_to=rows(intent.similar_to),
        )

    @torch.inference_mode()
    def tokens(self, person: FloatArray, rows: Sequence[int], letters: Sequence[int]) -> tuple[Tensor, Tensor]:
        """The person's tokens [k, hidden] and those of the candidates [n, hidden] behind these letters (token ids)."""
        who = torch.from_numpy(person)
        items = torch.from_numpy(self.embeddings[list(rows)])
        return self.projector.persons(who), self.projector.items(items, who, self.table[list(letters)])


def encoded(embeddings: Tensor) -> str:
    """A tensor as vLLM takes it: `torch.save` in base64. vLLM converts the numbers to its own type."""
    buffer = io.BytesIO()
    torch.save(embeddings.detach().clone(), buffer)  # a clone: a view would bring all that it is a view of
    return base64.b64encode(buffer.getvalue()).decode()
