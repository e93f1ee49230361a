"""A tiny random model really learns, resumes, and keeps what is frozen."""

from pathlib import Path

import pytest
import torch
from torch import Tensor

from core.errors import InputError
from encoders.soft_prompt import SoftPromptProjector
from tests.training.language.tiny import LAYERS, always_first
from training.language.adaptation import adapt
from training.language.base_model import LanguageModel, load_language_model
from training.language.candidates import Choice
from training.language.corpus import Corpus
from training.language.encoding import ChoiceEncoder, encode_answer
from training.language.scoring import log_probabilities
from training.language.settings import LanguageTraining, Order
from training.language.trainer import Trainer
from training.language.tuning import new_projector

CPU = torch.device("cpu")


def settings(**changes: object) -> LanguageTraining:
    usual = {
        "epochs": 2,
        "batch": 4,
        "shuffled": 0,
        "layers": 1,
        "learning_rate": 2e-2,
        "soft_learning_rate": 2e-2,
        "explanations": 0,
        "bare": 0.5,
        "latest": 1,
        "candidates": 4,
        "tokens": 2,
        "width": 8,
    }
    return LanguageTraining.model_validate({**usual, **changes})


class Setup:
    """A trainer with its parts."""

    def __init__(self, folder: Path, corpus: Corpus, given: LanguageTraining, choices: list[Choice]) -> None:
        full = given.method == "full"
        self.model: LanguageModel = adapt(load_language_model(folder, device=CPU, full=full), given)
        self.projector: SoftPromptProjector | None = None
        if given.order.has_soft_prompt:
            self.projector = new_projector(self.model, corpus, given)
        soft = given.order.has_soft_prompt
        self.encoder = ChoiceEncoder(
            corpus.items, corpus.embeddings, self.model.tokenizer, corpus.wording, soft=soft, latest=given.latest
        )
        answers = []
        if given.explanations:
            messages = [{"role": "user", "content": "Why?"}]
            answers = [encode_answer(messages, "Because it is a comedy.", self.model.tokenizer)] * 3
        self.trainer = Trainer(
            self.model,
            self.projector,
            self.encoder,
            given,
            training=choices,
            validation=choices[:4],
            answers=answers,
        )

    def state(self) -> dict[str, Tensor]:
        soft = self.projector.state_dict() if self.projector else {}
        weights = {name: value.detach().clone() for name, value in self.model.model.named_parameters()}
        return {**weights, **{f"soft.{name}": value.clone() for name, value in soft.items()}}


@pytest.mark.parametrize(
    "changes",
    [
        {"order": "soft-only"},
        {"order": "lora-only"},
        {"order": "joint"},
        {"order": "joint", "method": "bottleneck"},
        {"order": "lora-only", "method": "full", "learning_rate": 3e-3},
    ],
    ids=["soft", "lora", "joint", "bottleneck", "full"],
)
def test_the_loss_falls(changes: dict[str, object], tiny_model: Path, corpus: Corpus, tmp_path: Path) -> None:
    setup = Setup(tiny_model, corpus, settings(**changes), always_first())
    before = setup.trainer.validate()
    logs = setup.trainer.run(tmp_path, progress=False)
    assert before is not None
    assert logs[-1].validation_loss is not None
    assert logs[-1].validation_loss < before - 0.05


@pytest.mark.parametrize("order", list(Order))
def test_what_is_frozen_stays_as_it_was(order: Order, tiny_model: Path, corpus: Corpus, tmp_path: Path) -> None:
    setup = Setup(tiny_model, corpus, settings(order=order, epochs=1), always_first())
    before = setup.state()
    setup.trainer.run(tmp_path, progress=False)
    changed = {name for name, value in setup.state().items() if not torch.equal(value, before[name])}
    assert any(name.startswith("soft.") for name in changed) == order.has_soft_prompt
    assert any("lora_" in name for name in changed) == order.has_weights
    base = {name for name in changed if not name.startswith("soft.") and "lora_" not in name}
    assert not base
    # Only the last layer was to be tuned.
    assert all(f"layers.{LAYERS - 1}." in name for name in changed if "lora_" in name)


def test_a_first_half_that_trains_one_part_leaves_the_other_alone(
    tiny_model: Path, corpus: Corpus, tmp_path: Path
) -> None:
    setup = Setup(tiny_model, corpus, settings(order="soft-first", epochs=1), always_first())
    steps = setup.trainer._steps
    setup.trainer._steps = steps[: len(steps) // 2]
    before = setup.state()
    setup.trainer.run(tmp_path, progress=False)
    after = setup.state()
    assert all(torch.equal(before[name], after[name]) for name in before if "lora_" in name)
    assert any(not torch.equal(before[name], after[name]) for name in before if name.startswith("soft."))


@pytest.mark.parametrize("order", ["joint", "alternating"])
def test_a_killed_training_goes_on_to_the_same_end(
    order: str, tiny_model: Path, corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.language.trainer.CHECKPOINT_EVERY", 2)
    given = settings(order=order, epochs=2, explanations=0.2)
    whole = Setup(tiny_model, corpus, given, always_first())
    whole.trainer.run(tmp_path / "whole", progress=False)

    killed = Setup(tiny_model, corpus, given, always_first())
    real, count = killed.trainer._train, iter(range(100))

    def train(step: object) -> float:
        if next(count) == 5:
            raise KeyboardInterrupt
        return real(step)  # type: ignore[arg-type]

    monkeypatch.setattr(killed.trainer, "_train", train)
    with pytest.raises(KeyboardInterrupt):
        killed.trainer.run(tmp_path / "killed", progress=False)
    again = Setup(tiny_model, corpus, given, always_first())
    again.trainer.run(tmp_path / "killed", progress=False)
    torch.testing.assert_close(again.state(), whole.state(), rtol=0, atol=1e-6)
    # What is done already is not done again, and another training does not take it up.
    third = Setup(tiny_model, corpus, given, always_first())
    third.trainer._train = lambda step: pytest.fail("trained again")  # type: ignore[method-assign]
    third.trainer.run(tmp_path / "killed", progress=False)
    other = Setup(tiny_model, corpus, settings(order=order, epochs=2, seed=5), always_first())
    assert other.trainer._resume(tmp_path / "killed" / "checkpoint.pt")[0] == []


def test_a_kill_in_the_validation_loses_no_step(
    tiny_model: Path, corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = settings(order="joint", epochs=1)
    killed = Setup(tiny_model, corpus, given, always_first())

    def cut_off() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(killed.trainer, "validate", cut_off)
    with pytest.raises(KeyboardInterrupt):
        killed.trainer.run(tmp_path, progress=False)
    again = Setup(tiny_model, corpus, given, always_first())
    again.trainer._train = lambda step: pytest.fail("trained again")  # type: ignore[method-assign]
    logs = again.trainer.run(tmp_path, progress=False)
    assert logs[-1].validation_loss is not None
    assert len(again.trainer.validation) == 4


def test_a_training_that_diverges_is_one_clear_line(tiny_model: Path, corpus: Corpus, tmp_path: Path) -> None:
    setup = Setup(tiny_model, corpus, settings(order="joint"), always_first())
    for weight in setup.model.weights().values():
        weight.data.fill_(float("nan"))
    with pytest.raises(InputError, match=r"diverged.*--learning-rate"):
        setup.trainer.run(tmp_path, progress=False)


@pytest.mark.parametrize("error", [torch.OutOfMemoryError("x"), RuntimeError("[enforce] can't allocate memory: 9")])
def test_too_little_memory_is_one_clear_line(
    error: Exception, tiny_model: Path, corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    setup = Setup(tiny_model, corpus, settings(order="lora-only"), always_first())

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("training.language.trainer.letter_logits", fail)
    with pytest.raises(InputError, match=r"too little memory .*--batch"):
        setup.trainer.run(tmp_path, progress=False)


def test_bfloat16_agrees_with_float32(tiny_model: Path, corpus: Corpus) -> None:
    setup = Setup(tiny_model, corpus, settings(order="joint"), always_first())
    encoded = [setup.encoder.encode(choice) for choice in always_first()]
    setup.model.model.to(torch.float32)
    exact = log_probabilities(setup.model, setup.projector, encoded)
    setup.model.model.to(torch.bfloat16)
    rounded = log_probabilities(setup.model, setup.projector, encoded)
    for one, other in zip(exact, rounded, strict=True):
        torch.testing.assert_close(torch.from_numpy(one), torch.from_numpy(other), atol=0.15, rtol=0)


def test_batches_change_nothing(tiny_model: Path, corpus: Corpus) -> None:
    setup = Setup(tiny_model, corpus, settings(order="joint"), always_first())
    setup.model.model.to(torch.float32)
    encoded = [setup.encoder.encode(choice) for choice in always_first()]
    alone = log_probabilities(setup.model, setup.projector, encoded, batch=1)
    together = log_probabilities(setup.model, setup.projector, encoded, batch=7)
    for one, other in zip(alone, together, strict=True):
        torch.testing.assert_close(torch.from_numpy(one), torch.from_numpy(other), atol=1e-5, rtol=0)
