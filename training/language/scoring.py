"""A model's choice among candidates in batches, with transformers; what serving asks vLLM for."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from tqdm import tqdm

from core.choice import normalised
from encoders.soft_prompt import SoftPromptProjector, token_count
from training.language.base_model import LanguageModel, clear_memory_errors
from training.language.encoding import EncodedChoice
from training.language.losses import letter_logits

FloatArray = npt.NDArray[np.float64]


def log_probabilities(
    model: LanguageModel,
    projector: SoftPromptProjector | None,
    choices: Sequence[EncodedChoice],
    *,
    batch: int = 4,
    progress: str = "",
) -> list[FloatArray]:
    """Log probabilities [n] over each choice's candidates, in the order of the letters."""
    was_training = model.model.training
    model.model.eval()
    if projector is not None:
        projector.eval()
    # Prompts of like lengths together waste little on padding.
    lengths = [token_count(one.pieces, projector.tokens if projector else 0) for one in choices]
    order = np.argsort(lengths, kind="stable")
    found: list[FloatArray] = [np.empty(0)] * len(choices)
    bar = tqdm(total=len(choices), desc=progress, unit="choice", disable=not progress)
    with torch.inference_mode(), clear_memory_errors("rank candidates"), bar:
        for start in range(0, len(order), batch):
            places = order[start : start + batch]
            logits = letter_logits(model, projector, [choices[place] for place in places])
            for place, each in zip(places, logits, strict=True):
                found[place] = normalised(each.cpu().numpy())
            bar.update(len(places))
    model.model.train(was_training)
    return found
