"""The report on explanations: every reason's claims before and after the checker, variety, length and readability."""

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
from scipy.stats import binomtest

from evaluation.explanations.drafts import Agreement
from evaluation.explanations.judged import Judgement
from evaluation.explanations.measure import Explained, Reason
from evaluation.explanations.readability import flesch
from evaluation.report.provenance import Provenance
from evaluation.report.report import Report
from evaluation.report.table import Table
from evaluation.statistics import Interval

QUESTION = "Do the reasons of answers say only what is known, do they vary, and do they read well?"


def report(
    answers: Sequence[Explained],
    judgements: Sequence[Judgement],
    drafts: Agreement | None = None,
    *,
    asked: int,
    sample: int,
    provenance: Provenance,
    model: str,
) -> Report:
    """The report on answers to so many requests.

    `judgements` are a person's, of a sample of so many shown answers; `drafts` compares the checker with a person on
    reasons as the model wrote them.
    """
    drafted = [reason for answer in answers for reason in answer.drafted]
    shown = [reason for answer in answers for reason in answer.shown]
    before, after = share_of_answers(answers, "drafted"), share_of_answers(answers, "shown")
    outside = sum(answer.shown_outside for answer in answers)
    return Report(
        title="Explanations",
        question=QUESTION,
        answer=(
            f"Of {len(answers)} answers with items (of {asked} requests), {_percent(before)} had an unsupported claim "
            f"as the model wrote them and {_percent(after)} as they were shown, by the checker that repairs them; "
            f"{_checked(drafts)} {_read(judgements, sample)} "
            f"{outside or 'No'} shown items were outside the candidates."
        ),
        tables=(
            _before_and_after(answers, drafted, shown),
            _within_answers(answers),
            _kinds(drafted, shown),
            *_against_a_reader(drafts),
        ),
        settings={"model": model, "requests": asked},
        provenance=provenance,
    )


def _checked(drafts: Agreement | None) -> str:
    if drafts is None:
        return "tests/agent/claims measures what it misses."
    flagged, unsupported = drafts.found + drafts.wrongly_flagged, drafts.found + drafts.missed
    return (
        f"Of {drafts.read} drafted reasons that a person read without its verdicts, it flagged {flagged}, "
        f"{drafts.found} of them rightly, of {unsupported} that are unsupported."
    )


def _against_a_reader(drafts: Agreement | None) -> list[Table]:
    if drafts is None:
        return []
    rows = [
        ("precision", wilson(drafts.found, drafts.found + drafts.wrongly_flagged)),
        ("recall", wilson(drafts.found, drafts.found + drafts.missed)),
        ("reasons read", drafts.read),
    ]
    note = "Unsupported is the positive class; the reader did not see the checker's verdicts."
    return [Table("The checker against a reader, on reasons as the model wrote them", ("measure", "value"), rows, note)]


def _read(judgements: Sequence[Judgement], sample: int) -> str:
    if not judgements:
        return "Nobody has read a sample of them against the evidence yet."
    bad = sum(bool(each.unsupported) for each in judgements)
    share = _percent(wilson(bad, len(judgements)))
    return (
        f"A reader who did not see the checker's verdicts found an unsupported claim in {bad} of {len(judgements)} "
        f"shown answers, drawn at random ({share}; {sample} were drawn)."
    )


def _within_answers(answers: Sequence[Explained]) -> Table:
    """How alike the reasons of one answer are: what makes a list sound like a form."""
    rows = [
        (name, _alike(answers, "drafted", key), _alike(answers, "shown", key))
        for name, key in (
            ("answers with two reasons word for word alike", str),
            ("answers with two reasons alike but for names and numbers", _form),
            ("answers in which all reasons begin with the same two words", None),
        )
    ]
    note = "Of the answers with at least two reasons."
    return Table("Alike within one answer", ("measure", "as the model wrote it", "as it was shown"), rows, note)


def _alike(answers: Sequence[Explained], which: str, key: Callable[[str], str] | None) -> Interval | None:
    lists = [[one.text for one in reasons] for answer in answers if len(reasons := getattr(answer, which)) > 1]
    if key is None:
        return wilson(sum(len({" ".join(text.split()[:2]) for text in texts}) == 1 for texts in lists), len(lists))
    return wilson(sum(len({key(text) for text in texts}) < len(texts) for texts in lists), len(lists))


def _before_and_after(answers: Sequence[Explained], drafted: Sequence[Reason], shown: Sequence[Reason]) -> Table:
    rows: list[tuple[str, object, object]] = [
        ("answers with an unsupported claim", share_of_answers(answers, "drafted"), share_of_answers(answers, "shown")),
        ("reasons with an unsupported claim", _of_reasons(drafted), _of_reasons(shown)),
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
    note = "Shares have 95 % Wilson intervals. Distinct: share of different texts."
    return Table("Before and after the checker", ("measure", "as the model wrote it", "as it was shown"), rows, note)


def _kinds(drafted: Sequence[Reason], shown: Sequence[Reason]) -> Table:
    before = Counter(kind for one in drafted for kind in one.unsupported)
    after = Counter(kind for one in shown for kind in one.unsupported)
    rows = [(kind, count, after[kind]) for kind, count in before.most_common()]
    rows += [(kind, 0, count) for kind, count in after.items() if kind not in before]
    return Table("Unsupported claims by kind", ("kind", "as the model wrote it", "as it was shown"), rows)


def share_of_answers(answers: Sequence[Explained], which: str) -> Interval | None:
    """The share of answers in which any reason has an unsupported claim; None without answers of that kind."""
    judged = [reasons for answer in answers if (reasons := getattr(answer, which))]
    return wilson(sum(any(one.unsupported for one in reasons) for reasons in judged), len(judged))


def wilson(hits: int, of: int) -> Interval | None:
    """A share with its 95 % interval (Wilson, 1927), which is right for shares of 0 and 1 too; None of nothing."""
    if not of:
        return None
    low, high = binomtest(hits, of).proportion_ci(method="wilson")
    return Interval(hits / of, float(low), float(high))


def _of_reasons(reasons: Sequence[Reason]) -> Interval | None:
    return wilson(sum(bool(one.unsupported) for one in reasons), len(reasons))


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
