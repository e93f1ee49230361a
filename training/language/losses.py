"""From encoded examples to letter logits and losses. Only the label's place needs the output layer."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from encoders.soft_prompt import SoftPromptProjector, assemble, padded
from training.language.base_model import LanguageModel
from training.language.encoding import EncodedAnswer, EncodedChoice


def letter_logits(
    model: LanguageModel, projector: SoftPromptProjector | None, batch: Sequence[EncodedChoice]
) -> list[Tensor]:
    """Each prompt's logits [n] of its letters, float32."""
    table = model.table
    prompts = [_assembled(one, table, projector) for one in batch]
    # Padded behind: no token sees what follows it, so no mask is needed.
    embeddings, _ = padded(prompts, side="right")
    ends = torch.tensor([len(prompt) - 1 for prompt in prompts], device=table.device)
    states = model.states(embeddings)[torch.arange(len(batch), device=table.device), ends].float()
    return [model.head[one.letters.to(table.device)].float() @ state for one, state in zip(batch, states, strict=True)]


def choice_loss(logits: Sequence[Tensor], batch: Sequence[EncodedChoice]) -> Tensor:
    """Mean cross-entropy to the chances of the candidates."""
    losses = [
        functional.cross_entropy(each[None], one.chances[None].to(each.device))
        for each, one in zip(logits, batch, strict=True)
    ]
    return torch.stack(losses).mean()


def answer_loss(model: LanguageModel, batch: Sequence[EncodedAnswer]) -> Tensor:
    """Mean cross-entropy of the answers' tokens; the prompts are given."""
    table = model.table
    texts = [torch.tensor((*one.prompt, *one.answer), device=table.device) for one in batch]
    embeddings, _ = padded([functional.embedding(text, table) for text in texts], side="right")
    states = model.states(embeddings)
    foretelling = [
        row[len(one.prompt) - 1 : len(one.prompt) + len(one.answer) - 1] for row, one in zip(states, batch, strict=True)
    ]
    wanted = torch.cat([torch.tensor(one.answer, device=table.device) for one in batch])
    logits = functional.linear(torch.cat(foretelling), model.head).float()
    return functional.cross_entropy(logits, wanted)


def _assembled(one: EncodedChoice, table: Tensor, projector: SoftPromptProjector | None) -> Tensor:
    if projector is None:
        return assemble(one.pieces, table)
    device = table.device
    persons = projector.persons(one.person.to(device))
    letters = table[one.letters.to(device)]
    items = projector.items(one.items.to(device), one.person.to(device), letters)
    return assemble(one.pieces, table, persons, items)
