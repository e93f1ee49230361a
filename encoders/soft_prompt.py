"""Soft prompts: a person and each candidate as tokens of a language model's own embedding space.

A projector turns the person's fused embedding into k tokens, and each candidate's fused embedding, beside where it
agrees with the person's, into one (LLM4Rec, arXiv 2510.01622, soft prompts; Lester et al., arXiv 2104.08691, on
starting from tokens of the vocabulary). Nothing in them says where the shortlist has a candidate: what the shortlist
knows enters with its scores (`core.choice.combined_scores`). Training runs the projector with gradients, serving sends
what `assemble` gives to vLLM. Knows nothing of what the text says.

Two things make an item token easy to read for small models, which bind answers to letters badly. It starts from the
embedding of its candidate's own letter, so that to copy what stands there is to answer. And it is long: among the
hidden states of the last layers, a hundred times as long as token embeddings, one of the usual length is not heard.

Shapes: n candidates, t tokens of a prompt, k tokens of a person, h the model's hidden size, d the dimensions of
embeddings, of persons and of items alike (`encoders.person`).
"""

import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, Self, cast

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional

from core.errors import ArtifactError
from core.markers import ITEM, PERSON, Tokenizer

# How much longer an item token is than the model's own when training starts; it is learned on.
ITEM_LENGTH = 60.0

# A stretch of text as token ids, or the marker of soft tokens.
Piece = tuple[int, ...] | str

_AT_MARKERS = re.compile(f"([{PERSON}{ITEM}])")
_SIZES = ("dimensions", "hidden", "tokens", "width")


class SoftPromptProjector(nn.Module):
    """Embeddings in, tokens out: norm · exp(gain) · unit(unit(anchor) + normalised network(embedding)).

    `norm` is that of the model's own tokens, and gains are learned. The anchors of a person's tokens are learned too,
    from the tokens of some words on; a candidate's is its letter.
    """

    token_norm: Tensor

    def __init__(self, dimensions: int, hidden: int, tokens: int = 4, *, width: int = 128) -> None:
        """`width` is the hidden layers'. `start_from` fits the tokens to a model."""
        super().__init__()
        self.sizes = dict(zip(_SIZES, (dimensions, hidden, tokens, width), strict=True))
        self.tokens = tokens
        self.person = nn.Sequential(nn.Linear(dimensions, width), nn.GELU(), nn.Linear(width, tokens * hidden))
        self.item = nn.Sequential(nn.Linear(2 * dimensions, width), nn.GELU(), nn.Linear(width, hidden))
        self.person_anchor = nn.Parameter(torch.randn(tokens, hidden))
        # Stands for somebody of whom nothing is known: not the network's answer to a vector of zeros.
        self.nobody = nn.Parameter(torch.randn(tokens, hidden))
        self.person_gain = nn.Parameter(torch.zeros(()))
        self.item_gain = nn.Parameter(torch.tensor(ITEM_LENGTH).log())
        self.register_buffer("token_norm", torch.ones(()))

    @torch.no_grad()
    def start_from(self, table: Tensor, *, person_ids: Sequence[int], nobody_ids: Sequence[int] = ()) -> None:
        """Take the norm of a model's token embeddings [vocabulary, h], and start from the tokens of some words.

        `person_ids` such as those of " person likes", repeated to k; so are `nobody_ids`, by default the same.
        """
        table = table.float()
        self.token_norm.copy_(table.norm(dim=-1).mean())
        self.person_anchor.copy_(table[_repeated(person_ids, self.tokens)])
        self.nobody.copy_(table[_repeated(nobody_ids or person_ids, self.tokens)])

    def persons(self, embeddings: Tensor) -> Tensor:
        """Unit vectors […, d] → […, k, h]. A row of zeros is nobody known."""
        network = self.person(embeddings * embeddings.shape[-1] ** 0.5)  # entries around 1, as layers like them
        somebody = self._as_tokens(network.unflatten(-1, (self.tokens, -1)), self.person_anchor, self.person_gain)
        nobody = self._scaled(self.nobody, self.person_gain).expand_as(somebody)
        known = (embeddings != 0).any(dim=-1)[..., None, None]
        return torch.where(known, somebody, nobody)

    def items(self, embeddings: Tensor, persons: Tensor, letters: Tensor) -> Tensor:
        """Candidates […, n, d] for their persons […, d] → […, n, h].

        Persons and candidates are unit vectors, or zeros for nobody; `letters` […, n, h] are the token embeddings of
        the letters before the candidates.
        """
        return self._as_tokens(self.matches(embeddings, persons), letters.float(), self.item_gain)

    def matches(self, embeddings: Tensor, persons: Tensor) -> Tensor:
        """What an item token says of a candidate for a person, […, n, h].

        Of the candidate, and of its product with the person by dimension, whose sum is their cosine: to find that
        between two tokens, a small language model would need far more examples.
        """
        dimensions = embeddings.shape[-1]
        agreement = embeddings * persons[..., None, :] * dimensions
        return cast(Tensor, self.item(torch.cat((embeddings * dimensions**0.5, agreement), dim=-1)))

    def _as_tokens(self, network: Tensor, anchor: Tensor, gain: Tensor) -> Tensor:
        """A layer norm keeps the network's part as long as the anchor's, whatever the embeddings' length."""
        return self._scaled(functional.normalize(anchor, dim=-1) + of_unit_length(network), gain)

    def _scaled(self, tokens: Tensor, gain: Tensor) -> Tensor:
        return functional.normalize(tokens, dim=-1) * self.token_norm * gain.exp()

    def save(self, path: Path) -> None:
        """Write weights, in half precision, and sizes as safetensors."""
        weights = {name: value.detach().cpu().half().contiguous() for name, value in self.state_dict().items()}
        path.parent.mkdir(parents=True, exist_ok=True)
        save_file(weights, path, metadata={name: str(size) for name, size in self.sizes.items()})

    @classmethod
    def load(cls, path: Path) -> Self:
        """The projector that was saved, on the CPU. Raises ArtifactError when the file is missing or damaged."""
        try:
            with safe_open(path, framework="pt") as file:
                sizes = {name: int(size) for name, size in (file.metadata() or {}).items()}
                weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
            projector = cls(**sizes)
            projector.load_state_dict(weights)
        except (OSError, SafetensorError, ValueError, TypeError, RuntimeError) as error:
            mend = "Train the adapter again with `tastemaker train lora`."
            raise ArtifactError(f"The projector {path} is missing or can't be read.", mend=mend) from error
        return projector


def of_unit_length(network: Tensor) -> Tensor:
    """[…, h] centred and scaled to length 1."""
    normal: Tensor = functional.layer_norm(network, network.shape[-1:])
    return normal / math.sqrt(network.shape[-1])


def pieces(text: str, tokenizer: Tokenizer) -> tuple[Piece, ...]:
    """The text's token ids between its markers, and the markers. Text without markers is one piece.

    Each stretch is tokenized by itself, in training and in serving alike.
    """
    parts = [part for part in _AT_MARKERS.split(text) if part]
    return tuple(
        part if part in (PERSON, ITEM) else tuple(tokenizer.encode(part, add_special_tokens=False)) for part in parts
    )


def assemble(
    parts: Sequence[Piece],
    table: Tensor,
    person_tokens: Tensor | None = None,
    item_tokens: Tensor | None = None,
) -> Tensor:
    """Embeddings [t, h] of a prompt: rows of the model's `table` [vocabulary, h], soft tokens where markers stand.

    `person_tokens` [k, h] stand at each PERSON, and the rows of `item_tokens` [n, h] at the ITEMs, in order. The result
    has the table's type and place, and gradients flow to the soft tokens (and to the table). Raises ValueError when
    markers and tokens don't match.
    """
    rows: list[Tensor] = []
    seen = 0
    for part in parts:
        if part == PERSON:
            if person_tokens is None:
                raise ValueError("the prompt has a place for a person, but no tokens were given")
            rows.append(person_tokens.to(table))
        elif part == ITEM:
            if item_tokens is None or seen == len(item_tokens):
                raise ValueError("the prompt has places for more items than there are tokens")
            rows.append(item_tokens[seen : seen + 1].to(table))
            seen += 1
        else:
            rows.append(functional.embedding(torch.tensor(part, device=table.device), table))
    if item_tokens is not None and seen != len(item_tokens):
        raise ValueError(f"the prompt has places for {seen} items, and {len(item_tokens)} tokens were given")
    return torch.cat(rows)


def token_count(parts: Sequence[Piece], person_tokens: int) -> int:
    """How many tokens `assemble` gives."""
    return sum(person_tokens if part == PERSON else 1 if part == ITEM else len(part) for part in parts)


def padded(prompts: Sequence[Tensor], side: Literal["left", "right"] = "left") -> tuple[Tensor, Tensor]:
    """Prompts [t, h] of several lengths as one batch: embeddings [b, longest t, h], zero where padded, and the mask.

    The mask [b, longest t] is 1 where a token stands. Padded on the left, the last token of each is at -1; positions
    have to be counted from the mask then.
    """
    lengths = torch.tensor([len(prompt) for prompt in prompts], device=prompts[0].device)
    batch = nn.utils.rnn.pad_sequence(list(prompts), batch_first=True, padding_side=side)
    places = torch.arange(batch.shape[1], device=batch.device)
    if side == "left":
        places = places.flip(0)
    return batch, (places[None, :] < lengths[:, None]).long()


def _repeated(ids: Sequence[int], count: int) -> list[int]:
    return [ids[place % len(ids)] for place in range(count)]
