"""Counters and timings for Prometheus, on a registry of their own."""

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from core.recommendation import Answer
from debias.weights import LOWEST_EFFECTIVE_SHARE
from server.engine import EngineState, EngineStatus

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80)


class Metrics:
    """All metrics of one server. Names of people, items and keys are never labels."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "tastemaker_requests", "Requests.", ("method", "route", "status"), registry=self.registry
        )
        self.step_seconds = Histogram(
            "tastemaker_turn_step_seconds",
            "Time of a turn's step.",
            ("step",),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.first_words_seconds = Histogram(
            "tastemaker_first_words_seconds",
            "Time from a chat request to the first words of its answer.",
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.answers = Counter("tastemaker_answers", "Finished answers.", ("source", "kind"), registry=self.registry)
        self.cancelled = Counter("tastemaker_turns_cancelled", "Turns whose client went away.", registry=self.registry)
        self.failed = Counter("tastemaker_turns_failed", "Turns that ended in an error.", registry=self.registry)
        self.items_dropped = Counter(
            "tastemaker_items_dropped",
            "Items of the model that were outside the candidates, on a veto, or named twice.",
            registry=self.registry,
        )
        self.reasons = Counter(
            "tastemaker_reasons",
            "Reasons of the model that were kept or repaired.",
            ("outcome",),
            registry=self.registry,
        )
        self.tokens = Counter("tastemaker_tokens", "Tokens of the model.", ("kind",), registry=self.registry)
        self.running_turns = Gauge("tastemaker_running_turns", "Turns that run now.", registry=self.registry)
        self.engine_state = Gauge(
            "tastemaker_engine_state", "1 for the state that the model is in.", ("state",), registry=self.registry
        )
        self.engine_restarts = Gauge(
            "tastemaker_engine_restarts", "How often the model was started again.", registry=self.registry
        )

        self.propensity_effective_share = Gauge(
            "tastemaker_propensity_effective_share",
            "Effective sample size of the catalogue's inverse-propensity weights over their number; "
            f"below {LOWEST_EFFECTIVE_SHARE} they explode.",
            registry=self.registry,
        )

        self.fusion_entropy = Gauge(
            "tastemaker_fusion_weights_entropy",
            "Mean normalised entropy of the weights of an item's kinds of data; at 1 they say nothing.",
            registry=self.registry,
        )
        self.fusion_share = Gauge(
            "tastemaker_fusion_share", "Mean weight of a kind of data.", ("modality",), registry=self.registry
        )
        self.fusion_cost = Gauge(
            "tastemaker_fusion_cost",
            "Recall at 10 that is lost without a kind of data.",
            ("modality",),
            registry=self.registry,
        )
        self.claims_unsupported = Counter(
            "tastemaker_claims_unsupported", "Claims of the model without support.", ("kind",), registry=self.registry
        )

    def watch_fusion(self, entropy: float | None, shares: Mapping[str, float], costs: Mapping[str, float]) -> None:
        """Tell what the fusion weighs."""
        self.fusion_entropy.set(entropy or 0.0)
        for name, share in shares.items():
            self.fusion_share.labels(name).set(share)
        for name, cost in costs.items():
            self.fusion_cost.labels(name).set(cost)

    def count_answer(self, answer: Answer) -> None:
        """Count a finished answer."""
        self.answers.labels(answer.source.value, answer.kind.value).inc()
        self.items_dropped.inc(answer.counts.items_dropped)
        self.reasons.labels("repaired").inc(answer.counts.reasons_repaired)
        self.reasons.labels("kept").inc(answer.counts.reasons_kept)
        for kind, count in answer.counts.unsupported_by_kind.items():
            self.claims_unsupported.labels(kind).inc(count)
        self.tokens.labels("prompt").inc(answer.usage.prompt_tokens)
        self.tokens.labels("completion").inc(answer.usage.completion_tokens)
        for step, seconds in answer.seconds.items():
            self.step_seconds.labels(step).observe(seconds)

    def render(self, engine: EngineStatus) -> bytes:
        """All metrics in Prometheus' text format, the engine's as it stands now."""
        for state in EngineState:
            self.engine_state.labels(state.value).set(state is engine.state)
        self.engine_restarts.set(engine.restarts)
        return generate_latest(self.registry)
