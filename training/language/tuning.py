"""One training from beginning to end: data, model, plan, the weight beside the shortlist, and the adapter's folder."""

import copy
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from core.adapter import AdapterLayout, AdapterManifest, TrainedBy, write_manifest
from core.choice import standardised
from core.errors import InputError
from encoders.soft_prompt import SoftPromptProjector
from training.language.adaptation import adapt, save_weights
from training.language.base_model import LanguageModel, load_language_model
from training.language.candidates import Choice, choices, missed_share
from training.language.corpus import Corpus
from training.language.encoding import ChoiceEncoder, EncodedAnswer, EncodedChoice, encode_answer
from training.language.explanations import Explanation, ExplanationWriter
from training.language.matching import taught
from training.language.mixing import fit_model_weight
from training.language.positions import training_positions, validation_positions
from training.language.scoring import log_probabilities
from training.language.settings import LanguageTraining
from training.language.trainer import Log, Trainer

FloatArray = npt.NDArray[np.float64]
Distil = Callable[[Sequence[Explanation]], list[Explanation]]

# Fewer choices to learn from, and what is learned is noise.
LEAST_CHOICES = 2


@dataclass(frozen=True)
class LanguageData:
    """What is learned from and what is chosen by; every choice of validation holds what was chosen."""

    training: list[Choice]
    validation: list[Choice]
    explanations: list[Explanation]
    missed: float  # share of the training positions whose list missed what was chosen


@dataclass(frozen=True)
class Tuned:
    """A tuned model in memory, and what is known of it."""

    model: LanguageModel
    projector: SoftPromptProjector | None
    encoder: ChoiceEncoder
    model_weight: float
    trainable: int
    seconds: float  # of training, over all runs that it took
    logs: list[Log]


def language_data(
    corpus: Corpus,
    settings: LanguageTraining,
    work: Path,
    *,
    progress: bool = True,
    distil: Distil | None = None,
    **ranker: Any,
) -> LanguageData:
    """Choices and explanations before the split. `work` keeps the rankers; `ranker` are changes of `SequenceTraining`.

    Raises InputError where there are too few histories.
    """
    early = corpus.ranker(work, settings.late, progress=progress, **ranker)
    full = corpus.ranker(work, progress=progress, **ranker)
    training = choices(early, training_positions(corpus.sequences, settings.late), settings.candidates)
    rng = np.random.default_rng([settings.seed, 4])
    validation = choices(full, validation_positions(corpus.sequences), settings.candidates)
    held = [choice for choice in validation if choice.label is not None]
    hits = [choice for choice in training if choice.label is not None]
    if len(hits) < LEAST_CHOICES or not held:
        cause = "The catalogue has too few histories to tune a language model on."
        raise InputError(cause, mend="Histories of six choices and more are needed, of dozens of people.")
    picked = np.sort(rng.permutation(len(held))[: settings.validation_people])
    written: list[Explanation] = []
    if settings.explanations and settings.order.has_weights:
        wanted = _explanations_needed(len(training), settings)
        label = "Explanations" if progress else ""
        written = ExplanationWriter(corpus).write(hits, wanted, settings.seed, progress=label)
        written = distil(written) if distil else written
    return LanguageData(training, [held[place] for place in picked], written, missed_share(training))


@dataclass(frozen=True)
class Lesson:
    """What readouts of item tokens teach, whatever is tuned: chances of the training choices, and a projector."""

    choices: list[Choice]
    projector: SoftPromptProjector


def make_lesson(
    model: LanguageModel, corpus: Corpus, data: LanguageData, settings: LanguageTraining, *, progress: bool = True
) -> Lesson:
    """Fit the readouts (`training.language.matching`); of `model` only its size and words count."""
    projector = new_projector(model, corpus, settings)
    encoder = ChoiceEncoder(corpus.items, corpus.embeddings, model.tokenizer, corpus.wording, soft=True, latest=0)
    share, seed = settings.distilled, settings.seed
    found = taught(projector, encoder, data.training, data.validation, share=share, seed=seed, progress=progress)
    return Lesson(found, projector)


def tune(
    corpus: Corpus,
    data: LanguageData,
    base: Path,
    settings: LanguageTraining,
    work: Path,
    *,
    lesson: Lesson | None = None,
    base_name: str = "",
    device: torch.device | None = None,
    progress: bool = True,
) -> Tuned:
    """Load a model, tune it, and fit its weight; checkpoints stand in `work`. Raises InputError, one clear line.

    A `lesson` of the same data, base, size and seed, where there is one, is used and left as it is.
    """
    full = settings.method == "full" and settings.order.has_weights
    loaded = load_language_model(base, name=base_name, device=device, quantised=settings.quantised, full=full)
    model = adapt(loaded, settings)
    encoder = ChoiceEncoder(
        corpus.items,
        corpus.embeddings,
        model.tokenizer,
        corpus.wording,
        soft=settings.order.has_soft_prompt,
        latest=settings.latest,
    )
    lesson = lesson or make_lesson(model, corpus, data, settings, progress=progress)
    # Without soft tokens in the prompt the projector only teaches.
    projector = copy.deepcopy(lesson.projector).to(model.device) if settings.order.has_soft_prompt else None
    trainer = Trainer(
        model,
        projector,
        encoder,
        settings,
        training=lesson.choices,
        validation=data.validation,
        answers=[encode_explanation(one, model) for one in data.explanations],
    )
    logs = trainer.run(work, progress=progress)
    weight = _fitted(data.validation, trainer.validation)
    return Tuned(model, projector, encoder, weight, trainer.trainable, trainer.seconds, logs)


def model_weight(
    model: LanguageModel, validation: Sequence[Choice], prompts: Sequence[EncodedChoice], batch: int = 4
) -> float:
    """What an untuned model counts beside the shortlist, by the people of validation alone; `prompts` are theirs."""
    return _fitted(validation, log_probabilities(model, None, prompts, batch=batch))


def new_projector(model: LanguageModel, corpus: Corpus, settings: LanguageTraining) -> SoftPromptProjector:
    """An untrained projector of the model's size, seeded, whose persons start from words."""
    torch.manual_seed(settings.seed)
    projector = SoftPromptProjector(
        corpus.embeddings.shape[1], model.identity.hidden_size, settings.tokens, width=settings.width
    )

    def ids(text: str) -> list[int]:
        found: list[int] = model.tokenizer.encode(text, add_special_tokens=False)
        return found

    projector.start_from(
        model.table,
        person_ids=ids(" someone who likes"),
        nobody_ids=ids(" someone unknown"),
    )
    return projector.to(model.device)


def encode_explanation(explanation: Explanation, model: LanguageModel) -> EncodedAnswer:
    """An explanation as token ids."""
    return encode_answer(explanation.prompt.messages, explanation.answer, model.tokenizer)


def save_adapter(
    tuned: Tuned, corpus: Corpus, settings: LanguageTraining, folder: Path, trained_by: TrainedBy
) -> AdapterLayout:
    """Write an adapter as serving reads it, the manifest last.

    Full tuning makes a model of its own, and bottlenecks are no LoRA: they stand in `training/` beside an adapter that
    has the soft prompt alone, for who serves with transformers.
    """
    layout = AdapterLayout(folder)
    folder.mkdir(parents=True, exist_ok=True)
    layout.manifest.unlink(missing_ok=True)
    if tuned.projector is not None:
        tuned.projector.save(layout.projector)
        np.save(layout.embeddings, corpus.embeddings.astype(np.float16))
    has_lora = settings.order.has_weights and settings.method == "lora"
    if settings.order.has_weights:
        save_weights(tuned.model, settings, layout.lora if has_lora else layout.training / settings.method)
    dimensions = corpus.embeddings.shape[1]
    manifest = AdapterManifest(
        name=folder.name,
        base_model=tuned.model.identity,
        dimensions=dimensions,
        person_tokens=settings.tokens,
        latest=settings.latest,
        has_soft_prompt=tuned.projector is not None,
        has_lora=has_lora,
        model_weight=tuned.model_weight,
        catalog_hash=corpus.catalog_hash,
        items_hash=corpus.items.ids_hash,
        trained_by=trained_by,
    )
    layout.training.mkdir(exist_ok=True)
    (layout.training / "settings.json").write_text(settings.model_dump_json(indent=1), encoding="utf-8")
    (layout.training / "result.json").write_text(
        json.dumps({"trainable": tuned.trainable, "model_weight": tuned.model_weight}, indent=1), encoding="utf-8"
    )
    write_manifest(layout, manifest)
    return layout


def _explanations_needed(training: int, settings: LanguageTraining) -> int:
    """As many as the plan has steps for them, and no more than there are choices."""
    steps = settings.epochs * -(-min(training, settings.examples or training) // settings.batch)
    return min(training, max(1, round(steps * settings.explanations / (1 - settings.explanations))))


def _fitted(validation: Sequence[Choice], found: Sequence[FloatArray]) -> float:
    labels = [choice.label for choice in validation if choice.label is not None]
    return fit_model_weight([standardised(choice.scores) for choice in validation], found, labels)
