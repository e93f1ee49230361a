"""Which step of a training does what: examples, prompts with titles or bare, and what is trained in it."""

from dataclasses import dataclass

import numpy as np

from training.language.settings import LanguageTraining, Order

TURNS = 8  # of the alternating order


@dataclass(frozen=True)
class Step:
    """One batch. A progress is how far the training of a part has come, in [0, 1); None: it is frozen here."""

    places: tuple[int, ...]  # of choices, or of explanations
    is_explanation: bool
    bare: bool
    seed: int
    soft: float | None
    weights: float | None
    epoch: int


def plan(choices: int, explanations: int, settings: LanguageTraining) -> list[Step]:
    """All steps of a training, the same for the same seed. Explanations train the model's weights only."""
    epochs = [_batches(choices, settings, epoch) for epoch in range(settings.epochs)]
    total = sum(map(len, epochs))
    draw = np.random.default_rng([settings.seed, 1])
    per_choice = settings.explanations / (1 - settings.explanations) if explanations else 0.0
    bare: list[tuple[bool, bool, bool, tuple[int, ...], int]] = []  # soft, weights, explains, places, epoch
    owed, told = 0.0, 0
    order = draw.permutation(explanations)
    for epoch, batches in enumerate(epochs):
        for batch in batches:
            soft, weights = trained_at(sum(not each[2] for each in bare) / total, settings.order)
            bare.append((soft, weights, False, batch, epoch))
            owed += per_choice * weights
            while owed >= 1:
                owed -= 1
                bare.append((False, True, True, (int(order[told % explanations]),), epoch))
                told += 1
    counts = (sum(each[0] for each in bare), sum(each[1] for each in bare))
    done, steps = [0, 0], []
    for number, (soft, weights, explains, places, epoch) in enumerate(bare):
        steps.append(
            Step(
                places,
                explains,
                bare=bool(draw.random() < settings.bare),
                seed=settings.seed * 1_000_003 + number,
                soft=done[0] / counts[0] if soft else None,
                weights=done[1] / counts[1] if weights else None,
                epoch=epoch,
            )
        )
        done[0] += soft
        done[1] += weights
    return steps


def trained_at(progress: float, order: Order) -> tuple[bool, bool]:
    """Whether the projector and whether the weights are trained at a progress in [0, 1)."""
    first_half = progress < 0.5
    even_turn = int(progress * TURNS) % 2 == 0
    return {
        Order.SOFT_ONLY: (True, False),
        Order.LORA_ONLY: (False, True),
        Order.SOFT_FIRST: (first_half, not first_half),
        Order.LORA_FIRST: (not first_half, first_half),
        Order.ALTERNATING: (even_turn, not even_turn),
        Order.JOINT: (True, True),
    }[order]


def _batches(choices: int, settings: LanguageTraining, epoch: int) -> list[tuple[int, ...]]:
    shuffled = np.random.default_rng([settings.seed, 0, epoch]).permutation(choices)[: settings.examples]
    return [
        tuple(shuffled[start : start + settings.batch].tolist()) for start in range(0, len(shuffled), settings.batch)
    ]
