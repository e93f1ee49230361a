"""Does a language model that reads a person's embedding rank better than the shortlist, and what does each part bring?

The shortlist's order; the language model as it is, with the prompt in words alone; a soft prompt; LoRA; both, in each
order of tuning. All of them rank the same candidates: the best of the shortlist's ranker, which was trained without
anybody's last two choices, as were the item embeddings. What the model says is mixed with the shortlist as in serving,
with a weight that was fitted on the last choice but one. Whose choice is not among the candidates counts as missed by
all, so their prompts need not be read.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field, TypeAdapter

from core.errors import InputError
from core.values import Value
from evaluation.experiments.adapters_report import (
    FROZEN,
    HARD_JSON,
    MAIN,
    NAMES,
    TRAINED,
    Ranked,
    Scored,
    Tests,
    answer,
    cost_table,
    holding,
    metrics_table,
    ndcg_plot,
    tests_table,
)
from evaluation.experiments.hard_json import encode_hard_json
from evaluation.experiments.registry import ExperimentSettings
from evaluation.kept import Kept
from evaluation.people import drawn
from evaluation.ranking.metrics import ndcg
from evaluation.report.people import people_frame, write_people
from evaluation.report.report import Report
from server.adapters import checkpoint_folder
from server.artifacts import Artifacts, configured_artifacts
from server.composition import make_corpus
from server.early_fusion import early_fusion
from server.embedded_model import language_model
from training.language.candidates import Choice, choices
from training.language.corpus import Corpus
from training.language.encoding import ChoiceEncoder, EncodedChoice
from training.language.positions import test_positions, validation_positions
from training.language.scoring import log_probabilities
from training.language.settings import LanguageTraining, Order

if TYPE_CHECKING:
    from training.language.tuning import LanguageData, Lesson, Tuned

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
Encode = Callable[[Choice], EncodedChoice]
UNTRAINED = (HARD_JSON, FROZEN)


class Options(Value):
    """`--set held_out=test` ranks the last choice of each person, to be read once; by default the one before."""

    held_out: Literal["validation", "test"] = "validation"
    variants: str = ",".join((*UNTRAINED, *TRAINED))
    base: str = ""  # a model's name or folder; empty: the embedded one
    embeddings: Literal["fused", "text"] = "fused"  # of persons and items
    examples: int = Field(4000, ge=1)  # choices that each variant is trained on
    explanations: float = Field(0.1, ge=0, le=0.9)
    candidates: int = Field(20, ge=2, le=52)
    late: int = Field(8, ge=1)
    batch: int = Field(8, ge=1)
    validation_people: int = Field(400, ge=1)

    def orders(self) -> list[str]:
        """The variants by name. Raises InputError for an unknown one."""
        names = [name for part in self.variants.split(",") if (name := part.strip())]
        known = (*UNTRAINED, *TRAINED)
        for name in names:
            if name not in known:
                raise InputError(f"There is no variant {name!r}.", mend=f"There are {', '.join(known)}.")
        return names

    def training(self, variant: str, seed: int) -> LanguageTraining:
        """How a variant is trained."""
        order = Order.LORA_ONLY if variant in UNTRAINED else Order(variant)
        return LanguageTraining(
            order=order,
            latest=order.titles,
            examples=self.examples,
            explanations=self.explanations,
            candidates=self.candidates,
            late=self.late,
            batch=self.batch,
            validation_people=self.validation_people,
            seed=seed,
        )


def run(settings: ExperimentSettings) -> Report:
    """Train what is not trained yet, rank, and compare."""
    options = settings.options_as(Options)
    variants = options.orders()
    given = settings.settings
    artifacts = configured_artifacts(settings.of_catalog)
    corpus = _corpus(artifacts, options, settings.report)
    base = checkpoint_folder(language_model(options.base or given.model, given.artifacts))
    ranker = corpus.ranker(settings.report / "rankers")
    of = test_positions if options.held_out == "test" else validation_positions
    everyone = choices(ranker, of(corpus.sequences), options.candidates, progress="Candidates")
    everyone = drawn(everyone, settings.users, np.random.default_rng([settings.seed, 9]))
    identity = {
        "data": corpus.catalog_hash,
        "embeddings": corpus.embedding_hash,
        "seed": settings.seed,
        "users": settings.users,
        "base": base.name,
        "options": options.model_dump(exclude={"variants"}),
    }
    kept = Kept(settings.report, f"scores-{options.held_out}", identity)
    laboratory, scored = _Laboratory(corpus, everyone, base, options, settings), {}
    for variant in variants:
        if variant not in kept:
            kept[variant] = laboratory.scored(variant)
        scored[variant] = TypeAdapter(Scored).validate_python(kept[variant])
    return _report(scored, everyone, artifacts, options, settings)


def _corpus(artifacts: Artifacts, options: Options, folder: Path) -> Corpus:
    """The catalogue, with item embeddings that never saw the held-out choices."""
    fused = options.embeddings == "fused"
    return make_corpus(artifacts, early_fusion(artifacts, folder / "fusion") if fused else artifacts.embeddings)


class _Laboratory:
    """What all variants share is made once, when the first one needs it."""

    def __init__(
        self, corpus: Corpus, everyone: Sequence[Choice], base: Path, options: Options, settings: ExperimentSettings
    ) -> None:
        self._corpus, self._everyone, self._base = corpus, everyone, base
        self._options, self._settings = options, settings

    @cached_property
    def _data(self) -> "LanguageData":
        from training.language.tuning import language_data

        training = self._options.training(Order.JOINT, self._settings.seed)  # who reads no explanation leaves them out
        return language_data(self._corpus, training, self._settings.report / "rankers")

    @cached_property
    def _lesson(self) -> "Lesson":
        from training.language.base_model import load_language_model
        from training.language.tuning import make_lesson

        training = self._options.training(Order.JOINT, self._settings.seed)
        return make_lesson(load_language_model(self._base), self._corpus, self._data, training)

    def scored(self, variant: str) -> dict[str, Any]:
        """Train a variant and rank with it; what it says, as JSON."""
        tuned, encode = self._untrained(variant) if variant in UNTRAINED else self._trained(variant)
        held = holding(self._everyone)
        encoded = [encode(choice) for choice in held]
        started = time.perf_counter()
        found = self._said(tuned, encoded, NAMES[variant])
        seconds = (time.perf_counter() - started) / max(1, len(held))
        shuffled = None
        if tuned.projector is not None:
            shuffled = self._said(tuned, self._strangers(tuned.encoder), f"{NAMES[variant]}, shuffled")
        return {
            "log_probabilities": found,
            "weight": tuned.model_weight,
            "trainable": tuned.trainable,
            "training_seconds": tuned.seconds,
            "person_seconds": seconds,
            "shuffled": shuffled,
        }

    def _untrained(self, variant: str) -> "tuple[Tuned, Encode]":
        from training.language.base_model import load_language_model
        from training.language.tuning import Tuned, model_weight

        corpus, latest = self._corpus, self._options.training(variant, self._settings.seed).latest
        model = load_language_model(self._base)
        encoder = ChoiceEncoder(
            corpus.items, corpus.embeddings, model.tokenizer, corpus.wording, soft=False, latest=latest
        )
        hard_json = partial(encode_hard_json, corpus=corpus, tokenizer=model.tokenizer, latest=latest)
        encode: Encode = encoder.encode if variant == FROZEN else hard_json
        validation = self._data.validation
        weight = model_weight(model, validation, [encode(choice) for choice in validation], self._options.batch)
        return Tuned(model, None, encoder, weight, 0, 0.0, []), encode

    def _trained(self, variant: str) -> "tuple[Tuned, Encode]":
        from core.adapter import TrainedBy
        from training.language.tuning import save_adapter, tune

        settings, training = self._settings, self._options.training(variant, self._settings.seed)
        data = self._data if training.order.has_weights else replace(self._data, explanations=[])
        work = settings.report / "training" / variant
        tuned = tune(self._corpus, data, self._base, training, work, lesson=self._lesson)
        by = TrainedBy(command=settings.provenance(self._corpus.catalog_hash).command, seed=settings.seed)
        save_adapter(tuned, self._corpus, training, settings.report / "adapters" / training.order.value, by)
        return tuned, tuned.encoder.encode

    def _said(self, tuned: "Tuned", encoded: Sequence[EncodedChoice], label: str) -> list[list[float]]:
        found = log_probabilities(tuned.model, tuned.projector, encoded, batch=self._options.batch, progress=label)
        return [[round(float(value), 5) for value in each] for each in found]

    def _strangers(self, encoder: ChoiceEncoder) -> list[EncodedChoice]:
        """The lists that hold what was chosen, each with somebody else's soft tokens."""
        others = _others(len(self._everyone), self._settings.seed)
        return [
            encoder.encode(choice, person=encoder.person(self._everyone[other].position.history))
            for choice, other in zip(self._everyone, others, strict=True)
            if choice.label is not None
        ]


def _others(people: int, seed: int) -> IntArray:
    """For each person another one: a random cycle through all."""
    order = np.random.default_rng([seed, 8]).permutation(people)
    others = np.empty(people, dtype=np.int64)
    others[order] = np.roll(order, 1)
    return others


def _report(
    scored: Mapping[str, Scored],
    everyone: Sequence[Choice],
    artifacts: Artifacts,
    options: Options,
    settings: ExperimentSettings,
) -> Report:
    ranked = Ranked.of(everyone, scored)
    tests = Tests.of(ranked, settings.seed)
    users = list(artifacts.histories)
    values = {(NAMES[name], MAIN): ndcg(ranks, 10) for name, ranks in ranked.mixed.items()}
    write_people(people_frame([users[choice.position.person] for choice in everyone], values), settings.report)
    held = len(holding(everyone))
    tables = (
        metrics_table("As served: mixed with the shortlist", ranked.mixed, settings.seed),
        tests_table(tests, ranked),
        metrics_table("The model alone", ranked.alone, settings.seed),
        cost_table(scored),
    )
    return Report(
        title="What soft prompts and LoRA bring to the ranking",
        question="Does a language model that reads the person's embedding rank better than the shortlist?",
        answer=answer(ranked, tests, held, options.held_out),
        tables=tables,
        plots=(ndcg_plot(ranked, settings.seed),),
        settings={
            "held out": options.held_out,
            "people": len(everyone),
            "of whom the candidates hold what they chose": held,
            "candidates": options.candidates,
            "choices that each variant learned from": options.examples,
            "embeddings of persons and items": options.embeddings,
        },
        provenance=settings.provenance(artifacts.manifest.catalog_hash),
    )
