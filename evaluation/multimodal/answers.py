"""What the numbers of variants say, in sentences."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evaluation.multimodal.found import Found, Values, cold_values, mean_over_seeds, warm_values
from evaluation.multimodal.runs import K
from evaluation.report.words import change, listed, number, percent, signed
from evaluation.statistics import CorrectedTest, paired_tests

WARM, COLD = f"NDCG@{K} on warm items", f"HR@{K} among cold ones"


@dataclass(frozen=True)
class Versus:
    """A variant against another by one measure; the test is corrected for all that were compared with it."""

    test: CorrectedTest
    value: float
    base: float


def versus(found: Found, names: Sequence[str], base: str) -> dict[tuple[str, str], Versus]:
    """Each variant and measure, warm and, where anybody chose a cold item, cold; nothing for variants not there."""
    if base not in found.results:
        return {}
    pairs: dict[tuple[str, str], tuple[Values, Values]] = {}
    for name in names:
        if name in found.results and name != base:
            pairs[name, WARM] = _warm(found, name), _warm(found, base)
            if found.world.is_cold.any():
                pairs[name, COLD] = _cold(found, name), _cold(found, base)
    tests = paired_tests(pairs, found.seed)
    return {key: Versus(tests[key], float(mine.mean()), float(theirs.mean())) for key, (mine, theirs) in pairs.items()}


def against(found: Found, name: str, base: str) -> str:
    """One variant against another, on warm items, and on cold ones where somebody chose one."""
    by_measure = {measure: one for (_, measure), one in versus(found, [name], base).items()}
    if not by_measure:
        return ""
    warm, cold = by_measure[WARM], by_measure.get(COLD)
    text = f"{name.capitalize()} against {base}: {WARM} {number(warm.value)}, {_told(warm)}"
    if cold is None:
        return f"{text}."
    return f"{text}; {COLD} {percent(cold.value)} instead of {percent(cold.base)}, {_told(cold)}."


def parts(found: Found, names: Sequence[str], base: str) -> str:
    """Which parts of a whole matter: what it surely loses or gains where one is left out, and what can't be told."""
    compared: Mapping[tuple[str, str], Versus] = versus(found, names, base)
    if not compared:
        return ""
    sure = [
        f"{name} ({signed(one.test.difference)} {measure})"
        for (name, measure), one in compared.items()
        if one.test.holds
    ]
    same = [
        name
        for name in dict.fromkeys(name for name, _ in compared)
        if not any(one.test.holds for (other, _), one in compared.items() if other == name)
    ]
    text = f"Against the whole fusion, surely different: {listed(sure)}"
    return f"{text}; not to be told apart: {listed(same)}." if same else f"{text}."


def _warm(found: Found, name: str) -> Values:
    return mean_over_seeds(warm_values(found, name)[1])


def _cold(found: Found, name: str) -> Values:
    return cold_values(found.results[name], found)[1]


def _told(one: Versus) -> str:
    """A difference with its interval, and whether it can be told from nothing."""
    return change(one.test) + ("" if one.test.holds else ", which may be chance")
