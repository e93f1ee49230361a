"""The report on explanations: every reason's claims before and after the checker, variety, length and readability."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tqdm import tqdm

from agent.parts import Parts
from core.turn import TurnRequest
from evaluation.experiments.kept import Kept
from evaluation.explanations.collect import Explained, Reason, explained
from evaluation.explanations.readability import flesch
from evaluation.ranking.metrics import Interval, bootstrap
from evaluation.report.provenance import Provenance
from evaluation.report.report import Report
from evaluation.report.table import Table

QUESTION = "Do the reasons of answers say only what is known, do they vary, and do they read well?"
EXAMPLES = 12
_FORMAT = 2  # of what is kept; an older one is not read


async def evaluate_explanations(
    parts: Parts,
    requests: Sequence[TurnRequest],
    folder: Path,
    *,
    data_hash: str,
    model: str,
    seed: int,
    provenance: Provenance | None = None,
) -> Report:
    """Ask all requests, one at a time, and measure their reasons.

    Answers are kept in FOLDER/answers.jsonl: a killed run goes on from there. Raises InputError where the folder keeps
    answers of something else.
    """
    identity = {"format": _FORMAT, "data": data_hash, "model": model, "seed": seed, "requests": len(requests)}
    kept = Kept(folder, "answers", identity)
    for number, request in enumerate(tqdm(requests, desc="answers", unit="answer", disable=None)):
        if str(number) not in kept:
            answer = await explained(parts, request)
            kept[str(number)] = answer.model_dump(mode="json") if answer else None
    found = [Explained.model_validate(kept[str(n)]) for n in range(len(requests)) if kept[str(n)]]
    return report(
        found, asked=len(requests), seed=seed, provenance=provenance or _provenance(data_hash, seed), model=model
    )


def report(answers: Sequence[Explained], *, asked: int, seed: int, provenance: Provenance, model: str) -> Report:
    """The report on answers that were collected."""
    drafted = [reason for answer in answers for reason in answer.drafted]
    shown = [reason for answer in answers for reason in answer.shown]
    before, after = _share(answers, "drafted", seed), _share(answers, "shown", seed)
    return Report(
        title="Explanations",
        question=QUESTION,
        answer=(
            f"Of {len(answers)} answers with items (of {asked} requests), {_percent(before)} had an unsupported claim "
            f"as the model wrote them and {_percent(after)} as they were shown. The checker judges both, so this shows "
            "what it lets through only as far as it reads rightly; tests/agent/claims measures that. "
            f"{sum(answer.shown_outside for answer in answers)} shown items were outside the candidates."
        ),
        tables=(
            _before_and_after(answers, drafted, shown, seed),
            _kinds(drafted, shown),
            _examples(answers, seed),
        ),
        settings={"model": model, "requests": asked},
        provenance=provenance,
    )


def _before_and_after(
    answers: Sequence[Explained], drafted: Sequence[Reason], shown: Sequence[Reason], seed: int
) -> Table:
    rows: list[tuple[str, object, object]] = [
        ("answers with an unsupported claim", _share(answers, "drafted", seed), _share(answers, "shown", seed)),
        ("reasons with an unsupported claim", _of_reasons(drafted, seed), _of_reasons(shown, seed)),
        (
            "reasons that claim nothing",
            _mean([not one.claims for one in drafted]),
            _mean([not one.claims for one in shown]),
        ),
        ("items outside the candidates", sum(a.outside for a in answers), sum(a.shown_outside for a in answers)),
        ("reasons", len(drafted), len(shown)),
        ("distinct reasons", _distinct(drafted), _distinct(shown)),
        ("distinct reasons, names and numbers left out", _distinct_forms(drafted), _distinct_forms(shown)),
        ("claims a reason", _mean([one.claims for one in drafted]), _mean([one.claims for one in shown])),
        ("words a reason", _mean(_lengths(drafted)), _mean(_lengths(shown))),
        (
            "Flesch reading ease",
            _mean([flesch(one.text) for one in drafted]),
            _mean([flesch(one.text) for one in shown]),
        ),
    ]
    note = "Shares have 95 % bootstrap intervals over answers, or over reasons. Distinct: share of different texts."
    return Table("Before and after the checker", ("measure", "as the model wrote it", "as it was shown"), rows, note)


def _kinds(drafted: Sequence[Reason], shown: Sequence[Reason]) -> Table:
    before = Counter(kind for one in drafted for kind in one.unsupported)
    after = Counter(kind for one in shown for kind in one.unsupported)
    rows = [(kind, count, after[kind]) for kind, count in before.most_common()]
    rows += [(kind, 0, count) for kind, count in after.items() if kind not in before]
    return Table("Unsupported claims by kind", ("kind", "as the model wrote it", "as it was shown"), rows)


def _examples(answers: Sequence[Explained], seed: int) -> Table:
    """Reasons side by side, drawn at random, for a person to judge."""
    pairs = [
        (
            answer.said,
            one.title,
            one.text,
            next((s.text for s in answer.shown if s.item_id == one.item_id), "(not shown)"),
        )
        for answer in answers
        for one in answer.drafted
    ]
    chosen = np.random.default_rng(seed).permutation(len(pairs))[:EXAMPLES]
    rows = [pairs[int(place)] for place in sorted(chosen)]
    columns = ("asked", "item", "as the model wrote it", "as it was shown")
    return Table("Examples", columns, rows, note=f"Drawn at random, seed {seed}.")


def _share(answers: Sequence[Explained], which: str, seed: int) -> Interval | None:
    """The share of answers in which any reason has an unsupported claim; None without answers of that kind."""
    judged = [getattr(answer, which) for answer in answers]
    bad = [float(any(one.unsupported for one in reasons)) for reasons in judged if reasons]
    return bootstrap(bad, seed) if bad else None


def _of_reasons(reasons: Sequence[Reason], seed: int) -> Interval | None:
    return bootstrap([float(bool(one.unsupported)) for one in reasons], seed) if reasons else None


def _distinct(reasons: Sequence[Reason]) -> float | None:
    return len({one.text for one in reasons}) / len(reasons) if reasons else None


def _distinct_forms(reasons: Sequence[Reason]) -> float | None:
    """As `_distinct`, with capitalised words and numbers as gaps: how many forms the sentences have."""
    return len({_form(one.text) for one in reasons}) / len(reasons) if reasons else None


def _form(text: str) -> str:
    words = text.split()
    return " ".join("_" if word[:1].isdigit() or (n and word[:1].isupper()) else word for n, word in enumerate(words))


def _lengths(reasons: Sequence[Reason]) -> list[int]:
    return [len(one.text.split()) for one in reasons]


def _mean(values: Sequence[float]) -> float | None:
    return float(np.mean(values)) if values else None


def _percent(share: Interval | None) -> str:
    return f"{share.value:.1%} [{share.low:.1%}, {share.high:.1%}]" if share else "none"


def _provenance(data_hash: str, seed: int) -> Provenance:
    from datetime import UTC, datetime

    return Provenance.collect(started=datetime.now(UTC), data_hash=data_hash, seed=seed)
