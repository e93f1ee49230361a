"""Examples as a language model reads them: token ids, places of soft tokens, letters. Prompts as in serving."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from core.artifacts import Wording
from core.intent import Intent, TurnKind
from core.item import ItemTable
from encoders.person import person_embedding
from encoders.soft_prompt import Piece, pieces
from prompts.choice import LETTERS, chat_text, choice_prompt, label_ids
from training.language.candidates import Choice

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float32]

_TITLED, _BARE = "choose-v1", "choose-bare-v1"
_BY_HISTORY = Intent(kind=TurnKind.RECOMMEND)


@dataclass(frozen=True)
class EncodedChoice:
    """A prompt of n candidates in the order of their letters, and what stands in it."""

    pieces: tuple[Piece, ...]
    person: Tensor  # [d]
    items: Tensor  # [n, d]
    letters: Tensor  # [n] token ids
    label: int  # place of what was chosen; -1 where it is not among them
    chances: Tensor  # [n] what is to be learned; all zero where nothing is known


class ChoiceEncoder:
    """Renders and tokenizes choices for one model and one catalogue."""

    def __init__(
        self, items: ItemTable, embeddings: FloatArray, tokenizer: Any, wording: Wording, *, soft: bool, latest: int
    ) -> None:
        """`embeddings` [n, d] are the items'; `soft`: with places for soft tokens; `latest` titles of the history."""
        self._items = items
        self.embeddings = embeddings
        self._tokenizer = tokenizer
        self._wording = wording
        self._soft = soft
        self._latest = latest

    @cached_property
    def state(self) -> str:
        """Changes with what prompts and soft tokens are made of, beyond the choices."""
        digest = hashlib.sha256(np.ascontiguousarray(self.embeddings).tobytes())
        digest.update(f"{self._soft} {self._latest} {self._wording}".encode())
        return digest.hexdigest()

    @cached_property
    def _letters(self) -> list[int]:
        return label_ids(LETTERS, self._tokenizer)

    def person(self, history: Sequence[int] | IntArray) -> FloatArray:
        """The person [d] that a history makes: the one place that says what a person is here."""
        return person_embedding(self.embeddings, history=[int(row) for row in history])

    def items(self, rows: IntArray) -> FloatArray:
        """Items [n, d] by their rows."""
        return self.embeddings[rows]

    def encode(
        self,
        choice: Choice,
        *,
        bare: bool = False,
        order: IntArray | None = None,
        person: FloatArray | None = None,
    ) -> EncodedChoice:
        """`bare`: letters and soft tokens alone; `order` [n] puts candidate order[i] behind letter i; `person` [d]
        stands in for the one whose choice it is.
        """
        order = np.arange(len(choice.rows)) if order is None else order
        rows = choice.rows[order]
        history = choice.position.history
        prompt = choice_prompt(
            _BY_HISTORY,
            [self._items.items[row].id for row in rows],
            self._items,
            wording=self._wording,
            history=[self._items.items[row].id for row in history[-self._latest :]] if self._latest else (),
            soft=self._soft,
            latest=self._latest,
            name=_BARE if bare and self._soft else _TITLED,
        )
        who = self.person(history) if person is None else person
        label = -1 if choice.label is None else int(np.flatnonzero(order == choice.label)[0])
        return EncodedChoice(
            pieces=pieces(chat_text(prompt, self._tokenizer), self._tokenizer),
            person=torch.from_numpy(who),
            items=torch.from_numpy(self.items(rows)),
            letters=torch.tensor(self._letters[: len(rows)]),
            label=label,
            chances=torch.from_numpy(_chances(choice)[order]).float(),
        )


def _chances(choice: Choice) -> npt.NDArray[np.float64]:
    if choice.chances is not None:
        return choice.chances
    chances = np.zeros(len(choice.rows))
    if choice.label is not None:
        chances[choice.label] = 1
    return chances


@dataclass(frozen=True)
class EncodedAnswer:
    """A conversation and the answer that is to be learned, as token ids."""

    prompt: tuple[int, ...]
    answer: tuple[int, ...]


def encode_answer(messages: list[dict[str, str]], answer: str, tokenizer: Any) -> EncodedAnswer:
    """Chat messages in the model's own format, and the answer with the token that ends it."""
    prompt = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True, enable_thinking=False)
    end = [] if tokenizer.eos_token_id is None else [int(tokenizer.eos_token_id)]
    return EncodedAnswer(
        tuple(tokenizer.encode(prompt, add_special_tokens=False)),
        (*tokenizer.encode(answer, add_special_tokens=False), *end),
    )
