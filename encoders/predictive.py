"""A recurrent network that learns what sound is like by foretelling it. Knows nothing of files."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence
from tqdm import trange

from encoders.encoder import FloatArray

LAYERS = 2
SHIFT = 3  # frames ahead: 60 ms, as the best of the paper's (table 1)
_CROP = 150  # frames
_BATCH = 16
_LEARNING_RATE = 2e-3


class PredictiveCoder(nn.Module):
    """Autoregressive predictive coding: a GRU reads frames x_1…x_t and foretells x_(t+n).

    Chung et al. 2019, "An Unsupervised Autoregressive Model for Speech Representation Learning" (arXiv 1904.03240),
    section 2: the loss is Σ |x_(t+n) - W h_t|, and the states h of the top layer are the representation.
    """

    def __init__(self, inputs: int, hidden: int) -> None:
        super().__init__()
        self.gru = nn.GRU(inputs, hidden, num_layers=LAYERS, batch_first=True)
        self.output = nn.Linear(hidden, inputs)

    def forward(self, frames: Tensor) -> Tensor:
        """States [b, t, hidden] of frames [b, t, inputs]."""
        states: Tensor = self.gru(frames)[0]
        return states

    def loss(self, frames: Tensor) -> Tensor:
        """Mean absolute error of the frames SHIFT ahead, for frames [b, t, inputs]."""
        foretold: Tensor = self.output(self(frames[:, :-SHIFT]))
        return (foretold - frames[:, SHIFT:]).abs().mean()


def new_coder(inputs: int, hidden: int, seed: int) -> PredictiveCoder:
    """Untrained, with the initial weights of a seed."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return PredictiveCoder(inputs, hidden)


def train_coder(
    coder: PredictiveCoder, clips: Sequence[FloatArray], *, steps: int, seed: int, progress: str = ""
) -> list[float]:
    """Train on clips [t, inputs] by crops of three seconds; the loss of each step. Short clips are passed over."""
    long_enough = [clip for clip in clips if len(clip) > 2 * SHIFT]
    if not long_enough:
        return []
    generator = np.random.default_rng(seed)
    optimizer = torch.optim.Adam(coder.parameters(), lr=_LEARNING_RATE)
    losses = []
    for _ in trange(steps, desc=progress, unit="step", disable=not progress):
        loss = coder.loss(_crops(long_enough, generator))
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(coder.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
    return losses


def summaries(coder: PredictiveCoder, clips: Sequence[FloatArray]) -> FloatArray:
    """The mean of the states and the last one [clips, 2 · hidden] of clips [t, inputs].

    The GRU reads forwards only, so that padding behind a clip changes none of its states.
    """
    lengths = torch.tensor([len(clip) for clip in clips])
    with torch.inference_mode():
        states = coder(pad_sequence([torch.from_numpy(clip) for clip in clips], batch_first=True))  # [b, t, h]
        inside = torch.arange(states.shape[1]) < lengths[:, None]  # [b, t]
        mean = (states * inside[:, :, None]).sum(dim=1) / lengths[:, None]
        last = states[torch.arange(len(clips)), lengths - 1]
        return np.asarray(torch.cat([mean, last], dim=1), dtype=np.float32)


def _crops(clips: Sequence[FloatArray], generator: np.random.Generator) -> Tensor:
    """Crops [b, t, inputs] of clips drawn at random, as long as the shortest of those drawn allows."""
    drawn = [clips[place] for place in generator.integers(len(clips), size=_BATCH)]
    length = min(_CROP, *(len(clip) for clip in drawn))
    starts = [int(generator.integers(len(clip) - length + 1)) for clip in drawn]
    return torch.from_numpy(np.stack([clip[start : start + length] for clip, start in zip(drawn, starts, strict=True)]))
