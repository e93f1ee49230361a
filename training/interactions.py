"""Trains the networks of `index.dialogue.interactions` on what the log-linear model leaves unexplained."""

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from tqdm import tqdm

from index.dialogue.interactions import Interactions, standardised

FloatArray = npt.NDArray[np.float32]

MEMBERS, WIDTH = 3, 32
EPOCHS, BATCH, LEARNING_RATE = 16, 64, 3e-3
DROPOUT, WEIGHT_DECAY = 0.3, 0.01


def fit_interactions(
    tables: FloatArray, base: FloatArray, answers: FloatArray, *, seed: int = 0, progress: bool = False
) -> Interactions:
    """Networks that make `answers` likelier than `base` alone does, by a softmax over each case's items.

    `tables` [m, F, w] are features of the w items of m cases, `base` [m, w] their log odds so far (-inf for padding),
    `answers` [m, w] what each should get; the rows sum to one.
    """
    real = np.isfinite(base)
    items = tables.transpose(0, 2, 1)
    center, spread = items[real].mean(axis=0), items[real].std(axis=0)
    scale = np.where(spread > 1e-6, spread, np.inf).astype(np.float32)
    inputs = torch.from_numpy(standardised(items, center, scale))
    offsets = torch.from_numpy(np.where(real, base, -1e9).astype(np.float32))
    goals = torch.from_numpy(answers)
    networks = [
        _trained(inputs, offsets, goals, seed * MEMBERS + member)
        for member in tqdm(range(MEMBERS), desc="Learning what features say together", disable=not progress)
    ]
    first, second, last = (np.stack(layers) for layers in zip(*(_layers(one) for one in networks), strict=True))
    return Interactions(center, scale, first, second, last[..., 0])


def _trained(inputs: Tensor, offsets: Tensor, goals: Tensor, seed: int) -> nn.Sequential:
    """One network, after AdamW with a learning rate that falls to zero."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = _network(inputs.shape[2])
        optimizer = torch.optim.AdamW(network.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
        steps = EPOCHS * -(-len(inputs) // BATCH)
        schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, steps)
        for _ in range(EPOCHS):
            for batch in torch.split(torch.randperm(len(inputs)), BATCH):
                logits = network(inputs[batch])[..., 0] + offsets[batch]
                loss = nn.functional.cross_entropy(logits, goals[batch])
                optimizer.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]
                optimizer.step()
                schedule.step()
    return network.eval()


def _network(features: int) -> nn.Sequential:
    last = nn.Linear(WIDTH, 1)
    with torch.no_grad():
        last.weight.mul_(0.1)  # so that it starts near the log-linear model
    return nn.Sequential(
        nn.Linear(features, WIDTH),
        nn.ReLU(),
        nn.Dropout(DROPOUT),
        nn.Linear(WIDTH, WIDTH),
        nn.ReLU(),
        nn.Dropout(DROPOUT),
        last,
    )


def _layers(network: nn.Sequential) -> list[FloatArray]:
    """Each layer's weights with its biases as the last row [in + 1, out]."""
    linear = (layer for layer in network if isinstance(layer, nn.Linear))
    return [torch.cat([layer.weight.T, layer.bias[None]]).detach().numpy().astype(np.float32) for layer in linear]
