"""The report of a comparison of prompts: one paragraph that also says what the numbers don't show, plots, tables."""

from collections.abc import Mapping

from evaluation.prompts.comparison import Comparison
from evaluation.prompts.plots import all_plots
from evaluation.prompts.tables import all_tables
from evaluation.report.provenance import Provenance
from evaluation.report.report import Report, Setting
from evaluation.report.words import bracketed, signed
from evaluation.statistics import Interval


def make_report(found: Comparison, settings: Mapping[str, Setting], provenance: Provenance) -> Report:
    """The whole report."""
    return Report(
        title="Comparison of prompts",
        question="Which prompt, model and settings rank best, at what cost, and which differences aren't chance?",
        answer=_answer(found),
        tables=all_tables(found),
        plots=all_plots(found),
        settings=dict(settings),
        provenance=provenance,
    )


def _answer(found: Comparison) -> str:
    known = {place: mean for place, one in enumerate(found.runs) if (mean := one.means[found.primary])}
    if not known:
        return "No question was answered, so nothing can be said."
    tests = (_all_against_ranker(found), _pairs(found))
    limits = (
        _offered(found),
        _kept_orders(found),
        _missing(found),
        "The numbers say how well a held-out choice is foretold, of people of this data set and with this language "
        "model; they don't say how much anybody would like what is recommended.",
    )
    blocks = (*_best_of_each_catalog(found, known), tests, limits)
    return "\n".join(text for block in blocks if (text := " ".join(part for part in block if part)))


def _best_of_each_catalog(found: Comparison, known: Mapping[int, Interval]) -> list[tuple[str, str]]:
    """What is highest and how that compares with the ranker; numbers of one catalogue say nothing of another's."""
    catalogs = dict.fromkeys(run.people.catalog for run in found.plan.runs)
    said = []
    for catalog in catalogs:
        own = {place: mean for place, mean in known.items() if found.plan.runs[place].people.catalog == catalog}
        if own:
            best = max(own, key=lambda place: own[place].value)
            alike = sum(mean.value == own[best].value for mean in own.values()) - 1
            shared = f", as {'has' if alike == 1 else 'have'} {alike} more" if alike else ""
            where = f" on {catalog}" if len(catalogs) > 1 else ""
            highest = f"Of {len(own)} runs{where}, {found.runs[best].name} has the highest {found.primary}, "
            said.append((f"{highest}{bracketed(own[best])}{shared}.", _best_against_ranker(found, best)))
    return said


def _best_against_ranker(found: Comparison, best: int) -> str:
    for one in found.against_ranker:
        mean = found.rankers[one.second].means[found.primary]
        if one.first == best and mean:
            told = "more than chance explains" if one.test.holds else "no more than chance may explain"
            return (
                f"The ranker's own order of the same candidates, without a language model, has {bracketed(mean)}; the "
                f"difference, {signed(one.test.difference)}, is {told} (p = {one.test.corrected:.3f}, corrected for "
                f"{len(found.against_ranker)} such tests)."
            )
    return ""


def _all_against_ranker(found: Comparison) -> str:
    better = sum(one.test.holds and one.test.difference > 0 for one in found.against_ranker)
    worse = sum(one.test.holds and one.test.difference < 0 for one in found.against_ranker)
    if len(found.against_ranker) < 2:
        return ""
    return f"Beyond chance, {better or 'no'} {_runs(better)} above the ranker's order and {worse or 'none'} below it."


def _pairs(found: Comparison) -> str:
    if not found.pairs:
        return ""
    holding = sum(one.test.holds for one in found.pairs)
    others = "the others may be chance" if holding else "all that differ may do so by chance"
    return (
        f"Of {len(found.pairs)} comparisons between two runs, {holding or 'none'} {'holds' if holding < 2 else 'hold'} "
        f"at the .05 level after Holm's correction; {others}."
    )


def _offered(found: Comparison) -> str:
    shares = [share.value for one in found.runs if (share := one.means["offered"]) is not None]
    low, high = min(shares), max(shares)
    span = f"{low:.2f}" if high - low < 0.005 else f"{low:.2f} to {high:.2f}"
    return f"For a share of {span} of people the held-out item is among the candidates; for others it can't be found."


def _kept_orders(found: Comparison) -> str:
    shares = {one.name: share.value for one in found.runs if (share := one.means["keeps the order"])}
    most = max(shares, key=lambda name: shares[name], default="")
    if not most or shares[most] < 0.5:
        return ""
    often = sum(share >= 0.5 for share in shares.values())
    return (
        f"In {often} of the runs at least half of the answers only repeat the candidates in the order in which they "
        f"were shown (most in {most}, {shares[most]:.2f}): there the model ranks little by itself."
    )


def _missing(found: Comparison) -> str:
    missing = sum(estimate.prompts for estimate in found.estimates) - sum(one.answered for one in found.runs)
    return f"{missing:,} questions are without an answer and count nowhere." if missing else ""


def _runs(count: int) -> str:
    return "run is" if count < 2 else "runs are"
