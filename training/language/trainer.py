"""Runs a plan: one optimiser over the projector and the model's weights, checkpoints, and words for what goes wrong."""

import hashlib
import json
import math
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from tqdm import tqdm

from core.errors import InputError
from encoders.soft_prompt import SoftPromptProjector
from training.language.base_model import LanguageModel, clear_memory_errors
from training.language.candidates import Choice
from training.language.encoding import ChoiceEncoder, EncodedAnswer, EncodedChoice
from training.language.losses import answer_loss, choice_loss, letter_logits
from training.language.plan import Step, plan
from training.language.scoring import log_probabilities
from training.language.settings import LanguageTraining

FloatArray = npt.NDArray[np.float64]

CHECKPOINT_EVERY = 25  # steps
_WARM = 0.06  # share of a part's steps
_LEAST_RATE = 0.05  # of the highest learning rate, at the end


@dataclass(frozen=True)
class Log:
    """One line of the log: mean losses since the last line, and validation at the end of an epoch."""

    step: int
    epoch: int
    choice_loss: float | None
    answer_loss: float | None
    validation_loss: float | None = None


class Trainer:
    """Trains in place; `run` goes on where a killed run stopped."""

    def __init__(
        self,
        model: LanguageModel,
        projector: SoftPromptProjector | None,
        encoder: ChoiceEncoder,
        settings: LanguageTraining,
        *,
        training: Sequence[Choice],
        validation: Sequence[Choice],
        answers: Sequence[EncodedAnswer] = (),
    ) -> None:
        """The choices of validation must hold what was chosen."""
        self._model, self._projector = model, projector
        self._encoder, self._settings = encoder, settings
        self._training, self._answers = training, answers
        self._validation = [encoder.encode(choice) for choice in validation]
        self.seconds = 0.0  # of training, over all runs
        self.validation: list[FloatArray] = []  # log probabilities for the validation people, the last ones
        self._steps = plan(len(training), len(answers), settings)
        self._weights = list(model.weights().values())
        for weight in self._weights:
            weight.requires_grad_(True)
        self._soft = list(projector.parameters()) if projector else []
        self._optimiser = torch.optim.AdamW(
            [
                {"params": self._soft or [nn.Parameter(torch.zeros(()))], "lr": 0.0},
                {"params": self._weights or [nn.Parameter(torch.zeros(()))], "lr": 0.0},
            ],
            weight_decay=settings.weight_decay,
            betas=(0.9, 0.98),
        )

    @property
    def trainable(self) -> int:
        """How many numbers are trained."""
        return sum(value.numel() for value in (*self._soft, *self._weights))

    def run(self, folder: Path, *, progress: bool = True) -> list[Log]:
        """Train to the end with checkpoints in `folder`; the log. Raises InputError when it diverges."""
        folder.mkdir(parents=True, exist_ok=True)
        checkpoint = folder / "checkpoint.pt"
        logs, losses = self._resume(checkpoint)
        start, begun = self._next, time.perf_counter() - self.seconds
        bar = tqdm(self._steps, initial=start, desc="Language model", unit="step", disable=not progress)
        with bar, clear_memory_errors("train the language model"):
            for place in range(start, len(self._steps)):
                step = self._steps[place]
                losses[step.is_explanation].append(self._train(step))
                bar.update()
                ends = place + 1 == len(self._steps) or self._steps[place + 1].epoch != step.epoch
                if ends or (place + 1) % CHECKPOINT_EVERY == 0:
                    logs.append(self._log(place + 1, step.epoch, losses))
                    losses = ([], [])
                    self.seconds = time.perf_counter() - begun
                    self._save(checkpoint, place + 1, logs)  # validation takes long too: a kill in it loses no step
                if ends:
                    self._validated(checkpoint, place + 1, logs)
                if logs:
                    shown = {"loss": logs[-1].choice_loss, "validation": logs[-1].validation_loss}
                    bar.set_postfix({name: f"{value:.3f}" for name, value in shown.items() if value is not None})
            if start == len(self._steps) and logs and logs[-1].validation_loss is None:
                self._validated(checkpoint, start, logs)  # an earlier run was killed in it
        (folder / "log.json").write_text(json.dumps([asdict(log) for log in logs], indent=1), encoding="utf-8")
        return logs

    def _validated(self, checkpoint: Path, step: int, logs: list[Log]) -> None:
        """Put the validation into the last line of the log."""
        logs[-1] = replace(logs[-1], validation_loss=self.validate())
        self._save(checkpoint, step, logs)

    def validate(self) -> float | None:
        """Mean cross-entropy on validation people; None without any. Keeps what the model said."""
        if not self._validation:
            return None
        found = log_probabilities(self._model, self._projector, self._validation, batch=self._settings.batch)
        self.validation = found
        return -float(np.mean([each[one.label] for each, one in zip(found, self._validation, strict=True)]))

    def _train(self, step: Step) -> float:
        torch.manual_seed(step.seed)
        self._freeze(step)
        if step.is_explanation:
            loss = answer_loss(self._model, [self._answers[place] for place in step.places])
        else:
            batch = self._encoded(step)
            loss = choice_loss(letter_logits(self._model, self._projector, batch), batch)
        value = float(loss.detach())
        if not math.isfinite(value):
            raise _diverged()
        loss.backward()  # type: ignore[no-untyped-call]
        norm = nn.utils.clip_grad_norm_([*self._soft, *self._weights], 1.0)
        if not math.isfinite(float(norm)):
            raise _diverged()
        self._optimiser.step()
        self._optimiser.zero_grad(set_to_none=True)  # what is frozen next has no gradient, and AdamW passes it by
        return value

    def _freeze(self, step: Step) -> None:
        """Train only what the step says. Below the first trained layer nothing is kept for a backward pass then."""
        settings, groups = self._settings, self._optimiser.param_groups
        for parameters, progress in ((self._soft, step.soft), (self._weights, step.weights)):
            for parameter in parameters:
                parameter.requires_grad_(progress is not None)
        groups[0]["lr"] = settings.soft_learning_rate * _schedule(step.soft)
        groups[1]["lr"] = settings.learning_rate * _schedule(step.weights)
        self._model.model.train(step.weights is not None)

    def _encoded(self, step: Step) -> list[EncodedChoice]:
        rng = np.random.default_rng(step.seed)
        batch = []
        for place in step.places:
            choice = self._training[place]
            shuffled = rng.random() < self._settings.shuffled
            order = rng.permutation(len(choice.rows)) if shuffled else None
            batch.append(self._encoder.encode(choice, bare=step.bare, order=order))
        return batch

    def _log(self, step: int, epoch: int, losses: tuple[list[float], list[float]]) -> Log:
        choice, answer = (float(np.mean(each)) if each else None for each in losses)
        return Log(step, epoch, choice, answer)

    def _save(self, path: Path, step: int, logs: list[Log]) -> None:
        state: dict[str, Any] = {
            "fingerprint": self._fingerprint,
            "step": step,
            "seconds": self.seconds,
            "validation": [torch.from_numpy(each) for each in self.validation],
            "logs": [asdict(log) for log in logs],
            "projector": self._projector.state_dict() if self._projector else {},
            "weights": dict(self._model.weights()),
            "optimiser": self._optimiser.state_dict(),
        }
        unfinished = path.with_suffix(".part")
        torch.save(state, unfinished)
        unfinished.replace(path)

    def _resume(self, path: Path) -> tuple[list[Log], tuple[list[float], list[float]]]:
        """Take up a checkpoint of the same training; one of another is left behind."""
        self._next = 0
        if not path.exists():
            return [], ([], [])
        state = torch.load(path, weights_only=True, map_location=self._model.device)
        if state["fingerprint"] != self._fingerprint:
            return [], ([], [])
        if self._projector:
            self._projector.load_state_dict(state["projector"])
        with torch.no_grad():
            for name, weight in self._model.weights().items():
                weight.copy_(state["weights"][name])
        self._optimiser.load_state_dict(state["optimiser"])
        self._next, self.seconds = int(state["step"]), float(state["seconds"])
        self.validation = [each.cpu().numpy() for each in state["validation"]]
        return [Log(**line) for line in state["logs"]], ([], [])

    @property
    def _fingerprint(self) -> str:
        """Changes with everything that the trained weights depend on."""
        digest = hashlib.sha256(self._settings.model_dump_json().encode())
        digest.update(self._model.identity.model_dump_json().encode() + self._encoder.state.encode())
        for choice in self._training:
            digest.update(choice.rows.tobytes() + choice.position.history.tobytes())
            digest.update(b"" if choice.chances is None else choice.chances.round(3).tobytes())
        for answer in self._answers:
            digest.update(json.dumps([answer.prompt, answer.answer]).encode())
        return digest.hexdigest()[:16]


def _schedule(progress: float | None) -> float:
    """Warm-up, then half a cosine; 0 for what is frozen."""
    if progress is None:
        return 0.0
    if progress < _WARM:
        return max(progress / _WARM, _LEAST_RATE)
    return _LEAST_RATE + (1 - _LEAST_RATE) * 0.5 * (1 + math.cos(math.pi * (progress - _WARM) / (1 - _WARM)))


def _diverged() -> InputError:
    mend = "Use a lower --learning-rate; the last checkpoint is kept."
    return InputError("The training of the language model diverged: its loss is not a number.", mend=mend)
