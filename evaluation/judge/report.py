"""The report on a judge: whether it can be believed comes first; what can't be believed is struck out."""

from collections.abc import Sequence

from evaluation.judge.plan import INJECTIONS
from evaluation.judge.reliability import Agreement, Check, Reliability
from evaluation.judge.rubric import Rubric
from evaluation.judge.samples import Explanation, Labels
from evaluation.judge.verdicts import Verdict
from evaluation.report.plot import bar_plot
from evaluation.report.provenance import Provenance
from evaluation.report.report import Report
from evaluation.report.table import Table
from evaluation.report.words import listed, number, percent, shortened
from evaluation.statistics import bootstrap

_STROKE = "\u0336"  # drawn through the letter before it
_MOST_TEXT = 200
_MOST_MISSES = 4  # that the answer names; the table has all
NOT_BELIEVED = "not to be believed"


def report(
    reliability: Reliability,
    labels: Labels,
    answers: Sequence[tuple[Explanation, Verdict]],
    rubric: Rubric,
    *,
    model: str,
    provenance: Provenance,
) -> Report:
    """The whole report. `answers` may be empty: then it is about the judge alone."""
    tables = [_checks(reliability), _agreements(reliability, rubric)]
    if answers:
        tables += [_means(answers, reliability, rubric, provenance.seed), _scores(answers, reliability, rubric)]
    tables.append(_labels(labels, rubric))
    return Report(
        title=f"{model} as a judge of explanations",
        question="Can this judge be believed?" + (" And what does it say of these explanations?" if answers else ""),
        answer=_answer(reliability, labels, rubric, model, len(answers)),
        tables=tuple(tables),
        plots=(
            bar_plot(
                "Does it order explanations as a person does?",
                list(rubric.names),
                {
                    name: [one.tau for one in reliability.agreements if one.judge == name]
                    for name in dict.fromkeys(one.judge for one in reliability.agreements)
                },
                value_label="Kendall's tau to the labels",
                alt="; ".join(f"{one.judge}, {one.aspect}: {one.tau.value:.2f}" for one in reliability.agreements),
            ),
        ),
        settings={
            "judge": model,
            "rubric": rubric.label,
            "labelled explanations": len(labels.scored),
            "labelled pairs": len(labels.pairs),
        },
        provenance=provenance,
    )


def struck(text: str) -> str:
    """A text with a line through every letter."""
    return "".join(letter + _STROKE for letter in text)


def _checks(reliability: Reliability) -> Table:
    return Table(
        "Can it be believed?",
        ("what is measured", "value", "limit", "reached"),
        [(check.name, check.value, check.limit, check.passed) for check in reliability.checks],
        note="Limits were set before anything was measured. Agreement is Cohen's kappa with quadratic weights; "
        "brackets hold 95 % bootstrap intervals over explanations or pairs. Points won: the mean rise of the scores of "
        f"bad explanations that ask for it: {' or '.join(f'“{words}”' for words in INJECTIONS)}. Not known counts as "
        "missed.",
    )


def _agreements(reliability: Reliability, rubric: Rubric) -> Table:
    def cells(one: Agreement) -> tuple[object, ...]:
        return (one.aspect, one.judge, one.kappa, one.plain_kappa, one.tau)

    order = list(rubric.names)
    rows = sorted(reliability.agreements, key=lambda one: order.index(one.aspect))
    return Table(
        "Agreement with the labels",
        ("aspect", "by", "quadratic-weighted kappa", "kappa", "Kendall's tau"),
        [cells(one) for one in rows],
        note="Length and reading ease need no language model; a judge that orders no better is not worth asking.",
    )


def _means(
    answers: Sequence[tuple[Explanation, Verdict]], reliability: Reliability, rubric: Rubric, seed: int
) -> Table:
    rows = []
    for aspect in rubric.names:
        scores = [float(one.values[aspect]) for _, one in answers if one.values]
        mean = bootstrap(scores, seed) if scores else None
        believed = reliability.believes(aspect)
        shown = mean if believed or mean is None else struck(f"{mean.value:.2f} [{mean.low:.2f}, {mean.high:.2f}]")
        rows.append((aspect, len(scores), shown, "yes" if believed else NOT_BELIEVED))
    return Table("Mean scores of the explanations", ("aspect", "judged", "mean, 1 to 5", "can it be believed?"), rows)


def _scores(answers: Sequence[tuple[Explanation, Verdict]], reliability: Reliability, rubric: Rubric) -> Table:
    rows = []
    for one, verdict in answers:
        cells: list[object] = [one.id, one.item, shortened(one.text, _MOST_TEXT)]
        for aspect in rubric.names:
            score = None if verdict.values is None else str(verdict.values[aspect])
            cells.append(score if score is None or reliability.believes(aspect) else struck(score))
        rows.append(tuple(cells))
    columns = [name if reliability.believes(name) else f"{name} ({NOT_BELIEVED})" for name in rubric.names]
    return Table("Scores", ("id", "item", "explanation", *columns), rows)


def _labels(labels: Labels, rubric: Rubric) -> Table:
    rows = [
        (
            one.explanation.id,
            one.explanation.asked,
            shortened(one.explanation.text, _MOST_TEXT),
            " / ".join(str(one.scores[name]) for name in rubric.names),
            one.why,
        )
        for one in labels.scored
    ]
    note = f"Scores: {listed(rubric.names)}, from 1 to 5."
    return Table("The labels", ("id", "asked", "explanation", "scores", "why"), rows, note)


def _answer(reliability: Reliability, labels: Labels, rubric: Rubric, model: str, answers: int) -> str:
    failed, checks = reliability.failed, len(reliability.checks)
    believed = [aspect for aspect in rubric.names if reliability.believes(aspect)]
    if not failed:
        verdict = f"{model} reaches all {checks} limits and can be believed."
    else:
        scope = f"Only its {listed(believed)} can be believed" if believed else "None of its scores can be believed"
        misses = "; ".join(
            f"{_in_words(check)} {_said(check.value)} (wanted {check.limit})" for check in _worth_saying(failed)
        )
        rest = f"; and {len(failed) - _MOST_MISSES} more" if len(failed) > _MOST_MISSES else ""
        verdict = (
            f"This judge is not reliable. {scope}: {model} misses {len(failed)} of {checks} limits: {misses}{rest}."
        )
    first = reliability.first_preferred
    said = [
        verdict,
        ""
        if first is None
        else f"Of two explanations it prefers the one shown first in {percent(first)} of the cases.",
        f"It scored {answers} explanation{'s' if answers > 1 else ''}; what it can't be believed in is struck out."
        if answers
        else "",
        f"Measured on {reliability.judged} of {reliability.asked} explanations and {len(labels.pairs)} pairs that one "
        "person labelled: how well two people would agree on them isn't known, and most of the bad ones are plainly "
        "bad, so that finer differences may be missed by a judge who agrees here.",
    ]
    return " ".join(filter(None, said))


def _worth_saying(failed: Sequence[Check]) -> Sequence[Check]:
    """The first misses, agreement with the labels before all others."""
    return sorted(failed, key=lambda check: "agreement" not in check.name)[:_MOST_MISSES]


def _in_words(check: Check) -> str:
    return f"{check.name.removeprefix(f'{check.aspect}: ')} in {check.aspect}" if check.aspect else check.name


def _said(value: object) -> str:
    known = value if isinstance(value, float) else getattr(value, "value", None)
    return f"is {number(known, 2)}" if isinstance(known, float) else "is not known"
